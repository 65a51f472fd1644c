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
        "Reads and uses the caption: no part of it is surely weak.",
        "读得懂也用得上文字：没有哪一部分可以确定薄弱。",
    ),
    "uses_caption_unpaired": (
        "Uses the caption: no part is surely weak. No changed captions were asked, so damage to "
        "the picture is not ruled out.",
        "用到了文字：没有哪一部分可以确定薄弱。没有用改动的文字提问，因此不能排除是图片受损所致。",
    ),
    "reads_part": (
        "Reads part of the captions: {band} of them, {cer} of their characters are wrong.",
        "读得出部分文字：{band}文字读得出，字符错误率 {cer}。",
    ),
    "reads_unevenly": (
        "Reads captions unevenly: of the characters of {worse} captions {worse_cer} are wrong, of "
        "{better} ones {better_cer}.",
        "读文字不均衡：{worse}文字的字符错误率为 {worse_cer}，{better}文字为 {better_cer}。",
    ),
    "guesses_words": (
        "Guesses words from their looks: of the characters of real captions {cer} are wrong, of "
        "letters that make no word {nonwords}.",
        "凭样子猜词：真实文字的字符错误率为 {cer}，不成词的字母为 {nonwords}。",
    ),
    "copies_prompt": (
        "Believes the prompt against the picture: told a wrong caption, it follows that in "
        "{copied} of the items. Never tell such a model what OCR has read.",
        "相信提示胜过图片：告诉它错误的文字时，{copied} 的回答跟随提示。"
        "不要把 OCR 的结果告诉这样的模型。",
    ),
    "thrown_off": (
        "Thrown off by told captions: the true caption in the prompt costs {cost}.",
        "会被提示中的文字打乱：在提示中给出正确的文字反而下降 {cost}。",
    ),
    "invents": (
        "Makes captions up: it reports a text in {invented} of the pictures that show none.",
        "会编造文字：在没有文字的图片中，{invented} 报告了文字。",
    ),
    "mixed": (
        "Mixed: the caption matters, but answers do not follow a changed caption (both right in "
        "{pairs} of the pairs).",
        "结果不一：文字有影响，但回答不随改动的文字而变（成对题目都答对的占 {pairs}）。",
    ),
    "told_only": (
        "Uses the caption only when told: it reads {exact} of the captions rightly, but their text "
        "in the prompt helps.",
        "只有告诉它文字内容才会用：读对的文字只有 {exact}，但在提示中给出文字有帮助。",
    ),
    "cannot_read": (
        "Cannot read the caption: of its characters {cer} are wrong, and {exact} of the captions "
        "are read rightly.",
        "读不出文字：字符错误率 {cer}，读对的文字只有 {exact}。",
    ),
    "uses_part": (
        "Uses only a part of what it reads: of its characters {cer} are wrong, but what is read "
        "and not used is {unused}.",
        "读到的只用上一部分：字符错误率 {cer}，而读对却没有用上的占 {unused}。",
    ),
    "reads_not_uses": (
        "Reads the caption but does not use it: of its characters {cer} are wrong, but what is "
        "read and not used is {unused}.",
        "读得出文字但不用：字符错误率 {cer}，而读对却没有用上的占 {unused}。",
    ),
    "not_enough_items": (
        "Not enough items: {items} cannot tell whether the caption matters; about {needed} would "
        "be needed.",
        "题目不够：{items} 道题看不出文字是否起作用，大约需要 {needed} 道。",
    ),
}

BANDS: dict[str, tuple[str, str]] = {
    "nearly_all": ("nearly all", "几乎全部"),
    "most": ("most", "大部分"),
    "half": ("about half", "大约一半"),
    "some": ("some", "一部分"),
    "hardly_any": ("hardly any", "极少"),
}
"""How many of the captions."""
GROUPS: dict[tuple[str, str], tuple[str, str]] = {
    ("language", "en"): ("English", "英文"),
    ("language", "zh"): ("Chinese", "中文"),
    ("place", "top"): ("top", "顶部"),
    ("place", "bottom"): ("bottom", "底部"),
    ("place", "below"): ("below-picture", "图下方"),
    ("length", "short"): ("short", "较短的"),
    ("length", "long"): ("long", "较长的"),
}
"""(what tells captions apart, group) -> what they are called."""

CAPTION_PARTS: dict[str, tuple[str, str]] = {
    "letters": (
        "Letters: {cer} of the characters wrong, {exact} of the captions exact.",
        "字符：错误率 {cer}，完全读对 {exact}。",
    ),
    "nonwords": (
        "Letters of no word: {nonwords} wrong.",
        "不成词的字母：错误率 {nonwords}。",
    ),
    "use": (
        "Use: erasing the caption costs {gain}, and both captions of a pair are answered rightly "
        "in {pairs}.",
        "使用：抹去文字后下降 {gain}，成对的两种文字都答对的占 {pairs}。",
    ),
    "gain": ("Use: erasing the caption costs {gain}.", "使用：抹去文字后下降 {gain}。"),
    "told_true": (
        "Told the true caption: {told} better (below 0: worse).",
        "告知正确文字：提高 {told}（负数为下降）。",
    ),
    "told_wrong": (
        "Told a wrong caption: {copied} follow it.",
        "告知错误文字：{copied} 跟随。",
    ),
    "invented": (
        "No caption there: one reported in {invented}.",
        "没有文字时：{invented} 报告有文字。",
    ),
}
"""One sentence for each part of the probe."""

ALSO_WEAK: dict[str, tuple[str, str]] = {
    "reads_part": ("It reads only {band} of the captions.", "它只读得出{band}文字。"),
    "reads_unevenly": (
        "It reads {worse} captions worse than {better} ones.",
        "它读{worse}文字不如{better}文字。",
    ),
    "guesses_words": ("It also guesses words.", "它还会猜词。"),
    "reads_not_uses": (
        "It does not use all that it reads.",
        "读到的它没有全部用上。",
    ),
    "copies_prompt": (
        "It also believes wrong captions in the prompt.",
        "它还相信提示中错误的文字。",
    ),
    "thrown_off": (
        "It is also thrown off by told captions: the true one costs {cost}.",
        "它还会被提示中的文字打乱：给出正确的文字反而下降 {cost}。",
    ),
    "invents": ("It also makes captions up.", "它还会编造文字。"),
}
"""What is surely weak beside the weakest part."""

LANGUAGE: dict[str, tuple[str, str]] = {
    "not_asked": (
        "Not asked: this needs the conditions asked_en and asked_zh.",
        "未测：需要条件 asked_en 和 asked_zh。",
    ),
    "alike": (
        "Alike in both languages, to within 10 points: {english} right in English, {chinese} in "
        "Chinese (difference {gap}, {items} items).",
        "两种语言一样好，相差不超过 10 个百分点：英文答对 {english}，中文答对 {chinese}"
        "（差值 {gap}，{items} 道题）。",
    ),
    "neither": (
        "Says nothing: the clips are answered no better than by chance in either language "
        "({english} right in English, {chinese} in Chinese, chance {chance}).",
        "不能说明问题：两种语言都不比随机猜测答得更好"
        "（英文答对 {english}，中文答对 {chinese}，随机 {chance}）。",
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
