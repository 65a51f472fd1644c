"""Requests to a server with the OpenAI API: retried, paced, and silent about the key."""

import email.utils
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx2 as httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from vlm.errors import Gone, ModelError
from vlm.server.bounded import BoundedClient, Reply, TooMuchError
from vlm.server.settings import Address, ServerSettings
from vlm.server.silence import Silence
from vlm.server.words import is_name, one_line, whole_text

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
"""Statuses worth another try."""
GATEWAY = frozenset({502, 503, 504})
"""Statuses that what stands before a server gives for it: whether it is there, its list of models
tells."""
LASTING = (
    "insufficient_quota",
    "billing_hard_limit_reached",  # OpenAI, with 429
    "image input is not supported",  # llama.cpp without a picture tower, with 500
)
"""Words in a passing status that waiting does not cure."""
QUOTED = 400
"""How much of a server's own words an error message quotes."""


class ServerError(ModelError):
    """A request failed for good; the message says which, why, and what to do."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class _PassingError(ServerError):
    """A request failed in a way that may pass."""

    wait = 0.0
    """Seconds that the server asks for."""


class _SilentError(_PassingError):
    """A request was given no reply in its time."""


class _AwayError(_SilentError):
    """A request did not even reach the server, or lost it; a gateway's error may say so."""


class _Seen:
    """What one question knows of its server."""

    there = False
    """Whether it was there when it was last looked for."""
    tries = 0


class Client:
    """One server. Threads may share it."""

    def __init__(self, address: Address, settings: ServerSettings, key: str | None = None) -> None:
        self.address, self.settings = address, settings
        # A plain word, as servers without keys are given, is no secret but part of language.
        self._secret = key if key and _is_secret(key) else None
        self._http = BoundedClient(
            settings.timeout, {"authorization": f"Bearer {key}"} if key else {}
        )
        self.owners: dict[str, str] = {}
        """Model -> who the server says owns it, which tells the kind of server."""
        self._gate = threading.Lock()
        self._next = 0.0
        self._silence = Silence(settings.patience)

    def __repr__(self) -> str:
        return f"Client({self.address.url!r})"

    def __getstate__(self) -> None:
        raise TypeError("a client holds a key and is never written anywhere")

    def models(self) -> list[str] | None:
        """Names of the server's models; None where it has no list.

        Raises ServerError: no server there, or the key is refused."""
        try:
            reply = self._at_once("GET", "/models", 2)
        except ServerError as error:
            if error.status in (None, 401, 403):
                raise
            return None
        listed = reply.get("data")
        if not isinstance(listed, list):
            return None
        rows = [row for row in listed if isinstance(row, dict) and is_name(row.get("id"))]
        self.owners = {row["id"]: str(row.get("owned_by", "")) for row in rows}
        return list(self.owners)

    def chat(self, body: dict[str, Any]) -> dict[str, Any]:
        """The reply to a chat completion. Raises ServerError: it failed for good; Gone."""
        return self._again(lambda: self._once("POST", "/chat/completions", body))

    def decide(self, body: dict[str, Any]) -> dict[str, Any]:
        """The reply of SGLang's ``/v1/decisions``. Raises ServerError: it failed for good."""
        return self._again(lambda: self._once("POST", "/decisions", body))

    def tokenize(self, body: dict[str, Any]) -> dict[str, Any]:
        """The reply of vLLM's ``/tokenize``, which stands beside ``/v1``. Raises ServerError."""
        return self._again(lambda: self._once("POST", "/tokenize", body, beside=True))

    def _again(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Raises ServerError; Gone: nobody has answered any question for long."""
        seen = _Seen()
        try:
            return self._tried(ask, partial(self._over, seen))
        except _SilentError as error:
            if not self._silence.final:
                raise self._given_up(error, seen.tries) from error.__cause__
            tries = self._silence.tries
            why = f"{error}, as a gateway says of one that is away" if error.status else error
            said = f"{self.address.url} did not answer {tries} times in a row ({why})"
            raise Gone(said) from error.__cause__
        except _PassingError as error:
            raise self._given_up(error, seen.tries) from error.__cause__

    def _at_once(self, method: str, path: str, most: int) -> dict[str, Any]:
        """Without waiting for a server that is away. Raises ServerError."""
        tries = min(self.settings.attempts, most)
        try:
            return self._tried(
                lambda: self._once(method, path, None), lambda s: s.attempt_number >= tries
            )
        except _PassingError as error:
            raise self._given_up(error, tries) from error.__cause__

    def _tried(
        self, ask: Callable[[], dict[str, Any]], over: Callable[[RetryCallState], bool]
    ) -> dict[str, Any]:
        passing = retry_if_exception_type(_PassingError)
        return Retrying(retry=passing, reraise=True, wait=self._pause, stop=over)(ask)

    def _given_up(self, error: ServerError, tries: int) -> ServerError:
        said = f"{error} (given up after {tries} {'try' if tries == 1 else 'tries'})"
        return ServerError(said, error.status)

    def _over(self, seen: "_Seen", state: RetryCallState) -> bool:
        """Whether one question is tried no more. Where the server itself is away, the question
        waits for it, and fails only if the server is there both before and after a try: one that
        is there now may have come back a moment ago."""
        error = state.outcome.exception() if state.outcome else None
        seen.tries = state.attempt_number
        used_up = seen.tries >= self.settings.attempts
        if not isinstance(error, _SilentError):
            return used_up
        away = isinstance(error, _AwayError)
        if not self._silence.final and (used_up or self._silence.long):
            if away and self._is_there():
                before, seen.there = seen.there, True
                return used_up and before
            seen.there = False
            self._silence.final = self._silence.long
        return self._silence.final or (used_up and not away)

    def _is_there(self) -> bool:
        """Whether the server replies to anything: then it is the question that it cannot bear."""
        try:
            self._at_once("GET", "/models", 1)
        except ServerError as error:
            return error.status is not None and error.status not in GATEWAY
        return True

    def _pause(self, state: RetryCallState) -> float:
        """Exponential with jitter, from half a second; at least what the server asks for."""
        longest = self.settings.longest_wait
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, _PassingError) else 0.0
        return min(longest, max(asked, wait_random_exponential(0.5, max=longest)(state)))

    def _take_turn(self) -> None:
        """Wait until one more request keeps the rate."""
        if not self.settings.per_minute:
            return
        with self._gate:
            now = time.monotonic()
            begin = max(now, self._next)
            self._next = begin + 60.0 / self.settings.per_minute
        time.sleep(begin - now)

    def _once(
        self, method: str, path: str, body: dict[str, Any] | None, beside: bool = False
    ) -> dict[str, Any]:
        self._take_turn()
        where = self.address.url.removesuffix("/v1") if beside else self.address.url
        try:
            # A server may close after an error, and a connection kept would then break the next
            # try; only the many questions are worth keeping one.
            once = {"connection": "close"} if body is None else {}
            reply = self._http.request(method, where + path, body, once, self._clean)
        except TooMuchError as error:
            raise ServerError(f"{where}: {error}") from error
        except httpx.HTTPError as error:
            self._silence.went_on()
            raise self._silent(error, where) from error
        if reply.status in GATEWAY:
            self._silence.went_on()
        else:
            self._silence.ended()
        if reply.status >= 300:
            raise self._refused(reply)
        try:
            found = self._json(reply)
        except ValueError as error:
            start = reply.text[:80]
            raise _PassingError(f"{where} answered with no JSON but {start!r}") from error
        if not isinstance(found, dict):
            raise _PassingError(f"{where} answered with no JSON object")
        return found

    def _silent(self, error: httpx.HTTPError, where: str) -> _SilentError:
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
            return _AwayError(f"cannot connect to {where}; is the server running?")
        if isinstance(error, httpx.TimeoutException):
            seconds = self.settings.timeout
            return _SilentError(
                f"{where} gave no answer within {seconds:g} s; MEMEPROBE_SERVER_TIMEOUT sets more"
            )
        return _AwayError(self._clean(f"{where} broke off ({type(error).__name__}: {error})"))

    def _refused(self, reply: Reply) -> ServerError:
        status, said = reply.status, self._words(reply)
        message = f"{self.address.url} answered {status}: {said}"
        if status in (401, 403):
            return ServerError(f"{message}. Set MEMEPROBE_API_KEY to the server's key", status)
        if status in PASSING and not any(kind in reply.text for kind in LASTING):
            kind = _AwayError if status in GATEWAY else _PassingError
            passing = kind(message, status)
            passing.wait = _asked_wait(reply)
            return passing
        return ServerError(message, status)

    def _clean(self, text: str) -> str:
        """Some servers quote the key that they refuse. Before anything is cut off the text: the
        rest of a key that was cut would not be found any more."""
        return text.replace(self._secret, "***") if self._secret else text

    def _words(self, reply: Reply) -> str:
        """The server's own message, whatever shape it comes in."""
        try:
            found = self._json(reply)
        except ValueError:
            return one_line(reply.text)[:QUOTED] or reply.reason
        for name in ("error", "detail", "message"):
            inner = found.get(name) if isinstance(found, dict) else None
            if isinstance(inner, dict):
                inner = inner.get("message") or inner
            if inner:
                return one_line(str(inner))[:QUOTED]
        return one_line(str(found))[:QUOTED]

    def _json(self, reply: Reply) -> Any:
        """The body as JSON, secrets taken out. Raises ValueError."""
        try:
            return self._cleaned(reply.json())
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def _cleaned(self, value: Any) -> Any:
        """The same of every text of a JSON value: escapes may have hidden the key."""
        if isinstance(value, str):
            return whole_text(self._clean(value))
        if isinstance(value, list):
            return [self._cleaned(each) for each in value]
        if isinstance(value, dict):
            return {str(k): self._cleaned(v) for k, v in value.items()}
        return value


def _is_secret(key: str) -> bool:
    return len(key) >= 16 or (len(key) >= 8 and not key.isalpha())


def _asked_wait(reply: Reply) -> float:
    """Seconds of a Retry-After header, which holds a number or a date (RFC 9110, 10.2.3)."""
    value = reply.headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return 0.0
