"""Which option a free answer gives, or none: precision before coverage.

In turn: thoughts are cut off; what is boxed, tagged or the answer of a JSON object counts alone;
else every place that speaks of an option (by its words, its letter, by yes or no) is judged by its
clause. What was denied, doubted, asked, taken back or only reported says nothing. One option must
be left, and nothing that the answer says more plainly may contradict it; otherwise it is unparsed.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from memeprobe.scoring import clauses as clause_rules
from memeprobe.scoring.clauses import Clause
from memeprobe.scoring.final_part import after_thoughts, marked, unformatted
from memeprobe.scoring.letters import lettered
from memeprobe.scoring.mentions import HEADED, NO_OPTION, SAID, TOLD, Mention, said, yes_no
from memeprobe.scoring.words import normalise, tidy, words

_CUED = re.compile(
    r"\b(?:answer|option|choice)\b[\w\s()]{0,24}?(?:is|would be|should be|must be|:|-)\W*"
    r"(?:that )?(?:it is |it's )?(?:probably |likely )?(?:an? |the )?\W*$"
    r"|\b(?:i (?:think|believe|guess)|i'd say|must be|i(?:'d| would)? (?:choose|pick|say"
    r"|go with))\W*"
    r"(?:that )?(?:it is |it's |it must be )?(?:an? |the )?\W*$"
    r"|(?:答案|选项|应该是|我选|选择)(?:应该|应当)?(?:是|为|：|:)?\W*(?:一[只个名位])?$",
    re.IGNORECASE,
)
"""What makes an option's own words as plain as a letter: 'the answer is a dog'."""


_GAP = re.compile(r"\W*(?:or|and|和|或者?|还是)?\W*", re.IGNORECASE)
"""What may stand between two entries of a list."""


def read(text: str, options: Sequence[str]) -> int | None:
    """Index of the one option that the answer gives; None if it gives none, several or no one
    could tell. ``options`` in the order in which they were listed, if they were."""
    text = after_thoughts(tidy(text))
    # Letter by letter an option: the only way to tell those that have no words (an emoji, '-5').
    same = [at for at, option in enumerate(options) if tidy(option).strip() == text.strip() != ""]
    if len(same) == 1:
        return same[0]
    if not normalise(text) or not options:
        return None
    marks = marked(text)
    if marks is not None:
        found = {_plain(unformatted(m), options) for m in marks}
        return found.pop() if len(found) == 1 else None
    return _plain(unformatted(text), options)


def contains(text: str, reference: str) -> bool:
    """Whether a free answer says the reference, in any form of its words, and does not deny it."""
    text = unformatted(after_thoughts(tidy(text)))
    parts = clause_rules.clauses(text)
    return bool(_judged(said(text, (reference,)), parts))


def _plain(text: str, options: Sequence[str]) -> int | None:
    whole = _whole(text, options)
    if whole is not None:
        return whole
    parts = clause_rules.clauses(text)
    mentions = _judged(_mentions(text, options, parts), parts)
    if clause_rules.gives_up(text):
        mentions = [m for m in mentions if m.force == TOLD]
    return _decided(mentions, parts)


def _whole(text: str, options: Sequence[str]) -> int | None:
    """The option that the whole answer is, but for case, punctuation and forms of words."""
    plain = normalise(text)
    forms = [normalise(tidy(o)) for o in options]
    if text.endswith(("?", "？")) and not any(o.strip().endswith(("?", "？")) for o in options):
        return None
    if forms.count(plain) == 1:
        return forms.index(plain)
    letter = re.fullmatch(r"\W*([A-Za-z])\W*", text)
    if letter is not None:
        place = ord(letter[1].upper()) - ord("A")
        return place if place < len(options) and not _are_letters(options) else None
    if re.match(r"\W*[A-Za-z]\s?[.:)、,]", text):
        return None  # 'A. dog' begins with a letter, not with an article
    keys = [tuple(w.key for w in words(tidy(o))) for o in options]
    mine = tuple(w.key for w in words(text))
    return keys.index(mine) if mine and keys.count(mine) == 1 else None


def _are_letters(options: Sequence[str]) -> bool:
    """Whether an option is a letter itself, so that letters do not stand for places."""
    return any(len(o.strip()) == 1 and o.strip().isascii() and o.strip().isalpha() for o in options)


def _mentions(text: str, options: Sequence[str], parts: list[Clause]) -> list[Mention]:
    named = said(text, options)
    named = [
        Mention(m.start, m.end, m.option, TOLD) if _CUED.search(text[: m.start]) else m
        for m in named
    ]
    if _are_letters(options):
        return named
    pieces = [(c.start, c.text) for c in parts]
    letters = lettered(text, options, pieces)
    letters = [m for m in letters if not any(_inside(m, n) for n in named)]
    listed = _listed(text, named)
    polar = [m for start, piece in pieces for m in yes_no(piece, start, options)]
    found = [m for m in (*named, *letters, *polar) if not any(a <= m.start < b for a, b in listed)]
    return sorted(found, key=lambda m: m.start)


def _inside(one: Mention, other: Mention) -> bool:
    return other.start <= one.start and one.end <= other.end


def _listed(text: str, named: list[Mention]) -> list[tuple[int, int]]:
    """Where the answer only repeats the list: 'A. cat B. dog', two entries or more in a row."""
    found: list[tuple[int, int, int]] = []
    for m in named:
        letter = re.search(r"(?<!\w)([A-Z])\s?[.:：)、]\s*$", text[: m.start])
        if letter is not None and ord(letter[1]) - ord("A") == m.option:
            found.append((letter.start(), m.end, m.option))
    rows = [
        (one, other)
        for one, other in pairwise(found)
        if other[2] == one[2] + 1 and _GAP.fullmatch(text[one[1] : other[0]])
    ]
    return [(a, b) for row in rows for a, b, _ in row]


def _judged(mentions: list[Mention], parts: list[Clause]) -> list[Mention]:
    """The mentions that assert their option; what a correction takes back goes."""
    kept: list[Mention] = []
    denied: list[tuple[int, int]] = []
    goes_on = False
    for clause in parts:
        here = [m for m in mentions if clause.start <= m.start < clause.end]
        if clause.corrects and any(m.start >= clause.start for m in mentions):
            kept, denied = [], []
        no_more = goes_on and clause_rules.inherits(clause)
        asserted: list[Mention] = []
        for m in here:
            others = [(o.start, o.end) for o in here if o.option != m.option]
            if no_more or clause_rules.denied(clause, m.start, m.end, others):
                denied.append((m.option, m.force))
            elif not clause.asks and not clause.retracts:
                asserted.append(m)
        if here:
            goes_on = not asserted and not clause.asks
        kept += asserted
    return [m for m in kept if not any(m.option == o and m.force <= f for o, f in denied)]


def _decided(mentions: list[Mention], parts: list[Clause]) -> int | None:
    """The plainest way in which an option is named decides, if nothing else speaks against it."""
    for force in (TOLD, HEADED, SAID):
        named = [m for m in mentions if m.force == force]
        if not named:
            continue
        chosen = {m.option for m in named}
        if len(chosen) > 1 or NO_OPTION in chosen:
            return None
        (option,) = chosen
        if any(_contradicted(m, mentions, parts) for m in named):
            return None
        return option
    return None


def _contradicted(named: Mention, mentions: list[Mention], parts: list[Clause]) -> bool:
    """Whether the words beside a named option are another's.

    In the same clause, and in one that goes on with it ('or a dog'), no other option may stand;
    what comes behind a letter must not speak of other options only.
    """
    others = [m for m in mentions if m.option != named.option and m.option != NO_OPTION]
    place = next(i for i, c in enumerate(parts) if c.start <= named.start < c.end)
    near = [parts[place]]
    for clause in parts[place + 1 :]:
        if not clause_rules.inherits(clause):
            break
        near.append(clause)
    if any(c.start <= m.start < c.end for m in others for c in near):
        return True
    if not named.letter:
        return False
    # What follows a letter at the head explains it; behind 'the answer is B' the explanation may
    # speak of anything, but 'B. cat' names two options.
    behind = [c for c in parts[place + 1 :] if named.force == HEADED or c is parts[place + 1]]
    if named.force == TOLD:
        behind = [c for c in behind if any(_is_all(c, m) for m in others)]
    words_there = {
        m.option
        for m in mentions
        for c in [parts[place], *behind]
        if not m.letter and m.start > named.start and c.start <= m.start < c.end
    }
    return bool(words_there) and named.option not in words_there


def _is_all(clause: Clause, mention: Mention) -> bool:
    """Whether a clause says no more than the mention."""
    rest = clause.text.replace(
        clause.text[mention.start - clause.start : mention.end - clause.start], ""
    )
    return clause.start <= mention.start < clause.end and not words(rest)
