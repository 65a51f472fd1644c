"""Where an answer names an option by its letter, and how plainly.

A letter counts with a cue ('the answer is B', '选B', 'B is right'), at the head of the answer,
alone on a line, or in brackets; a bare capital somewhere in a sentence ('vitamin B') does not.
"""

import re
from collections.abc import Callable, Sequence

from memeprobe.scoring.mentions import HEADED, NO_OPTION, TOLD, Mention

_NEXT = (
    r"(?=\s*(?:$|[^\w\s'’]|\n|(?:is|was|because|since|as|and|or|but|not|rather|instead|for"
    r"|over|in|"
    r"at|would|seems|to|if|given)\b|[\u3400-\u9fff]))"
)
"""What may follow a letter: not a noun, which would make it an article ('A dog')."""
_X = (
    r"[\s\"'“‘「(\[【】\])<:：]*(?:option|choice|letter|answer)?"
    r"[\s\"'“‘「(\[【<:：]*([A-Za-z])(?![A-Za-z0-9_'’])"
)

_TOLD_EN = (
    r"\b(?:ans|answer|option|choice|letter|solution)\b(?:\s*\([^)]*\))?"
    r"(?:[^.:：\n]{0,40}?(?=\b(?:is|be|as)\b))?"
    r"\s*(?:is|be|as|would be|should be|must be|has to be|might be|could be|:|：|-|–|=|→)?\s*"
    r"(?:definitely|clearly|likely|probably|therefore|thus|then|most likely|simply|indeed|:)?",
    r"\b(?:choose|chose|pick|select|selecting|choosing|go(?:ing)? (?:with|for)|vote for|opt for|"
    r"say|mark|circle|lean(?:ing|s)? (?:to|towards?))",
    r"\b(?:it is|it's|it must be|it should be|it would be|it has to be|must be|should be|i think|"
    r"i believe|i guess|i'd guess|meant|mean|so|that is|that's|actually|probably|perhaps|maybe|"
    r"hence|thus|therefore|definitely|likely|no|wait|sorry|rather|but|not)\W{0,3}(?:it's|it is)?",
    r"\b(?:correct|right|best|closest|most likely|one|match|fit|pick|guess|conclusion|response)\b"
    r"[^.,;\n]{0,20}?\b(?:is|be)",
)
_TOLD_ZH = (
    r"(?:答案|选项|选择|应选|故选|应该选|我选|只选|改选|可选|选|应该是|认为是|觉得是|(?:^"
    r"|(?<=[\s，。,：:；就而不它这那能定都也还的]))是|为|"
    r"改成|改为|排除|答)(?:应该|应当|肯定|就|最终)?(?:是|为|选|：)?",
)
_AFTERWARDS = re.compile(
    r"(?<![A-Za-z0-9_'’])([A-Za-z])[\"'”’」)\]】]*\s*"
    r"(?:(?:is|was|seems|would be|must be|isn't|can be|could be|cannot be"
    r"|should be)(?: also| the)?"
    r" (?:most |more |clearly |definitely )?(?:correct|right|best|answer|likely|closest"
    r"|true|wrong|"
    r"incorrect|not|false|out|ruled|excluded|impossible|accurate|appropriate|what)\b|fits\b"
    r"|(?:选项|项)?(?:是|为|不|没|也|才|最)?(?:正确|对|错|合适|符合|最|答案|可以排除|可能"
    r"|选项|项|成立))"
)
_BRACKET = re.compile(r"(?<![\w.])[(\[【]\s*(?:option\s+)?([A-Za-z])\s*[)\]】](?!\s*\d{4})", re.I)
_HEAD = re.compile(
    r"^\W*(?:option |choice )?([A-Za-z])(?:(?=\W*$)|[)\]】\"'”’]*(?:[.:：)、。,，;；\]】]"
    r"|\s*\n|\s+[-–—])"
    r"|\s(?=because\b|since\b|as\b|rather\b|instead\b|not\b|\())",
    re.IGNORECASE,
)
_LINE = re.compile(r"^[^\w\n]*(?:option\s+|choice\s+)?([A-Za-z])[^\w\n]*$", re.MULTILINE | re.I)
_LIST = re.compile(r"^[\"'”’)\]】]*\s*(?:,|/|、|&|\+|and\b|or\b|和|或者?|与|跟|还是|及)\s*", re.I)
_ORDINAL = re.compile(
    r"\b(first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|5th|6th) (?:option|choice"
    r"|answer)\b"
    r"|第([一二三四五六1-6])个?(?:选项|答案|项)",
    re.IGNORECASE,
)
_ORDINALS = (
    ("first", "1st", "一", "1"),
    ("second", "2nd", "二", "2"),
    ("third", "3rd", "三", "3"),
    ("fourth", "4th", "四", "4"),
    ("fifth", "5th", "五", "5"),
    ("sixth", "6th", "六", "6"),
)
_NAMED = re.compile(
    r"\b(?:images?|pictures?|frames?|persons?|man|men|woman|boy|girl|plans?|type|vitamin"
    r"|group|team"
    r"|panel|photo|player|character|figure|point|side|row|column|grade|hepatitis|class|size"
    r"|section"
    r"|level|room|gate|exhibit|part|version|model|category|scene|letters? )[\s:\"']*$"
    r"|[图型片队组案划物手者]$",
    re.IGNORECASE,
)
"""What is called by a letter without being an option: 'picture B'."""
_NAMES = re.compile(r"^(?:型|队|组|面|图|座|区|级|班|股|站|楼|栋|君|同学|[-+]\w)")
_ALONE = re.compile(r"^\W*([A-Z])\W*$")
_TOLD = [re.compile(cue + _X, re.IGNORECASE) for cue in (*_TOLD_EN, *_TOLD_ZH)]


def lettered(text: str, options: Sequence[str], pieces: Sequence[tuple[int, str]]) -> list[Mention]:
    """Every option letter of a tidied, unformatted answer, in order.

    ``pieces``: where each of its clauses begins, and the clause.
    """
    n = len(options)
    found: dict[int, Mention] = {}

    def add(at: int, end: int, force: int) -> None:
        option = ord(text[at].upper()) - ord("A")
        if option >= n:
            option = NO_OPTION if force == TOLD and option < 10 and text[at].isupper() else n
        if _NAMED.search(text[:at]) or _NAMES.match(text[end:]):
            return
        if option < n and (at not in found or found[at].force < force):
            found[at] = Mention(at, end, option, force, True)

    for cue in _TOLD:
        for match in cue.finditer(text):
            if _letter(text, match.start(1), match[0]):
                add(match.start(1), match.end(1), TOLD)
    for match in _AFTERWARDS.finditer(text):
        if match[1].isupper() and not (match[1] == "I" and n < 9):
            add(match.start(1), match.end(1), TOLD)
    for match in _LINE.finditer(text):
        alone = match[0].strip() == text.strip()
        if match[1].isupper() or alone or "(" in match[0]:
            add(match.start(1), match.end(1), HEADED if alone else TOLD)
    for match in _BRACKET.finditer(text):
        add(match.start(1), match.end(1), HEADED)
    last = re.search(r"[:：]\s*([A-Z])\W*$", text)
    if last is not None:
        add(last.start(1), last.end(1), HEADED)
    for start, piece in pieces:
        only = _ALONE.match(piece)
        if only is not None and not re.search(r"(?<![A-Za-z0-9_])[A-Z]\s*[,，]\s*$", text[:start]):
            add(start + only.start(1), start + only.end(1), HEADED)
    head = _HEAD.match(text)
    if head is not None and re.match(r"\s*[:：]\s*[A-Z]\b(?!')", text[head.end(1) :]) is None:
        add(head.start(1), head.end(1), HEADED)
    for m in [*found.values()]:
        _follow(text, m, add)
    for match in _ORDINAL.finditer(text):
        word = (match[1] or match[2]).casefold()
        option = next(i for i, names in enumerate(_ORDINALS) if word in names)
        if option < n:
            found[match.start()] = Mention(match.start(), match.end(), option, TOLD, True)
    return [found[at] for at in sorted(found)]


def _letter(text: str, at: int, cue: str) -> bool:
    """Whether a letter after a cue is an option's and no article or pronoun."""
    after = text[at + 1 :]
    if re.match(_NEXT, after) is None:
        # 'Answer B dog': only where the cue leaves no doubt, and never for the article.
        return (
            text[at].isupper()
            and text[at] not in "AI"
            and re.search("answer|答案", cue) is not None
        )
    if text[at] == "I":
        return re.match(r"\W*$", after) is not None
    if text[at].isupper():
        return True
    # A small letter needs a plain cue: 'answer: b', 'option b'.
    return re.search(r"answer|option|choice|letter|选|答案", cue, re.I) is not None and (
        text[at] != "a" or re.match(r"\W*$", after) is not None
    )


def _follow(text: str, one: Mention, add: Callable[[int, int, int], None]) -> None:
    """The letters that a list goes on with: the answer is 'A and B'."""
    at = one.end
    while True:
        link = _LIST.match(text[at:])
        if link is None:
            return
        at += link.end()
        following = re.match(
            r"(?:option\s+)?[\"'(\[【]*([A-Za-z])(?![A-Za-z0-9_'’])", text[at:], re.I
        )
        if following is None or not following[1].isupper() or following[1] == "I":
            return
        place = at + following.start(1)
        if re.match(_NEXT, text[place + 1 :]) is None:
            return
        add(place, place + 1, one.force)
        at = place + 1
