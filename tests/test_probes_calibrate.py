"""The certificate: known subjects are named, and a broken probe fails it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from frames import edits
from meme_sets import load_set
from memeprobe.calibrate import CASES, calibrate, make_pool
from memeprobe.calibrate.labels import LabelReader
from memeprobe.calibrate.subjects import SLIPS, Memory, rows_of
from memeprobe.conditions import mixed
from memeprobe.conditions.table import Condition
from memeprobe.experiment.spec import RunSpec
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.store import Store
from tests.running import run
from vlm.subjects import SUBJECTS

LIMIT = 64


@pytest.fixture(scope="module")
def pool() -> Any:
    return make_pool(limit=LIMIT)


@pytest.fixture(autouse=True)
def one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many items would do is left to the full certificate."""
    monkeypatch.setattr("memeprobe.calibrate.certificate.SIZES", ())


def test_every_known_subject_has_a_case() -> None:
    assert {c.subject for c in CASES.values()} == set(SUBJECTS)


@pytest.mark.slow
def test_subjects_are_named_by_the_probes(pool: Any) -> None:
    """Two seeds, half the size: strong biases show already. The full certificate runs 20 seeds."""
    found = calibrate(pool, range(2))
    said = {
        (name, verdict): set(one.said)
        for name, judged in found.subjects.items()
        for verdict, one in judged.items()
    }
    assert said["first-frame", "first_frame"] == {"first_frame_biased"}
    assert said["last-frame", "first_frame"] == {"last_frame_biased"}
    assert said["first-frame", "order"] == {"one_frame_decides"}
    assert said["fair", "caption"] == {"uses_caption"}
    assert said["prompt-copier", "caption"] == {"copies_prompt"}
    assert said["fair, first frame delivered", "first_frame"] == {"not_testable"}
    assert said["english-only", "language"] == {"better_in_english"}
    # With so few items caution is allowed, a wrong name is not.
    cautious = {"not_enough_items"}
    assert said["fair", "first_frame"] <= {"flat"} | cautious
    assert said["order-blind", "order"] <= {"order_blind"} | cautious
    assert said["caption-blind", "caption"] <= {"cannot_read"} | cautious
    assert said["blind", "first_frame"] <= {"blind"} | cautious
    assert found.false_alarms == 0
    json.dumps(found.as_json(), allow_nan=False)


def ignores_the_edit(condition: Condition) -> Condition:
    """Shows the pictures as they are, whatever the condition says."""
    if condition.shows == "original":
        return condition
    return replace(condition, images=lambda m: list(m.keyframes))


def always_first(condition: Condition) -> Condition:
    """Puts the decisive frame into the first slot, and never turns the clip round."""
    first = {
        "position": lambda m: edits.position(m.decisive, 0, 4),
        "among": lambda m: mixed.among(m, 1, 4),
        "lures": lambda m: mixed.lures(m, 1, 4),
        "reversed": lambda m: list(m.keyframes),
    }
    stem = condition.name.split("@")[0]
    return replace(condition, images=first[stem]) if stem in first else condition


@pytest.mark.slow
def test_a_probe_that_ignores_its_edit_fails_calibration(pool: Any) -> None:
    broken = make_pool(limit=LIMIT, alter=ignores_the_edit, sets=("captions",))
    parts = tuple(p for p in pool.parts if p.name == "reveal") + broken.parts
    found = calibrate(replace(pool, parts=parts), range(2), cases={"fair": CASES["fair"]})
    assert found.subjects["fair"]["caption"].rate == 0
    assert found.passed is False and found.as_json()["passed"] is False


@pytest.mark.slow
def test_a_curve_that_never_moves_the_frame_fails_calibration() -> None:
    broken = make_pool(limit=32, alter=always_first, sets=("reveal",))
    cases = {"first-frame": CASES["first-frame"]}
    found = calibrate(broken, range(2), cases=cases).subjects["first-frame"]["first_frame"]
    assert found.rate == 0 and found.needed is None


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["fair", "prompt-copier"])
def test_the_short_way_gives_what_a_real_run_gives(
    subject: str, pool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without slips, where nothing is guessed: the rows of the calibration are the runner's."""
    monkeypatch.setattr("memeprobe.calibrate.subjects.SLIPS", 0.0)
    part = next(p for p in pool.parts if p.name == "captions")
    items = tuple(i.id for i in part.items[:8])
    short = {(r.item, r.condition): r for r in rows_of(CASES[subject], part, items, 0, Memory())}
    meme_set = load_set("captions")
    reader = LabelReader(meme_set)
    model = ScriptedViewer(meme_set, reader=reader).subject(subject)
    seen = ("as_is", "replaced", "told", "told_wrong", "transcribe", "transcribe_nonword")
    spec = RunSpec("captions", model.name, limit=8, conditions=seen)
    with Store(tmp_path / "w.sqlite") as store:
        rows = store.outcomes(run(spec, meme_set, model, store, reader=reader))
    assert len(rows) >= 36
    for row in rows:
        mine = short[row.item, row.condition]
        for field in ("outcome", "chosen", "gold", "text", "intended", "shown", "testable"):
            assert getattr(mine, field) == getattr(row, field), (row.item, row.condition, field)


@pytest.mark.slow
def test_noise_is_fresh_with_each_seed_and_as_frequent_as_said(pool: Any) -> None:
    part = next(p for p in pool.parts if p.name == "reveal")
    items = tuple(i.id for i in part.items)
    memory, rows = Memory(), []
    for seed in range(3):
        rows.append(
            [
                r
                for r in rows_of(CASES["fair"], part, items, seed, memory)
                if r.condition == "decisive"
            ]
        )
    chosen = [tuple(r.chosen for r in several) for several in rows]
    assert len(set(chosen)) == 3
    wrong = [r.outcome == "wrong" for several in rows for r in several]
    assert 0 < sum(wrong) / len(wrong) < SLIPS + 4 * (SLIPS / len(wrong)) ** 0.5


def test_labels_know_the_caption_by_its_pixels_alone() -> None:
    meme_set = load_set("captions")
    reader = LabelReader(meme_set)
    item = next(i for i in meme_set.items if i.media.endswith(".png") and i.caption)
    from frames import open_clip

    (frame,) = open_clip(meme_set.media_path(item))
    assert reader.read(frame.pixels) == item.caption
    other = reader.replace(frame.pixels, "SOMETHING ELSE")
    assert reader.read(other) == "SOMETHING ELSE" and (other != frame.pixels).any()
    assert reader.read(reader.erase(frame.pixels)) == ""
    noisy = frame.pixels.copy()
    noisy[0, 0, 0] ^= 1
    assert reader.read(noisy) == ""
