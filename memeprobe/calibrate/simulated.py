"""Runs of subjects that exist as a few numbers: trial tables without a picture, in milliseconds.

A clip is what its keyframes suggest: an option each, nothing about the question, or nothing at all
(a blank picture). Every condition shows such a sequence, made as the real conditions make theirs,
and a subject's looking rule picks what decides. So thousands of subjects can be put to the
verdicts, and each has a truth table.
"""

from dataclasses import dataclass

import numpy as np

from memeprobe.calibrate.looking import GOLD, GREY, LURE, MIDDLE, SILENT, Looks, Shown, last_telling
from memeprobe.conditions.mixed import places
from memeprobe.store.rows import TrialRow

OPTIONS = 4


@dataclass(frozen=True)
class Subject:
    """A subject of the frames probe."""

    looks: Looks
    """Its own way of looking."""
    strength: float = 1.0
    """Share of its looks that go this way; the others go by the last picture that tells."""
    by_item: bool = False
    """Whether that share is of the items (asked in one language, say), not of single looks."""
    noise: float = 0.0
    """Share of its answers that are random."""
    skill: float = 1.0
    """Share of the items whose pictures it understands."""
    stuck: float = 0.0
    """Share of the items that it answers by one option, whatever it is shown."""
    failed: float = 0.0
    """Share of its calls that fail."""
    failed_many: float = 0.0
    """Share of its calls with several pictures that fail beside those."""
    short: float = 0.0
    """Share of its trials of several pictures that arrive one picture short."""
    refuses_grey: bool = False
    """Whether it names no option where a picture shows nothing."""


def clip(rng: np.random.Generator, k: int) -> tuple[int, ...]:
    """What the keyframes of one item suggest, in the proportions of the set reveal."""
    kind = rng.choice(["control", "two", "three"], p=[0.24, 0.64, 0.12])
    if kind == "control":
        shown = [GOLD] * k
    else:
        turns = sorted(rng.choice(np.arange(1, k), 1 if kind == "two" else 2, replace=False))
        steps = [LURE, GOLD] if kind == "two" else [LURE, MIDDLE, GOLD]
        shown = [steps[int(np.searchsorted(turns, slot, side="right"))] for slot in range(k)]
    if rng.random() < 0.2 and shown[0] == shown[1]:
        shown[0] = GREY
    return tuple(shown)


def sequences(shown: Shown, rng: np.random.Generator) -> dict[str, tuple[int, ...]]:
    """Condition -> what its pictures suggest, for preset standard."""
    k = len(shown)
    lures = [s for s in shown if s != GOLD] or [shown[0]]
    found: dict[str, tuple[int, ...]] = {
        "blind": (),
        "first": (shown[0],),
        "last": (shown[-1],),
        "last_again": (shown[-1],),
        "keyframes": tuple(shown),
        "keyframes_again": tuple(shown),
        "keyframes_thrice": tuple(shown),
        "reversed": tuple(reversed(shown)),
        "shuffled": tuple(int(i) for i in rng.permutation(shown)),
        "first_repeated": (shown[0],) * k,
        "first_then_other": (shown[0], *[SILENT] * (k - 1)),
        "decisive": (GOLD,),
    }
    for slot in range(1, k + 1):
        found[f"position@{slot}"] = tuple(GOLD if s == slot else GREY for s in range(1, k + 1))
    for slot in places(k):
        found[f"among@{slot}"] = tuple(GOLD if s == slot else SILENT for s in range(1, k + 1))
        if shown[0] != GOLD and LURE in shown:
            around = [lures[i % len(lures)] for i in range(k - 1)]
            found[f"lures@{slot}"] = (*around[: slot - 1], GOLD, *around[slot - 1 :])
    return found


def frames_run(subject: Subject, items: int, seed: int, k: int = 4) -> list[TrialRow]:
    """The outcome rows of one run of the frames probe."""
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(items):
        shown = clip(rng, k)
        control = LURE not in shown
        about: dict[str, object] = {
            "item": f"i{item}",
            "cluster": f"i{item}",
            "options": ("a", "b", "c", "d"),
            "lure": None if control else LURE,
            "order": not control,
            "control": control,
        }
        mind = _Mind.of(subject, rng)
        for condition, pictures in sequences(shown, rng).items():
            rows.append(_trial(subject, condition, pictures, mind, about, rng))
    return rows


@dataclass(frozen=True)
class _Mind:
    """What a subject brings to every trial of one item."""

    understood: bool
    stuck: int | None
    """The option that it always names."""
    own_way: bool | None
    """Whether it looks its own way; None = drawn anew for each look."""

    @classmethod
    def of(cls, subject: Subject, rng: np.random.Generator) -> "_Mind":
        """Drawn for an item."""
        understood = bool(rng.random() < subject.skill)
        stuck = int(rng.integers(OPTIONS)) if rng.random() < subject.stuck else None
        own = bool(rng.random() < subject.strength) if subject.by_item else None
        return cls(understood, stuck, own)


def _trial(
    subject: Subject,
    condition: str,
    pictures: tuple[int, ...],
    mind: _Mind,
    about: dict[str, object],
    rng: np.random.Generator,
) -> TrialRow:
    """One trial: what was chosen, and whether all of it arrived."""
    fixed = {**about, "condition": condition, "gold": GOLD, "intended": len(pictures)}
    if rng.random() < subject.failed + subject.failed_many * (len(pictures) > 1):
        return TrialRow.of({**fixed, "outcome": "failed"})
    short = len(pictures) > 1 and rng.random() < subject.short
    seen = pictures[:-1] if short else pictures
    chosen = _choice(subject, seen, mind, rng)
    outcome = "unparsed" if chosen is None else "right" if chosen == GOLD else "wrong"
    return TrialRow.of(
        {**fixed, "outcome": outcome, "chosen": chosen, "shown": len(seen), "testable": not short}
    )


def _choice(
    subject: Subject, seen: tuple[int, ...], mind: _Mind, rng: np.random.Generator
) -> int | None:
    if subject.refuses_grey and GREY in seen:
        return None
    found: int | None = None
    if rng.random() >= subject.noise:
        if mind.stuck is not None:
            return mind.stuck
        if mind.understood and seen:
            own = rng.random() < subject.strength if mind.own_way is None else mind.own_way
            found = (subject.looks if own else last_telling)(seen, rng)
    return int(rng.integers(OPTIONS)) if found is None else found
