"""The page /docs: every route, to be read and tried, without anything from another host.

Swagger UI's files come with the package fastapi-swagger; FastAPI's own page loads them from a CDN.
"""

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles

PAGE = "/docs"
FILES = f"{PAGE}/files"
OPEN_PATHS = {PAGE, "/openapi.json"}
"""What the page is made of; the files lie below ``FILES``. It says what this source code says, so
it needs no token: a browser sends none before somebody has typed it in there."""
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:"
)
"""Content-Security-Policy: the browser holds the page to its own host."""

router = APIRouter(include_in_schema=False)


@router.get(PAGE, response_class=HTMLResponse)
async def docs_page() -> HTMLResponse:
    """Swagger UI on /openapi.json. Addresses are relative: a proxy may put a path before them."""
    below = FILES.removeprefix("/")
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title="memeprobe",
        swagger_js_url=f"{below}/swagger-ui-bundle.js",
        swagger_css_url=f"{below}/swagger-ui.css",
        swagger_favicon_url=f"{below}/favicon-32x32.png",
        swagger_ui_parameters={"validatorUrl": None},  # else it asks swagger.io about the schema
    )
    page.headers["Content-Security-Policy"] = POLICY
    return page


def told(router: APIRouter) -> APIRouter:
    """The router; what a docstring says first stands beside the route's path on the page."""
    for route in router.routes:
        if isinstance(route, APIRoute) and route.summary is None:
            route.summary, _, route.description = route.description.partition("\n\n")
    return router


def install(app: FastAPI) -> None:
    """Add the page and its files. The app is made with ``docs_url=None``."""
    app.include_router(router)
    files = StaticFiles(packages=[("fastapi_swagger", "resources")])
    app.mount(FILES, files, name="docs_files")
