"""A run among MLflow's: its parameters, its figures with their limits, its report and its answers.

A run that was logged before is brought up to date, never logged twice.
"""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from memeprobe.report.export import comma_separated
from memeprobe.report.stored import ExportError, Stored
from memeprobe.stats import Interval
from memeprobe.visible import visible, visible_json

TAG = "memeprobe.run"
LONGEST = 5000
"""Characters of a tag or parameter; MLflow takes no more of them than about that."""


def log_to_mlflow(run: Stored, report: str, to: str | None, experiment: str) -> tuple[str, str]:
    """Log the run; returns MLflow's (experiment id, run id).

    ``report``: its HTML. ``to``: a tracking URI or a folder; None: the one that MLflow is set up
    with. Raises ExportError: mlflow is not installed, or it refuses.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nobody is told of a run
    try:
        import mlflow
    except ImportError:
        raise ExportError(
            'logging to MLflow needs it: pip install "memeprobe[formats]" '
            "(or pip install mlflow-skinny)"
        ) from None
    if to is not None and re.match(r"\w+:", to) is None:
        to = Path(to).resolve().as_uri()
    if to is not None and to.startswith("file:"):
        os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # it was asked for
    try:
        client = mlflow.MlflowClient(tracking_uri=to)
        return _logged(client, run, report, experiment)
    except mlflow.exceptions.MlflowException as error:
        raise ExportError(f"MLflow refuses: {' '.join(str(error).split())}") from error


def _logged(client: Any, run: Stored, report: str, experiment: str) -> tuple[str, str]:
    there = client.get_experiment_by_name(experiment)
    place = there.experiment_id if there is not None else client.create_experiment(experiment)
    name = run.record.run
    before = client.search_runs([place], f"tags.`{TAG}` = '{name}'", max_results=1)
    made = before[0] if before else client.create_run(place, tags={TAG: name})
    known = made.info.run_id
    for key, value in _parameters(run).items():
        if key not in made.data.params:  # MLflow's parameters are written once
            client.log_param(known, key, value)
    for key, value in {"mlflow.runName": _title(run), **_tags(run)}.items():
        client.set_tag(known, key, value)
    for key, number in figures(run).items():
        client.log_metric(known, key, number)
    with tempfile.TemporaryDirectory() as folder:
        beside = Path(folder)
        (beside / "report.html").write_text(report, "utf-8")
        comma_separated(run, beside / "trials.csv")
        result = json.dumps(run.result.as_json(), ensure_ascii=False, indent=1)
        (beside / "result.json").write_text(visible_json(result), "utf-8")
        client.log_artifacts(known, str(beside))
    client.set_terminated(known, "FINISHED" if run.record.done >= run.record.planned else "KILLED")
    return str(place), str(known)


def _title(run: Stored) -> str:
    record = run.record
    return visible(f"{record.model} on {record.set}, {record.delivery}")[:250]


def _parameters(run: Stored) -> dict[str, str]:
    names = ("set", "model", "revision", "delivery", "k", "policy", "language", "scoring", "seed")
    found = {name: getattr(run.record, name) for name in (*names, "engine", "content")}
    return {name: visible(str(value))[:LONGEST] for name, value in found.items()}


def _tags(run: Stored) -> dict[str, str]:
    made = run.record.provenance
    command = {} if made is None else {"memeprobe.command": made.command}
    verdicts = {f"verdict.{name}": f"{v.key}: {v.text}" for name, v in run.result.reached.items()}
    return {key: visible(text)[:LONGEST] for key, text in {**command, **verdicts}.items()}


def figures(run: Stored) -> dict[str, float]:
    """Metric -> number: 'accuracy/keyframes' with 'accuracy_low/keyframes' and '..._high/...';
    measures likewise under 'measure'."""
    found: dict[str, float] = {}
    result = run.result
    for kind, values in (
        ("accuracy", {name: tally.accuracy for name, tally in result.conditions.items()}),
        ("measure", dict(result.measures)),
    ):
        for name, value in values.items():
            found |= _limits(kind, re.sub(r"[^\w. /-]", ".", name), value)
    return found


def _limits(kind: str, name: str, found: Interval) -> dict[str, float]:
    plain = found.as_json()
    ends = {f"{kind}/{name}": plain["value"], f"{kind}_n/{name}": found.n}
    ends |= {f"{kind}_{end}/{name}": plain[end] for end in ("low", "high")}
    return {key: float(value) for key, value in ends.items() if value is not None}
