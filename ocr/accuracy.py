"""How well a text was read: CER, ANLS and exact match, after one normalisation for both sides."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any

from rapidfuzz.distance import Levenshtein

ANLS_THRESHOLD = 0.5


@cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """The text with traditional characters replaced by simplified ones."""
    return str(_simplifier().convert(text))


def normalise(text: str, variants: bool = False) -> str:
    """Fold what does not count: case, spaces, punctuation and symbols, full and half width (NFKC).

    ``variants`` folds traditional into simplified characters as well. Letters, digits and marks
    stay: 'ＯＫ，没 毛病!' -> 'ok没毛病'.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    if variants:
        text = simplified(text)
    return "".join(c for c in text if unicodedata.category(c)[0] in "LNM")


def cer(reference: str, hypothesis: str, variants: bool = False) -> float:
    """Character error rate: edits / characters of the reference, both normalised.

    May exceed 1. An empty reference gives 0 for an empty hypothesis and else 1 per character read.
    """
    wanted, got = normalise(reference, variants), normalise(hypothesis, variants)
    return Levenshtein.distance(wanted, got) / max(1, len(wanted))


def anls(references: Sequence[str], hypothesis: str, variants: bool = False) -> float:
    """Average normalised Levenshtein similarity of one answer (Biten et al., ICCV 2019).

    1 - distance / length of the longer, 0 where the distance is half of that length or more; the
    best over the references. Raises ValueError without a reference.
    """
    if not references:
        raise ValueError("anls needs at least one reference")
    got = normalise(hypothesis, variants)
    losses = [Levenshtein.normalized_distance(normalise(r, variants), got) for r in references]
    best = min(losses)
    return 1 - best if best < ANLS_THRESHOLD else 0.0


def exact(reference: str, hypothesis: str, variants: bool = False) -> bool:
    """Whether both are equal once normalised."""
    return normalise(reference, variants) == normalise(hypothesis, variants)
