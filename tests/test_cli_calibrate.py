"""``memeprobe calibrate`` says how far it is, for machines too: a page shows it while one waits."""

import json
from typing import Any

import pytest

from memeprobe.calibrate.certificate import Certificate, Judged
from tests.command_line import CommandLine


def test_progress_goes_beside_the_answer(
    memeprobe: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calibration itself is left out here; tests/test_probes_calibrate.py has it."""

    def short(pool: Any, seeds: Any, preset: str, progress: Any) -> Certificate:
        progress(3, 20, "first-frame")
        fair = Judged(frozenset({"flat"}), {"flat": 1}, None)
        return Certificate(preset, len(seeds), 12, {"fair": {"first_frame": fair}})

    monkeypatch.setattr("memeprobe.calibrate.make_pool", lambda *_, **__: None)
    monkeypatch.setattr("memeprobe.calibrate.calibrate", short)
    code, out, error = memeprobe("calibrate", "--json", "--seeds", "1")
    assert json.loads(out)["seeds"] == 1
    assert error.index("preparing the pictures") < error.index("3 of 20: first-frame")
    assert code == 0
