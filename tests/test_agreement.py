"""Agreement of several people: against a published example, another library, and a plain loop."""

import itertools
import math
import random
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from meme_sets import MemeSet, load_set
from memeprobe.labelling import agreement, apart, rows_of
from memeprobe.stats import alpha, nominal
from memeprobe.stats.agreement import Difference
from memeprobe.store.labels import Label, labels_of, put_label
from memeprobe.store.store import Store, StoreError
from tests.app_test import app, html


def by_definition(labels: list[list[str]], delta: Difference = nominal) -> float:
    """Mean difference of two labels of one item / of any two labels; each item's pairs count as
    many labels as it has (Krippendorff 2011, without coincidence matrices)."""
    units = [u for u in labels if len(u) > 1]
    values = [v for u in units for v in u]
    n = len(values)
    observed = sum(
        delta(a, b) / (len(u) - 1) for u in units for a, b in itertools.permutations(u, 2)
    )
    expected = sum(delta(a, b) for a, b in itertools.permutations(values, 2)) / (n - 1)
    return 1 - observed / expected


def test_the_published_example() -> None:
    """Krippendorff (2011), reliability data C: four observers, twelve units, nominal 0.743."""
    rows = (
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    )
    labels = [[v for v in u if v != "."] for u in zip(*map(str.split, rows), strict=True)]
    assert alpha(labels).value == pytest.approx(0.743, abs=5e-4)
    # Interval data: squared differences, 0.849 in the same paper.
    found = alpha(labels, lambda a, b: (int(a) - int(b)) ** 2).value
    assert found == pytest.approx(0.849, abs=5e-4)


@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_its_definition_and_fleiss_kappa_where_that_is_one(seed: int) -> None:
    dice = np.random.default_rng(seed)
    truth = dice.integers(0, 4, 60)
    said = np.where(dice.random((60, 3)) < 0.7, truth[:, None], dice.integers(0, 4, (60, 3)))
    whole = [[str(v) for v in row] for row in said]
    found = alpha(whole)
    assert found.value == pytest.approx(by_definition(whole))
    assert found.low < found.value < found.high
    kappa = fleiss_kappa(aggregate_raters(said)[0])
    assert found.value == pytest.approx(kappa + (1 - kappa) / said.size)
    holes = [[v for v in row if dice.random() < 0.7] for row in whole]
    assert alpha(holes).value == pytest.approx(by_definition(holes))
    words = [["".join(dice.choice(list("abc"), 4)) for _ in range(2)] for _ in range(20)]
    assert alpha(words, apart).value == pytest.approx(by_definition(words, apart))


def test_where_nothing_can_be_said() -> None:
    assert math.isnan(alpha([]).value) and math.isnan(alpha([["a"], ["b"]]).value)
    assert math.isnan(alpha([["a", "a"]] * 30).value)  # one label: no variation, no evidence
    few = alpha([["a", "b"], ["a", "a"], ["b", "b"]])
    assert (few.low, few.high) == (-1.0, 1.0)
    together = alpha([["a", "b"], ["a", "a"]] * 40, clusters=[n // 20 for n in range(80)])
    assert (together.low, together.high) == (-1.0, 1.0)  # four clusters are no eighty items


@pytest.fixture
def reveal() -> MemeSet:
    return load_set("reveal")


def test_labels_of_three_people(reveal: MemeSet, workspace: Path) -> None:
    dice = random.Random(5)
    for item in reveal.items[:40]:
        assert item.gold is not None
        texts = [o.en for o in item.options]
        for person in ("anna", "ben", "吴"):
            answer = texts[item.gold] if dice.random() < 0.8 else dice.choice(texts)
            put_label(workspace, "reveal", Label(item.id, person, "answer", answer))
    put_label(workspace, "reveal", Label("reveal-001", "anna", "caption", "So HAPPY!"))
    put_label(workspace, "reveal", Label("reveal-001", "ben", "caption", "so happy"))
    put_label(workspace, "reveal", Label("gone", "ben", "answer", "x"))
    put_label(workspace, "reveal", Label("reveal-002", "ben", "answer", "no option"))
    labels = labels_of(workspace, "reveal")
    found = agreement(reveal, labels, "answer")
    assert found.people == ("anna", "ben", "吴") and found.labelled == 40
    assert found.same + len(found.differing) == 40
    assert 0.3 < found.alpha.low < found.alpha.value < found.alpha.high < 0.95
    read = agreement(reveal, labels, "caption")
    assert (read.labelled, read.same) == (1, 1)  # capitals and punctuation do not count
    assert len(rows_of(reveal, labels, "anna")) == 40
    assert len(rows_of(reveal, labels, "ben")) == 39
    put_label(workspace, "reveal", Label("reveal-001", "ben", "caption", None))
    assert agreement(reveal, labels_of(workspace, "reveal"), "caption").labelled == 0
    with pytest.raises(StoreError, match="who says so"):
        put_label(workspace, "reveal", Label("reveal-001", " ", "note", "x"))


@pytest.mark.slow
def test_two_people_label_on_the_page_and_become_runs(reveal: MemeSet, workspace: Path) -> None:
    for person, option in (("anna", 0), ("ben", 1)):
        at = app("sets").run()
        at.segmented_control(key="sets_mode").set_value("label_set").run()
        at.text_input(key="label_person").set_value(person).run()
        assert not at.exception
        item = reveal.items[0]
        at.radio[0].set_value(item.options[option].en).run()
        at.text_area(key=f"note_of_reveal_{item.id}_{person}").set_value("![](http://x)").run()
        at.button(key="label_step_reveal_next").click().run()
        assert at.radio[0].value is None  # the next item has no label yet
        assert not at.exception
    at.button(key="labels_as_runs").click().run()
    assert not at.exception
    with Store.existing(workspace) as store:
        runs = {r.model: r.outcomes for r in store.runs()}
    gold = reveal.items[0].gold
    assert set(runs) == {"human:anna", "human:ben"}
    assert (runs["human:anna"] == {"right": 1}) is (gold == 0)
    assert "anna: <b>" in html(at) and "![](http://x)" in html(at)
