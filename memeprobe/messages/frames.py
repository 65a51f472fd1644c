"""The verdicts on first-frame bias and on order in words."""

FIRST_FRAME: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this needs clips of several frames with a decisive span, at least 2 keyframes, "
        "and the conditions blind, decisive, keyframes, first_repeated and position@k.",
        "未测：需要带有决定性时段的多帧动图、至少 2 个关键帧，"
        "以及条件 blind、decisive、keyframes、first_repeated 和 position@k。",
    ),
    "not_testable": (
        "Not testable with this delivery: in {share} of the trials frames were missing, down to "
        "only {shown} of {intended} frames that reached the model. This says nothing about the "
        "model, but asked in this way it follows the first frame in {lure} of the items and is "
        "right in {accuracy}.",
        "此传递方式无法检验：在 {share} 的提问中缺少帧，最少时 {intended} 帧中只有 {shown} 帧到达"
        "模型。这不能说明模型本身，但这样提问时，它在 {lure} 的题目上跟随第一帧，"
        "正确率为 {accuracy}。",
    ),
    "blind": (
        "Answers do not depend on the pictures: the decisive frame alone is not surely answered "
        "better than no picture at all, and surely not by 25 points (difference {above_blind}, "
        "{items} items).",
        "回答不取决于图片：只看决定性的一帧并不能确定比不看图答得更好，"
        "且可以排除好 25 个百分点（差值 {above_blind}，{items} 道题）。",
    ),
    "letter_bound": (
        "Answers by the letter, not by the picture: it names {letter} in {share} of the calls, "
        "whichever option stands there ({items} items).",
        "按字母作答，与图片无关：不论哪个选项在那里，{share} 的提问都选 {letter}（{items} 道题）。",
    ),
    "lost_among_frames": (
        "Lost among frames: the decisive frame alone is answered, but among grey frames no slot is "
        "answered better than no picture at all (mean over the slots minus blind {curve_gain}).",
        "淹没在其他帧中：单独看决定性的一帧能答对，但夹在灰色帧之间时，"
        "任何位置都不比不看图更好（各位置平均与不看图之差 {curve_gain}）。",
    ),
    "first_frame_biased": (
        "First-frame bias: {grade}, what stands first decides alone. Bias index {index} over "
        "{items} items, {estimator} (0 = as any other slot, 1 = it alone); replacing the later "
        "frames changes {changed} of the settled answers.",
        "首帧偏差：{grade}，只由排在第一位的决定。偏差指数 {index}，{items} 道题，{estimator}"
        "（0 = 与其他位置一样，1 = 只看它）；替换后面的帧只改变 {changed} 的稳定回答。",
    ),
    "last_frame_biased": (
        "Last-frame bias: {grade}, what stands last decides alone. Bias index {index} over "
        "{items} items, {estimator} (0 = as any other slot, 1 = it alone); leaving out the frames "
        "before it changes {changed} of the settled answers.",
        "末帧偏差：{grade}，只由排在最后的决定。偏差指数 {index}，{items} 道题，{estimator}"
        "（0 = 与其他位置一样，1 = 只看它）；去掉前面的帧只改变 {changed} 的稳定回答。",
    ),
    "flat": (
        "No first-frame bias: wherever the decisive frame stands it counts the same, the largest "
        "index left by any estimator being {bound} (no two slots further apart than {widest} "
        "points; 90 % limits, two one-sided tests at 5 %; {items} items).",
        "没有首帧偏差：决定性的一帧放在哪里作用都一样，各种估计都排除了大于 {bound} 的偏差指数"
        "（任意两个位置相差不超过 {widest} 个百分点；90 % 界限，5 % 水平的两个单侧检验；"
        "{items} 道题）。",
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
        "Uneven: the slots differ by {gap} points (Cochran's Q, Holm-adjusted p {p}, {items} "
        "items; best slot {best}, worst {worst}), but neither the first, the last nor the middle "
        "surely counts more than the rest by so much as is called a bias.",
        "不均匀：各位置相差 {gap} 个百分点（Cochran Q 检验，Holm 校正后 p {p}，{items} 道题；"
        "最好的是第 {best} 位，最差的是第 {worst} 位），"
        "但开头、结尾和中间都不能确定比其余更受重视到可称为偏差的程度。",
    ),
    "not_enough_items": (
        "Not enough items: {items} show no place that counts more, and cannot show either that "
        "there is none; about {needed} would.",
        "题目不够：{items} 道题没有显示哪个位置更受重视，也不足以证明没有；大约需要 {needed} 道。",
    ),
}

REMARKS: dict[str, tuple[str, str]] = {
    "weaker_grey": (
        "The index is lower {estimator}, {index}: it passes over pictures that show nothing.",
        "{estimator}时指数较低，为 {index}：它跳过什么都没有的画面。",
    ),
    "weaker_other_clips": (
        "The index is lower {estimator}, {index}: it passes over frames that have nothing to do "
        "with the question.",
        "{estimator}时指数较低，为 {index}：它跳过与问题无关的画面。",
    ),
    "weaker_own_lures": (
        "The index is lower {estimator}, {index}: there other frames hold it up.",
        "{estimator}时指数较低，为 {index}：在那里其他帧也有份量。",
    ),
    "weaker_swap": (
        "The index is lower {estimator}, {index}: with the whole clip before it, later frames "
        "count more.",
        "{estimator}时指数较低，为 {index}：看到完整动图时，后面的帧更有份量。",
    ),
    "weaker_replacement": (
        "Yet of the settled answers, not more than {index} (as a share) stay when the later frames "
        "are replaced.",
        "但替换后面的帧时，稳定回答中保持不变的比例只有 {index}。",
    ),
    "grey_upsets": (
        "Grey pictures put it off: over no picture at all it gains {grey} among grey frames and "
        "{real} among other clips' frames.",
        "灰色画面会干扰它：与不看图相比，夹在灰色帧之间时提高 {grey}，"
        "夹在其他动图的帧之间时提高 {real}。",
    ),
    "all_open": (
        "So few items rule out nothing, not even that one place alone decides.",
        "这么少的题目什么都不能排除，甚至不能排除只由一个位置决定。",
    ),
    "left_open": (
        "A bias index above {bound} is ruled out; one of {detectable} would have been found in "
        "four of five runs.",
        "大于 {bound} 的偏差指数已排除；若有 {detectable} 的偏差，五次中有四次会被发现。",
    ),
}
"""Sentences behind a verdict's own."""

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
    "replacement": ("by replacing the later frames", "替换后面的帧"),
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
        "A place decides: accuracy in order minus reversed is {gain} ({items} items), but that may "
        "be only because another frame then stands where the model looks; this says nothing about "
        "order.",
        "由位置决定：正放与倒放的正确率之差为 {gain}（{items} 道题），但这可能只是因为"
        "另一帧排到了模型所看的位置，不能说明顺序。",
    ),
    "not_answered": (
        "Says nothing about order: all keyframes are answered no better than no picture at all, in "
        "order as reversed (difference {gain}, {items} items).",
        "不能说明顺序：看全部关键帧并不比不看图答得更好，正放倒放都一样"
        "（差值 {gain}，{items} 道题）。",
    ),
    "uses_order": (
        "Uses the order of the frames: played backwards, clips are answered worse by {gain} "
        "({items} items), and below chance ({reversed} right, chance {chance}), as they should be "
        "by someone who follows what happens; no single frame does as well as all of them.",
        "用到了帧的顺序：倒放时正确率下降 {gain}（{items} 道题），并且低于随机水平"
        "（答对 {reversed}，随机 {chance}），看懂经过的人正应如此；任何单独一帧都不如看全部帧。",
    ),
    "follows_end": (
        "Goes by what comes last: played backwards, clips are answered worse by {gain}, but the "
        "last frame alone gives nearly the same settled answers as all of them ({end} change). "
        "That is right for questions about the end; whether it follows more than that takes "
        "questions which no single frame answers, as the set order has them.",
        "以最后出现的为准：倒放时正确率下降 {gain}，但只看最后一帧与看全部帧的稳定回答几乎相同"
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
