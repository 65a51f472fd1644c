"""The page of the calibration, while one runs and when one was killed."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from memeprobe.dashboard.calibration import _how_far
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.workers import batch
from tests.app_test import app
from tests.not_none import not_none


@pytest.mark.slow
def test_a_calibration_that_was_killed_is_said_to_have_ended(workspace: Path) -> None:
    job = batch.start("calibrate", ("--seeds", "20"), workspace, {})
    while "fair" not in job.log() and job.state == "running":
        time.sleep(0.05)
    os.kill(not_none(job.pid), signal.SIGKILL)
    while job.state == "running":
        time.sleep(0.05)
    at = app("calibration").run()
    assert not at.exception
    assert any("ended from outside" in w.value for w in at.warning)
    assert at.button(key="calibrate")


@pytest.mark.slow
def test_how_far_a_calibration_is_stands_on_the_page_in_its_language(workspace: Path) -> None:
    """By what the command itself says, which is English."""
    job = batch.start("calibrate", ("--seeds", "40"), workspace, {})
    seen: set[str] = set()
    while job.state == "running" and len(seen) < 3:
        place, told = _how_far(Texts("zh"), job)
        assert 0 <= place < 1 and "preparing" not in told
        seen.add(told)
        time.sleep(0.05)
    batch.cancel(job)
    assert "正在准备每个条件的画面……" in seen
    assert any(re.fullmatch(r"第 \d 个对象，共 \d+ 个：known\\:.+", told) for told in seen)
