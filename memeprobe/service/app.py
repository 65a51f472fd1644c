"""The service put together."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI, Request, Response
from fastapi.security import HTTPBearer

from memeprobe.service import asking, clips, docs_page, jobs, lists, problems, runs, whole
from memeprobe.service.access import Gate
from memeprobe.service.outside import Outside
from memeprobe.service.settings import ServiceSettings
from memeprobe.service.shelf import Shelf
from memeprobe.service.state import ServiceState
from memeprobe.version import __version__
from memeprobe.workers.sandbox import WorkerPool

ABOUT = """Probes vision-language models on memes and animated GIFs.

Upload a clip, read its keyframes and captions, ask a model about it, or run a whole set; the same
workspace serves the command line and the pages."""


QUICK = 32
"""Threads beside those of requests that decode, read or ask."""


def create_app(settings: ServiceSettings) -> FastAPI:
    """The service as an ASGI application."""
    shelf = Shelf(settings.clips, settings.clip_bytes)
    state = ServiceState(settings, WorkerPool(), shelf, Outside(settings.workspace))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # As many slow requests as are let in leave threads for the quick ones.
        current_default_thread_limiter().total_tokens = settings.waiting + QUICK
        yield
        state.pool.stop()
        shelf.close()

    app = FastAPI(
        title="memeprobe",
        version=__version__,
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=problems.described(),
    )
    app.state.memeprobe = state
    # The gate asks for tokens; this tells the page /docs to have a field for one.
    bearer = [Depends(HTTPBearer(auto_error=False))] if settings.tokens else []
    checks = [*bearer, Depends(whole.known_parameters), Depends(whole.each_field_once)]
    rooms = (lists, clips, asking, runs, jobs)
    for room in rooms:
        app.include_router(docs_page.told(room.router), dependencies=checks)
    app.include_router(docs_page.router)
    app.state.routes = [r for room in (*rooms, docs_page) for r in room.router.routes]
    problems.install(app)
    described = app.openapi
    app.openapi = lambda: docs_page.as_sent(described())  # type: ignore[method-assign]

    @app.middleware("http")
    async def count(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        began = time.perf_counter()
        response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "unknown")
        state.metrics.requests.labels(route, str(response.status_code)).inc()
        state.metrics.seconds.labels(route).observe(time.perf_counter() - began)
        return response

    app.add_middleware(Gate, settings=settings)
    return app
