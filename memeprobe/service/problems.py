"""What goes wrong, as JSON: ``{"error": {"type", "message"}}`` with the HTTP status that fits.

The message is the one that the command line gives; the type is for programs.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from frames import MediaError
from meme_sets import SetError
from memeprobe.comparison.runs import CompareError
from memeprobe.errors import JobError
from memeprobe.experiment.spec import SpecError
from memeprobe.report.stored import ExportError
from memeprobe.store.errors import NoRun, StoreError
from memeprobe.workers.sandbox import SandboxError
from ocr import OcrError
from vlm import ModelError

LONGEST = 2000
"""Characters of a message."""


class Said(BaseModel):
    """What went wrong."""

    type: str
    """For programs."""
    message: str
    """What was wrong, with what, and what to do."""


class Problem(BaseModel):
    """The body of every response with a status of 400 and more."""

    error: Said


class NotFound(LookupError):
    """Nothing of this name is here."""


class Busy(RuntimeError):
    """Too much at once; the same request may succeed later."""


STATUS: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "not_found"),
    Busy: (503, "busy"),
    MediaError: (422, "media_error"),
    SandboxError: (422, "media_error"),
    OcrError: (422, "ocr_error"),
    SetError: (422, "set_error"),
    SpecError: (422, "spec_error"),
    CompareError: (422, "compare_error"),
    ExportError: (422, "export_error"),
    JobError: (422, "job_error"),
    ModelError: (422, "model_error"),
    NoRun: (404, "store_error"),
    StoreError: (503, "store_error"),  # held by another program, damaged, or the disk is full
}
"""Error class -> (status, type). A class's own row wins over its base's."""


def problem(error: Exception) -> tuple[int, str, str]:
    """(status, type, message) of an error; 500 for one that is a defect of memeprobe."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return (*STATUS[kind], str(error))
    return 500, "internal_error", f"{type(error).__name__}: a defect of memeprobe"


def reply(
    status: int, kind: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The error as a response."""
    headers = {**(headers or {}), **({"Retry-After": "5"} if status == 503 else {})}
    if len(message) > LONGEST:  # it quotes what came, however much that was
        message = f"{message[:LONGEST]} …"
    body = {"error": {"type": kind, "message": message}}
    return JSONResponse(body, status_code=status, headers=headers)


def _known(request: Request, error: Exception) -> JSONResponse:
    return reply(*problem(error))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(
        f"{'.'.join(map(str, e['loc'][1:])) or e['loc'][0]}: {e['msg']}" for e in error.errors()
    )
    return reply(422, "invalid_request", said)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status, kind = error.status_code, HTTPStatus(error.status_code).name.lower()
    where, headers, message = request.url.path[:200], dict(error.headers or {}), str(error.detail)
    if status == 404:
        message = f"there is nothing at {where}; /docs shows every route"
    elif status == 405:
        headers["Allow"] = allowed = ", ".join(_methods(request))
        message = f"{request.method[:20]} is not taken at {where}, which takes {allowed}"
    elif error.__cause__ is not None:  # a body that cannot be parsed
        message = f"{message} of {request.method} {where}: {str(error.__cause__)[:200]}"
    return reply(status, kind, message, headers)


def _methods(request: Request) -> list[str]:
    """What may be asked for at the request's path."""
    found: set[str] = set()
    for route in request.app.state.routes:
        if route.matches(request.scope)[0] != Match.NONE:
            found |= route.methods
    return sorted(found)


def install(app: FastAPI) -> None:
    """Give every kind of error its response."""
    Handler = Callable[[Request, Exception], JSONResponse | Awaitable[JSONResponse]]
    handlers: dict[type[Exception], Handler] = {
        **dict.fromkeys(STATUS, _known),
        RequestValidationError: _invalid,
        HTTPException: _http,
        Exception: _known,  # a defect: the log has its traceback, the client a type
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
