"""The picture to share: what the model got and what it said, Chinese and Latin, in one PNG."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from memeprobe.dashboard.ui.texts import Texts
from memeprobe.fonts import font, pieces

WIDE, MARGIN, GAP = 1200, 40, 16
INK, DIM, BLUE, ORANGE, RED, GROUND = (
    *("#1b1b1b", "#5a5a5a", "#0072B2", "#B84A00", "#B00020"),
    "#ffffff",
)
MOST_FRAMES = 8
HIGHEST = 6000
"""Pixels: more than the longest page takes."""


def draw(
    t: Texts,
    shown: Sequence[tuple[int, np.ndarray]],
    facts: Mapping[str, Any],
    caution: str | None = None,
    day: date | None = None,
) -> bytes:
    """A PNG of what ``Conversation.as_json`` tells, with the keyframes.

    ``caution``: what stands beside the model's answers on the page, so that it goes with them.
    ``day``: the date that it bears; None = today.
    """
    page = _Page()
    page.text(f"memeprobe · {day or date.today():%Y-%m-%d} · {facts['file']}", 20, BLUE)
    page.text(facts["question"], 34, INK, lines=3)
    about = t(
        "clip_facts" if facts["frames"] > 1 else "still_facts",
        kind=facts["kind"].upper(),
        width=facts["width"],
        height=facts["height"],
        frames=facts["frames"],
        seconds=facts["duration_ms"] / 1000,
    )
    page.text(f"{facts['model']} · {about}", 20, DIM, lines=2)
    if caution is not None:
        page.text(caution, 24, RED, lines=4)
    page.text(t("first_picture"), 26, INK)
    for delivery, found in facts["first_picture"].items():
        said = found["text" if t.language == "en" else "text_zh"]
        page.text(f"{delivery}: {said}", 26, ORANGE, lines=4)
    page.y += GAP
    singles = {a["condition"]: a for a in facts["answers"]}
    _frames(page, t, shown[:MOST_FRAMES], facts, singles)
    if facts["frames"] > 1:
        _axis(page, t, facts)
    else:  # a still has no time: its captions are told, not placed
        for track in facts["captions"]:
            page.text(f"{t('caption_word')}{t('colon')}{track['text']}", 26, DIM, lines=3)
    for answer in facts["answers"]:
        if answer["condition"].startswith("single@"):
            continue
        head = f"{t.condition(answer['condition'])} ({answer['delivery']}): "
        page.text(
            head + (answer["text"] or answer["error"] or "–"),
            26,
            INK if answer["condition"] == "keyframes" else DIM,
            lines=3,
        )
    return page.png()


class _Page:
    """A white page that is written from top to bottom."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDE, HIGHEST), GROUND)
        self.draw = ImageDraw.Draw(self.image)
        self.y = MARGIN

    def text(self, text: str, size: int, colour: str, lines: int = 1) -> None:
        """At most so many lines, broken at the page's width."""
        for line in wrapped(text, size, WIDE - 2 * MARGIN, lines):
            self.line(line, size, colour, MARGIN, self.y)
            self.y += round(size * 1.55)

    def line(self, text: str, size: int, colour: str, x: float, y: float) -> None:
        """One line from (x, y) on, each character by the file that has it."""
        baseline = y + font(size).getmetrics()[0]
        for piece, path in pieces(text):
            used = font(size, path)
            self.draw.text((x, baseline), piece, colour, used, "ls")
            x += used.getlength(piece)

    def png(self) -> bytes:
        """The page, cut below its last line."""
        buffer = io.BytesIO()
        self.image.crop((0, 0, WIDE, min(self.image.height, self.y + MARGIN))).save(
            buffer, "PNG", optimize=True
        )
        return buffer.getvalue()


def length(text: str, size: int) -> float:
    """How wide a line is, in pixels."""
    return sum(font(size, path).getlength(piece) for piece, path in pieces(text))


def wrapped(text: str, size: int, width: float, lines: int) -> list[str]:
    """The text in at most so many lines no wider than ``width`` pixels; the last may be cut.

    Broken at blanks where there are any, else anywhere, as Chinese is.
    """
    rest = " ".join(text.split())
    found: list[str] = []
    while rest and len(found) < lines - 1 and length(rest, size) > width:
        fits = next(n for n in range(len(rest), 0, -1) if n == 1 or length(rest[:n], size) <= width)
        blank = rest.rfind(" ", 0, fits + 1)
        end = blank if blank > fits // 2 else fits
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*found, fitted(rest, size, width)]


def fitted(text: str, size: int, width: float) -> str:
    """One line of text that is no wider than ``width`` pixels."""
    text = " ".join(text.split())
    while text and length(text, size) > width:
        text = text[:-2] + "…" if len(text) > 2 else ""
    return text


def _frames(
    page: _Page,
    t: Texts,
    shown: Sequence[tuple[int, np.ndarray]],
    facts: Mapping[str, Any],
    singles: Mapping[str, Any],
) -> None:
    width = (WIDE - 2 * MARGIN - 3 * GAP) // 4
    follows = next(iter(facts["follows"].values()), None) or []
    starts = {k["index"]: k["start_ms"] for k in facts["keyframes"]}
    for begin in range(0, len(shown), 4):
        lines = 1
        for column, (index, pixels) in enumerate(shown[begin : begin + 4]):
            x, y, place = MARGIN + column * (width + GAP), page.y, begin + column + 1
            picture = enlarged(pixels, width, 230)
            page.image.paste(picture, (x + (width - picture.width) // 2, y))
            if index in follows:
                page.draw.rectangle((x, y, x + width, y + 232), outline=BLUE, width=5)
            if facts["frames"] > 1:
                label = t("frame_at", index=index, start=starts.get(index, 0) / 1000)
                page.line(fitted(f"{place} · {label}", 18, width), 18, DIM, x, y + 240)
            said = singles.get(f"single@{place}", {})
            answer = wrapped(said.get("text") or said.get("error") or "–", 22, width, 3)
            for number, line in enumerate(answer):
                page.line(line, 22, INK, x, y + 266 + 32 * number)
            lines = max(lines, len(answer))
        page.y += 298 + 32 * lines


def enlarged(pixels: np.ndarray, width: int, height: int) -> Image.Image:
    """A picture as large as fits; of a small one every pixel stays a square of one colour."""
    image = Image.fromarray(pixels)
    scale = min(width / image.width, height / image.height)
    if scale >= 2:
        times = int(scale)
        return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _axis(page: _Page, t: Texts, facts: Mapping[str, Any]) -> None:
    end = max(1, facts["duration_ms"])
    inner = WIDE - 2 * MARGIN

    def x(ms: float) -> int:
        return MARGIN + round(inner * min(1.0, ms / end))

    page.draw.line((MARGIN, page.y + 14, WIDE - MARGIN, page.y + 14), DIM, 2)
    for key in facts["keyframes"]:
        right = max(x(key["start_ms"]) + 6, x(key["start_ms"] + key["duration_ms"]))
        page.draw.rectangle((x(key["start_ms"]), page.y, right, page.y + 28), BLUE)
    for i, track in enumerate(facts["captions"]):
        left, right = x(track["start_ms"]), max(x(track["start_ms"]) + 4, x(track["end_ms"]))
        y = page.y + 40
        page.draw.rectangle((left, y, right, y + 34), None, (BLUE, ORANGE)[i % 2], 2)
        page.line(fitted(track["text"], 20, right - left - 8), 20, INK, left + 5, y + 4)
    page.y += 96 if facts["captions"] else 52
