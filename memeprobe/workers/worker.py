"""The process that opens files nobody vouches for.

    python -m memeprobe.workers.worker MEMORY_BYTES

It decodes, reads captions and edits them, with a bound on its memory; the page bounds its time
and kills it. It takes jobs from stdin and sends what it finds to stdout, see ``protocol``. A job is
one row of ``JOBS``: a generator of (message, pictures).
"""

import contextlib
import hashlib
import os
import re
import resource
import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from frames import Clip, Limits, MediaError, open_clip, pixel_sha256
from frames.wire import WireError, receive, send
from meme_sets import SetError, load_set
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.keyframes import chosen_once
from memeprobe.conditions.table import choose
from memeprobe.stimuli.caption_edits import CaptionEdits
from memeprobe.stimuli.caption_reader import OcrReader, Unreadable
from memeprobe.stimuli.stimuli import StimulusMaker
from memeprobe.workspace import own_cache
from ocr import DEFAULT_ENGINE, Caption, Line, OcrError, Track, read_clip, read_image
from ocr.edit import EditError
from ocr.own_model import chosen_engine

Event = tuple[dict[str, Any], Sequence[np.ndarray]]
PAGE_DEFAULTS = Limits(
    file_bytes=32 * 2**20, frame_pixels=16_000_000, frames=2_000, decoded_bytes=2 * 2**30
)
"""What the pages take of an upload: less than the command line, since others wait beside it. The
same variables change it."""
SMALL = 144
"""Pixels: the longer side of a picture in a list."""
CLIPS_KEPT = 3
STARVED = re.compile("bad_alloc|failed to map|cannot (re)?allocate|unable to allocate", re.I)
KNOWN = (MediaError, SetError, OcrError, EditError)
"""What is said to the user as it is."""


def page_limits() -> Limits:
    """What is taken of a file. Raises ValueError: a variable holds no whole number."""
    return Limits.from_environment(PAGE_DEFAULTS)


_engines: dict[str, CachedEngine] = {}
_cache = own_cache()
_clips: OrderedDict[str, Clip] = OrderedDict()


def _engine(name: str | None) -> CachedEngine:
    """The engine of this name; None: as MEMEPROBE_OCR_MODEL says."""
    name = name or chosen_engine(DEFAULT_ENGINE)
    if name not in _engines:
        _engines[name] = CachedEngine(name, _cache)
    return _engines[name]


def _clip(data: bytes, name: str) -> Clip:
    key = hashlib.sha256(data).hexdigest()
    if key not in _clips:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they stand in Clip.warnings too
            _clips[key] = open_clip(data, name=name, limits=page_limits())
        if len(_clips) > CLIPS_KEPT:
            _clips.popitem(last=False)
    return _clips[key]


def _about(clip: Clip) -> dict[str, Any]:
    return {
        "sha256": clip.sha256,
        "kind": clip.kind,
        "width": clip.width,
        "height": clip.height,
        "timings": clip.timings,
        "duration_ms": clip.duration_ms,
        "warnings": clip.warnings,
    }


def _line(line: Line) -> dict[str, Any]:
    return {"text": line.text, "confidence": line.confidence, "box": line.box, "role": line.role}


def _caption(caption: Caption) -> dict[str, Any]:
    return {"text": caption.text, "lines": [_line(line) for line in caption.lines]}


def _track(track: Track) -> dict[str, Any]:
    plain = ("text", "start_ms", "end_ms", "first_index", "last_index", "confidence", "box")
    told = {name: getattr(track, name) for name in plain}
    return {**told, "lines": [_line(line) for line in track.lines]}


def warm(data: bytes, engine: str | None = None) -> Iterator[Event]:
    """Load the engine before anybody waits for it."""
    _engine(engine).load()
    yield {"event": "warm"}, ()


def look(data: bytes, name: str, k: int, policy: str, engine: str | None = None) -> Iterator[Event]:
    """A file's times, its keyframes, and the caption on each of them."""
    clip = _clip(data, name)
    yield {"event": "opened", **_about(clip)}, ()
    shown = chosen_once(clip, k, policy, _cache, _engine(DEFAULT_ENGINE))
    yield {"event": "keyframes", "indices": [f.index for f in shown]}, [f.pixels for f in shown]
    if shown[0].index != 0:
        (opening,) = clip.frames([0])
        yield {"event": "first_frame", "index": 0}, [opening.pixels]
    reader = _engine(engine)
    for frame in shown:
        caption = _caption(read_image(frame.pixels, reader))
        yield {"event": "reading", "index": frame.index, **caption}, ()


def opened(data: bytes, name: str) -> Iterator[Event]:
    """A file's kind, size and times."""
    yield {"event": "opened", **_about(_clip(data, name))}, ()


def frames(data: bytes, name: str, indices: Sequence[int]) -> Iterator[Event]:
    """Frames of a file by their numbers."""
    for frame in _clip(data, name).frames(indices):
        yield {"event": "frame", "index": frame.index}, [frame.pixels]


def captions(data: bytes, name: str, engine: str | None = None) -> Iterator[Event]:
    """All caption tracks of a file."""
    tracks = read_clip(_clip(data, name), _engine(engine))
    yield {"event": "captions", "tracks": [_track(t) for t in tracks]}, ()


def edit(
    data: bytes, name: str, index: int, text: str, engine: str | None = None
) -> Iterator[Event]:
    """A frame as it is, with its caption erased, and with another in its place; each read again.

    An edit that OCR does not confirm is no picture, but what was wrong with it: see
    ``CaptionEdits``.
    """
    (frame,) = _clip(data, name).frames([index])
    reader = _engine(engine)
    yield {"event": "as_is", **_caption(read_image(frame.pixels, reader))}, [frame.pixels]
    edits = CaptionEdits(OcrReader(reader), _cache)
    for key, new in (("erased", ""), ("replaced", text.strip())):
        if key == "replaced" and not new:
            continue
        try:
            picture = edits.edited(frame.pixels, pixel_sha256(frame.pixels), new)
        except Unreadable as failed:
            yield {"event": key, "problem": str(failed)}, ()
            continue
        yield {"event": key, **_caption(read_image(picture, reader))}, [picture]


def item(
    data: bytes,
    folder: str,
    item_id: str,
    names: Sequence[str],
    k: int,
    policy: str,
    engine: str = "rapidocr",
    seed: int = 0,
    language: str = "en",
) -> Iterator[Event]:
    """What each condition shows of one item of a set, the pictures in the order delivered, and
    what it asks in this language."""
    meme_set = load_set(folder)
    chosen = next((i for i in meme_set.items if i.id == item_id), None)
    if chosen is None:
        raise SetError(f"the set in {folder} has no item {item_id!r} any more")
    reader = OcrReader(_engine(engine))
    workshop = StimulusMaker(meme_set, k, policy, reader, page_limits(), seed, _cache)
    for name, condition in choose(tuple(names), k).items():
        if name not in names or not condition.applies(chosen):
            continue
        material = workshop.material(chosen, condition.from_frame_0)
        try:
            pictures = list(condition.images(material))
        except Unreadable as failed:
            yield {"event": "condition", "name": name, "problem": str(failed), "hashes": []}, ()
            continue
        hashes = [material.sha256(p) for p in pictures]
        prompt = condition.prompt(material.item, language)
        yield {"event": "condition", "name": name, "hashes": hashes, "prompt": prompt}, pictures


def ends(data: bytes, folder: str, items: Sequence[str]) -> Iterator[Event]:
    """The first and the last frame of some items of a set, small."""
    meme_set = load_set(folder)
    for chosen in (i for i in meme_set.items if i.id in items):
        try:
            clip = open_clip(meme_set.media_path(chosen), limits=page_limits())
            shown = clip.frames(sorted({0, len(clip.timings) - 1}))
        except MediaError as error:
            yield {"event": "ends", "item": chosen.id, "problem": str(error)}, ()
            continue
        yield {"event": "ends", "item": chosen.id}, [_small(f.pixels) for f in shown]


def _small(pixels: np.ndarray) -> np.ndarray:
    image = Image.fromarray(pixels)
    image.thumbnail((SMALL, SMALL))
    return np.asarray(image)


def check_set(data: bytes, folder: str) -> Iterator[Event]:
    """Whether a folder is a set, and of what; a YAML bomb harms this process only."""
    meme_set = load_set(Path(folder))
    yield {"event": "set", "name": meme_set.name, "items": len(meme_set.items)}, ()


JOBS: dict[str, Callable[..., Iterator[Event]]] = {
    "warm": warm,
    "look": look,
    "open": opened,
    "frames": frames,
    "captions": captions,
    "edit": edit,
    "item": item,
    "ends": ends,
    "check_set": check_set,
}


def _starved(error: BaseException) -> bool:
    """Whether memory ran out: native code says so in other words than ``MemoryError``.

    A C extension whose allocation fails raises SystemError ("error return without exception
    set"), a C++ one RuntimeError ("std::bad_alloc"), the loader of a library ImportError ("failed
    to map segment"); another library then wraps what it caught.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, (MemoryError, SystemError)) or STARVED.search(str(seen)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _told(error: Exception) -> dict[str, Any]:
    """The event of a job that failed. A short memory is told as such, whoever found it out: an
    engine calls weights damaged that found no room."""
    starved = _starved(error)
    if isinstance(error, KNOWN) and not starved:
        return {"event": "error", "message": str(error), "known": True}
    message = f"{type(error).__name__}: {error}"
    kind = "memory" if starved else "decoder"
    return {"event": "error", "kind": kind, "message": message, "known": False}


def serve(inbox: Any, outbox: Any) -> None:
    """Take jobs until the page hangs up. A job ends with the event 'done' or 'error'."""
    while True:
        try:
            request, _, data = receive(inbox)
        except WireError:
            return
        try:
            for event, pictures in JOBS[request["job"]](data, **request["args"]):
                send(outbox, event, pictures)
            send(outbox, {"event": "done"})
        except Exception as error:  # whatever a decoder throws concerns this file only
            send(outbox, _told(error))


def main() -> None:
    """Set the limits, keep stdout for messages alone, and serve."""
    memory = int(sys.argv[1])
    os.nice(5)  # while an engine loads, pages are still drawn
    with contextlib.suppress(ValueError, OSError):  # not every system has every limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    inbox = os.fdopen(os.dup(0), "rb")
    outbox = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the messages
    serve(inbox, outbox)


if __name__ == "__main__":
    main()
