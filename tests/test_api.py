"""The public Python API: what the README's lines do, and that importing it is light."""

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import memeprobe as mp
from memeprobe.api.table import COLUMNS
from tests.colour_set import Eye, write_set
from tests.conftest import ROOT

pytestmark = pytest.mark.usefixtures("no_rechecks")


@pytest.fixture
def gif() -> Path:
    return mp.load_set("reveal").media_path(mp.load_set("reveal").items[0])


def test_importing_it_loads_nothing_heavy_and_every_name_is_there() -> None:
    heavy = ("torch", "transformers", "rapidocr", "onnxruntime", "scipy", "cv2", "pandas")
    code = f"import sys, memeprobe; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"
    for name in mp.__all__:
        assert getattr(mp, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mp.nothing  # type: ignore[attr-defined]  # noqa: B018
    stub = (Path(inspect.getfile(mp)).parent / "__init__.pyi").read_text("utf-8")
    assert all(f"{name} as {name}" in stub for name in mp.__all__)


@pytest.mark.slow
def test_one_meme(gif: Path) -> None:
    clip = mp.open_clip(gif)
    shown = mp.keyframes(clip, 3)
    assert len(clip) > 3 and len(shown) == 3 and shown[0].pixels.dtype == np.uint8
    look = mp.look(gif, Eye(), "Which colour?", k=3)
    assert [a.condition for a in look.answers][:3] == ["single@1", "single@2", "single@3"]
    assert look.captions == mp.captions(gif)
    page = look._repr_html_()
    beside = 0 not in [frame.index for frame in look.keyframes]  # the file's first frame
    assert page.count("<img") == 3 + beside and "Which colour?" in page and "<script" not in page
    assert clip._repr_html_().count("<img") == min(8, len(clip))


@pytest.mark.slow
def test_a_whole_set_is_run_opened_and_compared(workspace: Path, tmp_path: Path) -> None:
    write_set(tmp_path / "set")
    model, names = Eye(), ("first", "keyframes", "first_repeated")
    run = mp.run(tmp_path / "set", model, conditions=names, scoring="free", progress=False)
    asked = len(model.asked)
    again = mp.run(tmp_path / "set", model, conditions=names, scoring="free", progress=False)
    assert again == run and len(model.asked) == asked  # nothing is asked twice
    assert mp.open_run(run.id[:4]) == run
    assert [r.run for r in mp.list_runs()] == [run.id]
    assert set(run.verdicts) >= {"first_frame", "caption"}
    assert run.verdicts["caption"].key == "not_asked"
    assert run.measures["multi_frame_gain"].value == 1.0
    record = run.record.provenance
    assert record is not None and record.set_folder == str(tmp_path / "set")
    other = mp.run(
        tmp_path / "set", "known:blind", conditions=names, scoring="free", progress=False
    )
    compared = mp.compare(run, other)
    table = compared.to_pandas()
    assert set(table.condition) == set(names) and "No condition of 3" in compared.summary
    lost = table[table.condition == "keyframes"].iloc[0]
    assert (lost.gained, lost.lost) == (0, 4) or lost.difference < 0
    assert run.report(tmp_path / "r.html").read_text("utf-8").startswith("<!")
    cards = run._repr_html_()
    assert "eye on colours" in cards and "<script" not in cards


@pytest.mark.slow
def test_a_run_is_a_typed_table(workspace: Path, tmp_path: Path) -> None:
    write_set(tmp_path / "set")
    run = mp.run(
        tmp_path / "set", Eye(), conditions=("blind", "keyframes"), scoring="free", progress=False
    )
    table = run.to_pandas()
    assert list(table.columns) == list(COLUMNS) and len(table) == 12
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        name: dtype for name, (dtype, _) in COLUMNS.items()
    }
    by_hand = table[table.condition == "keyframes"]
    assert (by_hand.outcome == "right").all() and (by_hand.chosen == by_hand.gold).all()
    assert set(table.run) == {run.id} and set(table.model) == {"eye"}


@pytest.mark.slow
def test_a_loaded_model_is_recorded_as_it_was_asked_for(workspace: Path, tmp_path: Path) -> None:
    model = mp.load_model("blip-nano", device="cpu", dtype="float32")
    run = mp.run("reveal", model, conditions=("blind",), limit=1, progress=False)
    record = run.record.provenance
    assert record is not None and record.model_spec == "blip-nano"
    assert record.options() == mp.LoadOptions("cpu", "float32") and record.device == "cpu"
    assert record.set_folder is None  # built in: it comes with the package
    assert "--model blip-nano" in record.command and "--dtype float32" in record.command
