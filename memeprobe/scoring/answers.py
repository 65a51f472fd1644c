"""From an answer to an outcome: right, wrong, unparsed or failed; never a guess."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from memeprobe.scoring.reading import contains as _contained
from memeprobe.scoring.reading import read as parse
from memeprobe.scoring.words import normalise

RIGHT, WRONG, UNPARSED, FAILED = "right", "wrong", "unparsed", "failed"
OUTCOMES = (RIGHT, WRONG, UNPARSED, FAILED)

_NO_CAPTION = frozenset(
    {
        "nothing",
        "none",
        "empty",
        "no caption",
        "no text",
        "no words",
        "there is no caption",
        "there is no text",
        "there is no caption in the picture",
        "there is no text in the picture",
        "没有字",
        "没有文字",
        "没有",
        "无",
        "没字",
        "图上没有字",
        "图上没有文字",
        "没有字幕",
    }
)

_QUOTED = re.compile(r"[\"“”„«「『](.+)[\"“”»」』]", re.DOTALL)
_PREAMBLE = re.compile(
    r"^(?:the\s+|this\s+)?(?:caption|text|writing)(?:\s+(?:in|on|of)\s+the\s+\w+)?\s+"
    r"(?:says|reads|is)\s*:?\s*"
    r"|^(?:(?:图上|图中|图片上|图片中)的?(?:文字|字幕|字)?|文字|字幕)(?:写着|写的是|写了"
    r"|是)\s*[:：]?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Score:
    """What an answer counts as."""

    outcome: str
    chosen: int | None
    """Index of the option that the answer names; None if it names none."""

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"outcome {self.outcome!r} is none of {', '.join(OUTCOMES)}")


def score(
    text: str | None,
    options: Sequence[str],
    gold: int | None,
    logprobs: Sequence[float] | None = None,
    tokens: Sequence[int] | None = None,
) -> Score:
    """Outcome of one multiple-choice answer.

    With log-probabilities the option with the highest mean per token counts (a tie is unparsed,
    a number that is not finite is failed); without, the free answer is read by ``parse``.
    """
    if text is None:
        return Score(FAILED, None)
    if logprobs is not None:
        if not all(map(math.isfinite, logprobs)):
            return Score(FAILED, None)
        chosen = likeliest(logprobs, tokens)
    else:
        chosen = parse(text, options)
    if chosen is None:
        return Score(UNPARSED, None)
    return Score(RIGHT if chosen == gold else WRONG, chosen)


def majority(
    texts: Sequence[str | None], options: Sequence[str], gold: int | None
) -> tuple[Score, list[int | None]]:
    """Outcome of a question whose options were listed once in every rotation, and the votes.

    ``texts[by]`` answers the list that began with option ``by``. An answer that names no option
    is no vote, a failed call (None) neither; the option with more votes than any other is chosen,
    a tie is unparsed. The trial fails where no more than half of its calls came through: the places
    would be too far from balanced.
    """
    if 2 * sum(text is None for text in texts) >= len(texts):
        return Score(FAILED, None), []
    votes: list[int | None] = []
    for by, text in enumerate(texts):
        named = parse(text or "", (*options[by:], *options[:by]))
        votes.append(None if named is None else (named + by) % len(options))
    counts = Counter(v for v in votes if v is not None).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return Score(UNPARSED, None), votes
    chosen = counts[0][0]
    return Score(RIGHT if chosen == gold else WRONG, chosen), votes


@dataclass(frozen=True)
class FreeScore:
    """How close a free answer comes to a reference."""

    exact: bool
    """Equal but for case, spaces, punctuation and width."""
    contained: bool
    """The reference stands in the answer in whole words (Chinese: as a substring), not negated."""
    anls: float
    """1 - normalised edit distance, 0 below one half (Biten et al. 2019)."""


def free(text: str, references: Sequence[str]) -> FreeScore:
    """A free answer against the best of its references. ValueError without a reference."""
    from ocr.accuracy import anls, exact  # only here: most runs never need it

    if not references:
        raise ValueError("a free answer needs at least one reference to be scored against")
    wordless = not normalise(text)  # '' once punctuation and emoji are aside, as any such text
    return FreeScore(
        any(r.strip() == text.strip() if wordless else exact(r, text) for r in references),
        any(_contained(text, r) for r in references),
        float(anls(references, text)),
    )


def likeliest(logprobs: Sequence[float], tokens: Sequence[int] | None = None) -> int | None:
    """Index of the highest log-probability per token; None for a tie (or no options at all).

    ``tokens`` defaults to 1 each, for log-probabilities that are normalised already.
    """
    lengths = tokens if tokens is not None else [1] * len(logprobs)
    means = [p / n for p, n in zip(logprobs, lengths, strict=True)]
    if not means:
        return None
    best = max(means)
    near = [i for i, m in enumerate(means) if math.isclose(m, best, rel_tol=1e-9, abs_tol=1e-12)]
    return near[0] if len(near) == 1 else None


def transcription(text: str) -> str:
    """The caption that a free answer gives: without 'The caption says', quotes, or 'no caption'.

    '' where the answer says that there is none.
    """
    text = text.strip()
    quoted = _QUOTED.search(text)
    text = quoted[1] if quoted else _PREAMBLE.sub("", text, count=1)
    return "" if normalise(text) in _NO_CAPTION else text.strip()
