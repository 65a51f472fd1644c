"""One meme: its frames, what is written on it, and what a model says of it."""

from collections.abc import Sequence
from pathlib import Path

import frames
import ocr
from frames import Clip, Frame, Limits
from memeprobe.one_meme import DEFAULT_QUESTION, Look
from memeprobe.one_meme import look as look_at
from memeprobe.workspace import own_cache
from ocr import DEFAULT_ENGINE, DEFAULT_POLICY, Track, load_engine, read_clip
from vlm import Model


def open_clip(file: str | Path, limits: Limits | None = None) -> Clip:
    """A media file as a clip of RGB frames, each with its time on screen.

    The content of the file counts, not its name. Frames are decoded when they are asked for, in
    a process of their own, which is ended when a file takes too long or too much memory.
    ``limits``: what is accepted of a file; by default as MEMEPROBE_MAX_... says. Raises
    MediaError: no such file, damaged, unknown, or over a limit.
    """
    return frames.open_isolated(file, limits=limits or Limits.from_environment())


def keyframes(clip: str | Path | Clip, k: int = 4, policy: str = DEFAULT_POLICY) -> list[Frame]:
    """At most ``k`` frames of a clip in the order shown, chosen by a policy.

    Policies: ``ocr.policy_names()``. Raises MediaError; ValueError for an unknown policy
    or k < 1.
    """
    return ocr.keyframes(_clip(clip), k, policy)


def captions(clip: str | Path | Clip, engine: str = DEFAULT_ENGINE) -> tuple[Track, ...]:
    """The captions of a clip, each with its text, its time in ms, its box in pixels and OCR's
    confidence. Raises MediaError; OcrError if the engine is not installed."""
    return read_clip(_clip(clip), load_engine(engine))


def look(
    file: str | Path,
    model: Model | None = None,
    question: str = DEFAULT_QUESTION,
    *,
    k: int = 4,
    policy: str = DEFAULT_POLICY,
    delivery: str | None = None,
    engine: str = DEFAULT_ENGINE,
    limits: Limits | None = None,
) -> Look:
    """Keyframes and captions of one meme, and a model's answer to each keyframe and to all.

    Without a ``model`` nothing is asked. One meme shows what a model says of it, and nothing
    about the model: for that, ``run`` a set. Raises MediaError, OcrError.
    """
    return look_at(
        file,
        model,
        question=question,
        k=k,
        policy=policy,
        delivery=delivery,
        engine=engine,
        limits=limits or Limits.from_environment(),
        cache=own_cache(),
    )


def _clip(clip: str | Path | Clip) -> Clip:
    return clip if isinstance(clip, Clip) else open_clip(clip)


__all__: Sequence[str] = ("captions", "keyframes", "look", "open_clip")
