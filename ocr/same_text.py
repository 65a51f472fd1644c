"""When two readings are the same text, a stage of one, or different texts.

Nothing here looks at pixels. ``strict`` tells `no` from `NO` and `。` from `？！`; ``normalise``
(ocr/accuracy.py) does not.
"""

import unicodedata

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq, Levenshtein

from ocr.accuracy import normalise, simplified

ALIKE = 0.6
"""Share of the shorter text's characters that must come, in order, in a part of the longer."""


def strict(text: str) -> str:
    """The text without spaces, full width folded into half width; case and marks stay."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace())


def same_variants(a: str, b: str) -> bool:
    """Whether two texts differ in traditional and simplified characters alone.

    The weights mix them up: the same picture of 别, a little larger, reads 別.
    """
    return len(a) == len(b) and simplified(strict(a)) == simplified(strict(b))


def core(text: str) -> str:
    """What is compared where readings may be off: ``normalise``, or the marks if nothing else."""
    return normalise(text, variants=True) or strict(text)


def related(a: str, b: str) -> bool:
    """Whether one reading may be the other, misread or in part."""
    left, right = sorted((core(a), core(b)), key=len)
    if not left:
        return False
    if left in right:
        return True
    if len(left) < 2:
        return False
    return fuzz.partial_ratio(left, right) >= 100 * ALIKE and common(left, right) >= 2


def common(a: str, b: str) -> int:
    """Length of the longest common subsequence."""
    return int(LCSseq.similarity(a, b))


def misread(a: str, b: str) -> bool:
    """Whether two readings of like length differ in few characters."""
    left, right = core(a), core(b)
    longer = max(len(left), len(right))
    return longer > 0 and Levenshtein.distance(left, right) <= max(1, 0.34 * longer)


def stage(part: str, whole: str) -> bool:
    """Whether ``part`` is a piece of ``whole``, a character or so misread."""
    short, long = core(part), core(whole)
    if not short or len(short) > len(long) or short == long:
        return False
    return short in long or (len(short) >= 2 and common(short, long) >= len(short) - 1)


def grows(before: str, after: str) -> int:
    """By how many characters a text that is being written grew; 0 if it was not.

    The last letter may be read otherwise once the next one stands beside it: `SO 0`, `SO ON`.
    """
    old, new = simplified(strict(before)), simplified(strict(after))
    begins = new.startswith(old if len(old) < 3 else old[:-1])
    return len(new) - len(old) if len(new) > len(old) > 0 and begins else 0


def one_off(a: str, b: str) -> bool:
    """Whether two texts of four letters or more have one letter in the same place that differs."""
    left, right = core(a), core(b)
    return len(left) == len(right) >= 4 and sum(map(str.__ne__, left, right)) == 1


def joined(left: str, right: str) -> str | None:
    """Two views of one passing text put together where they overlap; None if they do not.

    What both have behind that is as ``right`` has it: there the later view is less cut off.
    """
    a, b = _letters(left), _letters(right)
    at_a, at_b, size = _longest_block([c.strip() for c in a], [c.strip() for c in b])
    if size < max(2, 0.5 * min(len(a), len(b))):
        return None
    before = a[:at_a] if at_a >= at_b else b[:at_b]
    rest_a, rest_b = a[at_a + size :], b[at_b + size :]
    after = rest_a if len(rest_a) > len(rest_b) else rest_b
    return "".join([*before, *a[at_a : at_a + size], *after]).strip()


def slides(before: str, after: str) -> bool:
    """Whether a window moved over a longer text: what left on one side came in on the other."""
    whole = joined(before, after)
    longest = max(len(strict(before)), len(strict(after)))
    return whole is not None and len(strict(whole)) > longest


def _letters(text: str) -> list[str]:
    """Characters without spaces, each with the space before it, if there is one."""
    words = unicodedata.normalize("NFKC", text).split()
    return [(" " if i == 0 else "") + c for word in words for i, c in enumerate(word)]


def _longest_block(a: list[str], b: list[str]) -> tuple[int, int, int]:
    """(place in a, place in b, length) of the longest run that both have."""
    best = (0, 0, 0)
    lengths = [0] * (len(b) + 1)
    for i, x in enumerate(a):
        row = [0] * (len(b) + 1)
        for j, y in enumerate(b):
            if x == y:
                row[j + 1] = lengths[j] + 1
                if row[j + 1] > best[2]:
                    best = (i - row[j + 1] + 1, j - row[j + 1] + 1, row[j + 1])
        lengths = row
    return best
