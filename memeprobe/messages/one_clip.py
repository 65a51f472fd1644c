"""Whether the first picture alone decides the answer to one clip, in English and Chinese."""

FIRST_PICTURE: dict[str, tuple[str, str]] = {
    "first_both_ways": (
        "Yes, on this clip: forwards and backwards, its answer is that to the picture which "
        "comes first.",
        "是（就这个动图而言）：正放和倒放时，它的回答都与只看最先那张画面时相同。",
    ),
    "last_both_ways": (
        "No, on this clip: forwards and backwards, its answer is that to the picture which "
        "comes last.",
        "否（就这个动图而言）：正放和倒放时，它的回答都与只看最后那张画面时相同。",
    ),
    "not_the_first": (
        "No, on this clip: its answer to all frames is not its answer to the first one.",
        "否（就这个动图而言）：它对所有帧的回答与只看第一帧时不同。",
    ),
    "not_the_first_reversed": (
        "No, on this clip: played backwards, the last frame comes first, and its answer is not "
        "the one to that frame.",
        "否（就这个动图而言）：倒放时最后一帧排在最前，而它的回答与只看这一帧时不同。",
    ),
    "still": (
        "Cannot tell: there is one picture only.",
        "无法判断：只有一张画面。",
    ),
    "not_asked": (
        "Cannot tell: not all of the questions that it takes were answered.",
        "无法判断：所需的问题没有全部得到回答。",
    ),
    "failed": (
        "Cannot tell: at least one question failed.",
        "无法判断：至少有一个问题失败了。",
    ),
    "empty": (
        "Cannot tell: the model said nothing to at least one question.",
        "无法判断：模型至少对一个问题没有作答。",
    ),
    "delivery": (
        "Cannot tell: with this delivery only {shown} of {n} frames reached the model.",
        "无法判断：用这种方式只有 {shown} / {n} 帧到达模型。",
    ),
    "ends_alike": (
        "Cannot tell: the first and the last frame get much the same answer when each is shown "
        "alone.",
        "无法判断：分别只看第一帧和最后一帧时，回答大致相同。",
    ),
    "unsteady": (
        "Cannot tell: asked the very same again, it answered otherwise.",
        "无法判断：同样的问题再问，它的回答就变了。",
    ),
    "unclear": (
        "Cannot tell: the answers differ in some words only; read them.",
        "无法判断：各个回答只有个别字词不同，请自行比较。",
    ),
}
"""Reason -> sentence; fields in braces are filled with numbers."""
