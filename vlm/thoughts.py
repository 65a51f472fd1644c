"""How models that think aloud mark their thoughts, in whatever way they are reached."""

import re

TAGS: tuple[tuple[str, str], ...] = (
    ("<think>", "</think>"),
    ("◁think▷", "◁/think▷"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
)
"""What opens and what closes a thought, by family."""
OPENED = re.compile(r"\s*(?:<answer>|<\|begin_of_box\|>)?\s*")
"""What may stand between a thought and the words of the answer (GLM-V writes the tags)."""
_CLOSED = re.compile(r"\s*(?:</answer>|<\|end_of_box\|>)\s*$")


def words(answer: str) -> str:
    """The words of an answer without the tags around them."""
    return _CLOSED.sub("", OPENED.sub("", answer, count=1)).strip()


def parted(text: str) -> tuple[str, str]:
    """(thought, answer) of a text. A closing tag alone ends a thought that the prompt opened; an
    opening tag alone begins one that did not end, and then there is no answer."""
    for opened, closed in TAGS:
        if closed in text:
            before, _, after = text.rpartition(closed)
            return before.split(opened)[-1].strip(), words(after)
        if text.lstrip().startswith(opened):
            return text.split(opened, 1)[1].strip(), ""
    return "", words(text)
