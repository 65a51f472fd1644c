"""Captions that are no words: as long as the real one, readable letter by letter, not guessable.

A model that guesses words from their looks reads "WHEN YOU" and fails on "NEWH UOY" (OCRBench's
regular and non-regular words show the gap); so the pair tells reading from guessing.
"""

import random
import unicodedata
from functools import cache

_VOWELS, _CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"


def nonword(caption: str) -> str:
    """A text of the same length, case and script in the place of each letter; the same each time.

    Letters go to letters of no word: a consonant for a vowel and the other way round. Chinese
    characters go to common ones drawn at random. Spaces, digits and punctuation stay.
    """
    draw = random.Random(f"nonword|{caption}")
    return "".join(_other(c, draw) for c in caption)


def _other(character: str, draw: random.Random) -> str:
    low = unicodedata.normalize("NFKD", character)[0].lower()
    if low in _VOWELS or low in _CONSONANTS or low == "y":
        new = draw.choice(_CONSONANTS if low in _VOWELS else _VOWELS + _CONSONANTS)
        return new.upper() if character.isupper() else new
    if "一" <= character <= "鿿":
        return draw.choice(_common().replace(character, ""))
    return character


@cache
def _common() -> str:
    """The 3,755 common characters of GB2312, level 1 (rows 16 to 55), which the font can draw."""
    cells = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return "".join(c.decode("gb2312", "ignore") for c in cells)
