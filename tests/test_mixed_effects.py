"""The mixed-effects model against published fits, closed forms, and what was simulated."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from meme_sets import load_set
from memeprobe.comparison.mixed_effects import MixedError, effects, fit
from memeprobe.human import enter
from memeprobe.measures import Table
from memeprobe.store.rows import TrialRow
from memeprobe.store.store import Store
from tests.command_line import command_line
from tests.fresh import FRESH

ORTHODONT = (
    "21 20 21.5 23|21 21.5 24 25.5|20.5 24 24.5 26|23.5 24.5 25 26.5|21.5 23 22.5 23.5|20 21 21 "
    "22.5|21.5 22.5 23 25|23 23 23.5 24|20 21 22 21.5|16.5 19 19 19.5|24.5 25 28 28|26 25 29 31|"
    "21.5 22.5 23 26.5|23 22.5 24 27.5|25.5 27.5 26.5 27|20 23.5 22.5 26|24.5 25.5 27 28.5|22 22 "
    "24.5 26.5|24 21.5 24.5 25.5|23 20.5 31 26|27.5 28 31 31.5|23 23 23.5 25|21.5 23.5 24 28|17 "
    "24.5 26 29.5|22.5 25.5 25.5 26|23 24.5 26 30|22 21.5 23.5 25"
)
"""Potthoff and Roy (1964): distances of 27 children at the ages 8, 10, 12, 14."""


@pytest.mark.slow
def test_it_is_the_published_fit_of_nlme() -> None:
    """lme(distance ~ age, random = ~ 1 | Subject), Pinheiro and Bates (2000), section 1.4."""
    values = np.array([[float(v) for v in row.split()] for row in ORTHODONT.split("|")])
    n = len(values)
    found = fit(
        values.ravel(),
        {"intercept": np.ones(4 * n), "age": np.tile([8.0, 10.0, 12.0, 14.0], n)},
        np.repeat(np.arange(n), 4).tolist(),
    )
    said = {name: one.value for name, one in found.effects.items()}
    assert said == pytest.approx({"intercept": 16.761111, "age": 0.660185}, abs=1e-6)
    assert found.errors == pytest.approx({"intercept": 0.8023952, "age": 0.0616059}, abs=1e-6)
    assert (found.between, found.within) == pytest.approx((2.114724, 1.431592), abs=1e-6)
    assert found.converged and (found.rows, found.groups) == (108, 27)


@pytest.mark.slow
def test_on_balanced_data_it_is_the_analysis_of_variance() -> None:
    """Where the mean squares between exceed those within, REML is the classical estimate."""
    rng = np.random.default_rng(FRESH)
    checked = 0
    while checked < 10:
        groups, each = int(rng.integers(4, 15)), int(rng.integers(2, 8))
        values = rng.normal(0, 1, (groups, each)) + rng.normal(0, 1.5, (groups, 1))
        means = values.mean(axis=1)
        between = each * np.square(means - means.mean()).sum() / (groups - 1)
        within = np.square(values - means[:, None]).sum() / (groups * (each - 1))
        if between <= 1.5 * within:
            continue
        checked += 1
        names = np.repeat(np.arange(groups), each).tolist()
        found = fit(values.ravel(), {"intercept": np.ones(values.size)}, names)
        assert found.effects["intercept"].value == pytest.approx(values.mean(), rel=1e-6), FRESH
        assert found.within**2 == pytest.approx(within, rel=1e-6), FRESH
        assert found.between**2 == pytest.approx((between - within) / each, rel=1e-6), FRESH
        error = np.sqrt(between / values.size)
        assert found.errors["intercept"] == pytest.approx(error, rel=1e-6), FRESH


def table(rights: dict[str, list[bool]]) -> Table:
    rows = [
        TrialRow.of(
            {
                **{"item": f"i{i}", "cluster": f"c{i // 2}", "condition": condition},
                "outcome": "right" if one else "wrong",
            }
        )
        for condition, several in rights.items()
        for i, one in enumerate(several)
    ]
    return Table.of(rows)


@pytest.mark.slow
def test_effects_of_models_and_conditions_are_found() -> None:
    """Shares .8 and .5 of one model, .8 and .2 of the other; items differ in difficulty."""
    rng = random.Random(7)
    hard = [rng.uniform(-0.15, 0.15) for _ in range(200)]

    def drawn(share: float) -> list[bool]:
        return [rng.random() < share + hard[i // 2] for i in range(400)]

    one = table({"keyframes": drawn(0.8), "first": drawn(0.5)})
    two = table({"keyframes": drawn(0.8), "first": drawn(0.2)})
    found = effects({"one": one, "two": two}, ("keyframes", "first"))
    true = {
        "intercept": 0.8,
        "model two": 0.0,
        "condition first": -0.3,
        "model two under first": -0.3,
    }
    assert set(found["effects"]) == set(true)
    for name, value in true.items():
        effect = found["effects"][name]
        assert effect["low"] - 0.03 < value < effect["high"] + 0.03, (name, effect)
    assert found["effects"]["model two under first"]["p"] < 1e-6
    assert (found["trials"], found["clusters"]) == (1600, 200)


def test_what_cannot_be_fitted_is_refused() -> None:
    ones = np.ones(4)
    with pytest.raises(MixedError, match="at least 2 groups"):
        fit([1, 0, 1, 0], {"a": ones}, ["x"] * 4)
    with pytest.raises(MixedError, match="do not tell 2 effects apart"):
        fit([1, 0, 1, 0], {"a": ones, "b": ones}, ["x", "x", "y", "y"])
    with pytest.raises(MixedError, match="all answers are alike"):
        fit([1, 1, 1, 1], {"a": ones}, ["x", "x", "y", "y"])
    with pytest.raises(MixedError, match="singular"):
        fit([1, 1, 0, 0, 1, 0], {"a": np.ones(6), "b": [1, 1, 0, 0, 1, 0]}, list("xxyyzz"))
    with pytest.raises(MixedError, match="no finite number"):
        fit([1, 0, float("nan"), 0], {"a": ones}, ["x", "x", "y", "y"])
    with pytest.raises(MixedError, match="no run has an answered trial"):
        effects({"one": table({"first": [True]})}, ("keyframes",))


@pytest.mark.slow
def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    meme_set, runs = load_set("static"), []
    rng = random.Random(3)
    with Store(tmp_path / "store.sqlite") as store:
        for name, share in (("anna", 0.9), ("bob", 0.4)):
            rows = [
                (
                    2,
                    {
                        "item": i.id,
                        "answer": "ABCD"[i.gold or 0] if rng.random() < share else "none",
                    },
                )
                for i in meme_set.items
            ]
            runs.append(enter(store, meme_set, rows, name))
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    code, out, err = memeprobe("effects", *runs, "-c", "keyframes", "--json")
    assert code == 0, err
    found = json.loads(out)["effects"]
    assert found[f"model human:bob ({runs[1]})"]["high"] < 0
    code, out, _ = memeprobe("effects", *runs, "-c", "keyframes")
    assert code == 0 and "96 trials on 48 clusters" in out
    code, _, err = memeprobe("effects", *runs, "-c", "as_is")
    assert code == 2 and "no run has an answered trial" in err
