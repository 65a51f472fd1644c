"""A run that was stopped half way is no whole one, wherever its figures are read."""

import json
from pathlib import Path

import pytest

from meme_sets import MemeSet
from memeprobe.errors import Stopped
from memeprobe.jobs import report, result_of, stored, write_export
from memeprobe.report.mlflow_log import log_to_mlflow
from memeprobe.store.rows import RunRecord
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.running import run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_rechecks")]
SPEC = plainly(conditions=("first", "keyframes", "reversed"))


def half(store: Store, colours: MemeSet) -> RunRecord:
    """A run during which somebody presses Ctrl-C."""

    def pressed(done: int, planned: int) -> None:
        if 0 < done < planned:
            raise KeyboardInterrupt

    with pytest.raises((Stopped, KeyboardInterrupt)):
        run(SPEC, colours, Eye(), store, progress=pressed)
    (found,) = store.runs()
    assert 0 < found.done < found.planned == 24
    return found


def texts(store: Store, run: str, folder: Path) -> dict[str, str]:
    """What the formats for people say of a run."""
    found = {"html": report(store, [result_of(store, run)])}
    for form in ("markdown", "latex", "every-eval-ever"):
        write_export(store, run, form, folder / form)
        found[form] = (folder / form).read_text("utf-8")
    return found


def test_what_was_not_asked_is_said(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "set", clips=8)
    with Store(tmp_path / "w.sqlite") as store:
        cut = half(store, colours)
        left = cut.planned - cut.done
        (note,) = (n for n in result_of(store, cut.run).notes if n.key == "unasked")
        assert f" {left} of its trials" in note.text and str(left) in note.text_zh
        said = texts(store, cut.run, tmp_path)
        assert note.text in said["html"] and note.text_zh in said["html"]
        for form in ("html", "markdown", "latex"):
            assert f"{cut.done} / {cut.planned}" in said[form], form
        details = json.loads(said["every-eval-ever"])["eval_library"]["additional_details"]
        assert details["trials asked"] == f"{cut.done} of {cut.planned}"
        assert run(SPEC, colours, Eye(), store) == cut.run
        assert not [n for n in result_of(store, cut.run).notes if n.key == "unasked"]
        assert not any("24 / 24" in text for text in texts(store, cut.run, tmp_path).values())


def test_mlflow_shows_a_stopped_run_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow", reason="needs mlflow: memeprobe[formats]")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    colours = write_set(tmp_path / "set", clips=8)
    place = str(tmp_path / "tracked")
    client = mlflow.MlflowClient(tracking_uri=Path(place).as_uri())
    with Store(tmp_path / "w.sqlite") as store:
        cut = half(store, colours)
        for expected, model in (("KILLED", None), ("FINISHED", Eye())):
            if model is not None:
                run(SPEC, colours, model, store)
            _, logged = log_to_mlflow(stored(store, cut.run), "<html>", place, "memeprobe")
            assert client.get_run(logged).info.status == expected
