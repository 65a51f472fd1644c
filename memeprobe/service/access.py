"""Who may ask, and how large and how slow a request may be."""

import asyncio
import hmac
import time
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memeprobe.service import docs_page
from memeprobe.service.problems import reply
from memeprobe.service.settings import ServiceSettings

OPEN = {"/health", *docs_page.OPEN_PATHS}
"""Paths that need no token: a supervisor asks here whether the service is alive, a browser what
there is."""


class TooLarge(Exception):
    """A body over the limit."""


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
        try:
            await self.app(scope, self._bounded(receive), send)
        except TooLarge as error:
            await reply(413, "too_large", str(error))(scope, receive, send)
        except TimeoutError:
            await reply(408, "timeout", "the request took too long to arrive")(scope, receive, send)

    def _refusal(self, path: str, headers: dict[str, str]) -> tuple[int, str, str] | None:
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        known = {h.strip("[]").lower() for h in self.settings.hosts}
        if "*" not in known and name.lower() not in known:
            return 421, "unknown_host", f"this service is not reached as {host!r}; --allow-host"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "foreign_origin", "requests from the pages of another site are refused"
        is_open = path in OPEN or path.startswith(f"{docs_page.FILES}/")
        if self.settings.tokens and not is_open and not self._known(headers):
            return 401, "unauthorized", "send a token: Authorization: Bearer TOKEN"
        if int_of(headers.get("content-length")) > self.settings.upload_bytes:
            return 413, "too_large", self._too_large()
        return None

    def _known(self, headers: dict[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        found = [hmac.compare_digest(given.encode(), t.encode()) for t in self.settings.tokens]
        return scheme.lower() == "bearer" and any(found)

    def _too_large(self) -> str:
        return f"a request may hold {self.settings.upload_bytes / 2**20:.0f} MiB"

    def _bounded(self, receive: Receive) -> Receive:
        """The body piece by piece, as long as it is within size and time."""
        until = time.monotonic() + self.settings.upload_seconds
        got, complete = 0, False

        async def bounded() -> Message:
            nonlocal got, complete
            if complete:  # what comes now is the client's leaving; it may take its time
                return await receive()
            message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            got += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if got > self.settings.upload_bytes:
                raise TooLarge(self._too_large())
            return message

        return bounded


def int_of(text: str | None) -> int:
    """A header's number; 0 where it is none."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0
