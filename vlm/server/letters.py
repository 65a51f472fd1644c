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

from vlm.server.values import log_probability

LETTERS = "ABCDEFGHIJKLMNOPQRST"
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
    pairs = _listed(reply)
    found = dict.fromkeys(LETTERS[:count], 0.0)
    for token, logprob in pairs:
        if token in found:
            found[token] += math.exp(logprob)
    if not any(found.values()):
        return None
    least = max(math.exp(min(logprob for _, logprob in pairs)), 1e-9)
    return [found[letter] or least for letter in LETTERS[:count]]


def label_mass(reply: Mapping[str, Any], count: int) -> float:
    """Chance that the first token is one of the letters at all: little of it means that the model
    would say something else, and that its preference among letters says little."""
    letters = set(LETTERS[:count])
    return min(1.0, sum(math.exp(p) for token, p in _listed(reply) if token in letters))


def _listed(reply: Mapping[str, Any]) -> list[tuple[str, float]]:
    """(token, log-probability) of what may stand first in a reply; none where one of them has no
    log-probability. "A", " A", "▁A" and "A." begin the same answer, and are the token "A"."""
    try:
        rows = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        told = [(str(row["token"]), log_probability(row["logprob"])) for row in rows]
    except (LookupError, TypeError):
        return []
    found = [(token.strip(" \t\n▁Ġ.():"), p) for token, p in told if p is not None]
    return found if len(found) == len(told) else []


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
