"""Clauses of an answer, and what each does to what it mentions: asserts, denies, doubts, corrects.

The rules know English and Chinese, and lean to doubt: a mention under an unclear clause says
nothing, and an answer that says nothing is unparsed.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

_CONNECTORS = (
    r"(?<!anything )(?<!nothing )(?<!help )\b(?:but|however|because|since|although|though"
    r"|while|whereas|so|therefore|thus|hence)\b"
    r"|\band (?=(?:option |choice )?\(?[A-Z]\)? (?:is|was|seems)\b)|\bas (?=(?:it|he|she"
    r"|they|there|this|that|the)\b)"
    r"|而是|但是|可是|不过|因为|由于|所以|因此|虽然|然而|但(?!是)|故(?=选)"
    r"|(?<=[^不还但可就而要只是])是(?=.)"
)
_END = re.compile(r"\.{2,}|[.!?](?=\s|$|[\"')\]])|[。！？!；;…\n]+|[，,?](?!\d)|\s[-–—]+\s|——+")
_SPLIT = re.compile(_CONNECTORS, re.IGNORECASE)

_HARMLESS = re.compile(
    r"\bnot only\b|\bnot just\b|\bno doubt\b|\bwithout (?:a |any )?doubt\b|\bno problem\b"
    r"|\bno matter\b|\bnonstop\b|\bcan(?:no|')?t help but\b|\bundoubtedly\b|\bno less\b"
    r"|\bno,? wait\b"
    r"|毫无疑问|无疑|不仅|不但|不光|不只是|不止|不停|不断|不久|不得不|忍不住|禁不住|差不多"
    r"|不错|没错|没问题"
    r"|不管|不由得|不知不觉|对不起|不好意思|不一会|无论|非常|无非|淹没|沉没|出没|没收|未来"
    r"|不锈钢|不过",
    re.IGNORECASE,
)
"""Holds a word of denial and denies nothing."""

_BEFORE = re.compile(
    r"\b(?:not|never|no|none|nobody|cannot|can't|neither|nor|without|unlike|hardly|barely"
    r"|than|doubt"
    r"|least|who says|someone else|somebody else"
    r"|impossible|unlikely|fail(?:s|ed)? to|refus(?:es|ed?) to|instead of|rather than|other than"
    r"|except|far from|anything but|rules? out|ruled out|exclud\w+|eliminat\w+|whether|if"
    r"|unless|hard to say|stop(?:s|ped)?|avoid\w*|almost|nearly|about to|at least|at most"
    r"|more than"
    r"|less|fewer|(?:tries|tried|trying|try|attempts?|wants?|wanted|wishes|pretends?|supposed) to"
    r"|(?:could|would|should) have|incorrect|wrong)\b|n't\b"
    r"|(?<!我)想|试图|准备|打算|差点|几乎|快要|假装|本来|本该|至少|最多|超过|错误|谁说|难道"
    r"|别人|不|没|未|非|无法|难以|排除|除了|别选|是否|如果|假如|要是|怀疑|与其|拒绝|停止|避免",
    re.IGNORECASE,
)
"""What stands before it in its clause is denied or left open."""

_AFTER = re.compile(
    r"\b(?:not|never|no|wrong|incorrect|false|cannot|can't|impossible|unlikely|excluded"
    r"|eliminated"
    r"|ruled out|out of the question)\b|n't\b|不|没|错|未|非|排除|无关|❌|✗|✘|×",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"^[\s\"'”’)\].,]*(?:and |but |而)?(?:not|rather than|instead of|over|不是|不选|非)",
    re.IGNORECASE,
)
"""'B, not A': what follows is denied, not what came before."""

_RETRACTED = re.compile(
    r"\bI (?:had |have )?(?:first |initially |originally |also )?"
    r"(?:thought|assumed|guessed|believed|said|wrote|considered)\b"
    r"|\b(?:you|one|some|people|many|others|someone) (?:might|may|could|would|will|can)? ?"
    r"(?:first |even )?(?:think|say|guess|believe|expect|assume)"
    r"|\bfirst thought\b|\btitles?\b|\bwatermark\b|\b(?:al)?though\b|\beven though\b"
    r"|\bat first glance\b|\bwould be if\b|\bwould have been\b|\bsuggest(?:s|ed)?\b|\btempt\w+"
    r"|\bpretend\w*\b|\bused to\b|\bif\b"
    r"|虽然|尽管|以为|乍看|乍一看|有人(?:会)?说|看似|误认为|容易(?:看成|认为)|假装|如果"
    r"|要是|假如",
    re.IGNORECASE,
)
_SEEMS = re.compile(r"\blooks? like\b|\bseems?\b|\bresembles?\b|像", re.IGNORECASE)
_TURNS = re.compile(r"^\W*(?:but|however|yet|但|可|其实|实际上|然而|不过)", re.IGNORECASE)

_CORRECTS = re.compile(
    r"^\W*(?:oh|ah|hmm+|um|ok|okay|but|no)?[\s,]*(?:no,? wait|wait|actually|correction|i mean|"
    r"i meant|sorry|scratch that|let me (?:re)?-?(?:check|correct|consider|look|think)|"
    r"on second thoughts?|my mistake|oops|rather)\b|^\W*(?:oh |ah )?no\W*$"
    r"|^\W*(?:啊|哦|嗯|呃|噢)*(?:不(?=\W*$)|不对|不是|更正|等等|等一下|说错了|搞错了|哦不"
    r"|抱歉|修正)"
    r"(?=\W*$|应该|是|[,:]|\s)|^\W*(?:啊|哦)?(?:其实|实际上)",
    re.IGNORECASE,
)
_GIVES_UP = re.compile(
    r"\b(?:do not|don't|cannot|can't|can not|unable to|not able to|hard to|impossible to"
    r"|difficult "
    r"to|no way to) (?:\w+ )?(?:know|tell|say|determine|answer|view|be sure|be certain|identify|"
    r"decide)\b|\bno idea\b|\b(?:not|n't) (?:\w+ )?(?:sure|certain|enough|clear)\b|\bunsure\b"
    r"|\bcan(?:not|'t| not) be (?:answered|determined|told|said|seen|identified|decided)\b"
    r"|\bunclear\b|\bit depends\b|\bunable to\b|\bsorry,? (?:but )?i (?:can|am)\b|\bnone of\b"
    r"|\ball of (?:the above|them)\b|\bany of (?:the above|them|these)\b|\beither way\b"
    r"|不知道|不确定|无法|看不清|不清楚|不好说|说不清|说不准|难以|信息不足|请提供|看不懂"
    r"|看不出|都不|都对|都是|皆",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A stretch of an answer."""

    start: int
    end: int
    text: str
    """Of the clause, with what only looks like a denial blanked out."""
    asks: bool
    """Whether its sentence is a question."""
    corrects: bool
    """Whether it takes back what came before."""
    retracts: bool
    """Whether what it mentions is what somebody only thought, or what only seems so."""


def clauses(text: str) -> list[Clause]:
    """The clauses of a tidied text, in order."""
    edges = {0, len(text)}
    edges |= {m.end() for m in _END.finditer(text)}
    edges |= {m.start() for m in _SPLIT.finditer(text) if m.group() != "是" or _contrast(text, m)}
    bounds = sorted(edges)
    spans = [(a, b) for a, b in pairwise(bounds) if text[a:b].strip()]
    found = []
    for i, (start, end) in enumerate(spans):
        raw = text[start:end]
        following = text[spans[i + 1][0] : spans[i + 1][1]] if i + 1 < len(spans) else ""
        seems = bool(_SEEMS.search(raw)) and bool(_TURNS.match(following))
        found.append(
            Clause(
                start,
                end,
                _HARMLESS.sub(lambda m: " " * len(m[0]), raw),
                _asks(text, start),
                bool(_CORRECTS.match(raw)),
                seems or bool(_RETRACTED.search(raw)),
            )
        )
    return found


def _contrast(text: str, split: re.Match[str]) -> bool:
    """Whether a 是 stands against an earlier 不是 in the same sentence: 不是狗是猫."""
    before = re.split(r"[。！？；\n，,]", text[: split.start()])[-1]
    return "不是" in before or "并非" in before


def _asks(text: str, start: int) -> bool:
    """Whether the sentence that goes on from ``start`` ends as a question."""
    end = re.search(r"[.!](?=\s|$)|[?。！？\n]|$", text[start:])
    sentence = text[start : start + end.start()] if end else text[start:]
    mark = text[start + end.start() : start + end.end()] if end else ""
    return mark in ("?", "？") or sentence.rstrip().endswith(("吗", "呢"))


def denied(clause: Clause, start: int, end: int, others: list[tuple[int, int]]) -> bool:
    """Whether a mention from ``start`` to ``end`` is denied or left open by its clause.

    ``others``: where the other options are mentioned.
    """
    before = clause.text[: max(0, start - clause.start)]
    after = clause.text[max(0, end - clause.start) :]
    if _BEFORE.search(_since_contrast(before)):
        return True
    found = _AFTER.search(after)
    if found is None:
        return False
    if any(end <= a < clause.end for a, _ in others):
        return _CONTRAST.match(after) is None
    return True


def _since_contrast(before: str) -> str:
    """What stands before a mention, from the last 而是 on."""
    return re.split(r"而是|but rather", before)[-1]


def gives_up(text: str) -> bool:
    """Whether the answer says that it cannot say."""
    return _GIVES_UP.search(_HARMLESS.sub(" ", text)) is not None


def inherits(clause: Clause) -> bool:
    """Whether the clause only goes on with the one before: 'or a dog', '和狗'."""
    if re.match(r"\W*(?:or|nor|以及|或|和|也不)", clause.text, re.IGNORECASE):
        return True
    goes_on = re.match(r"\W*and\b", clause.text, re.IGNORECASE) is not None
    return goes_on and not re.search(r"\b(?:is|are|was|were|seems)\b", clause.text)
