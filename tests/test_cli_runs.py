"""Presets, deliveries, comparison and export as a user asks for them."""

import json
from pathlib import Path

import pytest

from tests.command_line import CommandLine

RUN = ("run", "reveal", "-c", "first", "-c", "keyframes", "-c", "blind", "--limit", 12)


@pytest.mark.slow
def test_a_run_says_beforehand_how_much_it_asks(memeprobe: CommandLine) -> None:
    code, _, err = memeprobe(*RUN, "-m", "known:fair")
    assert code == 0
    assert "12 items, 36 trials, at most 36 model calls, about" in " ".join(err.split())
    assert "measured on the first few" in " ".join(err.split())
    # The second time nothing needs to be measured, and nothing is left to ask.
    _, _, err = memeprobe(*RUN, "-m", "known:fair")
    said = " ".join(err.split())
    assert said.endswith("at most 36 model calls; answered already: 36")
    _, _, err = memeprobe(*RUN, "-m", "known:fair", "-k", 3)
    assert "36 model calls, about" in err and "as fast as in earlier runs" in " ".join(err.split())


@pytest.mark.slow
def test_every_delivery_of_a_model_is_a_run_of_its_own(memeprobe: CommandLine) -> None:
    code, out, _ = memeprobe(*RUN, "-m", "known:fair", "-d", "all", "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [f["delivery"] for f in found] == ["native", "grid", "vote", "first_only"]
    assert len({f["run"] for f in found}) == 4


@pytest.mark.slow
def test_runs_are_compared_and_exported(memeprobe: CommandLine, tmp_path: Path) -> None:
    runs = [
        json.loads(memeprobe(*RUN, "-m", f"known:{m}", "--json")[1])["run"]
        for m in ("first-frame", "fair")
    ]
    code, out, _ = memeprobe("compare", *runs, "--json")
    found = json.loads(out)["comparisons"][0]["conditions"]
    assert code == 0
    assert found["keyframes"]["difference"]["value"] > 0.5
    assert found["first"]["difference"]["value"] == 0
    assert len(found["keyframes"]["gained"]) >= 6
    code, out, _ = memeprobe("compare", *runs)
    assert code == 0 and "better under keyframes" in out
    for form, suffix in (("csv", "csv"), ("markdown", "md"), ("latex", "tex")):
        path = tmp_path / f"t.{suffix}"
        code, out, _ = memeprobe("export", runs[0], "--format", form, "-o", path)
        assert code == 0 and str(path) in out and path.stat().st_size > 200


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("run", "reveal", "-m", "known:fair", "-p", "standrad"), "did you mean 'standard'"),
        (("run", "reveal", "-m", "known:fair", "--scoring", "luck"), "unknown scoring 'luck'"),
        (("run", "reveal", "-m", "known:fair", "--judge", "nobody"), "unknown model 'nobody'"),
        (("run", "reveal", "-m", "known:fair", "-c", "sandwich"), "--translator"),
        (("export", "123", "--format", "xlsx"), "unknown format 'xlsx'"),
        (("export", "123"), "there is no store"),
        (("compare", "123", "456"), "there is no store"),
        (("calibrate", "--preset", "huge"), "unknown preset 'huge'"),
    ],
)
def test_bad_arguments(memeprobe: CommandLine, args: tuple[str, ...], says: str) -> None:
    code, out, err = memeprobe(*args)
    assert code == 2
    assert says in err
    assert "Traceback" not in out + err
