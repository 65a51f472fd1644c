"""The verdicts on captions and language in words."""

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
    "copies_prompt": (
        "Believes the prompt against the picture: it reads the caption (erasing it costs {gain}), "
        "but where the prompt tells a wrong caption, {copied} of the answers follow the prompt. "
        "Never tell such a model what OCR has read.",
        "相信提示胜过图片：它读得懂文字（抹去文字后正确率下降 {gain}），"
        "但提示中给出错误文字时，{copied} 的回答跟随提示。不要把 OCR 的结果告诉这样的模型。",
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

LANGUAGE: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this needs the conditions asked_en and asked_zh.",
        "未测：需要条件 asked_en 和 asked_zh。",
    ),
    "alike": (
        "Alike in both languages, to within 10 points: {english} right in English, {chinese} in "
        "Chinese (difference {gap}).",
        "两种语言一样好，相差不超过 10 个百分点：英文答对 {english}，中文答对 {chinese}"
        "（差值 {gap}）。",
    ),
    "better_in_english": (
        "Better in English: {english} right in English, {chinese} in Chinese (difference {gap}).",
        "英文更好：英文答对 {english}，中文答对 {chinese}（差值 {gap}）。",
    ),
    "better_in_chinese": (
        "Better in Chinese: {english} right in English, {chinese} in Chinese (English minus "
        "Chinese {gap}).",
        "中文更好：英文答对 {english}，中文答对 {chinese}（英文减中文 {gap}）。",
    ),
    "not_enough_items": (
        "Not enough items: {items} cannot tell the languages apart or alike; about {needed} would "
        "be needed.",
        "题目不够：{items} 道题分不出两种语言是否有差别，大约需要 {needed} 道。",
    ),
}

SANDWICH: dict[str, tuple[str, str]] = {
    "helps": (
        "Translating the Chinese question and the answer helps by {sandwich}.",
        "把中文问题和回答经翻译转一道，提高 {sandwich}。",
    ),
    "hurts": (
        "Translating the Chinese question and the answer costs {sandwich}.",
        "把中文问题和回答经翻译转一道，变化 {sandwich}，反而更差。",
    ),
    "open": (
        "Whether translating helps stays open ({sandwich}).",
        "翻译是否有帮助尚不清楚（{sandwich}）。",
    ),
}
