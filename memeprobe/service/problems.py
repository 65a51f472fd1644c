"""What goes wrong, as JSON: ``{"error": {"type", "message"}}`` with the HTTP status that fits.

The message is the one that the command line gives; the type is for programs.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from frames import MediaError
from meme_sets import SetError
from memeprobe.comparison.runs import CompareError
from memeprobe.errors import JobError
from memeprobe.experiment.spec import SpecError
from memeprobe.report.stored import ExportError
from memeprobe.store.store import StoreError
from memeprobe.workers.sandbox import SandboxError
from ocr import OcrError
from vlm import ModelError


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
    StoreError: (404, "store_error"),
}
"""Error class -> (status, type). A class's own row wins over its base's."""


def problem(error: Exception) -> tuple[int, str, str]:
    """(status, type, message) of an error; 500 for one that is a defect of memeprobe."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return (*STATUS[kind], str(error))
    return 500, "internal_error", f"{type(error).__name__}: a defect of memeprobe"


def reply(status: int, kind: str, message: str) -> JSONResponse:
    """The error as a response."""
    headers = {"Retry-After": "5"} if status == 503 else None
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
    return reply(error.status_code, HTTPStatus(error.status_code).name.lower(), str(error.detail))


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
