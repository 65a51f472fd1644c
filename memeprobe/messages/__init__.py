"""What verdicts and notes say, in English and Chinese. Fields in braces are filled with numbers."""

from memeprobe.messages.caption import (
    ALSO_WEAK,
    BANDS,
    CAPTION,
    CAPTION_PARTS,
    GROUPS,
    LANGUAGE,
    SANDWICH,
)
from memeprobe.messages.frames import ESTIMATORS, FIRST_FRAME, GRADES, ORDER, REMARKS
from memeprobe.messages.notes import (
    LISTED_INSTEAD,
    NO_LOGPROBS,
    NOTES,
    Points,
    exactly,
    measured,
    p_value,
    percent,
    points,
    problem,
)
from memeprobe.messages.picture import PICTURE
from memeprobe.messages.plain import PLAIN, plain
from memeprobe.messages.summary import summary

VERDICTS = {
    "first_frame": FIRST_FRAME,
    "order": ORDER,
    "caption": CAPTION,
    "language": LANGUAGE,
    "picture": PICTURE,
}
"""Verdict -> its sentences."""


def headline(verdict: str, key: str) -> tuple[str, str]:
    """What a verdict says in a few words, in English and Chinese: what stands before its colon."""
    english, chinese = VERDICTS[verdict][key]
    return english.split(":")[0], chinese.split("：")[0]


__all__ = [
    "ALSO_WEAK",
    "BANDS",
    "CAPTION",
    "CAPTION_PARTS",
    "ESTIMATORS",
    "FIRST_FRAME",
    "GRADES",
    "GROUPS",
    "LANGUAGE",
    "LISTED_INSTEAD",
    "NOTES",
    "NO_LOGPROBS",
    "ORDER",
    "PICTURE",
    "PLAIN",
    "REMARKS",
    "SANDWICH",
    "VERDICTS",
    "Points",
    "exactly",
    "headline",
    "measured",
    "p_value",
    "percent",
    "plain",
    "points",
    "problem",
    "summary",
]
