"""Who may ask, and how large and how slow a request may be."""

import asyncio
import hmac
import time
from urllib.parse import SplitResult, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memeprobe.service import docs_page
from memeprobe.service.problems import AS_FORM, reply
from memeprobe.service.settings import ServiceSettings

OPEN = {"/health", *docs_page.OPEN_PATHS}
"""Paths that need no token: a supervisor asks here whether the service is alive, a browser what
there is."""


class Gate:
    """Refuses what has no token, comes from another page, or brings too much or too slowly."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, see ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        refusal = self._refusal(scope["path"], headers)
        if refusal is not None:
            await reply(*refusal)(scope, receive, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].endswith("/events"):
            # As GET (RFC 9110, 9.3.2); the server leaves out the body. A stream has no end to see.
            scope = {**scope, "method": "GET"}
        body = Body(receive, *self._most(headers), self.settings.upload_seconds)
        try:
            await self.app(scope, body.receive, body.unless_refused(send))
        except Exception:  # of half a body it may make anything
            if body.refusal is None:
                raise
        if body.refusal is not None:
            await reply(*body.refusal)(scope, receive, send)

    def _refusal(self, path: str, headers: dict[str, str]) -> tuple[int, str, str] | None:
        host = headers.get("host", "")
        name = _split(f"//{host}").hostname or ""
        known = {h.strip("[]").lower() for h in self.settings.hosts}
        if "*" not in known and name.lower() not in known:
            about = (
                f"this service is not reached as {host!r}; --allow-host {name or 'NAME'} lets it be"
            )
            return 421, "unknown_host", about
        origin = headers.get("origin")
        if origin is not None and _split(origin).netloc != host:
            return 403, "foreign_origin", "requests from the pages of another site are refused"
        is_open = path in OPEN or path.startswith(f"{docs_page.FILES}/")
        if self.settings.tokens and not is_open and not self._known(headers):
            return 401, "unauthorized", "send a token: Authorization: Bearer TOKEN"
        encoding = headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            about = f"a body is taken as it is, not as {encoding[:80]!r}; leave out the encoding"
            return 415, "unsupported_media_type", about
        most, about = self._most(headers)
        return (413, "too_large", about) if int_of(headers.get("content-length")) > most else None

    def _most(self, headers: dict[str, str]) -> tuple[int, str]:
        """Bytes that the body may hold, and what is said of more."""
        if headers.get("content-type", "").lower().startswith("multipart/"):
            most = self.settings.upload_bytes
            return most, f"a request may hold {mib(most)}"
        most = self.settings.json_bytes
        return most, f"a request without a file may hold {mib(most)}; if it is a file, {AS_FORM}"

    def _known(self, headers: dict[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        found = [hmac.compare_digest(given.encode(), t.encode()) for t in self.settings.tokens]
        return scheme.lower() == "bearer" and any(found)


class Body:
    """A request's body piece by piece, as long as it is within size and time."""

    def __init__(self, receive: Receive, most: int, about: str, seconds: float) -> None:
        self._receive, self._most, self._about = receive, most, about
        self._until = time.monotonic() + seconds
        self._got, self._complete, self._answered = 0, False, False
        self.refusal: tuple[int, str, str] | None = None
        """What the client is told in place of what the application makes of half a body."""

    async def receive(self) -> Message:
        """The next piece. What is too much or too late is as if the client had left."""
        if self._complete:  # what comes now is the client's leaving; it may take its time
            return await self._receive()
        try:
            left = max(0.0, self._until - time.monotonic())
            message = await asyncio.wait_for(self._receive(), left)
        except TimeoutError:
            return self._refused(408, "timeout", "the request took too long to arrive")
        self._got += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._got > self._most:
            return self._refused(413, "too_large", self._about)
        return message

    def _refused(self, status: int, kind: str, message: str) -> Message:
        if not self._answered:
            self.refusal = status, kind, message
        return {"type": "http.disconnect"}

    def unless_refused(self, send: Send) -> Send:
        """``send`` as long as nothing was refused."""

        async def sent(message: Message) -> None:
            if self.refusal is None:
                self._answered = True
                await send(message)

        return sent


def mib(size: int) -> str:
    """A number of bytes in words."""
    return f"{size / 2**20:.0f} MiB"


def _split(address: str) -> SplitResult:
    """The parts of an address; none where it is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def int_of(text: str | None) -> int:
    """A header's number; 0 where it is none."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0
