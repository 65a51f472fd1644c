"""What verdicts and notes say, in English and Chinese. Fields in braces are filled with numbers."""

from probes.stats import Interval

FIRST_FRAME: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this needs clips of several frames with a decisive span, at least 2 keyframes, "
        "and the conditions blind, decisive, keyframes, first_repeated and position@k.",
        "未测：需要带有决定性时段的多帧动图、至少 2 个关键帧，"
        "以及条件 blind、decisive、keyframes、first_repeated 和 position@k。",
    ),
    "not_testable": (
        "Not testable with this delivery: only {shown} of {intended} frames reached the model. "
        "This says nothing about the model, but asked in this way it follows the first frame in "
        "{lure} of the items and is right in {accuracy}.",
        "此传递方式无法检验：{intended} 帧中只有 {shown} 帧到达模型。"
        "这不能说明模型本身，但这样提问时，它在 {lure} 的题目上跟随第一帧，正确率为 {accuracy}。",
    ),
    "blind": (
        "Answers do not depend on the pictures: the decisive frame alone is answered no better "
        "than no picture at all (difference {above_blind}).",
        "回答不取决于图片：只看决定性的一帧并不比不看图答得更好（差值 {above_blind}）。",
    ),
    "lost_among_frames": (
        "Lost among frames: the decisive frame alone is answered, but among grey frames no slot is "
        "answered better than no picture at all (mean over the slots minus blind {curve_gain}).",
        "淹没在其他帧中：单独看决定性的一帧能答对，但夹在灰色帧之间时，"
        "任何位置都不比不看图更好（各位置平均与不看图之差 {curve_gain}）。",
    ),
    "first_frame_biased": (
        "First-frame biased: the decisive frame is answered better in the first slot than in the "
        "others by {slot}, and later frames can be replaced almost without changing answers "
        "({changed} change).",
        "偏向第一帧：决定性的一帧放在第一位时比放在其他位置好 {slot}，"
        "而且替换后面的帧几乎不改变回答（改变 {changed}）。",
    ),
    "last_frame_biased": (
        "Last-frame biased: the decisive frame is answered better in the last slot than in the "
        "others by {slot}, and the last frame alone gives almost the same answers as all "
        "({changed} change).",
        "偏向最后一帧：决定性的一帧放在最后一位时比放在其他位置好 {slot}，"
        "而且只看最后一帧与看全部帧的回答几乎相同（改变 {changed}）。",
    ),
    "flat": (
        "Flat: wherever the decisive frame stands, it counts the same to within 10 points "
        "(largest difference of a slot from the others {widest}).",
        "平坦：决定性的一帧放在哪里作用都一样，相差不超过 10 个百分点"
        "（某一位置与其他位置的最大差值 {widest}）。",
    ),
    "uneven": (
        "Uneven: the slots differ (Cochran's Q, Holm-adjusted p = {p}; best slot {best}, worst "
        "{worst}), but neither the first nor the last frame alone decides.",
        "不均匀：各位置有差别（Cochran Q 检验，Holm 校正后 p = {p}；最好的是第 {best} 位，"
        "最差的是第 {worst} 位），但既不是第一帧也不是最后一帧单独决定。",
    ),
    "not_enough_items": (
        "Not enough items: {items} cannot tell a flat curve from a bent one; about {needed} would "
        "be needed.",
        "题目不够：{items} 道题分不出曲线是平是弯，大约需要 {needed} 道。",
    ),
}

CAPTION: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this needs items with a known caption that the question turns on, and the "
        "conditions as_is and erased.",
        "未测：需要问题取决于已知文字的题目，以及条件 as_is 和 erased。",
    ),
    "not_testable": (
        "Not testable with this delivery: frames that show the caption did not reach the model.",
        "此传递方式无法检验：带文字的帧没有到达模型。",
    ),
    "uses_caption": (
        "Reads and uses the caption: erasing it costs {gain}, and in {pairs} of the pairs both the "
        "caption and the changed caption are answered rightly.",
        "读得懂也用得上文字：抹去文字后正确率下降 {gain}，"
        "{pairs} 的成对题目在原文字和改动文字下都答对。",
    ),
    "uses_caption_unpaired": (
        "Uses the caption: erasing it costs {gain}. No changed captions were asked, so damage to "
        "the picture is not ruled out.",
        "用到了文字：抹去文字后正确率下降 {gain}。"
        "没有用改动的文字提问，因此不能排除是图片受损所致。",
    ),
    "mixed": (
        "Mixed: erasing the caption costs {gain}, but answers do not follow a changed caption "
        "(both right in {pairs} of the pairs).",
        "结果不一：抹去文字后正确率下降 {gain}，"
        "但回答不随改动的文字而变（成对题目都答对的占 {pairs}）。",
    ),
    "told_only": (
        "Uses the caption only when told: erasing it changes little ({gain}), but its text in the "
        "prompt helps by {told}.",
        "只有告诉它文字内容才会用：抹去文字几乎没有影响（{gain}），"
        "但在提示中给出文字后提高 {told}。",
    ),
    "cannot_read": (
        "Cannot read the caption: of its characters {cer} are wrong, and erasing it changes little "
        "({gain}).",
        "读不出文字：字符错误率 {cer}，抹去文字几乎没有影响（{gain}）。",
    ),
    "reads_not_uses": (
        "Reads the caption but does not use it: of its characters only {cer} are wrong, but "
        "erasing it changes little ({gain}).",
        "读得出文字但不用：字符错误率只有 {cer}，但抹去文字几乎没有影响（{gain}）。",
    ),
    "not_enough_items": (
        "Not enough items: {items} cannot tell whether the caption matters; about {needed} would "
        "be needed.",
        "题目不够：{items} 道题看不出文字是否起作用，大约需要 {needed} 道。",
    ),
}

NOTES: dict[str, tuple[str, str]] = {
    "failed": (
        "{n} trials failed and are left out; the same command asks them again.",
        "{n} 次提问失败，未计入；再次运行同一命令会重新提问。",
    ),
    "unreadable": (
        "{n} trials were not asked, because OCR could not confirm the edited caption.",
        "{n} 次提问未进行，因为 OCR 无法确认改动后的文字。",
    ),
    "unparsed": (
        "{n} answers named none of the options; they count as not right.",
        "{n} 个回答没有说出任何选项，按未答对计。",
    ),
    "missed": (
        "In {n} items the decisive frame is not among the keyframes.",
        "{n} 道题的决定性一帧不在所选关键帧之中。",
    ),
    "grid": (
        "All frames were pasted into one numbered collage: this is about the collage, not about a "
        "sequence of images.",
        "所有帧被拼成一张带编号的图：结果说明的是拼图，而不是图片序列。",
    ),
    "vote": (
        "Every frame was asked alone and the majority counted: the model never saw them together.",
        "每一帧单独提问，按多数计票：模型从未同时看到它们。",
    ),
    "first_only": (
        "Only the first frame was delivered, as many demos do with a GIF.",
        "只传递了第一帧，许多演示对 GIF 就是这样处理的。",
    ),
}


def percent(found: Interval) -> str:
    """'87 % [80, 92]', or a dash where there is nothing."""
    if not found.n:
        return "–"
    return f"{100 * found.value:.0f} % [{100 * found.low:.0f}, {100 * found.high:.0f}]"


def points(found: Interval) -> str:
    """'+0.31 [0.22, 0.40]'."""
    if not found.n:
        return "–"
    return f"{found.value:+.2f} [{found.low:.2f}, {found.high:.2f}]"
