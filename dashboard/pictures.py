"""The pages' own pictures as HTML and SVG: time axis, frames with boxes, differences, the meter.

Pure functions from values to text; everything that comes from outside is escaped.
"""

import base64
import difflib
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from dashboard.texts import Words

WIDE = 960
"""Width of the time axis in its own units."""
LABEL = 92
ROW = 26
COLOURS = ("var(--mp-1)", "var(--mp-2)", "var(--mp-3)", "var(--mp-4)")
DASHES = ("", "7 4", "2 3", "10 3 2 3")
"""Captions differ in colour and in dashes, so that colour alone says nothing."""
PICTURE_SIDE = 420


def data_url(pixels: np.ndarray, side: int = PICTURE_SIDE) -> str:
    """A picture, at most ``side`` pixels long, for an <img>."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def timeline(
    say: Words, duration_ms: int, frames: Sequence[tuple[int, int, int]],
    tracks: Sequence[Mapping[str, Any]], span: tuple[int, int] | None = None,
) -> str:  # fmt: skip
    """A time axis: ``frames`` are (index, start_ms, duration_ms), ``tracks`` have text and times.

    ``span`` is a stretch to mark (start, end in ms).
    """
    end = max(1, duration_ms)
    inner = WIDE - LABEL - 8

    def x(ms: float) -> float:
        return LABEL + inner * min(1.0, max(0.0, ms / end))

    lanes = _lanes(tracks)
    height = 34 + ROW + 10 + ROW * max(1, max(lanes, default=0) + 1)
    alt = escape(say("timeline_alt", seconds=end / 1000, frames=len(frames), captions=len(tracks)))
    parts = [f'<svg viewBox="0 0 {WIDE} {height}" role="img" aria-label="{alt}">'
             f"<title>{alt}</title>", *_axis(end, x, height)]  # fmt: skip
    if span is not None:
        parts.append(
            f'<rect x="{x(span[0]):.1f}" y="24" width="{x(span[1]) - x(span[0]):.1f}" '
            f'height="{height - 24}" fill="var(--mp-3)" opacity=".22"/>'
        )
    parts.append(_label(say("keyframes_row"), 48))
    for place, (index, start, length) in enumerate(frames, 1):
        left, right = x(start), max(x(start + length), x(start) + 5)
        tip = escape(say("frame_at", index=index, start=start / 1000))
        parts.append(
            f"<g><title>{tip}, {escape(say('for_ms', ms=length))}</title>"
            f'<rect x="{left:.1f}" y="31" width="{right - left:.1f}" height="{ROW - 4}" rx="2" '
            f'fill="var(--mp-1)"/>'
            f'<text x="{min(WIDE - 14, right + 3):.1f}" y="47">{place}</text></g>'
        )
    parts.append(_label(say("captions_row"), 48 + ROW + 8))
    for i, (track, lane) in enumerate(zip(tracks, lanes, strict=True)):
        parts.append(_bar(track, i, x, 38 + ROW + lane * ROW))
    return f'<div class="mp-timeline">{"".join(parts)}</svg></div>'


def _label(text: str, y: float) -> str:
    return f'<text x="0" y="{y:.0f}" class="dim">{escape(text)}</text>'


def _axis(end: int, x: Any, height: int) -> list[str]:
    """Round times along the top, with lines down."""
    steps = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 300_000)
    step = next((s for s in steps if end / s <= 8), end)
    marks = []
    for ms in range(0, end + 1, step):
        marks.append(
            f'<line x1="{x(ms):.1f}" x2="{x(ms):.1f}" y1="20" y2="{height}" '
            f'stroke="var(--mp-line)"/><text x="{x(ms):.1f}" y="14" class="dim" '
            f'text-anchor="{"end" if ms > 0.97 * end else "middle"}">{ms / 1000:g} s</text>'
        )
    return marks


def _lanes(tracks: Sequence[Mapping[str, Any]]) -> list[int]:
    """A row for each track, so that two at one time do not cover each other."""
    ends: list[int] = []
    rows = []
    for track in tracks:
        free = next((i for i, e in enumerate(ends) if e <= track["start_ms"]), len(ends))
        ends[free : free + 1] = [track["end_ms"]]
        rows.append(free)
    return rows


def _bar(track: Mapping[str, Any], i: int, x: Any, y: float) -> str:
    left, right = x(track["start_ms"]), max(x(track["end_ms"]), x(track["start_ms"]) + 4)
    text = " / ".join(str(track["text"]).split("\n"))
    times = f"{track['start_ms'] / 1000:.2f}-{track['end_ms'] / 1000:.2f} s"
    room = int((right - left) / 13)
    short = text if _width(text) <= 2 * room else _cut(text, 2 * room)
    colour, dash = COLOURS[i % len(COLOURS)], DASHES[i % len(DASHES)]
    return (
        f'<g class="mp-caption"><title>{escape(text)}, {times}</title>'
        f'<rect x="{left:.1f}" y="{y:.1f}" width="{right - left:.1f}" height="{ROW - 5}" rx="3" '
        f'fill="{colour}" fill-opacity=".22" stroke="{colour}" stroke-dasharray="{dash}"/>'
        f'<text x="{left + 4:.1f}" y="{y + 15:.1f}">{escape(short)}</text></g>'
    )


def _width(text: str) -> int:
    """Rough width in half characters: Chinese is as wide as two letters."""
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _cut(text: str, room: int) -> str:
    kept = ""
    for c in text:
        if _width(kept + c) > room - 2:
            break
        kept += c
    return kept + "…" if kept else ""


def frame(
    pixels: np.ndarray, alt: str, lines: Sequence[Mapping[str, Any]] = (), side: int = PICTURE_SIDE
) -> str:
    """A frame with the boxes of its lines: captions in full lines, other text in dots."""
    height, width = pixels.shape[:2]
    stroke = max(1.0, width / 130)
    boxes = "".join(
        f'<polygon points="{" ".join(f"{px:.0f},{py:.0f}" for px, py in line["box"])}" fill="none" '
        f'stroke="#000" stroke-opacity=".55" stroke-width="{2.2 * stroke:.1f}"/>'
        f'<polygon points="{" ".join(f"{px:.0f},{py:.0f}" for px, py in line["box"])}" fill="none" '
        f'stroke="{"#56B4E9" if line["role"] == "caption" else "#F0E442"}" '
        f'stroke-width="{stroke:.1f}" '
        f'stroke-dasharray="{"" if line["role"] == "caption" else f"{2 * stroke:.0f}"}"/>'
        for line in lines
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(alt)}">'
        f"<title>{escape(alt)}</title>"
        f'<image href="{data_url(pixels, side)}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none"/>{boxes}</svg>'
    )


def figures(cells: Sequence[tuple[str, str, bool]]) -> str:
    """Pictures side by side: (picture, what stands under it as HTML, whether to mark it)."""
    return '<div class="mp-frames">' + "".join(
        f'<figure{" class=mp-same" if marked else ""}>{picture}<figcaption>{under}</figcaption>'
        "</figure>"
        for picture, under, marked in cells
    ) + "</div>"  # fmt: skip


def strip(pixels: Sequence[np.ndarray], alts: Sequence[str]) -> str:
    """Small pictures in a row, in the order given."""
    return '<div class="mp-strip">' + "".join(
        f'<img src="{data_url(p, 144)}" alt="{escape(alt)}" title="{escape(alt)}">'
        for p, alt in zip(pixels, alts, strict=True)
    ) + "</div>"  # fmt: skip


def caption_table(say: Words, tracks: Sequence[Mapping[str, Any]]) -> str:
    """The captions with their times, as text that can be read aloud and copied."""
    if not tracks:
        return f'<p class="mp-dim">{escape(say("no_captions"))}</p>'
    rows = "".join(
        f'<tr><td class="time">{t["start_ms"] / 1000:.2f}-{t["end_ms"] / 1000:.2f} s</td>'
        f"<td><b>{'<br>'.join(map(escape, str(t['text']).split(chr(10))))}</b></td>"
        f'<td class="time mp-dim">{t["confidence"]:.2f}</td></tr>'
        for t in tracks
    )
    return f'<div class="mp-scroll"><table class="mp-caps">{rows}</table></div>'


def difference(reference: str, found: str) -> str:
    """``found`` against ``reference``: missing is struck through, new is underlined."""
    parts = []
    matcher = difflib.SequenceMatcher(None, reference, found, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            parts.append(escape(reference[a:b]))
            continue
        if b > a:
            parts.append(f"<del>{escape(reference[a:b])}</del>")
        if d > c:
            parts.append(f"<ins>{escape(found[c:d])}</ins>")
    return f'<span class="mp-diff">{"".join(parts)}</span>'


def meter(say: Words, value: float) -> str:
    """A pointer between 'like a later frame' (-1) and 'like the first frame' (+1)."""
    at = 230 + 200 * max(-1.0, min(1.0, value))
    alt = escape(say("meter_alt", value=value))
    return (
        f'<div class="mp-meter"><svg viewBox="0 0 460 66" role="img" aria-label="{alt}">'
        f"<title>{alt}</title>"
        '<rect x="30" y="24" width="200" height="14" fill="var(--mp-1)" opacity=".45"/>'
        '<rect x="230" y="24" width="200" height="14" fill="var(--mp-2)" opacity=".65"/>'
        '<line x1="230" x2="230" y1="20" y2="42" stroke="currentColor"/>'
        f'<path d="M {at:.0f} 40 l -8 -22 h 16 z" fill="currentColor"/>'
        f'<text x="30" y="58">{escape(say("meter_later"))}</text>'
        f'<text x="430" y="58" text-anchor="end">{escape(say("meter_first"))}</text>'
        f'<text x="{at:.0f}" y="13" text-anchor="middle">{value:+.2f}</text></svg></div>'
    )


def player(name: str, data: bytes, kind: str, alt: str) -> str:
    """The file itself, played by the browser; '' if too large to send, or of a kind not shown."""
    if len(data) > 6 * 2**20:
        return ""
    encoded = base64.b64encode(data).decode()
    if kind in ("mp4", "webm"):
        return (
            f'<video class="mp-player" autoplay loop muted playsinline controls '
            f'aria-label="{escape(alt)}" src="data:video/{kind};base64,{encoded}"></video>'
        )
    mime = {"apng": "png"}.get(kind, kind)
    if mime not in ("gif", "webp", "png", "jpeg", "bmp"):
        return ""
    return (f'<img class="mp-player" alt="{escape(alt)}" '
            f'src="data:image/{mime};base64,{encoded}">')  # fmt: skip
