"""From an answer to an outcome: right, wrong, unparsed or failed; never a guess."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

RIGHT, WRONG, UNPARSED, FAILED = "right", "wrong", "unparsed", "failed"
OUTCOMES = (RIGHT, WRONG, UNPARSED, FAILED)

_LETTER = re.compile(
    r"^\W*(?:(?:the\s+)?(?:correct\s+|right\s+)?(?:answer|option|choice)\s*(?:is|:)?\s*"
    r"|(?:正确)?(?:答案|选项|应该选|我选|选择|选)\s*(?:是|为|:)?\s*)?(?:option\s+)?"
    r"\(?([a-z])(?:\)|\.|:|,|、|。|$)\s*(.*)$",
    re.DOTALL,
)
"""An option letter at the head of an answer: 'B', '(b)', 'B. text', 'The answer is B', '选B'.
A letter followed by a plain space is no option letter: 'a dog'."""

_NEGATION = re.compile(
    r"(?:\b(?:not|never|no|nothing|cannot|isnt|doesnt|didnt|wasnt|neither|nor|without)\b"
    r"(?:\s\w+)?\s*|[不没未非](?:是|有|会|在)?)$"
)

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
    r"|^(?:(?:图上|图中|图片上|图片中)的?(?:文字|字幕|字)?|文字|字幕)(?:写着|写的是|写了|是)\s*[:：]?\s*",
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
    is no vote; the option with more votes than any other is chosen, a tie is unparsed. Any failed
    answer fails the trial, because the places would no longer be balanced.
    """
    if any(text is None for text in texts):
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
    plain = normalise(text)
    return FreeScore(
        any(exact(r, text) for r in references),
        any(bool(_contained(plain, [normalise(r)])) for r in references),
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


def normalise(text: str) -> str:
    """Lower case, half width, no punctuation, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    return " ".join(kept.split())


def parse(text: str, options: Sequence[str]) -> int | None:
    """The one option that a free answer names, or None.

    In turn: the whole answer is an option; it begins with an option's letter (and any option
    named after it is the same one); exactly one option is contained in it, in whole words
    (Chinese: as a substring), not negated. An option inside a longer option that matches too
    ('cat' in 'black cat') does not count.
    """
    plain = normalise(text)
    forms = [normalise(o) for o in options]
    if not plain:
        return None
    if forms.count(plain) == 1:
        return forms.index(plain)
    named = _contained(plain, forms)
    head = _LETTER.match(unicodedata.normalize("NFKC", text).casefold().strip())
    if head is not None and "a" <= head[1] < chr(ord("a") + len(options)):
        letter = ord(head[1]) - ord("a")
        after = _contained(normalise(head[2]), forms)
        return letter if after <= {letter} else None
    return named.pop() if len(named) == 1 else None


def _contained(plain: str, forms: Sequence[str]) -> set[int]:
    """Options found in a normalised answer; a negated one makes all of them doubtful: none."""
    spans: list[tuple[int, int, int]] = []
    for index, form in enumerate(forms):
        # A Latin letter or digit may not go on beyond either end; Chinese has no such borders.
        pattern = rf"(?<![a-z0-9]){re.escape(form)}(?![a-z0-9])" if form else r"(?!)"
        spans += [(m.start(), m.end(), index) for m in re.finditer(pattern, plain)]
    outer = [
        s
        for s in spans
        if not any(o[0] <= s[0] and s[1] <= o[1] and o[1] - o[0] > s[1] - s[0] for o in spans)
    ]
    if any(_NEGATION.search(plain[:start]) for start, _, _ in outer):
        return set()
    return {index for _, _, index in outer}


def transcription(text: str) -> str:
    """The caption that a free answer gives: without 'The caption says', quotes, or 'no caption'.

    '' where the answer says that there is none.
    """
    text = text.strip()
    quoted = _QUOTED.search(text)
    text = quoted[1] if quoted else _PREAMBLE.sub("", text, count=1)
    return "" if normalise(text) in _NO_CAPTION else text.strip()
