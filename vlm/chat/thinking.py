"""Models that think aloud before they answer: the thought is kept apart from the answer.

Where the chat template has a switch, thinking is off (``Conversation.switch``). Elsewhere an answer
that is still in its thought when its room ends gets more room, and the options are weighed behind
the thought, where the model itself would put its answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vlm.thoughts import OPENED, TAGS, words

ROOM = 1024
"""Tokens for thought and answer where nobody says how many (``--max-new-tokens``)."""


@dataclass(frozen=True)
class Said:
    """What a model said, parted."""

    thought: str
    answer: str
    ids: tuple[int, ...] = ()
    """The tokens said before the words of the answer; none where nothing was thought."""
    unfinished: bool = False
    """Whether it was still thinking when its room ended."""
    truncated: bool = False
    """Whether it stopped at its bound of tokens."""


def part(
    ids: Sequence[int], decode: Callable[[Sequence[int]], str], prompt: str, plain: str
) -> Said:
    """Part the tokens said into thought and answer.

    ``decode``: text of tokens, special ones included; ``prompt``: as text, for a template may open
    the thought itself; ``plain``: what was said, without special tokens.
    """
    text = decode(ids)
    opened, closed = next(
        (pair for pair in TAGS if any(tag in text for tag in pair) or _open(prompt, pair)), ("", "")
    )
    if not closed:
        return Said("", plain)
    if closed not in text:
        began = _open(prompt, (opened, closed)) or text.lstrip().startswith(opened)
        return (
            Said(text.split(opened)[-1].strip(), "", unfinished=True) if began else Said("", plain)
        )
    thought = text[: text.rindex(closed)].split(opened)[-1].strip()
    answer = text[text.rindex(closed) + len(closed) :]
    begins = len(text) - len(answer) + len(match[0] if (match := OPENED.match(answer)) else "")
    before = tuple(ids[: _tokens_up_to(ids, decode, text[:begins])])
    return Said(thought, words(answer), before)


def _open(prompt: str, pair: tuple[str, str]) -> bool:
    return prompt.rstrip().endswith(pair[0])


def _tokens_up_to(ids: Sequence[int], decode: Callable[[Sequence[int]], str], text: str) -> int:
    """The fewest tokens whose text covers ``text``."""
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if len(decode(ids[:middle])) >= len(text):
            high = middle
        else:
            low = middle + 1
    return low
