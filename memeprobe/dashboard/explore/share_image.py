"""The picture to share: what the model got and what it said, Chinese and Latin, in one PNG."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from memeprobe.dashboard.ui.texts import Texts
from memeprobe.fonts import font, missing_glyphs

WIDE, MARGIN, GAP = 1200, 40, 16
INK, DIM, BLUE, ORANGE, GROUND = "#1b1b1b", "#5a5a5a", "#0072B2", "#D55E00", "#ffffff"
MOST_FRAMES = 8


def draw(t: Texts, shown: Sequence[tuple[int, np.ndarray]], facts: Mapping[str, Any]) -> bytes:
    """A PNG of what ``Conversation.as_json`` tells, with the keyframes."""
    page = _Page(_height(len(shown), facts))
    page.text("memeprobe", 20, BLUE)
    page.text(facts["question"], 34, INK)
    about = t(
        "clip_facts" if facts["frames"] > 1 else "still_facts",
        kind=facts["kind"].upper(),
        width=facts["width"],
        height=facts["height"],
        frames=facts["frames"],
        seconds=facts["duration_ms"] / 1000,
    )
    page.text(f"{facts['model']} · {about}", 20, DIM)
    page.y += GAP
    singles = {a["condition"]: a for a in facts["answers"]}
    _frames(page, t, shown[:MOST_FRAMES], facts, singles)
    _axis(page, t, facts)
    for answer in facts["answers"]:
        if answer["condition"].startswith("single@"):
            continue
        head = f"{t.condition(answer['condition'])} ({answer['delivery']}): "
        page.text(
            head + (answer["text"] or answer["error"] or "–"),
            26,
            INK if answer["condition"] == "keyframes" else DIM,
        )
    page.text(t("first_picture"), 26, ORANGE)
    for delivery, found in facts["first_picture"].items():
        said = found["text" if t.language == "en" else "text_zh"]
        page.text(f"{delivery}: {said}", 22, ORANGE)
    return page.png()


def _height(n: int, facts: Mapping[str, Any]) -> int:
    rows = -(-min(n, MOST_FRAMES) // 4)
    rest = sum(not a["condition"].startswith("single@") for a in facts["answers"])
    return 260 + rows * 330 + 140 + 44 * (rest + len(facts["first_picture"]) + 1)


class _Page:
    """A white page that is written from top to bottom."""

    def __init__(self, height: int) -> None:
        self.image = Image.new("RGB", (WIDE, height), GROUND)
        self.draw = ImageDraw.Draw(self.image)
        self.y = MARGIN

    def text(self, text: str, size: int, colour: str) -> None:
        """One line, cut to the page's width."""
        self.draw.text((MARGIN, self.y), fitted(text, size, WIDE - 2 * MARGIN), colour, font(size))
        self.y += round(size * 1.55)

    def png(self) -> bytes:
        """The page, cut below its last line."""
        buffer = io.BytesIO()
        self.image.crop((0, 0, WIDE, min(self.image.height, self.y + MARGIN))).save(
            buffer, "PNG", optimize=True
        )
        return buffer.getvalue()


def fitted(text: str, size: int, width: float) -> str:
    """One line of text that the font can draw and that is no wider than ``width`` pixels."""
    unknown = missing_glyphs(text)
    text = "".join("□" if c in unknown else c for c in " ".join(text.split()))
    if "□" in text and missing_glyphs("□"):
        text = text.replace("□", "?")
    while text and font(size).getlength(text) > width:
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
    for place, (index, pixels) in enumerate(shown):
        x, y = MARGIN + (place % 4) * (width + GAP), page.y + (place // 4) * 330
        picture = Image.fromarray(pixels)
        picture.thumbnail((width, 230))
        page.image.paste(picture, (x + (width - picture.width) // 2, y))
        if index in follows:
            page.draw.rectangle((x, y, x + width, y + 232), outline=BLUE, width=5)
        label = t("frame_at", index=index, start=starts.get(index, 0) / 1000)
        page.draw.text((x, y + 240), fitted(f"{place + 1} · {label}", 18, width), DIM, font(18))
        said = singles.get(f"single@{place + 1}", {})
        text = said.get("text") or said.get("error") or "–"
        page.draw.text((x, y + 266), fitted(text, 22, width), INK, font(22))
    page.y += -(-len(shown) // 4) * 330


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
        page.draw.text(
            (left + 5, y + 4), fitted(track["text"], 20, right - left - 8), INK, font(20)
        )
    page.y += 96 if facts["captions"] else 52
