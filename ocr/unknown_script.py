"""Text in an alphabet of which the weights know a part only: it reads surely, and wrongly.

Greek loses its accented letters, Vietnamese those with two marks, and Cyrillic capitals that look
like Latin ones read as those: `МОСКВА` as `MOCKBA`. Told by what such text leaves behind. A model
of the user's own may know such an alphabet whole (``alphabets``): then its readings are right.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

from ocr.caption import Line

TELLING = {"Greek": "ά", "Vietnamese": "ạ", "Cyrillic": "ж"}
"""Alphabet -> a letter that only a model that knows it whole has."""
_WORD = re.compile(r"[^\W\d_]+")
LETTERS = 3
"""A Greek letter in a word of so many is no sign of a formula (`Δt`, `5 μm`)."""
VIETNAMESE = frozenset("ơưƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA))))
"""Letters of no other language that is written in Latin ones."""
D_BAR, BALKAN = frozenset("đĐ"), frozenset("čćšžČĆŠŽ")
"""`đ` stands in Vietnamese, and with letters of the second set in Croatian and its sisters."""
MARKED = frozenset("àáâãèéêìíòóôõùúýăÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂ")
SYLLABLE = 6
"""Words of Vietnamese are syllables, of at most so many letters as they read here."""
LOOKALIKE = frozenset("ABCEHKMOPTXYË")
"""Latin capitals that Cyrillic ones look like."""
MANY, DIFFERENT = 8, 5
"""So many letters, and different ones, of lookalikes alone, in words of which none is English, are
Cyrillic; `AHHHHHHH` is none."""
_ENGLISH = (
    "AM AT BE BY ME MY OH OK TOO HEY HMM AHA AHH THE THEM THEY BOTH COME BACK "
    "BABY MAKE TAKE CAKE COOK BOOK TOOK HOOK BOOM BOOT BOX BOY TOY MOM KEEP MEET MEAT "
    "HEAT BEAT EAT TEA TEAM HOT HOPE HOME HATE MATE PAY MAY COPY CAT BAT HAT MAP CAMP CAP "
    "TOP POP PHOTO TEXT TECH COACH TEACH EACH TEETH CHEAP PEACE CHECK CHEAT MATCH CATCH "
    "MATH PATH BATH OATH COMMA COMET EMPTY HAPPY ATM PC TOKYO KEY HACK PACK PEAK "
    "APE TAPE BEE EYE MACHO TACO TEEHEE HAHA EH AH YEAH YEAHH XBOX POPE POTATO TOMATO "
    "PATCH "
)
ENGLISH = frozenset(_ENGLISH.split())
"""English words of lookalikes that are no Russian ones; one of them, and a line is English."""
OWN, SURE = 2, 0.9
"""So many Latin letters that no Cyrillic one looks like, read so surely: the text is Latin."""


def unread(lines: Sequence[Line]) -> frozenset[int]:
    """ids of the lines of a picture that hold text in a script that the weights do not know.

    Lookalikes are Latin beside a line that is, and Cyrillic beside one that could not be read.
    """
    latin = any(_latin(line) for line in lines)
    blank = any(line.unread for line in lines)
    return frozenset(
        id(line)
        for line in lines
        if line.unread
        or in_unknown_script(line.text, latin, line.known)
        or (blank and not latin and "Cyrillic" not in line.known and _lookalikes(line.text))
    )


def alphabets(characters: Collection[str]) -> frozenset[str]:
    """Which of the alphabets told here a model knows whole, by its list of characters."""
    return frozenset(name for name, letter in TELLING.items() if letter in characters)


def in_unknown_script(
    text: str, beside_latin: bool = False, known: frozenset[str] = frozenset()
) -> bool:
    """Whether a reading is what is left of Greek, Vietnamese, or Cyrillic in lookalikes.

    ``beside_latin``: it stands beside Latin text, so that lookalikes are Latin. ``known``: the
    alphabets that its reader knows.
    """
    words = _WORD.findall(text)
    return (
        ("Greek" not in known and _greek(words))
        or ("Vietnamese" not in known and _vietnamese(words))
        or ("Cyrillic" not in known and not beside_latin and _cyrillic(words))
    )


def _latin(line: Line) -> bool:
    own = [c for c in line.text.upper() if "A" <= c <= "Z" and c not in LOOKALIKE]
    return len(set(own)) >= OWN and line.confidence >= SURE and not line.unread


def _lookalikes(text: str) -> bool:
    letters = "".join(_WORD.findall(text))
    return len(letters) > 1 and set(letters) <= LOOKALIKE


def _greek(words: list[str]) -> bool:
    letters = [[unicodedata.name(c, "").startswith("GREEK") for c in word] for word in words]
    return any(len(word) >= LETTERS and any(word) for word in letters)


def _vietnamese(words: list[str]) -> bool:
    letters = {c for word in words for c in word}
    if letters & VIETNAMESE or (letters & D_BAR and not letters & BALKAN):
        return True
    syllables = len(words) > 1 and all(len(word) <= SYLLABLE for word in words)
    return bool(syllables and letters & MARKED and any(map(_without_vowel, words)))


def _without_vowel(word: str) -> bool:
    """Whether a small word lost its vowel: `bạn` reads as `bn`."""
    plain = unicodedata.normalize("NFD", word)
    return len(word) > 1 and word.islower() and not set(plain) & set("aeiouyæøœ")


def _cyrillic(words: list[str]) -> bool:
    letters = "".join(words)
    alike = len(letters) >= MANY and set(letters) <= LOOKALIKE
    alike = alike and len(set(letters)) >= DIFFERENT
    return alike and not any(word in ENGLISH for word in words)
