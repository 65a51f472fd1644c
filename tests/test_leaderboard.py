"""Many models: intervals, differences and ranks against references; files read back; people."""

import csv
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy import stats as scipy_stats

from meme_sets import load_set
from memeprobe.comparison.figures import FIGURES, Figure, difference
from memeprobe.comparison.leaderboard import leaderboard
from memeprobe.comparison.runs import CompareError
from memeprobe.errors import JobError
from memeprobe.experiment.spec import RunSpec
from memeprobe.human import enter
from memeprobe.measures import Table, accuracy
from memeprobe.report.export_leaderboard import FORMATS
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.rows import TrialRow
from memeprobe.store.store import Store
from tests.command_line import command_line
from tests.running import run

CONDITIONS = ("blind", "keyframes", "decisive", "among")
FEW = ("keyframes", "lure_rate", "bias_other_clips")
SUBJECTS = ("fair", "first-frame", "last-frame")


def table(rights: list[bool], condition: str = "keyframes") -> Table:
    def row(i: int, right: bool) -> TrialRow:
        outcome = "right" if right else "wrong"
        told = {"item": f"i{i}", "cluster": f"c{i}", "condition": condition, "outcome": outcome}
        return TrialRow.of({**told, "options": ["a", "b"], "gold": 0, "chosen": int(not right)})

    return Table.of([row(i, right) for i, right in enumerate(rights)])


def test_the_jackknife_of_a_mean_is_the_paired_t_test() -> None:
    """With as many groups as items the jackknife's error of a mean is sd / sqrt(n)."""
    rng = random.Random(5)
    one = [rng.random() < 0.5 for _ in range(20)]
    two = [rng.random() < 0.7 for _ in range(20)]
    figure = Figure(lambda t: accuracy(t, "keyframes"), "high")
    found = difference(figure, table(one), table(two))
    expected = scipy_stats.ttest_rel(np.array(two, float), np.array(one, float))
    assert found.p == pytest.approx(expected.pvalue, abs=1e-12)
    low, high = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    same = difference(figure, table(one), table(one))
    assert (same.value, same.p) == (0.0, 1.0) and same.high == -same.low > 0.1


@pytest.mark.slow
def test_intervals_of_differences_cover() -> None:
    """Two models whose true difference is 0.2, on 60 items, 80 times."""
    rng, figure = random.Random(11), Figure(lambda t: accuracy(t, "keyframes"), "high")
    covered = 0
    for _ in range(80):
        one = [rng.random() < 0.5 for _ in range(60)]
        two = [a if rng.random() < 0.5 else rng.random() < 0.9 for a in one]
        found = difference(figure, table(one), table(two))
        covered += found.low <= 0.2 <= found.high
    assert covered >= 80 * 0.95 - 3 * math.sqrt(80 * 0.95 * 0.05)


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[str]]]:
    meme_set = load_set("reveal")
    eyes = ScriptedViewer(meme_set)
    with Store(tmp_path_factory.mktemp("ranked") / "store.sqlite") as store:
        names = []
        for subject in SUBJECTS:
            spec = RunSpec(
                "reveal",
                f"known:{subject}",
                conditions=CONDITIONS,
                limit=40,
                k=3,
                policy="uniform_time",
            )
            names.append(run(spec, meme_set, eyes.subject(subject), store))
        yield store, names


@pytest.mark.slow
def test_known_subjects_are_ranked_by_their_bias(ranked: tuple[Store, list[str]]) -> None:
    store, (fair, first, last) = ranked
    found = leaderboard(store, [fair, first, last], FEW)
    bias = found["figures"]["bias_other_clips"]
    cells = bias["cells"]
    assert cells[first]["value"] > 0.8 > 0.2 > abs(cells[fair]["value"])
    assert cells[fair]["rank"] == 1 and cells[fair]["rank_high"] == 1
    assert cells[first]["rank_low"] >= 2
    (between,) = [d for d in bias["differences"] if (d["first"], d["second"]) == (fair, first)]
    assert between["low"] > 0.5 and between["p_holm"] < 0.001
    lures = found["figures"]["lure_rate"]["cells"]
    assert lures[first]["rank_low"] == lures[first]["rank_high"] == 3
    for one in found["figures"].values():
        for value in one["cells"].values():
            assert value["rank_low"] <= value["rank"] <= value["rank_high"]


@pytest.mark.slow
def test_files_hold_what_was_found(ranked: tuple[Store, list[str]], tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    store, names = ranked
    found = leaderboard(store, names, FEW[:2])
    for form, (suffix, write) in FORMATS.items():
        write(found, tmp_path / f"{form}{suffix}")
    frame = pd.read_parquet(tmp_path / "parquet.parquet")
    assert len(frame) == sum(len(one["cells"]) for one in found["figures"].values())
    for row in frame.itertuples():
        told = found["figures"][row.figure]["cells"][row.run]
        assert (row.value, row.low, row.high, row.rank_low) == tuple(
            told[k] for k in ("value", "low", "high", "rank_low")
        )
    page = (tmp_path / "html.html").read_text("utf-8")
    assert page.count("<tr>") == page.count("</tr>") > 5 and "known:first-frame" in page
    text = (tmp_path / "markdown.md").read_text("utf-8")
    assert text.count("\n|") >= 5 and "known:fair" in text
    assert (tmp_path / "latex.tex").read_text("utf-8").count(r"\begin{table}") == 2


@pytest.mark.slow
def test_people_stand_beside_models(ranked: tuple[Store, list[str]]) -> None:
    store, (fair, *_) = ranked
    meme_set = load_set("reveal")
    rows = [
        (i + 2, {"item": item.id, "answer": "ABCD"[item.gold or 0] if i % 10 else "none"})
        for i, item in enumerate(meme_set.items[:40])
    ]
    person = enter(store, meme_set, rows, "anna")
    found = leaderboard(store, [fair, person], FEW[:1])
    cells = found["figures"]["keyframes"]["cells"]
    assert cells[person]["value"] == 0.9 and cells[person]["n"] == 40
    assert enter(store, meme_set, rows[:3], "anna") == person
    assert store.run(person).model == "human:anna"
    for wrong, said in (
        ({"item": "revea-001", "answer": "A"}, "did you mean 'reveal-001'"),
        ({"item": "reveal-001", "answer": "E"}, "must be a letter from A to D"),
        ({"item": "reveal-001", "answer": "A", "condition": "frist"}, "did you mean 'first'"),
    ):
        with pytest.raises(JobError, match=f"answers line 7: .*{said}"):
            enter(store, meme_set, [(7, wrong)], "bob")


def test_other_items_cannot_be_ranked(ranked: tuple[Store, list[str]]) -> None:
    store, names = ranked
    with pytest.raises(CompareError, match="at least two"):
        leaderboard(store, [names[0], names[0]])
    with pytest.raises(CompareError, match="share no figure"):
        leaderboard(store, names, ["reading_gain"])


def test_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    form = tmp_path / "form.csv"
    code, out, err = memeprobe("human", "static", form, "--form")
    assert code == 0 and out.startswith("48 questions"), err
    lines = list(csv.DictReader(form.read_text("utf-8-sig").splitlines()))
    runs = []
    for name, letter in (("anna", "A"), ("bob", "B")):
        for line in lines:
            line["answer"] = letter
        with form.open("w", newline="") as file:
            writer = csv.DictWriter(file, lines[0])
            writer.writeheader()
            writer.writerows(lines)
        code, out, err = memeprobe("human", "static", form, "--name", name, "--json")
        assert code == 0, err
        runs.append(json.loads(out)["run"])
    code, out, err = memeprobe("leaderboard", *runs)
    assert code == 0 and "human:anna" in out and "25.0" in out, err
    code, out, _ = memeprobe("leaderboard", *runs, "--json")
    (column,) = json.loads(out)["figures"].values()
    assert [c["rank_high"] for c in column["cells"].values()] == [2, 2]
    assert [c["rank"] for c in column["cells"].values()] == [1, 1]  # both 25 %
    code, out, _ = memeprobe("leaderboard", *runs, "-f", "html", "-o", tmp_path / "l.html")
    assert code == 0 and "<table>" in (tmp_path / "l.html").read_text("utf-8")
    assert memeprobe("leaderboard", *runs, "--figure", "keyframe")[0] == 2
    assert memeprobe("human", "static", form, "--form")[0] == 2


def test_every_figure_has_a_label() -> None:
    from memeprobe.messages.labels import FIGURES as LABELS

    assert set(FIGURES) == set(LABELS)
