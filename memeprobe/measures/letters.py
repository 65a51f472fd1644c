"""How well captions are transcribed, apart for languages, places and lengths, and words against
letters that make no word."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from memeprobe import stats
from memeprobe.measures.caption import UNIT, errors, shown
from memeprobe.measures.table import Table, clusters
from memeprobe.scoring.answers import transcription
from memeprobe.stats import NOTHING, Interval
from memeprobe.store.rows import TrialRow

_CHINESE = re.compile(r"[\u3400-\u9fff]")
FEWEST = 8
"""Captions of a group that are needed to speak of it."""


def language(row: TrialRow) -> str:
    """'zh' where the caption has a Chinese character, else 'en'."""
    return "zh" if _CHINESE.search(shown(row)) else "en"


def place(row: TrialRow) -> str | None:
    """Where the caption stands, as the set's tags tell ('style:top'); None if they do not."""
    return next((t.split(":")[1] for t in row.tags if t.startswith("style:")), None)


@dataclass(frozen=True)
class Group:
    """Captions of one kind and their character error rate."""

    split: str
    """'language', 'place' or 'length'."""
    name: str
    """'en', 'zh'; 'top', 'bottom', 'below'; 'short', 'long'."""
    cer: Interval


def word_rows(table: Table) -> list[TrialRow]:
    """The transcribed captions that are words: those that an item has as letters of no word are
    judged with the other non-words."""
    return table.answered(
        "transcribe", lambda r: bool(r.caption) and not (r.kind or "").startswith("nonword")
    )


def read_beyond_chance(table: Table) -> Interval:
    """Share of captions transcribed without an error that counts, minus what chance would hit.

    Chance is how often the texts written for the language's other captions would do: a model that
    always writes one of few words is now and then right without having read anything.
    """
    from ocr.accuracy import exact  # only here: most runs transcribe nothing

    rows = word_rows(table)
    written: dict[str, Counter[str]] = {}
    for row in rows:
        written.setdefault(language(row), Counter())[transcription(row.text or "")] += 1
    values = []
    for row in rows:
        others = written[language(row)]
        hits = sum(n for text, n in others.items() if exact(shown(row), text))
        mine = bool(exact(shown(row), transcription(row.text or "")))
        values.append(mine - (hits - mine) / max(1, others.total() - 1))
    return stats.mean(values, clusters(rows))


def groups(table: Table) -> list[Group]:
    """Character error rate by language, by place and by length (short: up to the median of its
    language), of groups with at least ``FEWEST`` captions."""
    rows = word_rows(table)
    typical = {
        lang: median(len(shown(r)) for r in rows if language(r) == lang)
        for lang in {language(r) for r in rows}
    }
    splits: dict[str, Callable[[TrialRow], str | None]] = {
        "language": language,
        "place": place,
        "length": lambda r: "short" if len(shown(r)) <= typical[language(r)] else "long",
    }
    found = []
    for split, name_of in splits.items():
        named = [name_of(r) for r in rows]
        for name in sorted({n for n in named if n is not None}):
            of_name = [r for r, n in zip(rows, named, strict=True) if n == name]
            if len(of_name) >= FEWEST:
                cer = stats.mean(errors(of_name), clusters(of_name), bounds=UNIT)
                found.append(Group(split, name, cer))
    return found


def widest_gap(found: Sequence[Group]) -> tuple[Group, Group, Interval] | None:
    """The two groups of one split that differ most: (worse, better, difference of their rates).

    Limits by Zou and Donner 2008 ("Construction of confidence limits about effect measures"): they
    need no more than the limits of either rate.
    """
    pairs = [
        (a, b, _difference(a.cer, b.cer))
        for a in found
        for b in found
        if a.split == b.split and a.name != b.name and a.cer.value >= b.cer.value
    ]
    return max(pairs, key=lambda pair: pair[2].low, default=None)


def _difference(a: Interval, b: Interval) -> Interval:
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Interval(value, low, high, min(a.n, b.n)) if a.n and b.n else NOTHING
