"""Several people's labels of one set: who said what, how far they agree, where they do not."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from meme_sets import MemeSet
from memeprobe.errors import JobError, unknown
from memeprobe.scoring.answers import RIGHT, UNPARSED, WRONG
from memeprobe.scoring.words import normalise
from memeprobe.stats import Interval, alpha, nominal
from memeprobe.store.labels import ANSWER, CAPTION, Label
from memeprobe.store.rows import TrialRow

NONE = "none"
"""The answer of somebody whom no option fits."""


@dataclass(frozen=True)
class Agreement:
    """How far people agree in one kind of label."""

    kind: str
    """'answer' or 'caption'."""
    people: tuple[str, ...]
    labelled: int
    """Items with a label of two people at least."""
    same: int
    """Those of them where all said the same."""
    alpha: Interval
    """Krippendorff's."""
    differing: tuple[str, ...]
    """Items where they did not."""

    def as_json(self) -> dict[str, Any]:
        """Plain values; ``alpha`` has None where it cannot be told."""
        return {**asdict(self), "alpha": self.alpha.as_json()}


def agreement(meme_set: MemeSet, labels: Sequence[Label], kind: str) -> Agreement:
    """How far people agree about the set's items.

    Answers are the same option or not, and chance is that of the options' places in their lists:
    options of other items are no choice that a person had. Captions differ by the share of letters
    that would have to be changed, capitals, spaces and punctuation aside. Labels of items or of
    options that the set has no more are left out. Items of a cluster are resampled together.
    """
    said: dict[str, list[str]] = defaultdict(list)
    items = {item.id: item for item in meme_set.items}
    people = set()
    for label in labels:
        item = items.get(label.item)
        if label.kind != kind or label.value is None or item is None:
            continue
        value = label.value
        if kind == ANSWER:
            options = [o.en for o in item.options]
            if value not in {*options, NONE}:
                continue
            value = str(options.index(value)) if value in options else NONE
        people.add(label.person)
        said[label.item].append(plain(value) if kind == CAPTION else value)
    ordered = {item.id: said[item.id] for item in meme_set.items}
    clusters = {name: item.cluster for name, item in items.items()}
    return _agreement(kind, people, ordered, clusters)


def agreement_of_runs(
    runs: Mapping[str, Sequence[TrialRow]], condition: str = "keyframes"
) -> Agreement:
    """How far the answers of several runs on one set agree, of people or of models.

    ``runs``: whose -> the run's trials. An answer that names no option is one of its own; what
    failed is no answer. Raises JobError: nobody was asked the condition.
    """
    said: dict[str, list[str]] = defaultdict(list)
    clusters: dict[str, Hashable] = {}
    people = set()
    for person, rows in runs.items():
        for row in rows:
            if row.condition != condition or row.outcome not in (RIGHT, WRONG, UNPARSED):
                continue
            people.add(person)
            said[row.item].append(NONE if row.chosen is None else str(row.chosen))
            clusters[row.item] = row.cluster or row.item
    if not said:
        known = sorted({row.condition for rows in runs.values() for row in rows})
        raise JobError(unknown("condition of these runs", condition, known))
    return _agreement(ANSWER, people, dict(sorted(said.items())), clusters)


def _agreement(
    kind: str,
    people: set[str],
    said: Mapping[str, Sequence[str]],
    clusters: Mapping[str, Hashable],
) -> Agreement:
    both = [name for name, labels in said.items() if len(labels) > 1]
    differing = tuple(name for name in both if len(set(said[name])) > 1)
    found = alpha(
        [said[name] for name in both],
        apart if kind == CAPTION else nominal,
        [clusters[name] for name in both],
    )
    return Agreement(
        kind, tuple(sorted(people)), len(both), len(both) - len(differing), found, differing
    )


def plain(caption: str) -> str:
    """A caption as it is compared."""
    return normalise(caption).replace(" ", "")


def apart(one: str, other: str) -> float:
    """Share of letters that differ: edit distance / length of the longer one."""
    return float(Levenshtein.normalized_distance(one, other))


def rows_of(
    meme_set: MemeSet, labels: Sequence[Label], person: str
) -> list[tuple[int, dict[str, str]]]:
    """A person's answers as ``human.enter`` takes them: of items that have a right option."""
    options = {i.id: [o.en for o in i.options] for i in meme_set.items if i.gold is not None}
    return [
        (number, {"item": label.item, "answer": label.value or ""})
        for number, label in enumerate(labels, 1)
        if label.person == person
        and label.kind == ANSWER
        and label.value in {*options.get(label.item, ()), NONE}
        and label.item in options
    ]
