"""The icon of the browser's tab, drawn here: Streamlit fetches its own from another host."""

from functools import cache

from PIL import Image, ImageDraw

SIDE = 64
BLUE, WHITE = "#2f6fb0", "#ffffff"


@cache
def icon() -> Image.Image:
    """A lens on a coloured square, ``SIDE`` pixels wide, RGBA."""
    big = 4 * SIDE  # drawn larger, for smooth rims
    image = Image.new("RGBA", (big, big))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, big - 1, big - 1), big // 5, fill=BLUE)
    rim = big // 11
    draw.ellipse((big * 0.18, big * 0.18, big * 0.64, big * 0.64), outline=WHITE, width=rim)
    draw.line((big * 0.59, big * 0.59, big * 0.8, big * 0.8), fill=WHITE, width=rim + rim // 3)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
