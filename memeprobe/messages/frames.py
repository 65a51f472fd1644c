"""The verdicts on first-frame bias and on order in words."""

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
    "first_frame_leaning": (
        "First-frame bias: {grade}; what stands first counts more than what stands elsewhere. Bias "
        "index {index} over {items} items, {estimator} (0 = as any other slot, 1 = it alone).",
        "首帧偏差：{grade}；排在第一位的比排在其他位置的更受重视。偏差指数 {index}，"
        "{items} 道题，{estimator}（0 = 与其他位置一样，1 = 只看它）。",
    ),
    "last_frame_leaning": (
        "Last-frame bias: {grade}; what stands last counts more than what stands elsewhere. Bias "
        "index {index} over {items} items, {estimator} (0 = as any other slot, 1 = it alone).",
        "末帧偏差：{grade}；排在最后的比排在其他位置的更受重视。偏差指数 {index}，{items} 道题，"
        "{estimator}（0 = 与其他位置一样，1 = 只看它）。",
    ),
    "ends_leaning": (
        "Bias to both ends: {grade}; what stands first and what stands last count more than what "
        "stands between. Larger bias index {index} over {items} items, {estimator}.",
        "两端偏差：{grade}；排在最前和最后的比中间的更受重视。较大的偏差指数 {index}，"
        "{items} 道题，{estimator}。",
    ),
    "middle_leaning": (
        "Bias to the middle: {grade}; what stands in the middle counts more than the ends. Bias "
        "index {index} over {items} items, {estimator}.",
        "中间偏差：{grade}；排在中间的比两端更受重视。偏差指数 {index}，"
        "{items} 道题，{estimator}。",
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

GRADES: dict[str, tuple[str, str]] = {
    "total": ("total", "完全"),
    "strong": ("strong", "强"),
    "slight": ("slight", "轻微"),
}
ESTIMATORS: dict[str, tuple[str, str]] = {
    "grey": ("among grey frames", "夹在灰色帧之间"),
    "other_clips": ("among other clips' frames", "夹在其他动图的帧之间"),
    "own_lures": ("among the clip's own misleading frames", "夹在该动图自身的误导帧之间"),
    "swap": ("by showing the clip in order and reversed", "正放与倒放比较"),
}
"""What an estimator of the bias index rests on."""

ORDER: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this needs items whose answer depends on the order of the frames, and the "
        "conditions keyframes and reversed.",
        "未测：需要答案取决于帧顺序的题目，以及条件 keyframes 和 reversed。",
    ),
    "not_testable": (
        "Not testable with this delivery: not all frames reached the model.",
        "此传递方式无法检验：并非所有帧都到达模型。",
    ),
    "one_frame_decides": (
        "One frame decides: reversing the clip changes accuracy by {gain}, but only because "
        "another frame then comes first or last; this says nothing about order.",
        "由一帧决定：倒放使正确率变化 {gain}，但这只是因为另一帧排到了首位或末位，不能说明顺序。",
    ),
    "uses_order": (
        "Uses the order of the frames: played backwards, clips are answered worse by {gain}, and "
        "below chance ({reversed} right, chance {chance}), as they should be by someone who "
        "follows what happens.",
        "用到了帧的顺序：倒放时正确率下降 {gain}，并且低于随机水平"
        "（答对 {reversed}，随机 {chance}），看懂经过的人正应如此。",
    ),
    "follows_end": (
        "Goes by what comes last: played backwards, clips are answered worse by {gain}, but the "
        "last frame alone gives nearly the same answers as all of them ({end} change). That is "
        "right for questions about the end; whether it follows more than that takes questions "
        "which no single frame answers, as the set order has them.",
        "以最后出现的为准：倒放时正确率下降 {gain}，但只看最后一帧与看全部帧的回答几乎相同"
        "（改变 {end}）。对问结尾的题目这是对的；是否看懂了更多，"
        "需要任何单帧都答不了的题目，例如 order 题集。",
    ),
    "order_matters": (
        "The order of the frames matters: played backwards, clips are answered worse by {gain} "
        "({reversed} right, chance {chance}).",
        "帧的顺序有影响：倒放时正确率下降 {gain}（答对 {reversed}，随机 {chance}）。",
    ),
    "order_blind": (
        "Blind to order: played backwards, clips are answered just as well, to within 10 points "
        "(difference {gain}), although the right answer is then another one.",
        "不看顺序：倒放时答得一样好，相差不超过 10 个百分点（差值 {gain}），"
        "而此时正确答案本应不同。",
    ),
    "backwards": (
        "Better backwards: played backwards, clips are answered better (in order minus reversed "
        "{gain}); what comes first seems to count more.",
        "倒放反而更好：倒放时答得更好（正放减倒放 {gain}），先出现的似乎更受重视。",
    ),
    "not_enough_items": (
        "Not enough items: {items} cannot tell whether order matters; about {needed} would be "
        "needed.",
        "题目不够：{items} 道题看不出顺序是否起作用，大约需要 {needed} 道。",
    ),
}
