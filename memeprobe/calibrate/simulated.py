"""Runs of subjects that exist as a few numbers: trial tables without a picture, in milliseconds.

A clip is what its keyframes suggest: an option each, nothing about the question, or nothing at all
(a blank picture). Every condition shows such a sequence, made as the real conditions make theirs,
and a subject's looking rule picks what decides. So thousands of subjects can be put to the
verdicts, and each has a truth table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from memeprobe.conditions.mixed import places
from memeprobe.store.rows import TrialRow

GREY, SILENT = -2, -1
"""A picture that shows nothing; a picture that says nothing about the question."""
OPTIONS = 4
GOLD, LURE, MIDDLE = 0, 1, 2

Shown = Sequence[int]
Looks = Callable[[Shown, np.random.Generator], int | None]
"""What is shown, in order -> the option that decides, or None where the subject must guess."""


@dataclass(frozen=True)
class Subject:
    """A subject of the frames probe."""

    looks: Looks
    """Its own way of looking."""
    strength: float = 1.0
    """Share of its looks that go this way; the others go by the last picture that tells."""
    noise: float = 0.0
    """Share of its answers that are random."""
    skill: float = 1.0
    """Share of the items whose pictures it understands."""
    failed: float = 0.0
    """Share of its calls that fail."""
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
        understood = rng.random() < subject.skill
        for condition, pictures in sequences(shown, rng).items():
            rows.append(_trial(subject, condition, pictures, understood, about, rng))
    return rows


def _trial(
    subject: Subject,
    condition: str,
    pictures: tuple[int, ...],
    understood: bool,
    about: dict[str, object],
    rng: np.random.Generator,
) -> TrialRow:
    """One trial: what was chosen, and whether all of it arrived."""
    fixed = {**about, "condition": condition, "gold": GOLD, "intended": len(pictures)}
    if rng.random() < subject.failed:
        return TrialRow.of({**fixed, "outcome": "failed"})
    short = len(pictures) > 1 and rng.random() < subject.short
    seen = pictures[:-1] if short else pictures
    chosen = _choice(subject, seen, understood, rng)
    outcome = "unparsed" if chosen is None else "right" if chosen == GOLD else "wrong"
    return TrialRow.of(
        {**fixed, "outcome": outcome, "chosen": chosen, "shown": len(seen), "testable": not short}
    )


def _choice(
    subject: Subject, seen: tuple[int, ...], understood: bool, rng: np.random.Generator
) -> int | None:
    if subject.refuses_grey and GREY in seen:
        return None
    found: int | None = None
    if understood and seen and rng.random() >= subject.noise:
        looks = subject.looks if rng.random() < subject.strength else last_telling
        found = looks(seen, rng)
    return int(rng.integers(OPTIONS)) if found is None else found


def _told(picture: int) -> int | None:
    return picture if picture >= 0 else None


def last_telling(seen: Shown, rng: np.random.Generator) -> int | None:
    """Fair to a question about the end: the last picture that tells."""
    return next((s for s in reversed(seen) if s >= 0), None)


def any_gold(seen: Shown, rng: np.random.Generator) -> int | None:
    """Knows the telling picture wherever it is."""
    return GOLD if GOLD in seen else last_telling(seen, rng)


def most(seen: Shown, rng: np.random.Generator) -> int | None:
    """What most pictures suggest; a tie goes to any."""
    shown = [s for s in seen if s >= 0]
    best = [s for s in sorted(set(shown)) if shown.count(s) == max(map(shown.count, shown))]
    return int(rng.choice(best)) if best else None


def one_of(seen: Shown, rng: np.random.Generator) -> int | None:
    """A picture drawn at random."""
    return _told(int(rng.choice(seen)))


def at(slot: int) -> Looks:
    """The picture in one slot, from 0; from -1 for the end."""

    def looks(seen: Shown, rng: np.random.Generator) -> int | None:
        return _told(seen[max(-len(seen), min(slot, len(seen) - 1))])

    return looks


def middle(seen: Shown, rng: np.random.Generator) -> int | None:
    """The last telling picture that stands at neither end."""
    return last_telling(seen[1:-1] if len(seen) > 2 else seen, rng)


def content(end: int) -> Looks:
    """The first (0) or last (-1) picture that shows anything."""

    def looks(seen: Shown, rng: np.random.Generator) -> int | None:
        kept = [s for s in seen if s != GREY]
        return _told(kept[end]) if kept else None

    return looks


def ends(seen: Shown, rng: np.random.Generator) -> int | None:
    """The first or the last picture, whichever tells; one of them at random where both do."""
    shown = [s for s in (seen[0], seen[-1]) if s >= 0]
    return int(rng.choice(shown)) if shown else None


def weighted(weights: Sequence[float], drawn: bool) -> Looks:
    """Pictures that show anything, weighted by their order: one drawn, or the weightiest option."""

    def looks(seen: Shown, rng: np.random.Generator) -> int | None:
        kept = [s for s in seen if s != GREY]
        if not kept:
            return None
        mass = np.array([weights[min(i, len(weights) - 1)] for i in range(len(kept))])
        if drawn:
            return _told(int(rng.choice(kept, p=mass / mass.sum())))
        shown = {
            o: sum(m for m, s in zip(mass, kept, strict=True) if s == o) for o in kept if o >= 0
        }
        return max(shown, key=lambda o: shown[o]) if shown else None

    return looks


def nothing(seen: Shown, rng: np.random.Generator) -> int | None:
    """Looks at no picture."""
    return None
