"""Caption edits: style and place are kept, what is not caption stays, non-words are no words."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from frames import open_clip, pixel_sha256
from meme_sets.world.draw import picture
from meme_sets.world.scene import Scene
from memeprobe.cache.file import Cache
from memeprobe.fonts import font, missing_glyphs
from memeprobe.stimuli.caption_edits import CaptionEdits
from memeprobe.stimuli.caption_reader import OcrReader
from ocr import Caption, load_engine, read_image
from ocr.accuracy import cer, exact, normalise
from ocr.caption import Line
from ocr.colour_clusters import clusters, gaps
from ocr.deskew import frame_of
from ocr.edit import erase, replace
from ocr.letter_mask import find
from ocr.nonword import ONSETS, POOL, non_word
from ocr.typeset import slot_of, typeset


def line(text: str, left: float, top: float, right: float, bottom: float) -> Line:
    return Line(text, 0.99, ((left, top), (right, top), (right, bottom), (left, bottom)))


def drawn(
    text: str,
    *,
    ground: str = "white",
    fill: str = "black",
    outline: str | None = None,
    stroke: int = 0,
) -> tuple[np.ndarray, Line]:
    """A picture with one line, and the line as a detector boxes it."""
    image, at, size = Image.new("RGB", (320, 240), ground), (160, 200), 40
    draw = ImageDraw.Draw(image)
    draw.text(at, text, fill, font(size), anchor="mm", stroke_width=stroke, stroke_fill=outline)
    left, top, right, bottom = draw.textbbox(at, text, font(size), anchor="mm")
    return np.asarray(image), line(text, left - 4, top - 5, right + 4, bottom + 5)


STYLES: list[dict[str, Any]] = [
    {"ground": "white", "fill": "black"},
    {"ground": "#204060", "fill": "#ffe040"},
    {"ground": "#60a050", "fill": "white", "outline": "black", "stroke": 2},
    {"ground": "white", "fill": "white", "outline": "black", "stroke": 2},
    {"ground": "#303030", "fill": "#d02020", "outline": "white", "stroke": 3},
]


# Thin Chinese strokes in a wide outline are not among them: there the outline is taken for the
# letters.
CASES = [
    (s, t)
    for s in STYLES
    for t in ("SO HAPPY", "能运行就行")
    if s["fill"] != "#d02020" or t.isascii()
]


@pytest.mark.parametrize(("style", "text"), CASES)
def test_size_colour_and_outline_are_found(style: Any, text: Any) -> None:
    image, box = drawn(text, **style)
    frame = frame_of(box)
    ink = find(image, box, frame)
    slot = slot_of(box, frame, ink, plain=True)
    assert slot.size == pytest.approx(40, abs=3)
    wanted: list[Any] = [
        Image.new("RGB", (1, 1), c).getpixel((0, 0)) for c in (style["fill"], style["ground"])
    ]
    for found, true in zip((ink.fill, ink.ground), wanted, strict=True):
        assert np.abs(np.subtract(found, true)).max() <= 12
    if "outline" in style:
        assert ink.outline is not None and ink.stroke == pytest.approx(style["stroke"], abs=0.8)
    else:
        assert ink.outline is None


@pytest.mark.slow
@pytest.mark.parametrize("caption_style", ["below", "bottom", "top"])
@pytest.mark.parametrize(
    ("old", "new"), [("MONDAY", "SLEEPY"), ("开饭", "救命"), ("NO WAY", "RAGE")]
)
def test_a_replaced_picture_is_nearly_the_one_drawn_with_the_new_caption(
    caption_style: str, old: str, new: str
) -> None:
    """The renderer is the independent reference; a reader trained on it reads both alike."""
    scene = Scene("dog", "city", "waves", "happy", "cup", old, caption_style)
    before, after = picture(scene), picture(scene.with_caption(new)).astype(int)
    found = read_image(before, load_engine("rapidocr", 1))
    assert exact(old, found.text)
    off = np.abs(replace(before, found, new) - after).max(axis=2) > 80
    empty = picture(scene.with_caption("")).astype(int)
    letters = (np.abs(after - empty).max(axis=2) > 80).sum()
    assert off.sum() < 0.6 * letters  # within a pixel; three pixels off give over 0.7
    gone = np.abs(erase(before, found) - empty).max(axis=2) > 40
    assert gone.sum() < 0.12 * letters


def test_what_stands_beside_the_letters_stays() -> None:
    """A dark bar through the corner of the box is a thing of the picture, not a letter."""
    image, box = drawn("OH NO")
    image = image.copy()
    left, top, right, _ = (round(v) for v in box.bounds)
    image[: top + 6, right - 4 : right + 4] = 30
    out = erase(image, Caption((box,)))
    assert (out[: top - 8, right - 3 : right + 3] == 30).all()
    assert (out[top + 12 : top + 40, left : right - 10] > 200).all()


@pytest.mark.slow
def test_a_tilted_caption_is_replaced_at_its_tilt() -> None:
    canvas = Image.new("RGB", (320, 240), "#d0d0d0")
    layer = Image.new("L", canvas.size)
    ImageDraw.Draw(layer).text((160, 120), "MONDAY", 255, font(40), anchor="mm")
    canvas.paste("black", (0, 0), layer.rotate(20, Image.Resampling.BICUBIC, center=(160, 120)))
    engine = load_engine("rapidocr", 1)
    found = read_image(np.asarray(canvas), engine)
    out = replace(np.asarray(canvas), found, "FRIDAY")
    again = read_image(out, engine)
    assert exact("FRIDAY", again.text)
    angles = [frame_of(c.caption_lines[0]).angle for c in (found, again)]
    assert angles[0] == pytest.approx(-20, abs=3) and angles[1] == pytest.approx(angles[0], abs=3)


def _slots(*lines: Line) -> list[Any]:
    made = []
    for li in lines:
        image, _ = drawn("x")
        frame = frame_of(li)
        made.append(slot_of(li, frame, find(image, li, frame), plain=True))
    return made


def test_lines_go_to_lines_blocks_and_are_wrapped() -> None:
    top, second = line("WHEN THE CODE", 40, 10, 280, 40), line("WORKS AT LAST", 40, 44, 280, 74)
    foot = line("BUT WHY", 100, 200, 220, 230)
    by_line = typeset("A\nB\nC", _slots(top, second, foot), 320, 240)
    assert [p.text for p in by_line] == ["A", "B", "C"]
    assert [p.slot.line.text for p in by_line] == ["WHEN THE CODE", "WORKS AT LAST", "BUT WHY"]
    (one,) = typeset("ALONE", _slots(top, second, foot), 320, 240)
    assert one.slot.line in (top, second)  # the larger block
    wrapped = typeset(
        "someone has to read all of this text and more", _slots(top, second), 320, 240
    )
    assert len(wrapped) > 1
    assert " ".join(p.text for p in wrapped) == "someone has to read all of this text and more"
    for p in (*by_line, *wrapped):
        half = font(p.size).getlength(p.text) / 2
        assert p.x - half >= 0 and p.x + half <= 320 and 0 < p.baseline <= 240


@pytest.mark.slow
@pytest.mark.parametrize(
    "file", ["ep_004.jpg", "ep_023.jpg", "ep_055.jpg", "mg_001.png", "mg_014.png"]
)
def test_real_memes(memes_dir: Path, file: str) -> None:
    """A few files; benchmarks.edits does them all."""
    rows = [json.loads(li) for li in (memes_dir / "manifest.jsonl").read_text("utf-8").splitlines()]
    row = next(r for r in rows if r["file"].endswith(file))
    engine = load_engine("rapidocr", 1)
    (frame,) = open_clip(memes_dir / row["file"]).frames([0])
    found = read_image(frame.pixels, engine)
    gone = read_image(erase(frame.pixels, found), engine).text
    assert not normalise(gone) or cer(row["caption"], gone) > 0.5
    new = "今天也要加油" if "zh" in row["group"] else "IT WORKS ON MONDAY"
    again = read_image(replace(frame.pixels, found, new), engine)
    assert normalise(new, variants=True) in [normalise(li.text, True) for li in again.lines]


@pytest.mark.parametrize(
    "text", ["WHEN THE CODE WORKS", "Mixed Case, and so on!", "我觉得很好", "OK，没毛病 2"]
)
def test_non_words_keep_all_but_the_letters(text: str) -> None:
    strange = non_word(text, 3)
    assert strange == non_word(text, 3) != non_word(text, 4)
    assert len(strange) == len(text) and not missing_glyphs(strange)
    for a, b in zip(text, strange, strict=True):
        assert a.isascii() == b.isascii() and a.isupper() == b.isupper()
        assert a.isalpha() == b.isalpha() and (a.isalpha() or a == b)


def test_non_words_are_no_words() -> None:
    """English: they begin as no English word does. Chinese: nothing of the project's own texts."""
    from meme_sets.world.vocabulary import captions

    words = [w.lower() for i in range(300) for w in non_word("Whatever Happens Then", i).split()]
    assert all(w[:2] in ONSETS for w in words) and len(set(words)) > 700
    assert not [o for o in ONSETS if o in ("st", "tr", "bl", "sk", "wh", "th")]
    pairs = {c[i : i + 2] for c in captions("zh") for i in range(len(c) - 1)}
    assert not [a + b for a in POOL for b in POOL if a + b in pairs]
    assert len(set(POOL)) == len(POOL)
    assert non_word("") == "" and non_word("12 %") == "12 %"


def test_colours_are_as_far_from_each_other_as_numpy_says_to_the_last_bit() -> None:
    """A bit less or more moves a pixel to another cluster, and the edit's pixels with it."""
    rng = np.random.default_rng(5081)
    for size in (1, 7, 4001):
        pixels = rng.uniform(0, 255, (size, 3)).astype(np.float32)
        colours = rng.uniform(0, 255, (5, 3)).astype(np.float32)
        wanted = np.linalg.norm(pixels[:, None] - colours[None], axis=2)
        found = gaps(pixels, colours)
        assert found.dtype == np.float32 and np.array_equal(found.T, wanted)


def test_each_pixel_belongs_to_the_colour_nearest_to_it() -> None:
    rng = np.random.default_rng(5082)
    crop = rng.choice(np.array([[250, 250, 250], [10, 10, 10], [200, 30, 40]], np.uint8), (30, 60))
    labels, colours = clusters(crop)
    assert len(colours) == 3 and labels.shape == (30, 60)
    assert np.array_equal(np.round(colours)[labels].astype(np.uint8), crop)


@pytest.mark.parametrize("text", ["尴尬", "上瘾", "回眸一笑", "啵啵", "巅峰", "畢業後妳還憂鬱嗎"])
def test_words_of_memes_can_be_drawn(text: str) -> None:
    assert not missing_glyphs(text)


def test_thin_letters_go_with_their_rim() -> None:
    """Letters reduced to a quarter are grey where a stroke is thin; a bar of the picture beyond the
    line keeps the box from being filled with the ground."""
    text, size = "请我们吃饭", 20
    large = Image.new("L", (800, 400), 250)
    ImageDraw.Draw(large).text((400, 240), text, 16, font(4 * size), anchor="mm")
    bold = np.asarray(large)
    thin = np.maximum(bold, np.roll(bold, 8, axis=0))
    thin = np.maximum(thin, np.roll(thin, 4, axis=1))
    small = np.asarray(Image.fromarray(thin).resize((200, 100), Image.Resampling.BOX))
    image = np.stack([small] * 3, axis=2).copy()
    half = int(font(4 * size).getlength(text) / 8)
    left, top, right, bottom = 100 - half, 47, 100 + half, 73
    image[top - 8 : top - 2, left : right + 30] = 20
    out = erase(image, Caption((line(text, left - 2, top, right + 2, bottom),)))
    assert image[top:bottom, left:right].min() < 50 < 200 < out[top:bottom, left:right].min()
    assert (out[top - 8 : top - 5, left:right] == 20).all()


def letters_in_the_grounds_colours(seed: int) -> np.ndarray:
    """White letters without an outline on patches of white and brown."""
    rng = np.random.default_rng(seed)
    size = 400, 300
    noise = cv2.resize(
        rng.normal(size=(30, 40, 3)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC
    )
    tone = cv2.resize(
        rng.uniform(0, 1, (4, 5)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC
    )
    base = np.where(tone[..., None] > 0.5, [245, 240, 232], [190, 150, 110])
    image = Image.fromarray(np.clip(base + 18 * noise, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for at, fill in (((201, 251), (150, 130, 110)), ((200, 250), (246, 244, 240))):
        draw.text(at, "你今晚住同学家", fill, font(44), anchor="mm")
    return np.asarray(image)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 44, 52, 56])
def test_what_the_letters_cannot_be_told_from_goes_with_them(seed: int) -> None:
    image = letters_in_the_grounds_colours(seed)
    edits = CaptionEdits(OcrReader(), Cache(None))
    gone = edits.edited(image, pixel_sha256(image), "")
    assert not normalise(read_image(gone, load_engine("rapidocr", 1)).text)
