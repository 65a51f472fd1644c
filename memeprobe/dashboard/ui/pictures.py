"""The pages' own pictures as HTML: time axis, frames with boxes, differences.

HTML because Streamlit lets no SVG through, and so that their text is text.

Pure functions from values to text; everything that comes from outside is escaped.
"""

import base64
import difflib
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from memeprobe.dashboard.ui.texts import Texts, heading

PICTURE_SIDE = 420
NONE = "–"
"""In a cell: there is nothing to say. A card leaves it out."""


def data_url(pixels: np.ndarray, side: int = PICTURE_SIDE) -> str:
    """A picture, at most ``side`` pixels long, for an <img>."""
    image = Image.fromarray(pixels)
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def timeline(
    t: Texts,
    duration_ms: int,
    frames: Sequence[tuple[int, int, int]],
    tracks: Sequence[Mapping[str, Any]] | None,
    span: tuple[int, int] | None = None,
) -> str:
    """A time axis: ``frames`` are (index, start_ms, duration_ms), ``tracks`` have text and times.

    ``tracks``: None where captions are not to be told: an empty row would say that there are none.
    ``span`` is a stretch to mark (start, end in ms).
    """
    end = max(1, duration_ms)
    alt = t("timeline_alt", seconds=end / 1000, frames=len(frames))
    if tracks is not None:
        alt += t("timeline_alt_captions", captions=len(tracks))
    marked = ""
    if span is not None:
        marked = f'<i class="mp-span" style="{_place(*span, end)}"></i>'
    keys = "".join(
        f'<i class="mp-key" style="{_place(start, start + length, end)}" title="'
        f"{escape(t('frame_at', index=index, start=start / 1000))}, "
        f'{escape(t("for_ms", ms=length))}"><b>{place}</b></i>'
        for place, (index, start, length) in enumerate(frames, 1)
    )
    return (
        f'<div class="mp-timeline" role="img" aria-label="{escape(alt)}">'
        f'<div class="mp-row mp-axis"><span></span><div>{_axis(end)}</div></div>'
        f'<div class="mp-row"><span>{escape(t("keyframes_row"))}</span>'
        f"<div>{marked}{keys}</div></div>{_captions(t, tracks, marked, end)}</div>"
    )


def _captions(t: Texts, tracks: Sequence[Mapping[str, Any]] | None, marked: str, end: int) -> str:
    """The row of a time axis that has the captions."""
    if tracks is None:
        return ""
    lanes = _lanes(tracks)
    texts = list(dict.fromkeys(track["text"] for track in tracks))  # one text, one style
    bars = "".join(
        _bar(track, texts.index(track["text"]), lane, end)
        for track, lane in zip(tracks, lanes, strict=True)
    )
    rows = max(lanes, default=0) + 1
    return (
        f'<div class="mp-row"><span>{escape(t("captions_row"))}</span>'
        f'<div style="height:{rows * 1.9:.1f}rem">{marked}{bars}</div></div>'
    )


def _place(start: float, stop: float, end: int) -> str:
    """Left edge and width on the axis, in percent of it."""
    left = 100 * min(1.0, max(0.0, start / end))
    return f"left:{left:.2f}%;width:{max(0.0, 100 * min(1.0, stop / end) - left):.2f}%"


def _axis(end: int) -> str:
    """Round times along the top, not more than seven."""
    steps = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 300_000)
    step = next((s for s in steps if end / s <= 6.5), end)
    return "".join(
        f'<i style="left:{100 * ms / end:.2f}%">{ms / 1000:g} s</i>'
        for ms in range(0, int(0.97 * end) + 1, step)
    )


def _lanes(tracks: Sequence[Mapping[str, Any]]) -> list[int]:
    """A row for each track, so that two at one time do not cover each other."""
    ends: list[int] = []
    rows = []
    for track in tracks:
        free = next((i for i, e in enumerate(ends) if e <= track["start_ms"]), len(ends))
        ends[free : free + 1] = [track["end_ms"]]
        rows.append(free)
    return rows


def _bar(track: Mapping[str, Any], style: int, lane: int, end: int) -> str:
    text = " / ".join(str(track["text"]).split("\n"))
    times = f"{track['start_ms'] / 1000:.2f}-{track['end_ms'] / 1000:.2f} s"
    place = _place(track["start_ms"], track["end_ms"], end)
    return (
        f'<i class="mp-bar mp-c{style % 4}" style="{place};'
        f'top:{lane * 1.9:.1f}rem" title="{escape(text)}, {times}">{escape(text)}</i>'
    )


def frame(
    pixels: np.ndarray, alt: str, lines: Sequence[Mapping[str, Any]] = (), side: int = PICTURE_SIDE
) -> str:
    """A frame with the boxes of its lines: captions in full lines, other text in dashes."""
    height, width = pixels.shape[:2]
    boxes = "".join(_box(line, width, height) for line in lines)
    return (
        f'<div class="mp-frame" style="max-width:{round(320 * width / height)}px">'
        f'<img src="{data_url(pixels, side)}" alt="{escape(alt)}">{boxes}</div>'
    )


def _box(line: Mapping[str, Any], width: int, height: int) -> str:
    """A line's box over the picture, turned as the line is."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line["box"]
    long, tall = math.dist((x0, y0), (x1, y1)), math.dist((x1, y1), (x2, y2))
    x, y = (x0 + x1 + x2 + x3) / 4, (y0 + y1 + y2 + y3) / 4
    turn = math.degrees(math.atan2(y1 - y0, x1 - x0))
    role = "caption" if line["role"] == "caption" else "other"
    return (
        f'<i class="mp-box mp-{role}" style="left:{100 * (x - long / 2) / width:.2f}%;'
        f"top:{100 * (y - tall / 2) / height:.2f}%;width:{100 * long / width:.2f}%;"
        f'height:{100 * tall / height:.2f}%;transform:rotate({turn:.1f}deg)" '
        f'title="{escape(str(line["text"]))}"></i>'
    )


def figures(cells: Sequence[tuple[str, str, bool]]) -> str:
    """Pictures side by side: (picture, what stands under it as HTML, whether to mark it)."""
    return (
        '<div class="mp-frames">'
        + "".join(
            f"<figure{' class=mp-same' if marked else ''}>{picture}<figcaption>{under}</figcaption>"
            "</figure>"
            for picture, under, marked in cells
        )
        + "</div>"
    )


def strip(pixels: Sequence[np.ndarray], alts: Sequence[str]) -> str:
    """Small pictures in a row, in the order given."""
    return (
        f'<div class="mp-strip" style="--n:{len(pixels)}">'
        + "".join(
            f'<img src="{data_url(p, 144)}" alt="{escape(alt)}" title="{escape(alt)}">'
            for p, alt in zip(pixels, alts, strict=True)
        )
        + "</div>"
    )


def caption_table(t: Texts, tracks: Sequence[Mapping[str, Any]], times: bool = True) -> str:
    """The captions with their times (a still has none), as text to be read aloud and copied."""
    if not tracks:
        return f'<p class="mp-dim">{escape(t("no_captions"))}</p>'
    rows = [
        (
            short(f"{t['start_ms'] / 1000:.2f}-{t['end_ms'] / 1000:.2f} s"),
            f"<b>{'<br>'.join(map(escape, str(t['text']).split(chr(10))))}</b>",
            f'<span class="mp-dim">{t["confidence"]:.2f}</span>',
        )
        for t in tracks
    ]
    heads = [t(h) for h in ("time", "caption_word", "confidence")]
    return table(heads, rows) if times else table(heads[1:], [row[1:] for row in rows])


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that scrolls by itself where it is too wide; ``heads`` are text, cells are HTML."""
    return _table("mp-table", heads, ([f"<td>{cell}</td>" for cell in row] for row in rows))


def records(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of pictures and sentences: on a phone each row is a card of lines, see ``table``."""
    lead = [escape(_before(h)) for h in map(heading, heads)]
    cells = (
        [
            f'<td data-head="{h}"{" data-none" if cell == NONE else ""}>{cell}</td>'
            for h, cell in zip(lead, row, strict=True)
        ]
        for row in rows
    )
    return _table("mp-table mp-records", heads, cells)


def _before(head: str) -> str:
    """A heading as it stands before its cell's text: Chinese marks need no blank behind them."""
    if not head.isascii():
        return head if head.endswith("？") else f"{head}："
    return f"{head} " if head.endswith("?") else f"{head}: "


def _table(kind: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """``rows`` of cells that are HTML, their tags included."""
    head = "".join(f"<th>{escape(heading(h))}</th>" for h in heads)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f'<div class="mp-scroll"><table class="{kind}"><tr>{head}</tr>{body}</table></div>'


def short(told: object) -> str:
    """A cell that is never broken into lines: times, numbers."""
    return f'<span class="mp-short">{escape(str(told))}</span>'


def brief(text: str) -> str:
    """An answer where many stand: its first lines, and all of it under the pointer."""
    return f'<b class="mp-brief" title="{escape(text)}">{escape(text)}</b>'


def difference(reference: str, found: str) -> str:
    """``found`` against ``reference``: missing is struck through, new is underlined.

    Capitals and kinds of white space do not count, as in the character error rate.
    """
    parts = []
    matcher = difflib.SequenceMatcher(None, _plain(reference), _plain(found), autojunk=False)
    codes = matcher.get_opcodes()
    if matcher.ratio() < 0.5:  # another text: single letters in common would mislead
        codes = [("replace", 0, len(reference), 0, len(found))]
    for kind, a, b, c, d in codes:
        if kind == "equal":
            parts.append(escape(found[c:d]))
            continue
        if b > a:
            parts.append(f"<del>{escape(reference[a:b])}</del>")
        if d > c:
            parts.append(f"<ins>{escape(found[c:d])}</ins>")
    return f'<span class="mp-diff">{"".join(parts)}</span>'


def _plain(text: str) -> str:
    """As many characters, without what does not count."""
    return "".join(" " if c.isspace() else c.lower()[:1] for c in text)


def item_link(run: str, item: str) -> str:
    """To the item, open on the page Runs."""
    address = escape("runs?" + urlencode({"run": run, "item": item}))
    return f'<a href="{address}" target="_blank">{escape(item)}</a>'
