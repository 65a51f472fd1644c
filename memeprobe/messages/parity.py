"""What parity of two stacks says, in English and Chinese."""

from collections.abc import Mapping
from typing import Any

EQUAL = (
    "{equal:.1f} % of the answers are the same ({low:.1f} to {high:.1f} %, {trials} trials).",
    "{equal:.1f} % 的回答相同（{low:.1f} 到 {high:.1f} %，共 {trials} 次提问）。",
)
EQUIVALENT = (
    "The two are equally often right, within {margin:g} points: the difference is {d:+z.1f} points "
    "(90 % interval {lower:+z.1f} to {upper:+z.1f}).",
    "两者答对的比例相当，相差不超过 {margin:g} 个百分点：差值 {d:+z.1f}"
    "（90 % 区间 {lower:+z.1f} 到 {upper:+z.1f}）。",
)
DIFFERENT = (
    "The second is {word} often right: {d:+z.1f} points (95 % interval {from_:+z.1f} to "
    "{to:+z.1f}, p = {p:.3g}).",
    "第二个答对得更{word}：{d:+z.1f} 个百分点"
    "（95 % 区间 {from_:+z.1f} 到 {to:+z.1f}，p = {p:.3g}）。",
)
BOTH = (
    "That is surely a difference, and surely less than {margin:g} points.",
    "差异确实存在，但确实小于 {margin:g} 个百分点。",
)
OPEN = (
    "Whether they are equally often right within {margin:g} points cannot be said from so few: the "
    "difference is {d:+z.1f} points (90 % interval {lower:+z.1f} to {upper:+z.1f}).",
    "题目太少，无法断定两者答对的比例是否相差不超过 {margin:g} 个百分点：差值 {d:+z.1f}"
    "（90 % 区间 {lower:+z.1f} 到 {upper:+z.1f}）。",
)
WORDS = {True: ("more", "多"), False: ("less", "少")}
COLUMNS: dict[str, tuple[str, str]] = {
    "condition": ("condition", "条件"),
    "trials": ("trials", "次数"),
    "equal": ("same answer [95 %]", "回答相同 [95 %]"),
    "difference": ("difference [95 %]", "差值 [95 %]"),
    "mcnemar": ("p (McNemar)", "p（McNemar）"),
    "within": ("within the margin", "在界限之内"),
    "item": ("item", "题目"),
    "first": ("first answers", "第一个回答"),
    "second": ("second answers", "第二个回答"),
}
"""Columns of the tables."""
SHOWN = {True: ("yes", "是"), False: ("not shown", "未显示")}
ALL = ("all together", "全部合计")
SURE = 0.05


def verdict(found: Mapping[str, Any], margin: float) -> tuple[str, str]:
    """In two or three sentences, in English and Chinese."""
    d, e, w = found["difference"], found["equal"], found["equivalence"]
    differs = d.get("p") is not None and d["p"] < SURE
    numbers = {
        "margin": 100 * margin,
        "trials": found["trials"],
        "equal": 100 * e["value"],
        "low": 100 * e["low"],
        "high": 100 * e["high"],
        "d": 100 * d["value"],
        "from_": 100 * d["low"],
        "to": 100 * d["high"],
        "lower": 100 * w["low"],
        "upper": 100 * w["high"],
        "p": d.get("p"),
    }
    parts = [EQUAL]
    if differs:
        parts.append(DIFFERENT)
        parts += [BOTH] if w["shown"] else []
    else:
        parts.append(EQUIVALENT if w["shown"] else OPEN)
    told = [
        (" " if i == 0 else "").join(
            part[i].format(**numbers, word=WORDS[d["value"] > 0][i]) for part in parts
        )
        for i in (0, 1)
    ]
    return told[0], told[1]
