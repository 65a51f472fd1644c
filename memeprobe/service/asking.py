"""Ask a model about a clip; the answers are streamed as they come (server-sent events)."""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field

from memeprobe.errors import JobError
from memeprobe.first_picture import first_picture
from memeprobe.one_meme import DEFAULT_QUESTION, check_question
from memeprobe.one_subject import offered_on_one
from memeprobe.service.answers.clips import AskEvent
from memeprobe.service.answers.described import Asked, OneOf
from memeprobe.service.clips import Shelved, State, check_reading, look
from memeprobe.service.problems import DEFECT, Busy, problem
from memeprobe.service.state import ServiceState
from memeprobe.workers import asking
from memeprobe.workers.asking import Asking
from ocr import DEFAULT_POLICY, policy_names
from vlm import DELIVERIES, check_spec, deliveries_of, known_names

router = APIRouter(prefix="/v1/clips", tags=["asking"])
LOG = logging.getLogger(__name__)


Spec = Annotated[str, Field(min_length=1, max_length=1000)]
"""A model as ``memeprobe run -m`` takes it."""


class Question(Asked):
    """What to ask, of whom, about how many keyframes."""

    model: Spec = "blip-nano"
    """As ``memeprobe run -m`` takes it: a name that ``GET /v1/models`` lists, a folder, a hub id,
    ``server:ADDRESS#NAME``. Of known subjects (``known:first-frame``) those that differ in which
    frames they look at: one answers with the numbers of these, whatever is asked."""
    question: Annotated[str, Field(min_length=1, max_length=2000)] = DEFAULT_QUESTION
    """In the language in which the model is to be asked."""
    deliveries: list[Annotated[str, OneOf(DELIVERIES)]] = Field(default=[])
    """Ways in which the frames are to reach the model; empty: its best."""
    k: Annotated[int, Field(ge=1, le=16, strict=True)] = 4
    """Keyframes, at most."""
    policy: Annotated[str, OneOf(policy_names())] = DEFAULT_POLICY
    """How keyframes are chosen."""
    max_new_tokens: Annotated[int, Field(ge=1, le=2048, strict=True)] = 20
    """Bound on an answer, in tokens."""


def allowed(state: ServiceState, model: str) -> str:
    """The model, if this service may ask it. Raises ModelError, JobError."""
    extra = state.settings.models
    if extra is not None and model not in {*known_names(), *extra}:
        raise JobError(f"this service does not ask {model!r}; start it with --model to allow it")
    if model.startswith("batch:"):
        raise JobError(
            "answers from files are taken by `memeprobe run` with --batch-out, --batch-in"
        )
    check_spec(model)
    return model


def askable(asked: Question, state: State) -> Question:
    """The question with the deliveries chosen, if this service may ask it and the model takes it.

    Raises JobError, ModelError: with a status of their own, since no stream has begun yet.
    """
    allowed(state, asked.model)
    offered = offered_on_one(asked.model) or deliveries_of(asked.model)
    chosen = list(dict.fromkeys(asked.deliveries)) or list(offered[:1])
    for delivery in chosen:
        if delivery not in offered:
            raise JobError(f"{asked.model} supports {', '.join(offered)}, not {delivery!r}")
    check_reading(asked.policy)
    check_question(asked.question)
    return asked.model_copy(update={"deliveries": chosen})


def in_turn(state: State) -> Iterator[None]:
    """A turn until the response has ended, also where its reader goes away meanwhile.

    A generator that is left in the middle of a stream ends whenever Python collects it.
    """
    with state.turn():
        yield


Askable = Annotated[Question, Depends(askable)]


@router.post(
    "/{sha256}/ask",
    response_class=EventSourceResponse,
    response_description="Server-sent events: plan, each answer when it comes, result or error.",
    dependencies=[Depends(in_turn)],
    responses={200: {"model": list[AskEvent]}},
)
def ask(clip: Shelved, asked: Askable, state: State) -> Iterator[ServerSentEvent]:
    """Ask about each keyframe alone, then about all of them by each delivery.

    Events: ``plan`` (how many answers there will be, but for questions that are asked again
    where answers differ), ``answer`` for each, ``result`` (whether
    the first picture alone decides, by delivery), or ``error`` (type, message), which ends it.
    """
    try:
        yield from _events(state, clip, asked)
    except Exception as error:  # the response has begun: its status can no longer tell
        status, kind, message = problem(error)
        if status == DEFECT:
            LOG.exception("asking %s about %s", asked.model, clip.sha256)
        told = {"type": kind, "message": state.outside(message)}
        yield ServerSentEvent(event="error", data=told)


def _events(state: ServiceState, clip: Shelved, asked: Question) -> Iterator[ServerSentEvent]:
    events = look(state, clip, asked.k, asked.policy)
    (shown,) = (e for e in events if e.kind == "keyframes")
    frames = list(zip(shown.data["indices"], shown.pictures, strict=True))
    plan = asking.conditions(frames, asked.question, asked.deliveries, asked.max_new_tokens)
    yield ServerSentEvent(event="plan", data={"answers": len(plan), "keyframes": _indices(plan)})
    model = asking.model_for(asked.model, frames)
    said = []
    for one in asking.of_one_meme(model, plan):
        said.append(one)
        if state.closing.is_set():
            raise Busy("the service is being stopped")
        told = asking.plain(one)
        why = told["error"] and state.outside(told["error"])
        yield ServerSentEvent(event="answer", data={**told, "error": why})
    found = {d: asdict(first_picture(asking.by_delivery(said, d))) for d in asked.deliveries}
    yield ServerSentEvent(event="result", data={"first_picture": found})


def _indices(plan: list[Asking]) -> list[int]:
    return [one.indices[0] for one in plan if one.condition.startswith("single@")]
