"""From labels to the reader's error rates, each with its interval."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from memeprobe import stats
from memeprobe.audit.sample import LETTERS, NONE, UNSURE, Case
from memeprobe.scoring.reading import read

Reader = Callable[[str, Sequence[str]], int | None]


def audited(
    cases: Sequence[Case], labels: Mapping[str, str], reader: Reader = read
) -> dict[str, Any]:
    """Error rates of ``reader`` over the labelled trials, 95 % intervals by item cluster.

    named_wrongly: the reader names another option than the label, or one where the label says
    none, in shares of all labelled trials; it is what spoils a score. missed: it names none where
    the label says one, in shares of the trials that give one. Cases labelled '?' are left out.
    """
    wrong: list[bool] = []
    missed: list[bool] = []
    wrong_in: list[str] = []
    missed_in: list[str] = []
    differing: list[dict[str, Any]] = []
    unsure = 0
    for case in cases:
        label = labels.get(case.key)
        if label is None or label == UNSURE:
            unsure += len(case.clusters) if label == UNSURE else 0
            continue
        right = None if label == NONE else LETTERS.index(label)
        found = reader(case.answer, case.options)
        errs = found is not None and found != right
        wrong += [errs] * len(case.clusters)
        wrong_in += case.clusters
        if right is not None:
            missed += [found is None] * len(case.clusters)
            missed_in += case.clusters
        if found != right:
            said = NONE if found is None else LETTERS[found]
            labelled = {"answer": case.answer, "options": case.listed, "label": label, "read": said}
            differing.append({**labelled, "trials": len(case.clusters)})
    return {
        "labelled": len(wrong),
        "answers": sum(case.key in labels for case in cases),
        "open": sum(len(c.clusters) for c in cases if c.key not in labels),
        "unsure": unsure,
        "named_wrongly": stats.share(wrong, wrong_in).as_json() if wrong else None,
        "missed": stats.share(missed, missed_in).as_json() if missed else None,
        "differing": differing,
    }
