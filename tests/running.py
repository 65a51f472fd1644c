"""Runs of tests: an experiment made on the spot, and run."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meme_sets import MemeSet
from memeprobe import jobs
from memeprobe.cli import app as cli
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import ModelFacts, Plan, RunSize
from memeprobe.experiment.spec import RunSpec
from memeprobe.running import runner
from memeprobe.store.store import Store
from memeprobe.verdicts.run_result import RunResult
from vlm import Model


def run(
    spec: RunSpec,
    meme_set: MemeSet,
    model: Model,
    store: Store,
    judge: Model | None = None,
    **more: Any,
) -> str:
    """The id of the run."""
    return runner.run(Experiment.of(spec, meme_set, model, judge=judge), store, **more)


def run_and_analyse(spec: RunSpec, meme_set: MemeSet, model: Model, store: Store) -> RunResult:
    """The result of the run."""
    return jobs.run_and_analyse(Experiment.of(spec, meme_set, model), store)


def plan(spec: RunSpec, meme_set: MemeSet, model: Model) -> RunSize:
    """How much the run would ask."""
    return Plan.of(spec, meme_set, ModelFacts.of(model)).size


def command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Path
) -> Callable[..., tuple[int, str, str]]:
    """Calls the command line in this process: (exit code, stdout, stderr)."""
    monkeypatch.setenv("MEMEPROBE_WORKSPACE", str(store))
    monkeypatch.setenv("COLUMNS", "160")

    def call(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["memeprobe", *map(str, args)])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
