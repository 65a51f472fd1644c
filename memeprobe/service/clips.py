"""Clips over HTTP: upload, keyframes, captions, frames as pictures."""

import hashlib
import io
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, File, Header, Path, Query, Request, Response, UploadFile
from PIL import Image

from meme_sets import BUILTIN, load_set
from memeprobe.cache.versions import code_version
from memeprobe.errors import JobError, unknown
from memeprobe.service.answers.clips import Captions, Clip
from memeprobe.service.answers.clips import Keyframes as Shown
from memeprobe.service.answers.described import As, Asked, OneOf
from memeprobe.service.parameters import Engine, Keyframes, Policy, Sha256
from memeprobe.service.problems import NotFound
from memeprobe.service.shelf import ShelvedClip
from memeprobe.service.state import ServiceState
from memeprobe.service.whole import one_file
from memeprobe.workers.sandbox import Event
from ocr import DEFAULT_POLICY, policy_names
from ocr.engines import ENGINES

router = APIRouter(prefix="/v1/clips", tags=["clips"])


def state_of(request: Request) -> ServiceState:
    """What the routes share."""
    state: ServiceState = request.app.state.memeprobe
    return state


def clip_of(sha256: Sha256, request: Request) -> ShelvedClip:
    """The clip that a path names."""
    return state_of(request).shelf.get(sha256)


State = Annotated[ServiceState, Depends(state_of)]
Shelved = Annotated[ShelvedClip, Depends(clip_of)]
Sent = Annotated[dict[str, Any], As(Clip)]
Side = Annotated[
    int | None,
    Query(ge=16, le=4096, description="Longer side, pixels, at most; as it is if left out."),
]
Known = Annotated[
    str | None,
    Header(description="ETags of pictures that are there already; if left out, it is sent."),
]


class FromSet(Asked):
    """An item of a built-in set."""

    set: Annotated[str, OneOf(BUILTIN)]
    """Name of the set."""
    item: str
    """Id of the item, as the rows of a run's trials have it: ``reveal-001``."""


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(one_file)],
    response_description="The clip; ``sha256`` names it from now on.",
)
def upload(
    file: Annotated[UploadFile, File(description="A GIF, picture or clip, of 32 MiB at most.")],
    state: State,
) -> Sent:
    """Upload a GIF, picture or clip; it is then named by its SHA-256."""
    clip = state.shelf.put(file.filename or "upload", file.file.read())
    return describe(state, clip)


@router.post(
    "/from-set",
    status_code=201,
    response_description="The clip; ``sha256`` names it from now on.",
)
def from_set(named: FromSet, state: State) -> Sent:
    """Take the file of an item of a built-in set."""
    if named.set not in BUILTIN:
        raise NotFound(unknown("built-in set", named.set, BUILTIN))
    meme_set = load_set(named.set)
    item = next((i for i in meme_set.items if i.id == named.item), None)
    if item is None:
        raise NotFound(f"the set {named.set} has no item {named.item[:80]!r}")
    return describe(state, state.shelf.put(item.id, meme_set.media_path(item).read_bytes()))


@router.get("/{sha256}", response_description="The clip.")
def about(clip: Shelved, state: State) -> Sent:
    """Kind, size and times of a clip."""
    return describe(state, clip)


@router.get("/{sha256}/keyframes", response_description="The frames, in order of time.")
def keyframes(
    clip: Shelved,
    state: State,
    k: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    engine: Engine = None,
) -> Annotated[dict[str, Any], As(Shown)]:
    """The frames that a model is shown, each with what OCR reads on it."""
    with state.turn():
        events = look(state, clip, k, policy, engine)
    opened = next(e for e in events if e.kind == "opened").data
    read = {e.data["index"]: e.data for e in events if e.kind == "reading"}
    (chosen,) = (e.data["indices"] for e in events if e.kind == "keyframes")
    return {
        "policy": policy,
        "keyframes": [
            {
                "index": index,
                "start_ms": opened["timings"][index][0],
                "duration_ms": opened["timings"][index][1],
                "text": read[index]["text"],
                "lines": read[index]["lines"],
                "picture": f"/v1/clips/{clip.sha256}/frames/{index}.png",
            }
            for index in chosen
        ],
    }


@router.get("/{sha256}/captions", response_description="The captions, in order of time.")
def captions(
    clip: Shelved, state: State, engine: Engine = None
) -> Annotated[dict[str, Any], As(Captions)]:
    """Every caption of the clip with its time, box and confidence."""
    check_reading(DEFAULT_POLICY, engine)
    with state.turn():
        found = list(
            state.pool.stream("captions", {"name": clip.name, "engine": engine}, clip.data)
        )
    return {"captions": found[-1].data["tracks"]}


@router.get(
    "/{sha256}/frames/{index}.{form}",
    response_class=Response,
    response_description="The picture's bytes, with an ETag.",
    responses={
        200: {"content": {"image/png": {}, "image/webp": {}}},
        304: {"description": "If-None-Match names the picture that is here."},
    },
)
def frame(
    clip: Shelved,
    state: State,
    index: Annotated[int, Path(description="Number of the frame in the clip, from 0.")],
    form: Annotated[Literal["png", "webp"], Path(description="PNG, or lossless WebP.")],
    side: Side = None,
    if_none_match: Known = None,
) -> Response:
    """One frame as a picture, as it is or no larger than ``side``; asked again by its ETag."""
    tag = tag_of(clip.sha256, index, form, side)
    known = {"ETag": tag, "Cache-Control": "private, no-cache"}
    length = describe(state, clip)["frames"]
    if not 0 <= index < length:
        raise NotFound(f"the clip has frames 0 to {length - 1}, not {index}")
    if named_in(if_none_match, tag):
        return Response(status_code=304, headers=known)
    with state.turn():
        job = {"name": clip.name, "indices": [index]}
        (event,) = state.pool.stream("frames", job, clip.data)
    picture = encoded(event.pictures[0], form, side)
    return Response(picture, media_type=f"image/{form}", headers=known)


def tag_of(sha256: str, index: int, form: str, side: int | None) -> str:
    """The strong validator of a picture (RFC 9110, 8.8.3), known before it is made: clip, choices,
    and the code and libraries that decode and encode it."""
    told = f"{sha256} {index} {form} {side} {code_version()}"
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def named_in(if_none_match: str | None, tag: str) -> bool:
    """Whether the header names the picture; weak comparison (RFC 9110, 13.1.2)."""
    named = {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}
    return tag in named or "*" in named


def encoded(pixels: np.ndarray, form: str, side: int | None) -> bytes:
    """An RGB picture (height, width, 3) as the bytes of a PNG or a lossless WebP."""
    image = Image.fromarray(pixels)
    if side is not None:
        image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, form.upper(), **({"lossless": True} if form == "webp" else {}))
    return buffer.getvalue()


def look(
    state: ServiceState, clip: ShelvedClip, k: int, policy: str, engine: str | None = None
) -> list[Event]:
    """What a worker finds: opened, keyframes, a reading for each. Raises SandboxError, JobError."""
    check_reading(policy, engine)
    job = {"name": clip.name, "k": k, "policy": policy, "engine": engine}
    return list(state.pool.stream("look", job, clip.data))


def describe(state: ServiceState, clip: ShelvedClip) -> dict[str, Any]:
    """A clip's facts. Raises SandboxError: the file cannot be used."""
    with state.turn():
        (opened,) = state.pool.stream("open", {"name": clip.name}, clip.data)
    facts = dict(opened.data)
    timings = facts.pop("timings")
    return {**facts, "name": clip.name, "frames": len(timings), "timings": timings}


def check_reading(policy: str, engine: str | None = None) -> None:
    """Raises JobError: there is no such keyframe policy or OCR engine."""
    if policy not in policy_names():
        raise JobError(unknown("keyframe policy", policy, policy_names()))
    if engine is not None and engine not in ENGINES:
        raise JobError(unknown("OCR engine", engine, ENGINES))
