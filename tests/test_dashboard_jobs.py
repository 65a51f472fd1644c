"""A job's line on the page Runs."""

from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe.experiment.spec import RunSpec
from memeprobe.workers import batch
from memeprobe.workers.run_request import begin, sized
from tests.app_test import app


@pytest.mark.slow
def test_a_job_says_nothing_of_what_was_not_chosen(workspace: Path) -> None:
    """As of a run begun over HTTP, where the delivery may be left out."""
    about = {"set_name": "x", "model": "known:fair", "delivery": None}
    batch.start("run", ["no-such-set"], workspace, about)
    shown = "\n".join(text.value for text in app("runs").run().markdown)
    assert " · x · all items" in shown and "None" not in shown
    spec = sized(RunSpec("order", "known:fair"), "quick")
    job, _ = begin(spec, load_set("order"), "order", "quick", workspace)
    batch.cancel(job)
    assert job.about["delivery"] == "native"
