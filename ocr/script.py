"""Simplified and traditional characters that a recogniser mixes up: 别 and 別 differ by a stroke.

What else a picture says tells which are meant; where both say as much, the simplified ones, for
the weights take them for traditional ones and hardly ever the other way. Only single traditional
characters among simplified ones are replaced: texts in traditional characters hold some that look
simplified.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from ocr.accuracy import simplified

BOTH = frozenset("后里面只干台松云几了才余谷斗丑卷系志周准冲表板布采虫出范丰复征朱筑")
"""Simplified characters that traditional texts use as well."""
MANY = 2
"""As many traditional characters in one line, more than simplified ones, are meant."""


@cache
def _traditional() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


def in_one_script(texts: Sequence[str]) -> list[str]:
    """The texts of a picture or clip without stray traditional characters among simplified ones."""
    if all(text.isascii() for text in texts):
        return list(texts)
    stray = [_marked(text) for text in texts]
    if not any(stray) or sum(map(len, stray)) > sum(map(_simplified_only, texts)):
        return list(texts)
    return [
        _folded(text) if len(own) > 0 and not _meant(text, own) else text
        for text, own in zip(texts, stray, strict=True)
    ]


def _marked(text: str) -> list[str]:
    """The characters of a text that only traditional texts have."""
    return [c for c, s in zip(text, simplified(text), strict=False) if c != s]


def _simplified_only(text: str) -> int:
    """How many characters only simplified texts have."""
    return sum(
        c not in BOTH and not c.isascii() and simplified(c) == c != _traditional().convert(c)
        for c in text
    )


def _meant(text: str, stray: Sequence[str]) -> bool:
    return len(stray) >= MANY and len(stray) > _simplified_only(text)


def _folded(text: str) -> str:
    folded = simplified(text)
    return folded if len(folded) == len(text) else text
