"""Frames as HTML, for notebooks: a time axis and a strip of small pictures, no script."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

HEIGHT = 110
"""Of a picture in a strip, in pixels."""


def figure(pixels: np.ndarray, index: int, start_ms: int) -> str:
    """A small picture of a frame, uint8 (height, width, 3), with its number and time below."""
    image = Image.fromarray(pixels)
    width = max(1, round(image.width * HEIGHT / image.height))
    buffer = io.BytesIO()
    image.resize((width, HEIGHT)).save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    label = f"frame {index}, {start_ms / 1000:.2f} s"
    return (
        f'<figure style="display:inline-block;margin:.2em;text-align:center">'
        f'<img alt="{label}" src="data:image/png;base64,{data}">'
        f'<figcaption style="font-size:smaller">{label}</figcaption></figure>'
    )


def strip(figures: Sequence[str]) -> str:
    """Figures side by side."""
    return f"<div>{''.join(figures)}</div>"


def time_axis(
    duration_ms: int, marks_ms: Sequence[int], spans: Sequence[tuple[str, int, int]] = ()
) -> str:
    """A bar as long as the clip with a mark at each time, and below it a bar for each
    (text, start_ms, end_ms)."""
    whole = max(1, duration_ms)

    def bar(left: float, width: float, style: str, text: str = "") -> str:
        place = f"position:absolute;left:{left:.2f}%;width:{max(width, 0.4):.2f}%;{style}"
        return f'<div style="{place}" title="{escape(text)}">{escape(text)}</div>'

    marks = "".join(
        bar(100 * m / whole, 0.4, "top:0;bottom:0;background:#0072B2") for m in marks_ms
    )
    row = "position:relative;height:1.5em;margin:.15em 0;background:#8882;overflow:hidden"
    lines = [f'<div style="{row}">{marks}</div>']
    for text, start, end in spans:
        style = "height:100%;background:#E69F0088;white-space:nowrap"
        one = bar(100 * start / whole, 100 * (end - start) / whole, style, text)
        lines.append(f'<div style="{row}">{one}</div>')
    return f'<div style="max-width:52em">{"".join(lines)}</div>'
