"""Runs among MLflow's, read back by its own client."""

import csv
from pathlib import Path

import pytest

from memeprobe.jobs import result_of
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.command_line import CommandLine
from tests.running import run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_rechecks")]


def test_mlflow_reads_parameters_figures_and_files(
    memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logged twice, it is there once."""
    mlflow = pytest.importorskip("mlflow", reason="needs mlflow: memeprobe[formats]")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    with Store(tmp_path / "store.sqlite") as store:
        wanted = plainly()
        name = run(wanted, write_set(tmp_path / "set"), Eye(), store)
        result, rows = result_of(store, name), store.outcomes(name)
    for _ in range(2):
        code, out, error = memeprobe("mlflow", name, "--to", tmp_path / "tracked")
        assert code == 0 and f"{name}: MLflow run" in out, error
    client = mlflow.MlflowClient(tracking_uri=(tmp_path / "tracked").as_uri())
    (experiment,) = [e for e in client.search_experiments() if e.name == "memeprobe"]
    (logged,) = client.search_runs([experiment.experiment_id])
    assert logged.info.status == "FINISHED"
    assert logged.data.params["model"] == "eye" and logged.data.params["k"] == "4"
    assert logged.data.tags["memeprobe.run"] == name
    assert result.reached
    for probe, said in result.reached.items():
        assert logged.data.tags[f"verdict.{probe}"] == f"{said.key}: {said.text}"
    for condition, tally in result.conditions.items():
        key, accuracy = condition.replace("@", "."), tally.accuracy
        for end, value in (("", accuracy.value), ("_low", accuracy.low), ("_high", accuracy.high)):
            assert logged.data.metrics[f"accuracy{end}/{key}"] == pytest.approx(value, abs=1e-4)
        assert logged.data.metrics[f"accuracy_n/{key}"] == accuracy.n
    folder = Path(client.download_artifacts(logged.info.run_id, "", str(tmp_path)))
    assert "<html" in (folder / "report.html").read_text("utf-8")
    with (folder / "trials.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)


def test_without_mlflow_it_says_what_to_install(
    memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    with Store(tmp_path / "store.sqlite") as store:
        wanted = plainly(conditions=("first",))
        name = run(wanted, write_set(tmp_path / "set", clips=1), Eye(), store)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    code, _, error = memeprobe("mlflow", name, "--to", tmp_path / "tracked")
    assert code == 2 and "pip install" in error and "memeprobe[formats]" in error
