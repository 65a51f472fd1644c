"""What goes wrong, as JSON: ``{"error": {"type", "message"}}`` with the HTTP status that fits.

The message is the one that the command line gives; the type is for programs.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from frames import MediaError
from meme_sets import SetError
from memeprobe.comparison.runs import CompareError
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import SpecError
from memeprobe.report.stored import ExportError
from memeprobe.service.answers.described import OneOf, Told
from memeprobe.store.errors import NoRun, StoreError
from memeprobe.workers.sandbox import SandboxError
from ocr import OcrError
from vlm import ModelError

LONGEST = 2000
"""Characters of a message."""
AS_FORM = "send it as multipart/form-data (curl -F file=@cat.gif)"
DEFECT = 500
"""Status of an error that is memeprobe's own."""


class NotFound(LookupError):
    """Nothing of this name is here."""


class Invalid(ValueError):
    """The request is not what its route takes."""


class Busy(RuntimeError):
    """Too much at once; the same request may succeed later."""


ALWAYS = {401: {"WWW-Authenticate": 'Bearer realm="memeprobe"'}, 503: {"Retry-After": "5"}}
"""Status -> headers that go with it (RFC 9110, 11.6.1 and 10.2.3)."""
STATUS: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "not_found"),
    Invalid: (422, "invalid_request"),
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


KINDS = sorted(
    {kind for _, kind in STATUS.values()}
    | {"bad_request", "foreign_origin", "internal_error", "method_not_allowed", "timeout"}
    | {"too_large", "unauthorized", "unknown_host", "unsupported_media_type"}
)
"""Every type that a problem can have: those of errors, and what HTTP itself and ``access`` find."""


class Said(Told):
    """What went wrong."""

    type: Annotated[str, OneOf(KINDS)]
    """For programs."""
    message: str
    """What was wrong, with what, and what to do."""


class Problem(Told):
    """The body of every response with a status of 400 and more."""

    error: Said
    """What went wrong."""


def problem(error: Exception) -> tuple[int, str, str]:
    """(status, type, message) of an error; 500 for one that is a defect of memeprobe."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return (*STATUS[kind], str(error))
    return (
        DEFECT,
        "internal_error",
        f"{type(error).__name__}: a defect of memeprobe; its log says more",
    )


def described() -> dict[int | str, dict[str, Any]]:
    """What /openapi.json says of the problems that every route may answer with."""
    told: dict[int | str, str] = {
        "4XX": "The request cannot be served as it is: ``message`` says what is wrong with it and "
        "what to do.",
        422: "A value of the request is none that its route takes, or a file, a set or a model "
        "does not allow it.",
        "5XX": "The service could not serve it: 503 passes, try again after ``Retry-After`` "
        "seconds; 500 is a defect of memeprobe.",
    }
    return {status: {"model": Problem, "description": about} for status, about in told.items()}


def reply(
    status: int, kind: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The error as a response."""
    headers = {**(headers or {}), **ALWAYS.get(status, {})}
    if len(message) > LONGEST:  # it quotes what came, however much that was
        message = f"{message[:LONGEST]} …"
    body = {"error": {"type": kind, "message": message}}
    return JSONResponse(body, status_code=status, headers=headers)


def _known(request: Request, error: Exception) -> JSONResponse:
    status, kind, message = problem(error)
    return reply(status, kind, request.app.state.memeprobe.outside(message))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return reply(422, "invalid_request", "; ".join(_wrong(request, e) for e in error.errors()))


def _wrong(request: Request, error: Mapping[str, Any]) -> str:
    """One thing that pydantic found, for somebody who has never heard of it."""
    field = ".".join(map(str, error["loc"][1:])) or str(error["loc"][0])
    kind = error["type"]
    if kind == "json_invalid":
        where = error["loc"][-1]
        return f"the body is no JSON, from character {where} on: {error['ctx']['error']}"
    if kind == "extra_forbidden":
        return f"{field}: {unknown('field', str(error['loc'][-1])[:80], _fields(request))}"
    if isinstance(getattr(_body(request), "field_info", None), Form):
        what = "is missing" if kind == "missing" else "is no file"
        broken = ", or the form breaks off before its end" if _is_form(request) else ""
        return f"{field} {what}{broken if kind == 'missing' else ''}; {AS_FORM}"
    if kind == "missing" and field != "body":
        return f"{field} is missing"
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if field == "body" and kind != "missing" and not sent.endswith(("/json", "+json")):
        return f"the body is taken as JSON, with Content-Type: application/json, not {sent!r}"
    if field == "body":
        fields = ", ".join(_fields(request))
        return f"the body must be a JSON object with fields of these: {fields}"
    got = "" if kind in ("too_short", "too_long") else f", not {str(error['input'])[:80]!r}"
    return f"{field}: {error['msg']}{got}"


def _is_form(request: Request) -> bool:
    """Whether what was sent calls itself a form with files."""
    return request.headers.get("content-type", "").lower().startswith("multipart/")


def _body(request: Request) -> Any:
    """What the request's route takes as its body; None where it takes none."""
    return getattr(request.scope.get("route"), "body_field", None)


def _fields(request: Request) -> list[str]:
    """The fields that the route's body may have."""
    model = getattr(getattr(_body(request), "field_info", None), "annotation", None)
    return list(getattr(model, "model_fields", {}))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status, kind = error.status_code, HTTPStatus(error.status_code).name.lower()
    where, headers, message = request.url.path[:200], dict(error.headers or {}), str(error.detail)
    if status == 404:
        message = f"there is nothing at {where}; /docs shows every route"
    elif status == 405:
        headers["Allow"] = allowed = ", ".join(_methods(request))
        message = f"{request.method[:20]} is not taken at {where}, which takes {allowed}"
    elif status == 400:
        why = str(error.__cause__ or message)[:200].rstrip(".")
        cure = f"the form cannot be read: {why}; {AS_FORM}"
        message = (
            cure
            if _is_form(request)
            else f"the body cannot be read: {why}; it is taken as JSON in UTF-8"
        )
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
