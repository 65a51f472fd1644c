"""Runs compared, exported and reported: figures by hand, files read by other programs."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.contingency_tables import mcnemar

from memeprobe import stats
from memeprobe.comparison.runs import CompareError, compare
from memeprobe.jobs import result_of, write_export, write_report
from memeprobe.messages import FIRST_FRAME, LANGUAGE, ORDER, PLAIN, plain
from memeprobe.messages.caption import CAPTION
from memeprobe.report.export import COLUMNS
from memeprobe.store.rows import ItemLabels
from memeprobe.store.schema import Trial
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.running import run

pytestmark = pytest.mark.usefixtures("no_rechecks")

ABOUT = ItemLabels(lure=1, options=("a", "b"), kind="k")


def made(store: Store, model: str, right: str, content: str = "c") -> str:
    """A run whose items are right (1), wrong (0) or failed (x) under keyframes."""
    about = {f"i{n}": replace(ABOUT, cluster=f"i{n}") for n in range(len(right))}
    name = store.start_run(
        {
            "set": "s",
            "content": content,
            "model": model,
            "delivery": "native",
            "language": "en",
            "k": 4,
        },
        about,
        len(right),
    )
    kinds = {"1": "right", "0": "wrong", "x": "failed"}
    store.save(name, [Trial(f"i{n}", "keyframes", kinds[c], 0, 0) for n, c in enumerate(right)])
    return name


def test_comparison_by_hand(tmp_path: Path) -> None:
    """10 items, one failed in one run: of 9 pairs 1 gained and 5 lost; difference -4/9."""
    with Store(tmp_path / "w.sqlite") as store:
        one, two = made(store, "m", "1111110001"), made(store, "n", "000001100x")
        found = compare(store, [one, two])["comparisons"][0]["conditions"]["keyframes"]
    assert found["first"]["value"] == pytest.approx(6 / 9, abs=1e-4)
    assert found["second"]["value"] == pytest.approx(2 / 9, abs=1e-4)
    assert found["difference"]["value"] == pytest.approx(-4 / 9, abs=1e-4)
    assert (found["gained"], found["lost"]) == (["i6"], [f"i{n}" for n in range(5)])
    expected = mcnemar([[1, 1], [5, 2]], exact=True).pvalue
    assert found["p"] == pytest.approx(expected, abs=1e-9)
    assert found["mcnemar_p"] == pytest.approx(expected, abs=1e-6)
    by_hand = stats.mean([-1] * 5 + [1] + [0] * 3)
    assert found["difference"]["low"] == pytest.approx(by_hand.low, abs=1e-4)


def test_conditions_are_adjusted_together(tmp_path: Path) -> None:
    with Store(tmp_path / "w.sqlite") as store:
        one, two = made(store, "m", "1" * 20), made(store, "n", "0" * 12 + "1" * 8)
        for name in (one, two):
            store.save(name, [Trial(f"i{n}", "first", "right", 0, 0) for n in range(20)])
        found = compare(store, [one, two])["comparisons"][0]
    assert found["conditions"]["keyframes"]["p_holm"] == pytest.approx(2 * 2 / 2**12, abs=1e-6)
    assert found["conditions"]["first"]["p_holm"] == 1.0
    assert found["summary"] == "The second is worse under keyframes (Holm-adjusted, 5 %)."


def test_runs_on_other_items_are_refused(tmp_path: Path) -> None:
    with Store(tmp_path / "w.sqlite") as store:
        one, two = made(store, "m", "10"), made(store, "n", "10", content="d")
        with pytest.raises(CompareError, match="differ in content"):
            compare(store, [one, two])
        with pytest.raises(CompareError, match="at least two"):
            compare(store, [one, one])


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Any]:
    colours = write_set(tmp_path / "set", stills=1)
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(conditions=("frames", "as_is")), colours, Eye(), store)
        yield store, name, result_of(store, name)


def test_every_format_holds_every_trial_or_figure(ran: Any, tmp_path: Path) -> None:
    store, name, result = ran
    rows = store.outcomes(name)
    for form, suffix in (("csv", ".csv"), ("markdown", ".md"), ("latex", ".tex")):
        write_export(store, name, form, tmp_path / f"out{suffix}")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == list(COLUMNS) and len(read) == len(rows)
    assert [(r["item"], r["condition"], r["outcome"]) for r in read] == [
        (r.item, r.condition, r.outcome) for r in rows
    ]
    assert json.loads(read[0]["options"]) == ["red", "green", "blue", "yellow"]
    markdown = (tmp_path / "out.md").read_text("utf-8")
    tex = (tmp_path / "out.tex").read_text("utf-8")
    for condition in result.conditions:
        assert f"| {condition} |" in markdown
        assert condition.replace("_", r"\_") in tex
    assert tex.count(r"\begin{table}") == tex.count(r"\end{table}") == 2
    comments = [line for line in tex.splitlines() if line.startswith("% ")]
    assert "% seed: 0" in comments and any(c.startswith("% command: ") for c in comments)
    assert "%" not in tex.replace(r"\%", "").replace("\n".join(comments), "")


@pytest.mark.slow
def test_parquet_is_read_back_with_its_types(ran: Any, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    store, name, _ = ran
    write_export(store, name, "parquet", tmp_path / "t.parquet")
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.num_rows == len(store.outcomes(name))
    assert str(table.schema.field("gold").type) == "int64"
    assert table.column("model").to_pylist() == ["eye"] * table.num_rows


@pytest.mark.slow
def test_the_report_says_it_plainly_and_shows_pictures(ran: Any, tmp_path: Path) -> None:
    store, _, result = ran
    write_report(store, [result], tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    sentence, chinese = plain("first_frame", result.verdicts["first_frame"].key)
    assert sentence in page and chinese in page
    assert page.count("<svg") >= 3 and "Position curve" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)


def test_every_verdict_has_a_plain_sentence() -> None:
    for probe, table in (
        ("first_frame", FIRST_FRAME),
        ("order", ORDER),
        ("caption", CAPTION),
        ("language", LANGUAGE),
    ):
        keys = {k.removesuffix("_unpaired") for k in table} - {"not_asked"}
        assert keys == set(PLAIN[probe])
        assert all(all(plain(probe, key)) for key in keys)
