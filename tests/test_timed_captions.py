"""Captions with their times that a set gives: what is told, erased and replaced is what shows."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frames import Frame
from meme_sets import Item, load_set
from memeprobe.conditions.table import conditions
from memeprobe.running.trials import asked
from memeprobe.stimuli.caption_reader import OcrReader, Unreadable
from memeprobe.stimuli.spans import captions_at, with_shown_caption
from memeprobe.stimuli.stimuli import Stimuli, StimulusMaker
from memeprobe.workers import worker
from ocr import Caption, Line, load_engine, read_image
from ocr.known_caption import with_known_caption
from tests.test_ocr_engines import meme

SHOWN = ["", "我错了", "别打我", ""]
"""What each second of the drawn clip says in its middle; its name stands above all the time."""


def line(text: str, top: float) -> Line:
    return Line(text, 0.99, ((0, top), (90, top), (90, top + 20), (0, top + 20)))


@pytest.mark.parametrize(
    ("known", "read", "caption"),
    [
        ("OH NO", ["OH NO", "@somebody"], ["OH NO"]),
        ("this is some text", ["THIS IS", "some text", "me"], ["THIS IS", "some text"]),
        ("我错了 别打我", ["我错了", "别打我", "表情包"], ["我错了", "别打我"]),
        ("几十行代码", ["几千行代码", "几"], ["几千行代码"]),
        ("wait", ["monday", "coffee"], []),
        ("？？？", ["？？？", "!!!"], ["？？？"]),
    ],
)
def test_the_lines_of_a_known_caption_are_found(
    known: str, read: list[str], caption: list[str]
) -> None:
    told = with_known_caption(Caption(tuple(line(t, 30 * i) for i, t in enumerate(read))), known)
    assert [li.text for li in told.caption_lines] == caption
    assert sorted(li.text for li in told.lines) == sorted(read)


def item(**more: object) -> Item:
    times = [{"text": t, "start_ms": 1000 * i, "end_ms": 1000 * i + 1000} for i, t in SPANS]
    row = {"id": "a", "media": "a.webp", "kind": "caption", "captions": tuple(times), **more}
    return Item.model_validate(row)


SPANS = [(i, text) for i, text in enumerate(SHOWN) if text]


def frame(start: int, length: int) -> Frame:
    return Frame(np.zeros((4, 4, 3), np.uint8), 0, start, length)


def test_a_frame_shows_the_captions_of_its_time() -> None:
    assert captions_at(frame(1000, 100), item()) == ["我错了"]
    assert captions_at(frame(1900, 180), item()) == ["我错了"]
    assert captions_at(frame(1940, 180), item()) == ["别打我"]
    assert captions_at(frame(3000, 500), item()) == []
    assert captions_at(frame(0, 0), item()) == ["我错了", "别打我"]  # a still
    shown = [frame(2500, 100), frame(0, 100), frame(2600, 100)]
    assert with_shown_caption(item(), shown).caption == "别打我"
    assert with_shown_caption(item(), shown[1:2]).caption == ""
    assert with_shown_caption(item(caption="我错了"), shown).caption == "我错了"


def drawn(folder: Path, cues: str, **fields: object) -> Stimuli:
    """The material of a set of one clip, at all four of its frames."""
    pictures = [
        meme(("表情包日常", 160, 40, 30), *([(text, 160, 205, 40)] if text else []))
        for text in SHOWN
    ]
    for i, picture in enumerate(pictures):
        pictures[i] = picture.copy()
        pictures[i][:4, : 60 + 60 * i] = (200, 30, 30)  # no two frames are equal
    (folder / "a.webp").write_bytes(encoded(pictures))
    (folder / "a.vtt").write_text(f"WEBVTT\n\n{cues}", "utf-8")
    (folder / "set.yaml").write_text("name: x\ntitle: x\ndescription: x\nlicence: MIT\n", "utf-8")
    row = {
        "id": "a",
        "media": "a.webp",
        "kind": "topic",
        "question": "What is it about?",
        "options": ["sorry", "hurry"],
        "gold": 0,
        **fields,
    }
    (folder / "items.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    chosen = load_set(folder)
    return StimulusMaker(chosen, 4, "uniform_index", OcrReader()).material(chosen.items[0])


def encoded(pictures: list[np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    first, *rest = map(Image.fromarray, pictures)
    first.save(buffer, "WEBP", save_all=True, append_images=rest, duration=1000, lossless=True)
    return buffer.getvalue()


BOTH = "00:01.000 --> 00:02.000\n我错了\n\n00:02.000 --> 00:03.000\n别打我\n"


def said(picture: np.ndarray) -> list[str]:
    return [li.text for li in read_image(picture, load_engine("rapidocr", 1)).lines]


@pytest.mark.slow
def test_what_the_keyframes_show_is_told_and_erased(tmp_path: Path) -> None:
    material = drawn(tmp_path, BOTH)
    assert material.captions() == SHOWN
    assert material.item.caption == "我错了\n别打我"
    table = conditions(4)
    told = asked(table["told"], material, "en", "native").query
    assert told is not None
    assert 'says: "我错了 别打我"' in told.text
    read = asked(table["transcribe"], material, "en", "native")
    assert read.detail["shown_caption"] == "我错了\n别打我"
    assert not table["nonword"].fits(material)
    erased = asked(table["erased"], material, "en", "native").query
    assert erased is not None
    for before, after, text in zip(material.keyframes, erased.images, SHOWN, strict=True):
        # The name above is no caption, whatever OCR would take it for.
        assert said(after) == ["表情包日常"]
        assert np.array_equal(before, after) == (not text)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_asks_again_as_the_run_asked(tmp_path: Path, language: str) -> None:
    material = drawn(tmp_path, BOTH)
    names = ["told", "transcribe"]
    again = worker.item(b"", str(tmp_path), "a", names, 4, "uniform_index", language=language)
    prompts = {event["name"]: event["prompt"] for event, _ in again}
    for name in names:
        query = asked(conditions(4)[name], material, language, "native").query
        assert query is not None and prompts[name] == query.text


@pytest.mark.slow
def test_a_caption_is_replaced_where_the_set_says_that_it_shows(tmp_path: Path) -> None:
    other = {"caption": "快跑", "gold": 1}
    material = drawn(tmp_path, BOTH, caption="别打我", counterfactual=other)
    found = [said(picture) for picture in material.replaced()]
    shown = [{"表情包日常", *([text] if text else [])} for text in ("", "我错了", "快跑", "")]
    assert list(map(set, found)) == shown


@pytest.mark.slow
def test_times_without_the_caption_are_no_edit(tmp_path: Path) -> None:
    wrong = drawn(tmp_path, "00:00.000 --> 00:01.000\n我错了\n")
    with pytest.raises(Unreadable, match="OCR does not find the caption '我错了'"):
        wrong.erased()
    none = drawn(tmp_path, "00:09.000 --> 00:10.000\n我错了\n", caption="我错了")
    with pytest.raises(Unreadable, match="no keyframe shows the caption '我错了'"):
        none.erased()
    away = drawn(tmp_path, f"{BOTH}".replace("00:0", "00:1").replace("我错了", "x"))
    assert away.item.caption == ""
    assert not conditions(4)["told"].fits(away)
