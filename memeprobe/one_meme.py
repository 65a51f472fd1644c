"""One meme: keyframes, captions, and what a model answers to each frame and to all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from frames import Clip, Frame, Limits, open_isolated
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from memeprobe.cache.keyframes import chosen_once
from memeprobe.errors import JobError
from memeprobe.first_picture import FirstPicture, first_picture, to_repeat
from memeprobe.scoring.words import normalise
from ocr import DEFAULT_ENGINE, DEFAULT_POLICY, Track
from ocr.first_frame import first_frame_state
from ocr.timeline import timeline_of
from ocr.tracks import TimedLine, captions_of, lines_of, with_user_roles
from vlm import Answer, Model, Query
from vlm.query import ANSWER_TOKENS

DEFAULT_QUESTION = "What happens in the picture?"


@dataclass(frozen=True)
class LookAnswer:
    """The answer under one condition."""

    condition: str
    frames: tuple[int, ...]
    """Indices of the frames that the model was given, in the order given."""
    text: str | None
    error: str | None
    frames_shown: int | None = None
    """How many of them reached the model, by its receipt; None if it failed."""
    repeatable: bool = False
    """Whether the very same question, asked again, gets the very same words."""


@dataclass(frozen=True)
class Look:
    """All that was found out about one meme."""

    clip: Clip
    keyframes: list[Frame]
    captions: tuple[Track, ...]
    question: str | None = None
    answers: tuple[LookAnswer, ...] = ()
    note: str = ""
    """What of the clip was not read, and why; '' if all was."""
    lines: tuple[TimedLine, ...] = ()
    """Every line that was read, captions and other text, with the rule that decided."""
    frame_0: Frame | None = None
    """The file's first frame: all that a pipeline sees which takes the first frame."""
    frame_0_state: str = "shown"
    """'blank', 'cut off' (its text stands in full only later) or 'shown'."""

    @property
    def follows(self) -> list[int] | None:
        """Indices of the single frames whose own answer equals the whole clip's; None = not asked.

        Several frames may say the same; an empty list means that the answer to the whole clip is
        that of no single frame.
        """
        whole = next((a for a in self.answers if a.condition == "keyframes"), None)
        if whole is None or whole.text is None:
            return None
        same = normalise(whole.text)
        return [
            a.frames[0]
            for a in self.answers
            if a.condition.startswith("single@") and normalise(a.text or "") == same
        ]

    @property
    def first_picture(self) -> FirstPicture | None:
        """Whether the first picture alone decides the answer; None = no model was asked."""
        return first_picture(self.answers) if self.answers else None

    def _repr_html_(self) -> str:
        from memeprobe.report.notebook import first_frame_html, look_html  # notebooks

        answers = [
            (a.condition, a.frames, a.text if a.error is None else a.error) for a in self.answers
        ]
        said = self.first_picture.text if self.first_picture else None
        apart = all(frame.index != 0 for frame in self.keyframes)
        first = (self.frame_0, self.frame_0_state) if self.frame_0 and apart else None
        html = look_html(self.clip, self.keyframes, self.captions, self.question, answers, said)
        return first_frame_html(*first) + html if first else html

    def as_json(self, file: str) -> dict[str, Any]:
        """Plain values, as ``memeprobe look --json`` prints them."""
        return {
            "file": file,
            "sha256": self.clip.sha256,
            "kind": self.clip.kind,
            "width": self.clip.width,
            "height": self.clip.height,
            "frames": len(self.clip),
            "duration_ms": self.clip.duration_ms,
            "warnings": list(self.clip.warnings),
            "keyframes": [
                {"index": f.index, "start_ms": f.start_ms, "duration_ms": f.duration_ms}
                for f in self.keyframes
            ],
            "frame_0": {
                "state": self.frame_0_state,
                "is_keyframe": any(f.index == 0 for f in self.keyframes),
            },
            "captions": [
                {
                    "text": t.text,
                    "start_ms": t.start_ms,
                    "end_ms": t.end_ms,
                    "confidence": round(t.confidence, 4),
                    "box": list(t.box),
                }
                for t in self.captions
            ],
            "captions_note": self.note,
            "lines": [asdict(line) for line in self.lines],
            "question": self.question,
            "answers": [asdict(a) for a in self.answers],
            "follows": self.follows,
            "first_picture": asdict(self.first_picture) if self.first_picture else None,
        }


def look(
    file: str | Path | Clip,
    model: Model | None = None,
    *,
    question: str = DEFAULT_QUESTION,
    k: int = 4,
    policy: str = DEFAULT_POLICY,
    delivery: str | None = None,
    engine: str = "rapidocr",
    limits: Limits | None = None,
    cache: Cache | None = None,
    roles: Mapping[str, str] | None = None,
    max_new_tokens: int = ANSWER_TOKENS,
) -> Look:
    """Look at one file, or at an opened clip; what ``cache`` holds of it is not read again.

    ``k``: number of keyframes, or ``ocr.AUTO``. ``roles``: see ``ocr.tracks.with_user_roles``.
    Raises MediaError (file), OcrError (engine), JobError (a question without words).
    """
    if model is not None:
        check_question(question)
    clip = file if isinstance(file, Clip) else open_isolated(file, limits=limits or Limits())
    cache = cache or Cache(None)
    reader = CachedEngine(engine, cache)
    chooser = reader if engine == DEFAULT_ENGINE else CachedEngine(DEFAULT_ENGINE, cache)
    shown = chosen_once(clip, k, policy, cache, chooser)
    read = with_user_roles(timeline_of(clip, reader), roles or {})
    tracks, lines = captions_of(read), lines_of(read)
    (first,) = clip.frames([0])
    seen = Look(
        clip,
        shown,
        tracks,
        note=read.note,
        lines=lines,
        frame_0=first,
        frame_0_state=first_frame_state(first.pixels, read),
    )
    if model is None:
        return seen
    rows = _conditions(shown)
    best = delivery or model.deliveries[0]

    def ask(rows: Mapping[str, Sequence[Frame]]) -> tuple[LookAnswer, ...]:
        pixels = [tuple(f.pixels for f in row) for row in rows.values()]
        queries = [Query(images, question, (), best, max_new_tokens) for images in pixels]
        given = [tuple(f.index for f in row) for row in rows.values()]
        return tuple(map(look_answer, rows, given, model.answer(queries)))

    asked = ask(rows)
    while again := to_repeat(asked):
        asked += ask({name: rows[condition] for name, condition in again.items()})
    return replace(seen, question=question, answers=asked)


def check_question(question: str) -> None:
    """Raises JobError for a question of nothing but blanks."""
    if not question.strip():
        raise JobError("the question is empty; write one, or leave it out for the usual one")


def _conditions(shown: Sequence[Frame]) -> dict[str, list[Frame]]:
    """Condition -> frames in the order given; a still has but one."""
    rows = {f"single@{i + 1}": [frame] for i, frame in enumerate(shown)}
    if len(shown) > 1:
        rows["keyframes"] = list(shown)
        rows["reversed"] = list(shown)[::-1]
        rows["first_repeated"] = [shown[0]] * len(shown)
        rows["last_repeated"] = [shown[-1]] * len(shown)
    return rows


def look_answer(condition: str, frames: tuple[int, ...], answer: Answer) -> LookAnswer:
    """An answer to these frames, as a ``Look`` holds it."""
    reached = answer.receipt.frames_shown if answer.receipt is not None else None
    return LookAnswer(condition, frames, answer.text, answer.error, reached, answer.repeatable)
