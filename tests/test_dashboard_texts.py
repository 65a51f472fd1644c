"""What the pages say: both languages, headlines, downloads, the picture to share."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from memeprobe.conditions.presets import PRESETS
from memeprobe.dashboard.ui.texts import TEXTS, Texts
from memeprobe.messages import VERDICTS, headline, labels
from memeprobe.store.queries import FILTERS
from memeprobe.workers import batch
from ocr import KEYFRAME_POLICIES
from tests.app_test import app
from tests.conftest import ROOT


def test_every_text_is_there_in_both_languages_and_used() -> None:
    # Inside an f-string the quotes are single ones.
    used = "".join(
        p.read_text("utf-8")
        for p in (ROOT / "memeprobe" / "dashboard").rglob("*.py")
        if not p.name.startswith("texts")
    ).replace("'", '"')
    built = (
        "as_",
        "format_",
        "sort_",
        "policy_",
        "state_",
        "outcome_",
        "flips_",
        "label_",
        "filter_",
        "preset_",
        "model_",
    )
    for key, (english, chinese) in TEXTS.items():
        assert english.strip() and chinese.strip(), key
        fields = [set(re.findall(r"{(\w+)", t)) for t in (english, chinese)]
        assert fields[0] == fields[1], key
        assert f'"{key}"' in used or key.startswith(built), f"{key} is used nowhere"


@pytest.mark.parametrize(
    ("reference", "found", "plain"),
    [
        ("MOMMY", "mommy", "mommy"),
        ("HELLO", "HELO", "HEL<del>L</del>O"),
        ("别打我", "别打我们", "别打我<ins>们</ins>"),
        ("HELLO", "oh no", "<del>HELLO</del><ins>oh no</ins>"),
        ("<b>", "", "<del>&lt;b&gt;</del>"),
    ],
)
def test_differences_are_marked(reference: str, found: str, plain: str) -> None:
    from memeprobe.dashboard.ui.pictures import difference

    assert difference(reference, found) == f'<span class="mp-diff">{plain}</span>'


@pytest.mark.slow
def test_every_choice_has_a_text_and_a_new_one_keeps_its_name(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, table in (
        ("policy", KEYFRAME_POLICIES),
        ("filter", FILTERS),
        ("state", batch.STATES),
    ):
        for name in table:
            assert f"{kind}_{name}" in TEXTS, name
    assert set(labels.PRESETS) == set(PRESETS)
    monkeypatch.setitem(PRESETS, "one_more", PRESETS["quick"])
    at = app("runs").run()
    assert not at.exception
    assert at.selectbox(key="preset").options[1:] == [
        "standard: what every verdict needs, 120 items",
        "full: every condition on every item",
        "one_more: one more",
    ]


def test_verdicts_have_a_headline_without_numbers() -> None:
    for verdict, sentences in VERDICTS.items():
        for key in sentences:
            for text in headline(verdict, key):
                assert "{" not in text and len(text) < 60, (verdict, key)
    assert headline("first_frame", "flat") == ("No first-frame bias", "没有首帧偏差")


def test_one_is_singular() -> None:
    assert Texts("en")("set_is_fine", n=1) == "The set is fine: 1 item."
    assert Texts("en")("set_is_fine", n=21) == "The set is fine: 21 items."
    assert Texts("zh")("set_is_fine", n=1) == "题集没有问题：1 道题。"


def test_every_case_of_the_calibration_is_said_in_both_languages() -> None:
    from memeprobe.calibrate.subjects import CASES

    assert set(CASES) == set(labels.SUBJECTS) | set(labels.CASES)


def test_nothing_is_minus_zero() -> None:
    from memeprobe.dashboard.ui.charts import points
    from memeprobe.messages import exactly
    from memeprobe.messages.notes import percent
    from memeprobe.stats import Interval

    low = Interval(-0.0004, -0.004, 0.06, 40)
    assert percent(low) == "0 % [0, 6]" and exactly(low) == "0.0 % [-0.4, 6.0]"
    assert points(low.as_json()) == "+0.0 [-0.4, 6.0]"


@pytest.mark.slow
def test_receipts_and_answers_download_as_json(workspace: Path) -> None:
    at = app("explore").run()
    at.selectbox(key="example").select("captions-001").run()
    at.button(key="ask").click().run()
    told = json.loads(at.json[0].value)
    assert told[0]["receipt"]["frames_shown"] == 1


def test_the_picture_to_share_draws_chinese_and_marks_the_frame_that_is_followed() -> None:
    import io

    import numpy as np
    from PIL import Image

    from memeprobe.dashboard.explore import share_image

    frames = [(0, np.full((60, 80, 3), 255, np.uint8)), (7, np.full((60, 80, 3), 255, np.uint8))]
    told: dict[str, Any] = {
        "file": "猫.gif",
        "question": "图上写了什么字？",
        "model": "m",
        "kind": "gif",
        "width": 80,
        "height": 60,
        "frames": 9,
        "duration_ms": 900,
        "captions": [],
        "follows": {"concat": [7]},
        "keyframes": [{"index": i, "start_ms": 100 * i, "duration_ms": 100} for i in (0, 7)],
        "first_picture": {"concat": {"text": "No.", "text_zh": "否。"}},
        "answers": [
            {"condition": c, "delivery": "concat", "text": t, "error": None}
            for c, t in (("single@1", "一"), ("single@2", "二"), ("keyframes", "二"))
        ],
    }
    picture = np.asarray(Image.open(io.BytesIO(share_image.draw(Texts("zh"), frames, told))))
    blue = (picture == (0, 0x72, 0xB2)).all(axis=2)
    border = (blue.sum(axis=1) > 200).nonzero()[0]  # the marked frame's upper edge, not a letter's
    assert blue[border[0]].nonzero()[0].min() > 300  # around the second picture only
    assert (picture[70:140] < 80).all(axis=2).sum() > 500  # the question is drawn
    told["answers"][0]["text"] = "一只猫坐在窗台上，看着外面的鸟，然后跳了下去，不见了"
    longer = np.asarray(Image.open(io.BytesIO(share_image.draw(Texts("zh"), frames, told))))
    assert longer.shape[0] - picture.shape[0] == 64  # three lines of a frame's answer, not one


SCRIPTS = "– € Ω ж か カ 한 글 鸭 😂 🐼 ❤ 🔥 👍"


def test_the_picture_to_share_draws_what_people_write_and_enlarges_small_gifs() -> None:
    import numpy as np
    from PIL import Image, ImageDraw

    from memeprobe.dashboard.explore import share_image
    from memeprobe.fonts import MORE_PATH, font, pieces

    blank = np.asarray(font(40, MORE_PATH).getmask("□")).tolist()
    for character in SCRIPTS.replace(" ", ""):
        ((piece, path),) = pieces(character)
        drawn = font(40, path).getmask(piece)
        assert piece == character and np.asarray(drawn).any(), character
        assert np.asarray(drawn).tolist() != blank, character
    assert [p for p, _ in pieces("\U0001e900")] == ["□"]  # a letter of Adlam
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f466"
    assert [p for p, _ in pieces(f"👍\U0001f3fd ok {family} ❤\ufe0f")] == [
        "👍", " ok ", family.replace("\u200d", ""), " ", "❤"
    ]  # fmt: skip
    small = share_image.enlarged(np.full((20, 30, 3), 9, np.uint8), 262, 230)
    assert small.size == (240, 160)
    assert share_image.enlarged(np.zeros((900, 1200, 3), np.uint8), 262, 230).size == (262, 196)
    lines = share_image.wrapped("one two three four five six " * 20, 30, 400, 3)
    assert len(lines) == 3 and lines[-1].endswith("…")
    assert all(share_image.length(line, 30) <= 400 for line in lines)
    page = share_image._Page()
    page.line(SCRIPTS, 40, "#000000", 40, 40)
    bare = Image.new("RGB", page.image.size, "#ffffff")
    ImageDraw.Draw(bare).text((40, 40), SCRIPTS, "#000000", font(40))
    ink = [(np.asarray(i)[30:110, 40:640] < 90).all(axis=2).sum() for i in (page.image, bare)]
    assert ink[0] > 1000 and ink[0] != ink[1]


def test_the_picture_to_share_bears_warning_file_and_date() -> None:
    """Each of them changes the picture, so each is drawn."""
    import io
    from datetime import date

    import numpy as np
    from PIL import Image

    from memeprobe.dashboard.explore import share_image

    told = {
        "file": "a.gif",
        "question": "What?",
        "model": "m",
        "kind": "gif",
        "width": 8,
        "height": 6,
        "frames": 2,
        "duration_ms": 200,
        "captions": [],
        "follows": {},
        "keyframes": [{"index": 0, "start_ms": 0, "duration_ms": 100}],
        "first_picture": {"concat": {"text": "Cannot tell.", "text_zh": "无法判断。"}},
        "answers": [],
    }
    frames = [(0, np.zeros((6, 8, 3), np.uint8))]

    def drawn(day: int = 1, caution: str | None = None, **change: object) -> np.ndarray:
        made = share_image.draw(
            Texts("en"), frames, {**told, **change}, caution, date(2026, 1, day)
        )
        return np.asarray(Image.open(io.BytesIO(made)).convert("RGB"))

    plain = drawn()
    assert (plain == drawn()).all()
    for other in (drawn(2), drawn(file="b.gif"), drawn(first_picture={})):
        assert other.shape != plain.shape or (other != plain).any()
    axis, none = [
        ((drawn(frames=n) == (0x5A, 0x5A, 0x5A)).all(axis=2).sum(axis=1) > 500).any()
        for n in (2, 1)
    ]
    assert axis and not none  # a still has no time
    red = (drawn(caution="This answer means nothing.") == (0xB0, 0, 0x20)).all(axis=2)
    assert red.sum() > 300 and not (plain == (0xB0, 0, 0x20)).all(axis=2).any()
