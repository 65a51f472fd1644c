"""Servers of tests: one that does not heed its end is killed, one that does not start is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.served import end, server


@pytest.mark.slow
def test_a_process_that_does_not_heed_its_end_is_killed() -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{deaf}; time.sleep(600)"], stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None and process.stdout.readline()  # deaf by now
        end(process, 0.2)
        assert process.returncode == -9


@pytest.mark.slow
def test_a_server_that_does_not_start_is_told_at_once(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="nowhere"),
        server(tmp_path / "store.sqlite", tmp_path / "nowhere.py"),
    ):
        raise AssertionError("there is no such script")
