"""The page /docs: every route, to be read and tried, without anything from another host.

Swagger UI's files come with the package fastapi-swagger; FastAPI's own page loads them from a CDN.
"""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.sse import EventSourceResponse

from memeprobe.errors import unknown
from memeprobe.service.problems import NotFound

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
SCRIPT, STYLE, ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"
TYPES = {SCRIPT: "text/javascript", STYLE: "text/css", ICON: "image/png"}

router = APIRouter(include_in_schema=False)


@router.get(PAGE, response_class=HTMLResponse)
async def docs_page() -> HTMLResponse:
    """Swagger UI on /openapi.json. Addresses are relative: a proxy may put a path before them."""
    below = FILES.removeprefix("/")
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title="memeprobe",
        swagger_js_url=f"{below}/{SCRIPT}",
        swagger_css_url=f"{below}/{STYLE}",
        swagger_favicon_url=f"{below}/{ICON}",
        swagger_ui_parameters={"validatorUrl": None},  # else it asks swagger.io about the schema
    )
    page.headers["Content-Security-Policy"] = POLICY
    return page


@router.get(FILES + "/{name}", response_class=Response)
def file(name: str) -> Response:
    """One of Swagger UI's files. Raises NotFound."""
    if name not in TYPES:
        raise NotFound(unknown("file", name[:80], TYPES))
    data = files("fastapi_swagger").joinpath("resources", name).read_bytes()
    return Response(data, media_type=TYPES[name], headers={"Cache-Control": "max-age=3600"})


def as_sent(description: dict[str, Any]) -> dict[str, Any]:
    """The description of all routes; what is refused is JSON also where the answer is a stream, and
    of a stream it says also what one event is (OpenAPI 3.2)."""
    for route in description["paths"].values():
        for asked in route.values():
            for status, answer in asked["responses"].items():
                if status[0] in "45":
                    (answer["content"],) = (
                        {"application/json": c} for c in answer["content"].values()
                    )
                stream = answer.get("content", {}).get(EventSourceResponse.media_type)
                if stream is not None:
                    stream["itemSchema"] = stream["schema"]["items"]
    return description


def told(router: APIRouter) -> APIRouter:
    """The router; what a docstring says first stands beside the route's path on the page, where
    marks of code would be read as letters."""
    for route in router.routes:
        if isinstance(route, APIRoute) and route.summary is None:
            first, _, route.description = route.description.partition("\n\n")
            route.summary = first.replace("``", "")
    return router
