"""Words of answers and options: one spelling, one form, and where a word begins and ends."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import opencc

_TO_SIMPLIFIED = opencc.OpenCC("t2s")

_PIECE = re.compile(r"[^\W_\u3400-\u9fff]+(?:[.,'’][^\W_\u3400-\u9fff]+)*|[\u3400-\u9fff]+")
"""A Latin word or number ("it's", "3.5"), or a run of Chinese."""

_EMPTY = frozenset(["a", "an", "the", "is", "are", "was", "were", "be", "been", "being", "am"])
"""Words that may be there or not: 'is throwing' and 'throws', 'a dog' and 'dog'."""

_NUMBERS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_ZH_NUMBERS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_ZH_NUMBERS |= {"七": 7, "八": 8, "九": 9, "十": 10}

_AFFIXES = frozenset(
    "小大老幼这那一每各只个条匹头位名种次下遍件张块支的是有在被把和与了着过们儿子上里中"
    "黑白花灰黄红蓝绿咪到用来去也都正像"
)
"""Characters that may stand at the side of a Chinese option within one word: '小狗', '三个'."""


@dataclass(frozen=True)
class Word:
    """One word of a text, or one character of Chinese."""

    start: int
    end: int
    key: str
    """What is compared: lower case, its dictionary form, numbers as digits."""
    before: str = ""
    """The rest of the Chinese word that it stands in, before it."""
    after: str = ""
    """And after it."""


def tidy(text: str) -> str:
    """Half width, simplified Chinese, straight quotes; case is kept, for option letters."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return str(_TO_SIMPLIFIED.convert(text))


def normalise(text: str) -> str:
    """Lower case, half width, no punctuation, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text)
    return " ".join(kept.split())


@lru_cache(maxsize=4096)
def words(text: str, exact: bool = False) -> tuple[Word, ...]:
    """The words of a tidied text. ``exact`` keeps every word, in the form that it stands in."""
    found: list[Word] = []
    for piece in _PIECE.finditer(text):
        if "\u3400" <= piece[0][0] <= "\u9fff":
            found += _chinese(piece[0], piece.start(), exact)
            continue
        lower = piece[0].casefold()
        if exact:
            found.append(Word(piece.start(), piece.end(), lower))
        elif lower not in _EMPTY and lower not in ("it's", "he's", "she's", "that's"):
            found.append(Word(piece.start(), piece.end(), _form(lower)))
    return tuple(found)


def _chinese(run: str, start: int, exact: bool) -> list[Word]:
    import rjieba  # its dictionary takes long to load, and many who import this need none

    found: list[Word] = []
    at = 0
    for word in rjieba.cut(run, hmm=False):
        for i, character in enumerate(word):
            if exact or character != "了":
                found.append(
                    Word(
                        start + at + i,
                        start + at + i + 1,
                        character if exact else str(_ZH_NUMBERS.get(character, character)),
                        word[:i],
                        word[i + 1 :],
                    )
                )
        at += len(word)
    return found


@lru_cache(maxsize=4096)
def _form(word: str) -> str:
    """The dictionary form of an English word: 'threw' and 'throwing' are 'throw'."""
    if word in _NUMBERS:
        return str(_NUMBERS.index(word))
    if not word.isascii() or not word.isalpha():
        return word
    import simplemma  # as rjieba above

    lemma = str(simplemma.lemmatize(word, lang="en")).casefold()
    # 'sitting' is in the dictionary as a noun of its own; here it is what somebody does.
    if lemma == word and word.endswith("ing") and len(word) > 5:
        stem = word[:-3]
        tries = (stem, stem[:-1] if stem[-1] == stem[-2] else stem, f"{stem}e")
        lemma = next((t for t in tries if simplemma.is_known(t, lang="en")), lemma)
    return lemma


def stands_alone(first: Word, last: Word, length: int) -> bool:
    """Whether a match in Chinese is a word, and not a piece of another: 猫 in 熊猫 is not.

    Three characters and more are taken as they are.
    """
    if length >= 3:
        return True
    around = first.before + last.after
    return all(c in _AFFIXES or c == first.key for c in around)
