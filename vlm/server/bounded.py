"""What a server may send: so many bytes in so much time, whatever it drips, packs or repeats."""

import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
from httpcore2 import NetworkBackend, NetworkStream, ReadTimeout

MOST_BYTES = 4 * 2**20
"""Of one reply, unpacked. The longest answers with log-probabilities have some 100 kB."""
PACKED = {"gzip": 31, "deflate": 47}
"""Content codings that are unpacked, with zlib's number for each; none is asked for."""


class TooMuchError(ValueError):
    """A reply that is longer than MOST_BYTES, or packed in a way that was not asked for."""


@dataclass(frozen=True)
class Reply:
    """A whole reply."""

    status: int
    reason: str
    headers: httpx.Headers
    text: str
    """Secrets taken out; bytes that are no UTF-8 replaced."""

    def json(self) -> Any:
        """The body as JSON. Raises ValueError, or RecursionError: nested too deeply."""
        return json.loads(self.text)


class BoundedClient:
    """An HTTP client whose requests end in time and whose replies fit into memory."""

    def __init__(self, seconds: float, headers: dict[str, str]) -> None:
        self._seconds = seconds
        self._clock = _Clock()
        self._http = httpx.Client(
            timeout=httpx.Timeout(seconds, connect=min(10.0, seconds)),
            headers={"accept-encoding": "identity", **headers},
            follow_redirects=False,  # a redirect could carry the key to another host
        )
        # A time-out of httpx is one of each read, which a drip of bytes never meets. Where its
        # network is plugged in is not public; the version is pinned and a test drips.
        for transport in (self._http._transport, *self._http._mounts.values()):
            pool: Any = getattr(transport, "_pool", None)
            if pool is not None:
                pool._network_backend = _Network(pool._network_backend, self._clock)

    def request(
        self, method: str, url: str, body: Any, headers: dict[str, str], clean: Callable[[str], str]
    ) -> Reply:
        """The whole reply. ``clean`` takes secrets out of its text before anything is cut.

        Raises what httpx raises, and TooMuchError.
        """
        with (
            self._clock.until(time.monotonic() + self._seconds),
            self._http.stream(method, url, json=body, headers=headers) as reply,
        ):
            coding = reply.headers.get("content-encoding", "identity").lower()
            text = b"".join(_unpacked(reply.iter_raw(), coding)).decode("utf-8", "replace")
        return Reply(reply.status_code, reply.reason_phrase, reply.headers, clean(text))


def _unpacked(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    if coding not in ("identity", "", *PACKED):
        raise TooMuchError(f"the reply is packed as {coding!r}, which was not asked for")
    inflater = zlib.decompressobj(PACKED[coding]) if coding in PACKED else None
    total = 0
    for piece in pieces:
        if inflater is not None:
            try:
                piece = inflater.decompress(piece, MOST_BYTES + 1)
            except zlib.error as error:
                raise TooMuchError(f"the reply cannot be unpacked ({error})") from None
        total += len(piece)
        if total > MOST_BYTES:
            raise TooMuchError(
                f"the reply has more than {MOST_BYTES:,} bytes; no answer is so long"
            )
        yield piece


class _Clock(threading.local):
    """When the request of this thread must be over."""

    end = float("inf")

    @contextmanager
    def until(self, end: float) -> Iterator[None]:
        self.end = end
        try:
            yield
        finally:
            self.end = float("inf")

    def left(self, timeout: float | None) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise ReadTimeout("the whole reply took too long")
        return left if timeout is None else min(left, timeout)


class _Stream(NetworkStream):
    """A connection that is read and written while there is time."""

    def __init__(self, inner: NetworkStream, clock: _Clock) -> None:
        self._inner, self._clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *args: Any, **named: Any) -> NetworkStream:
        return _Stream(self._inner.start_tls(*args, **named), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(NetworkBackend):
    """Connections of the kind above."""

    def __init__(self, inner: NetworkBackend, clock: _Clock) -> None:
        self._inner, self._clock = inner, clock

    def connect_tcp(self, *args: Any, **named: Any) -> NetworkStream:
        return _Stream(self._inner.connect_tcp(*args, **named), self._clock)
