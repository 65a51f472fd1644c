"""The proxy itself: every request goes on to the server unchanged, every answer comes back as it
arrives, and a copy of what was asked is looked at aside.

Keys are in headers, which are passed on and never looked at; nothing is written anywhere.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from memeprobe.errors import JobError
from memeprobe.proxy.arrived import read_request
from memeprobe.proxy.clips import KnownClip
from memeprobe.proxy.verdict import RequestReport, judge

MOST_BYTES = 256 * 2**20
"""Largest request that is passed on."""
SECONDS = 600.0
"""How long a server may be silent."""
HOP = frozenset(
    (
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Headers that concern one connection only (RFC 9110, 7.6.1), and those set anew."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]

Heard = Callable[[RequestReport], None]


class Recorder:
    """Looks at requests, one after another, beside the traffic; holds what it found in memory."""

    def __init__(self, clips: Sequence[KnownClip], heard: Heard = lambda report: None) -> None:
        self.clips, self.reports = clips, list[RequestReport]()
        self._heard = heard
        self._pool = ThreadPoolExecutor(1)

    def take(self, raw: bytes) -> None:
        """Look at a request's body as soon as there is time."""
        self._pool.submit(self._look, raw)

    def close(self) -> None:
        """Wait for what is not yet looked at."""
        self._pool.shutdown(wait=True)

    def _look(self, raw: bytes) -> None:
        try:
            body = json.loads(raw)
            if not isinstance(body, dict):
                return
            request = read_request(body)
            if request.pictures:
                report = judge(request, self.clips)
                self.reports.append(report)
                self._heard(report)
        except Exception as error:  # one request that cannot be read must not end the recording
            logging.getLogger(__name__).warning("a request was not read: %s", type(error).__name__)


def proxy(upstream: str | None, recorder: Recorder) -> Starlette:
    """The application. ``upstream``: the server's address up to the part that clients leave out;
    None answers every question with "ok", so that an application is tried without a model.

    Raises JobError: no address.
    """
    if upstream is not None and urlsplit(upstream).scheme not in ("http", "https"):
        raise JobError(f"--upstream {upstream!r} is no address; write http://127.0.0.1:8000")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with httpx.AsyncClient(
            timeout=httpx.Timeout(SECONDS, connect=10.0), follow_redirects=False, trust_env=False
        ) as client:
            yield {"client": client}

    async def handle(request: HttpRequest) -> Response:
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MOST_BYTES:
                return _refusal(413, f"a request of more than {MOST_BYTES:,} bytes")
        if request.method == "POST":
            recorder.take(bytes(raw))
        if upstream is None:
            return _canned(request, bytes(raw))
        return await _passed_on(request, bytes(raw), upstream)

    return Starlette(routes=[Route("/{path:path}", handle, methods=METHODS)], lifespan=lifespan)


async def _passed_on(request: HttpRequest, raw: bytes, upstream: str) -> Response:
    client: httpx.AsyncClient = request.state.client
    query = f"?{request.url.query}" if request.url.query else ""
    headers = [(k, v) for k, v in request.headers.raw if k.decode("latin-1").lower() not in HOP]
    asked = client.build_request(
        request.method, f"{upstream.rstrip('/')}{request.url.path}{query}", content=raw
    )
    asked.headers = httpx.Headers([("host", asked.headers["host"]), *_decoded(headers)])
    if raw or request.method in ("POST", "PUT", "PATCH"):
        asked.headers["content-length"] = str(len(raw))
    try:
        reply = await client.send(asked, stream=True)
    except httpx.HTTPError as error:
        return _refusal(502, f"no answer from {upstream} ({type(error).__name__})")

    async def body() -> AsyncIterator[bytes]:
        try:
            async for chunk in reply.aiter_raw():
                yield chunk
        finally:
            await asyncio.shield(reply.aclose())

    answer = StreamingResponse(body(), reply.status_code)
    answer.raw_headers = [
        (k.lower(), v)
        for k, v in reply.headers.raw
        if k.decode("latin-1").lower() not in HOP - {"content-length"}
    ]
    return answer


def _decoded(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(k.decode("latin-1"), v.decode("latin-1")) for k, v in headers]


def _refusal(status: int, said: str) -> JSONResponse:
    return JSONResponse({"error": {"message": f"memeprobe proxy: {said}"}}, status)


def _canned(request: HttpRequest, raw: bytes) -> Response:
    """The answer "ok", whole or as a stream; the list of models for a GET."""
    if request.method == "GET":
        return JSONResponse({"object": "list", "data": [{"id": "memeprobe", "object": "model"}]})
    try:
        streams = bool(json.loads(raw).get("stream"))
    except (ValueError, AttributeError):
        return _refusal(400, "the request is no JSON object")
    base = {"id": "memeprobe", "created": 0, "model": "memeprobe"}
    if streams:
        delta = {"index": 0, "delta": {"role": "assistant", "content": "ok"}, "finish_reason": None}
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        rows = [
            {**base, "object": "chat.completion.chunk", "choices": [choice]}
            for choice in (delta, end)
        ]
        text = "".join(f"data: {json.dumps(row)}\n\n" for row in rows) + "data: [DONE]\n\n"
        return Response(text, media_type="text/event-stream")
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "ok"},
        "finish_reason": "stop",
    }
    return JSONResponse({**base, "object": "chat.completion", "choices": [choice]})
