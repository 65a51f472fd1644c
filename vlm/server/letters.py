"""Option log-probabilities from a server, which shows only the likeliest tokens of its answer.

The chance of a whole answer cannot be had from a chat completion. What can: list the options under
letters, ask for the letter, and read the chances of the first token. A letter's place sways a
model, so every option stands once under every letter, and its chance is the mean over these turns
(the cyclic permutations of Zheng et al., arXiv 2309.03882). It is the chance to be chosen from a
list, not of being said freely; the receipt's prompt shows the list.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LETTERS = "ABCDEFGHIJKLMNOPQRST"
ROUNDING = 1e-3
"""A log-probability may lie so far above 0 and still be one."""
TOP = 20
"""How many tokens' chances are asked for: the most that OpenAI gives."""

Found = tuple[tuple[float, ...], tuple[int, ...], tuple[str, ...]]
"""Log-probability and tokens of each option, and notes."""


def turns(options: Sequence[str]) -> list[tuple[str, ...]]:
    """Orders in which every option stands once in every place; the same for any given order."""
    ordered = sorted(options)
    return [tuple(ordered[i:] + ordered[:i]) for i in range(len(ordered))]


def lettered(question: str, options: Sequence[str]) -> str:
    """The question with its options under letters."""
    listed = "\n".join(f"{letter}. {o}" for letter, o in zip(LETTERS, options, strict=False))
    return f"{question}\n{listed}\nAnswer with the letter only."


def chances(reply: Mapping[str, Any], count: int) -> list[float] | None:
    """Chance of each of the first ``count`` letters as the first token of a reply.

    A letter that is not among the tokens listed gets the chance of the rarest one listed, which
    it does not exceed. None: the reply has no log-probabilities, or what it gives are none (not a
    number, above 0), or none of the letters is listed.
    """
    try:
        listed = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        pairs = [(str(row["token"]), float(row["logprob"])) for row in listed]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    if not all(logprob <= ROUNDING for _, logprob in pairs):  # NaN is not, either
        return None
    found = dict.fromkeys(LETTERS[:count], 0.0)
    for token, logprob in pairs:
        # "A", " A", "▁A" and "A." begin the same answer.
        letter = token.strip(" \t\n▁Ġ.():")
        if letter in found:
            found[letter] += math.exp(min(logprob, 0.0))
    if not any(found.values()):
        return None
    least = max(math.exp(min(logprob for _, logprob in pairs)), 1e-9)
    return [found[letter] or least for letter in LETTERS[:count]]


def label_mass(reply: Mapping[str, Any], count: int) -> float:
    """Chance that the first token is one of the letters at all: little of it means that the model
    would say something else, and that its preference among letters says little."""
    try:
        listed = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        pairs = [(str(row["token"]).strip(" \t\n▁Ġ.():"), float(row["logprob"])) for row in listed]
    except (KeyError, IndexError, TypeError, ValueError):
        return 0.0
    return min(1.0, sum(math.exp(p) for token, p in pairs if token in set(LETTERS[:count])))


def given(reply: Mapping[str, Any]) -> bool:
    """Whether a reply has log-probabilities at all: some servers pass over the wish for them."""
    try:
        return bool(reply["choices"][0]["logprobs"]["content"])
    except (KeyError, IndexError, TypeError):
        return False


def scored(
    options: Sequence[str],
    orders: Sequence[Sequence[str]],
    replies: Iterable[Mapping[str, Any] | None],
) -> Found | None:
    """Scores of the options from the reply to each of their ``orders``; None where one of the
    replies is missing or has no chances, and then no further one is taken."""
    rows, masses = [], []
    for order, reply in zip(orders, replies, strict=True):
        row = None if reply is None else chances(reply, len(order))
        if reply is None or row is None:
            return None
        rows.append(row)
        masses.append(label_mass(reply, len(order)))
    note = mass_note(sum(masses) / len(masses))
    return mean_logprobs(options, orders, rows), (1,) * len(options), (note,)


def mass_note(mass: float) -> str:
    """What a receipt says of ``label_mass``, here the mean over all turns."""
    return f"label mass {mass:.2f}: chance that the answer is a letter"


def mean_logprobs(
    options: Sequence[str], orders: Sequence[Sequence[str]], rows: Sequence[Sequence[float]]
) -> tuple[float, ...]:
    """Log of each option's mean chance; ``rows[turn][place]`` as ``chances`` gives them."""
    logprobs = []
    for option in options:
        got = [row[order.index(option)] for order, row in zip(orders, rows, strict=True)]
        logprobs.append(min(0.0, math.log(sum(got) / len(got))))
    return tuple(logprobs)
