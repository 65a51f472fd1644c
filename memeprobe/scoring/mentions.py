"""Where an answer speaks of an option: by its text, by its letter, or by yes and no."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from memeprobe.scoring.words import Word, normalise, stands_alone, tidy, words

NO_OPTION = -1
"""The option of a letter that stands for none: 'the answer is F'."""

TOLD, HEADED, SAID = 2, 1, 0
"""How an option is named: 'the answer is B'; 'B. ...' or '(B)'; or its words alone."""


@dataclass(frozen=True)
class Mention:
    """One place where an answer speaks of an option."""

    start: int
    end: int
    option: int
    force: int
    """One of ``TOLD``, ``HEADED`` and ``SAID``."""
    letter: bool = False


POSITIVE = frozenset(
    (
        "yes",
        "yeah",
        "yep",
        "yup",
        "true",
        "correct",
        "是",
        "是的",
        "对",
        "对的",
        "有",
        "会",
        "能",
        "正确",
        "没错",
    )
)
NEGATIVE = frozenset(
    (
        "no",
        "nope",
        "nah",
        "false",
        "incorrect",
        "否",
        "不是",
        "不",
        "不对",
        "没有",
        "不会",
        "不能",
        "错误",
        "错",
        "不是的",
        "没",
    )
)
_NOT_COUNTS = re.compile(
    r"\b(?:frames?|pictures?|images?|panels?|steps?|figures?|scenes?|options?|number)"
    r"\s*#?(?:\d+\s*(?:,|and|to|or|-|&)\s*)*$|[第十百零二三四五六七八九几]$",
    re.IGNORECASE,
)
_NOT_COUNTED = re.compile(
    r"^(?:st|nd|rd|th)\b|^\s*-?(?:frames?|pictures?|images?|panels?|seconds?|minutes?|%)"
    r"|^\s*[帧秒岁]"
    r"|^\s*张图|^[:：]\d|^\s*of\b|^[十百千几二三四五六七八九]",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\b(?:only|just|exactly|answer|total|is|once)\b|只|仅|一共|总共|共|答案", re.I)
_COMPOUNDS = re.compile(
    r"\b(?:hot dogs?|sea (?:lion|horse|cow)s?|guinea pigs?|teddy bears?|prairie dogs?|cat ?fish|"
    r"dog ?houses?|cat food|dog food|bird ?houses?|book ?(?:shelf|case|store)s?|apple tree|"
    r"apple pie|car ?park|ball ?room|pan[dt]a express)\b",
    re.IGNORECASE,
)
"""Names of something else than the word in them."""
_SIDES = {
    "right": re.compile(r"\b(?:that is|that's|you are|you're|all|is|be)\s*$", re.IGNORECASE),
    "left": re.compile(r"\b(?:is|are|was|were|has|have|had|he|she|they)\s*$", re.IGNORECASE),
}
_SIDED = re.compile(r"^\s*(?:answers?|options?|choices?|now|away|question|the|a|his|her)\b", re.I)


def polar(options: Sequence[str]) -> dict[str, int]:
    """Word of yes or no -> option, where the options are such words; else nothing."""
    plain = [normalise(o) for o in options]
    yes = [i for i, o in enumerate(plain) if o in POSITIVE]
    no = [i for i, o in enumerate(plain) if o in NEGATIVE]
    found = {word: yes[0] for word in POSITIVE} if len(yes) == 1 else {}
    found |= {word: no[0] for word in NEGATIVE} if len(no) == 1 else {}
    return found | {o: i for i, o in enumerate(plain) if i in yes + no}


def said(text: str, options: Sequence[str]) -> list[Mention]:
    """Every place of an option's words; of two that overlap the longer counts.

    Options that become alike by their dictionary forms are looked for as they are written.
    """
    tidied = [tidy(o) for o in options]
    keys = [tuple(w.key for w in words(o)) for o in tidied]
    exact = len(set(keys)) < len(keys) or not all(keys)
    if exact:
        keys = [tuple(w.key for w in words(o, True)) for o in tidied]
    skipped = [m.span() for m in _COMPOUNDS.finditer(text)]
    yes_no = set(polar(options).values())
    found: list[Mention] = []
    for option, key in enumerate(keys):
        if not key or option in yes_no:
            continue
        for first, last in _places(words(text, exact), key):
            torn = any(
                first.start < b and a < last.end and not (first.start <= a and b <= last.end)
                for a, b in skipped
            )
            if not torn and _meant(text, first, last, key):
                found.append(Mention(first.start, last.end, option, SAID))
    return sorted((m for m in found if not _within(m, found)), key=lambda m: m.start)


def _within(one: Mention, all_of_them: list[Mention]) -> bool:
    size = one.end - one.start
    return any(
        o.start <= one.start and one.end <= o.end and o.end - o.start > size for o in all_of_them
    )


def _places(text: Sequence[Word], key: tuple[str, ...]) -> list[tuple[Word, Word]]:
    """First and last word of each place where the words of an option stand in a row."""
    found = []
    for i in range(len(text) - len(key) + 1):
        part = text[i : i + len(key)]
        if tuple(w.key for w in part) == key and stands_alone(part[0], part[-1], len(key)):
            found.append((part[0], part[-1]))
    return found


def _meant(text: str, first: Word, last: Word, key: tuple[str, ...]) -> bool:
    """False for numbers of frames and steps, 'the one', 'that's right', 'he left the room'."""
    before, after = text[: first.start], text[last.end :]
    if len(key) > 1:
        return True
    word = text[first.start : last.end].casefold()
    if key[0].isdigit():
        if _NOT_COUNTS.search(before) or _NOT_COUNTED.match(after):
            return False
        few = len(words(text)) <= 3
        return word not in ("one", "一") or few or _ALONE.search(before[-24:]) is not None
    if word in _SIDES:
        return not (_SIDES[word].search(before) or _SIDED.match(after)) or _told(before)
    if word == "nothing":
        return re.match(r"\s*(?:but|else|to|like|wrong|more|that|about)\b", after, re.I) is None
    return True


def _told(before: str) -> bool:
    return re.search(r"answer(?: is|:)\s*$", before, re.IGNORECASE) is not None


def yes_no(text: str, start: int, options: Sequence[str]) -> list[Mention]:
    """Yes or no as a clause, or as what the answer is said to be."""
    polarity = polar(options)
    if not polarity:
        return []
    plain = normalise(re.split("[:：]", text)[-1]) or normalise(text)
    plain = re.sub(
        r"^(?:well|oh|so|definitely|certainly|absolutely|probably|clearly|i think"
        r"|hmm) ",
        "",
        plain,
    )
    if plain in polarity:
        return [Mention(start, start + len(text), polarity[plain], HEADED)]
    head = re.match(r"(yes|no|yeah|nope) (?:it|he|she|they|this|that|there)\b", plain)
    if head and head[1] in polarity:
        return [Mention(start, start + len(text), polarity[head[1]], HEADED)]
    found_polarity = re.search(
        r"(?:answer(?: is)?|(?:i|id|would) say|definitely|答案[是为]?)\s*(\w+)$", normalise(text)
    )
    if found_polarity and found_polarity[1] in polarity:
        return [Mention(start, start + len(text), polarity[found_polarity[1]], TOLD)]
    return []
