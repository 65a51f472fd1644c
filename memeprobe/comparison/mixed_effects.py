"""A linear mixed-effects model of right answers: models and conditions fixed, items random.

All trials of several runs enter at once, also of items that one model was not asked; what an item's
difficulty does to every answer about it is a random intercept of its cluster (Laird and Ware 1982).
Right or wrong is 1 or 0, so effects are differences of shares (a linear probability model); the
variance is then an approximation, and intervals of shares near 0 or 1 are not to be trusted.
"""

import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from memeprobe import stats
from memeprobe.measures import Table, right
from memeprobe.stats import Interval

Z = NormalDist().inv_cdf(0.975)


class MixedError(ValueError):
    """The model cannot be fitted; the message says why."""


@dataclass(frozen=True)
class MixedFit:
    """A fitted model, by restricted maximum likelihood."""

    effects: dict[str, Interval]
    """Name -> fixed effect with Wald's 95 % limits and p."""
    errors: dict[str, float]
    """Name -> standard error."""
    between: float
    """Standard deviation of the random intercepts."""
    within: float
    """Standard deviation of the residuals."""
    rows: int
    groups: int
    converged: bool


def fit(
    values: Sequence[float] | np.ndarray,
    fixed: Mapping[str, Sequence[float] | np.ndarray],
    groups: Sequence[Hashable],
) -> MixedFit:
    """Fit values = fixed effects + random intercept of the group + residual by REML.

    ``fixed``: name -> column, the intercept as a column of ones. Raises MixedError: fewer than two
    groups, more effects than rows, or columns that say the same.
    """
    from statsmodels.regression.mixed_linear_model import MixedLM

    data, design = np.asarray(values, float), np.column_stack([*fixed.values()]).astype(float)
    if not np.isfinite(data).all() or not np.isfinite(design).all():
        raise MixedError("a value is no finite number; leave out what was not measured")
    if len(set(groups)) < 2:
        raise MixedError("a mixed-effects model needs at least 2 groups of items")
    if len(data) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        raise MixedError(
            f"{len(data)} rows do not tell {design.shape[1]} effects apart; ask the same "
            "conditions of every model"
        )
    if np.ptp(data) == 0:
        raise MixedError("all answers are alike (all right, or none): there is nothing to explain")
    names = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    model = MixedLM(data, design, np.array([names[g] for g in groups]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance of 0 is said by its value
        found = model.fit(reml=True, method=["powell", "bfgs", "lbfgs"], gtol=1e-10, ftol=1e-14)
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(np.atleast_2d(found.cov_params()))[: design.shape[1]])
    if not np.isfinite(errors).all() or not np.isfinite(found.fe_params).all():
        raise MixedError("the fit is singular: what is asked explains the answers without rest")
    effects = {
        name: _wald(float(value), float(error), len(data))
        for name, value, error in zip(fixed, found.fe_params, errors, strict=True)
    }
    return MixedFit(
        effects,
        {name: float(e) for name, e in zip(fixed, errors, strict=True)},
        float(np.sqrt(max(0.0, float(np.asarray(found.cov_re)[0, 0])))),
        float(np.sqrt(found.scale)),
        len(data),
        len(names),
        bool(found.converged),
    )


def _wald(value: float, error: float, n: int) -> Interval:
    p = 2 * NormalDist().cdf(-abs(value) / error) if error > 0 else 1.0
    return Interval(value, value - Z * error, value + Z * error, n, p)


def effects(tables: Mapping[str, Table], conditions: Sequence[str]) -> dict[str, Any]:
    """The model over several runs: 'model', 'condition' and their interactions as plain values.

    The first run under the first condition is the intercept; every other effect is a difference
    from it. Raises MixedError: nothing answered, or effects that cannot be told apart.
    """
    runs = list(tables)
    rows = [
        (run, condition, row)
        for run, table in tables.items()
        for condition in conditions
        for row in table.answered(condition)
    ]
    if not rows:
        raise MixedError(f"no run has an answered trial under {', '.join(conditions)}")
    is_run = {r: np.array([run == r for run, _, _ in rows], float) for r in runs[1:]}
    is_asked = {c: np.array([asked == c for _, asked, _ in rows], float) for c in conditions[1:]}
    fixed: dict[str, np.ndarray] = {"intercept": np.ones(len(rows))}
    fixed |= {f"model {r}": column for r, column in is_run.items()}
    fixed |= {f"condition {c}": column for c, column in is_asked.items()}
    fixed |= {
        f"model {r} under {c}": one * other
        for r, one in is_run.items()
        for c, other in is_asked.items()
    }
    found = fit([right(row) for _, _, row in rows], fixed, [row.cluster for _, _, row in rows])
    return {
        "intercept": {"run": runs[0], "condition": conditions[0]},
        "effects": {name: one.as_json() for name, one in found.effects.items()},
        "between_items": stats.number(found.between),
        "within_items": stats.number(found.within),
        "trials": found.rows,
        "clusters": found.groups,
        "converged": found.converged,
    }
