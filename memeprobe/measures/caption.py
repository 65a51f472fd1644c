"""Measures of the caption probe: reading, using, copying from the prompt, making up."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from memeprobe import stats
from memeprobe.measures.table import Table, clusters, gain, right
from memeprobe.scoring.answers import transcription
from memeprobe.stats import Interval
from memeprobe.store.rows import TrialRow

UNIT = (0.0, 1.0)


def pair_accuracy(table: Table) -> Interval:
    """Share of items right both as they are and with the counterfactual caption."""
    pairs = table.together(("as_is", "replaced"))
    first = [a for a, _ in pairs]
    return stats.share([right(a) and right(b) for a, b in pairs], clusters(first))


def copying(table: Table) -> Interval:
    """Share of answers that follow a wrong caption told in the prompt, against the picture's own.

    Only items whose other caption has an answer of its own among the options.
    """
    rows = table.answered("told_wrong", lambda r: r.other_gold is not None)
    return stats.share([r.chosen == r.other_gold for r in rows], clusters(rows))


def led(table: Table) -> Interval:
    """How much oftener answers follow the wrong caption than they do where nothing is told.

    So a model that hits the other caption's answer by chance is not said to follow the prompt.
    """
    both = table.together(("told_wrong", "as_is"), lambda r: r.other_gold is not None)
    values = [int(t.chosen == t.other_gold) - int(a.chosen == a.other_gold) for t, a in both]
    return stats.tested(values, clusters([t for t, _ in both]))


def told_cost(table: Table) -> Interval:
    """What telling the true caption costs: as_is minus told; below 0 it helps."""
    return gain(table, "as_is", "told")


def errors(rows: Sequence[TrialRow]) -> list[float]:
    """Character error rate of each transcription, at most 1 an item."""
    return [_error(shown(r), transcription(r.text or "")) for r in rows]


@lru_cache(maxsize=4096)
def _error(reference: str, found: str) -> float:
    from ocr.accuracy import cer  # only here: most runs transcribe nothing

    return min(1.0, float(cer(reference, found)))


def shown(row: TrialRow) -> str:
    """The caption that the pictures of a transcription show."""
    return str(row.caption if row.shown_caption is None else row.shown_caption or "")


def reading(table: Table) -> dict[str, Interval]:
    """CER (at most 1 an item), ANLS and exact share of the transcriptions, and hallucination.

    CER and exact after one normalisation of case, space, punctuation and width. ANLS: mean of
    1 - normalised edit distance, 0 below 0.5 (Biten et al. 2019). Hallucination: share of answers
    that give a text where the item has no caption or it was erased; empty answers give none.
    Non-words: CER on captions that are no words, and how much it exceeds that on the same items'
    real captions (words that are guessed, not read).
    """
    from ocr.accuracy import anls, exact

    rows = table.answered("transcribe", lambda r: bool(r.caption))
    nonwords = table.answered("transcribe_nonword")
    bare = table.answered("transcribe", lambda r: r.caption == "")
    bare = bare + table.answered("transcribe_erased")
    texts = [(shown(r), transcription(r.text or "")) for r in rows]
    both = table.together(("transcribe_nonword", "transcribe"), lambda r: bool(r.caption))
    gaps = zip(errors([n for n, _ in both]), errors([w for _, w in both]), strict=True)
    names = clusters(rows)
    return {
        "transcription_cer": stats.mean(errors(rows), names, bounds=UNIT),
        "transcription_anls": stats.mean(
            [float(anls([c], t)) for c, t in texts], names, bounds=UNIT
        ),
        "transcription_exact": stats.share([bool(exact(c, t)) for c, t in texts], names),
        "nonword_cer": stats.mean(errors(nonwords), clusters(nonwords), bounds=UNIT),
        "nonword_cer_gap": stats.mean([n - w for n, w in gaps], clusters([n for n, _ in both])),
        "hallucination": stats.share(
            [bool(transcription(r.text or "")) for r in bare], clusters(bare)
        ),
    }


def caption_measures(table: Table) -> dict[str, Interval]:
    """Every measure of the probe; empty ones included."""
    asked = any(table.answered(f"transcribe{e}") for e in ("", "_erased", "_nonword"))
    return {
        "reading_gain": gain(table, "as_is", "erased"),
        "word_gain": gain(table, "as_is", "nonword"),
        "pair_accuracy": pair_accuracy(table),
        "told_gain": gain(table, "told", "as_is"),
        "prompt_copying": copying(table),
        "prompt_pull": led(table),
        **(reading(table) if asked else {}),
    }


def free_measures(
    table: Table, keep: Callable[[TrialRow], bool] = lambda row: True
) -> dict[str, Interval]:
    """The model's own words against the right option: exact, contained, ANLS; and the judge.

    Under ``keyframes``, else ``as_is``. Answers to listed options are letters, and left out.
    """
    from memeprobe.scoring.answers import free

    condition = "keyframes" if table.answered("keyframes") else "as_is"
    rows = [
        r
        for r in table.answered(condition, keep)
        if r.text and r.gold is not None and not r.rotations
    ]
    scores = [free(r.text or "", [r.options[r.gold or 0]]) for r in rows]
    names = clusters(rows)
    judged = [r for r in rows if r.judge in ("right", "wrong")]
    agree = [(r.judge == "right") == right(r) for r in judged]
    return {
        "free_exact": stats.share([s.exact for s in scores], names),
        "free_contained": stats.share([s.contained for s in scores], names),
        "free_anls": stats.mean([s.anls for s in scores], names, bounds=UNIT),
        "judge_accuracy": stats.share([r.judge == "right" for r in judged], clusters(judged)),
        "judge_agreement": stats.share(agree, clusters(judged)),
    }
