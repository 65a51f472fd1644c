"""The verdict on the use of the pictures, in words: what a set without decisive spans can show."""

PICTURE: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this is for sets whose items name no decisive span, and needs items with a "
        "right option and the conditions blind and keyframes (clips) or picture (stills).",
        "未测：用于题目没有决定性时段的题集，需要有正确选项的题目，以及条件 blind 和 keyframes"
        "（动图）或 picture（静态图）。",
    ),
    "not_testable": (
        "Not testable with this delivery: not all pictures reached the model.",
        "此传递方式无法检验：并非所有图片都到达模型。",
    ),
    "unused": (
        "Does not use the pictures: right in {seen} with them, in {blind} without any (difference "
        "{gain}, {items} items).",
        "没有用到图片：有图时答对 {seen}，无图时答对 {blind}（差值 {gain}，{items} 道题）。",
    ),
    "used": (
        "Uses the pictures: right in {seen} with them, in {blind} without any (difference {gain}, "
        "{items} items).",
        "用到了图片：有图时答对 {seen}，无图时答对 {blind}（差值 {gain}，{items} 道题）。",
    ),
    "used_later_count": (
        "Uses the pictures, and the later frames count: right in {seen} with them, in {blind} "
        "without any (difference {gain}, {items} items). With the first frame in the place of the "
        "others the answers to clips change oftener than with the question in other words, by "
        "{later}.",
        "用到了图片，后面的帧也起作用：有图时答对 {seen}，无图时答对 {blind}"
        "（差值 {gain}，{items} 道题）。用第一帧替换其他帧时，动图的回答比换一种问法时改变得更多，"
        "多 {later}。",
    ),
    "used_first_enough": (
        "Uses of clips hardly more than the first frame: right in {seen} with the pictures, "
        "in {blind} without any (difference {gain}, {items} items). With the first frame in "
        "the place of the others the answers to clips change hardly oftener than with the question "
        "in other words, by {later}. This says what the questions need as much as what the model "
        "does: no item names where its answer is to be seen.",
        "用到了图片，但动图几乎只用第一帧：有图时答对 {seen}，无图时答对 {blind}"
        "（差值 {gain}，{items} 道题）。"
        "用第一帧替换其他帧，动图的回答几乎不比换一种问法时改变得更多，多 {later}。"
        "这既取决于模型，也取决于题目：题目没有标注答案出现在何处。",
    ),
    "not_enough_items": (
        "Not enough items: {items} cannot tell whether the pictures are used; about {needed} would "
        "be needed.",
        "题目不够：{items} 道题看不出是否用到图片，大约需要 {needed} 道。",
    ),
}
"""Key -> sentence in English and Chinese."""

PICTURE_PLAIN: dict[str, tuple[str, str]] = {
    "not_testable": (
        "This says nothing about the model: the pictures never reached it.",
        "这不能说明模型本身：图片没有到达模型。",
    ),
    "unused": ("It answers without using the pictures.", "它作答时没有用到图片。"),
    "used": ("It looks at the pictures to answer.", "它看图作答。"),
    "used_later_count": (
        "It looks at the pictures, and at more of a clip than its first frame.",
        "它看图作答，而且不只看动图的第一帧。",
    ),
    "used_first_enough": (
        "It looks at the pictures; of a clip the first frame is nearly all that counts here.",
        "它看图作答；对动图来说，这里起作用的几乎只有第一帧。",
    ),
    "not_enough_items": ("Too few items to tell.", "题目太少，无法判断。"),
}
