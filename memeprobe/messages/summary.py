"""One sentence that joins a run's verdicts, so that no two of them read as a contradiction."""

from collections.abc import Mapping

from memeprobe.messages.plain import plain

JOINED: dict[tuple[str, str], tuple[str, str]] = {
    ("flat", "follows_end"): (
        "It favours no place in the sequence as such, and questions about the end it answers by "
        "what is shown last, as it should.",
        "它不偏向序列中的任何位置，问结尾的题目则以最后出现的画面为准，本该如此。",
    ),
    ("flat", "order_blind"): (
        "It looks at every frame alike, and does not notice when the clip is played backwards.",
        "它对每一帧一视同仁，动图倒着放也没有察觉。",
    ),
    ("not_enough_items", "follows_end"): (
        "No place in the sequence is seen to count more, though too few items rule it out, and "
        "questions about the end it answers by what is shown last.",
        "没有发现哪个位置更受重视，但题目太少不能排除，问结尾的题目则以最后出现的画面为准。",
    ),
}
"""(verdict on the places, verdict on order) -> what both say together."""
SAID_ALREADY = {"one_frame_decides", "not_answered", "not_testable"}
"""Verdicts on order that add nothing to that on the places."""
TOO_FEW: dict[str, tuple[str, str]] = {
    "first_frame": (
        "Whether a place in the sequence counts more stays open.",
        "是否有哪个位置更受重视尚不清楚。",
    ),
    "order": ("Whether the order matters to it stays open.", "顺序对它是否有影响尚不清楚。"),
    "picture": ("Whether it uses the pictures stays open.", "它是否用到图片尚不清楚。"),
    "caption": ("Whether it reads the caption stays open.", "它是否读得懂文字尚不清楚。"),
    "language": ("Whether a language suits it better stays open.", "哪种语言更适合它尚不清楚。"),
}
"""Verdict -> what is said of it where items were too few."""


def summary(keys: Mapping[str, str]) -> tuple[str, str]:
    """In English and Chinese, from the key of each verdict; empty where nothing was asked."""
    parts = []
    places, order = keys.get("first_frame", "not_asked"), keys.get("order", "not_asked")
    together = JOINED.get((places, order))
    if together is not None:
        parts.append(together)
    for verdict, key in keys.items():
        if together is not None and verdict in ("first_frame", "order"):
            continue
        if verdict == "order" and key in SAID_ALREADY and places != "not_asked":
            continue
        if key == "not_enough_items" and verdict in TOO_FEW:
            parts.append(TOO_FEW[verdict])
        elif any(plain(verdict, key)):
            parts.append(plain(verdict, key))
    if not parts:
        return "", ""
    english = [p[0].rstrip(".") for p in parts]
    first, *others = english
    joined = "; ".join([first, *(o[0].lower() + o[1:] for o in others)])
    return joined + ".", "；".join(p[1].rstrip("。") for p in parts) + "。"
