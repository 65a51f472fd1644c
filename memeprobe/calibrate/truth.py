"""Random simulated subjects and what is untrue of each: no verdict may say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from memeprobe.calibrate.looking import (
    Looks,
    any_gold,
    at,
    content,
    early_half,
    ends,
    last_telling,
    later_half,
    many_first,
    middle,
    most,
    nothing,
    one_of,
    peaks,
    recent,
    second,
    weighted,
)
from memeprobe.calibrate.simulated import Subject, frames_run
from memeprobe.calibrate.simulated_reader import PLACES, Reader, captions_run
from memeprobe.store.rows import TrialRow
from memeprobe.verdicts import Verdict

GRADED = tuple(0.5**slot for slot in range(8))
KINDS: Mapping[str, tuple[Looks, str | None, float]] = {
    "fair": (last_telling, None, 0.0),
    "knows": (any_gold, None, 0.0),
    "majority": (most, None, 0.0),
    "any frame": (one_of, None, 0.0),
    "first": (at(0), "first", 1.0),
    "first content": (content(0), "first", 1.0),
    "graded, drawn": (weighted(GRADED, True), "first", 0.4),
    "graded, weighed": (weighted(GRADED, False), "first", 1.0),
    "last": (at(-1), "last", 1.0),
    "last content": (content(-1), "last", 1.0),
    "middle": (middle, "middle", 1.0),
    "ends": (ends, "ends", 1.0),
    "recent, drawn": (recent, "last", 0.4),
    "second": (second, "middle", 0.5),
    "later half": (later_half, "uneven", 0.5),
    "early half": (early_half, "uneven", 0.5),
    "two peaks": (peaks, "uneven", 0.2),
    "first of many": (many_first, "first", 1.0),
    "blind": (nothing, None, 0.0),
    "stuck": (nothing, None, 0.0),
}
"""Way of looking -> the function, the place that it favours ('uneven': some slots, but neither the
first, the last nor the middle as such), and how much of the decision that place holds at full
strength."""
SHOWS = 1 / 3
"""One whose answers show more of the pictures gains over 25 points: *blind* denies so much."""
BLIND = ("blind", "stuck")
"""Kinds that look at no picture; one is stuck on an option, item by item."""
PLACE_KEYS = {
    "first": {"first_frame_biased", "first_frame_leaning"},
    "last": {"last_frame_biased", "last_frame_leaning"},
    "middle": {"middle_leaning"},
    "ends": {"ends_leaning"},
    "uneven": set[str](),
}
ALL_PLACES = set[str]().union(*PLACE_KEYS.values())


@dataclass(frozen=True)
class Case:
    """A random subject of both probes, and how it is asked."""

    kind: str
    frames: Subject
    reader: Reader
    items: int
    k: int

    @property
    def held(self) -> float:
        """How much of the decision the favoured place really holds."""
        return KINDS[self.kind][2] * self.frames.strength if self.place else 0.0

    @property
    def place(self) -> str | None:
        """The place that it favours; one kind does so only among many pictures."""
        return None if self.kind == "first of many" and self.k <= 4 else KINDS[self.kind][1]

    def rows(self, seed: int) -> list[TrialRow]:
        """One run of both probes."""
        frames = frames_run(self.frames, self.items, seed, self.k)
        return [*frames, *captions_run(self.reader, self.items, seed + 1)]


def draw(rng: np.random.Generator, noise: tuple[float, float] = (0.0, 0.3)) -> Case:
    """A subject at random; ``noise``: between what shares its answers are random."""
    kind = str(rng.choice(list(KINDS)))
    share = float(rng.uniform(*noise)) if rng.random() < 0.8 else noise[0]
    frames = Subject(
        KINDS[kind][0],
        # One that looks at nothing never looks otherwise.
        strength=1.0 if rng.random() < 0.5 or kind in BLIND else float(rng.uniform(0.3, 1.0)),
        by_item=bool(rng.random() < 0.3),
        noise=share,
        skill=1.0 if rng.random() < 0.6 else float(rng.uniform(0.3, 1.0)),
        stuck=1.0 if kind == "stuck" else float(rng.choice([0.0, 0.3], p=[0.8, 0.2])),
        failed=float(rng.choice([0.0, 0.05])),
        failed_many=float(rng.choice([0.0, 0.25], p=[0.8, 0.2])),
        short=float(rng.choice([0.0, 0.03])),
        refuses_grey=bool(rng.random() < 0.15),
    )
    reader = Reader(noise=share, reads_en=_some(rng, 1.0), reads_zh=_some(rng, 1.0))
    if rng.random() < 0.5:
        reader = replace(reader, reads_zh=reader.reads_en)
    if rng.random() < 0.1:
        reader = replace(reader, only_at=str(rng.choice(PLACES)))
    flaw = str(rng.choice(["none", "words_only", "uses", "copies", "thrown", "invents"]))
    if flaw == "words_only":
        reader = replace(reader, words_only=True)
    elif flaw == "uses":
        reader = replace(reader, uses=float(rng.choice([0.0, 0.5])))
    elif flaw != "none":
        share = float(rng.uniform(0.2, 1.0))
        flaws = {
            "copies": replace(reader, copies=share),
            "thrown": replace(reader, thrown=share),
            "invents": replace(reader, invents=share),
        }
        reader = flaws[flaw]
    return Case(kind, frames, reader, int(rng.choice([60, 120, 200])), int(rng.choice([4, 6])))


def _some(rng: np.random.Generator, often: float) -> float:
    return often if rng.random() < 0.6 else float(rng.choice([0.0, 0.15, 0.5]))


def untrue(case: Case, verdicts: Mapping[str, Verdict]) -> list[str]:
    """What the verdicts say of a subject that its making denies: 'first_frame: flat', ..."""
    denied = {
        "first_frame": _untrue_of_case(case),
        "order": _untrue_of_order(case),
        "caption": _untrue_of_reading(case.reader),
    }
    found = [f"{n}: {verdicts[n].key}" for n, keys in denied.items() if verdicts[n].key in keys]
    grade = verdicts["first_frame"].numbers.get("grade")
    if grade == "total" and case.held < 0.55 and not found and not _unseen(case):
        found.append("first_frame: total")
    return found


def _shows(case: Case) -> float:
    """How much of what the pictures show is in its answers at all."""
    shown = case.frames.skill * (1 - case.frames.noise) * (1 - case.frames.stuck)
    return 0.0 if case.kind in BLIND else shown


def _unseen(case: Case) -> bool:
    """The second slot is asked among grey frames only: of one that names no option there, nobody
    can know that it counts as much as the first."""
    return case.kind == "early half" and case.frames.refuses_grey


def _untrue_of_case(case: Case) -> set[str]:
    found = untrue_of_places(case.kind, case.place, case.held, _shows(case))
    return found - PLACE_KEYS["first"] if _unseen(case) else found


def untrue_of_places(kind: str, place: str | None, held: float, shows: float) -> set[str]:
    """Keys of the verdict on places that are untrue of a subject: its kind, the place that it
    favours, how much of the decision that place holds, how much its answers show of pictures."""
    if kind in BLIND:
        return ALL_PLACES | {"flat", "uneven", "lost_among_frames"}
    never = {"lost_among_frames"} | ({"blind"} if shows > SHOWS else set())
    if place is None:
        return never | ALL_PLACES | {"uneven"}
    denied = never | (ALL_PLACES - PLACE_KEYS[place])
    if held > 0.15:
        denied.add("flat")
    if held < 0.8:
        denied |= {"first_frame_biased", "last_frame_biased"}
    return denied


def _untrue_of_order(case: Case) -> set[str]:
    """None of them follows what happens: the last picture alone tells as much as all."""
    place, denied = case.place, {"uses_order"}
    if case.kind in BLIND:
        return denied | {"order_blind", "follows_end", "order_matters", "backwards"}
    if _shows(case) > 0.4 and (case.kind == "fair" or case.held > 0.7):
        denied |= {"order_blind"} if place in (None, "first", "last") else set()
    if place == "first" and case.held > 0.5:
        denied |= {"follows_end", "order_matters"}
    if place is None or place == "last":
        denied.add("backwards")
    return denied


def _untrue_of_reading(reader: Reader) -> set[str]:
    read = reader.reads() * (1 - reader.noise)
    gap = abs(reader.reads_en - reader.reads_zh) * (1 - reader.noise)
    if reader.only_at is not None:
        gap = max(gap, max(reader.reads_en, reader.reads_zh) * (1 - reader.noise))
    wrong: Sequence[tuple[str, bool]] = (
        ("cannot_read", read > 0.2),
        ("told_only", read > 0.2),
        ("reads_part", read > 0.85),
        ("reads_unevenly", gap < 0.3),
        ("guesses_words", not reader.words_only),
        ("reads_not_uses", reader.uses > 0.9),
        ("uses_part", reader.uses > 0.9),
        ("mixed", reader.uses > 0.9),
        ("copies_prompt", reader.copies < 0.05),
        ("thrown_off", reader.thrown < 0.05),
        ("invents", reader.invents + reader.noise < 0.15),
        ("uses_caption", _weak(reader, read, gap)),
    )
    return {key for key, denied in wrong if denied}


def _weak(reader: Reader, read: float, gap: float) -> bool:
    """Whether some part is so weak that nobody may say that none is."""
    return (
        read < 0.5
        or gap > 0.7
        or (reader.words_only and read > 0.4)
        or reader.uses * read < 0.4
        or max(reader.copies, reader.thrown) * (1 - reader.noise) > 0.4
        or reader.invents > 0.5
    )
