"""How a look and a run show themselves in a notebook: small pieces of HTML, no script."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from frames import Clip, Frame
from frames.show import figure, strip, time_axis
from memeprobe.messages import exactly, labels
from ocr import Track

if TYPE_CHECKING:
    from memeprobe.verdicts.run_result import RunResult

_CARD = (
    "display:inline-block;vertical-align:top;width:19em;margin:.3em;padding:.6em .9em;"
    "border:1px solid #8888;border-radius:.5em"
)


def look_html(
    clip: Clip,
    keyframes: Sequence[Frame],
    captions: Sequence[Track],
    question: str | None,
    answers: Sequence[tuple[str, Sequence[int], str | None]],
    first_picture: str | None = None,
) -> str:
    """Time axis with keyframes and captions, the keyframes, and the answers as a table.

    ``answers``: (condition, indices of the frames given, the answer or why there is none).
    ``first_picture``: whether the first picture alone decides, in a sentence.
    """
    spans = [(c.text.replace("\n", " / "), c.start_ms, c.end_ms) for c in captions]
    parts = [
        f"<p>{escape(repr(clip))}</p>",
        time_axis(clip.duration_ms, [f.start_ms for f in keyframes], spans),
        strip([figure(f.pixels, f.index, f.start_ms) for f in keyframes]),
    ]
    if not captions:
        parts.append("<p><i>no caption found</i></p>")
    if question is not None:
        rows = [(name, ", ".join(map(str, given)), text) for name, given, text in answers]
        parts.append(f"<p><b>{escape(question)}</b></p>")
        if first_picture:
            parts.append(f"<p>Does it read only the first picture? {escape(first_picture)}</p>")
        parts.append(_table(("condition", "frames given", "answer"), rows))
    return "".join(parts)


FIRST = {
    "shown": "The file's first frame",
    "blank": "The file's first frame, which is blank",
    "cut off": "The file's first frame, whose text stands in full only later",
}


def first_frame_html(frame: Frame, state: str) -> str:
    """What the file begins with, before the keyframes. ``state``: a key of ``FIRST``."""
    return f"<p>{FIRST[state]}:</p>" + strip([figure(frame.pixels, frame.index, frame.start_ms)])


def run_html(result: "RunResult") -> str:
    """A card for each verdict, and the accuracy under each condition."""
    cards = "".join(
        f'<div style="{_CARD}"><b>{escape(labels.label(labels.VERDICTS, name))}</b><br>'
        f"{escape(verdict.text)}</div>"
        for name, verdict in result.reached.items()
    )
    rows = [
        (labels.condition(name), exactly(tally.accuracy), tally.accuracy.n)
        for name, tally in result.conditions.items()
    ]
    run = result.record
    title = f"{run.model} on {run.set}, {run.delivery}, run {run.run}"
    table = _table(("condition", "right [95 %]", "n"), rows)
    return f"<p><b>{escape(title)}</b></p>{cards}{table}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    heads = "".join(f"<th>{escape(h)}</th>" for h in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{heads}</tr>{body}</table>"
