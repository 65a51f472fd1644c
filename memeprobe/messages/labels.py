"""What things are called, in English and Chinese: one table for command line, report and pages.

A name that has no row keeps itself, in plain words; a test holds that none of ours is missing.
What measures are called stands in ``measures``.
"""

from memeprobe.messages.measures import MEASURES

LANGUAGES = ("en", "zh")

CONDITIONS: dict[str, tuple[str, str]] = {
    "keyframes": ("all keyframes", "全部关键帧"),
    "blind": ("no picture", "无图"),
    "picture": ("the still itself", "静态图本身"),
    "first": ("first frame only", "只有第一帧"),
    "middle": ("middle frame only", "只有中间一帧"),
    "last": ("last frame only", "只有最后一帧"),
    "reversed": ("keyframes reversed", "关键帧倒序"),
    "shuffled": ("keyframes shuffled", "关键帧乱序"),
    "first_repeated": ("first frame repeated", "重复第一帧"),
    "last_repeated": ("last frame repeated", "重复最后一帧"),
    "keyframes_once_more": ("all keyframes, asked once more", "全部关键帧，再问一次"),
    "reversed_once_more": ("keyframes reversed, asked once more", "关键帧倒序，再问一次"),
    "first_repeated_once_more": ("first frame repeated, asked once more", "重复第一帧，再问一次"),
    "last_repeated_once_more": ("last frame repeated, asked once more", "重复最后一帧，再问一次"),
    "keyframes_twice_more": ("all keyframes, asked thrice", "全部关键帧，第三次问"),
    "reversed_twice_more": ("keyframes reversed, asked thrice", "关键帧倒序，第三次问"),
    "first_repeated_twice_more": (
        "first frame repeated, asked thrice",
        "重复第一帧，第三次问",
    ),
    "last_repeated_twice_more": (
        "last frame repeated, asked thrice",
        "重复最后一帧，第三次问",
    ),
    "first_then_other": ("first frame, then another clip", "第一帧，其后换成其他动图"),
    "keyframes_again": ("all keyframes, in other words", "全部关键帧，换一种问法"),
    "keyframes_thrice": ("all keyframes, in other words again", "全部关键帧，再换一种问法"),
    "last_again": ("last frame only, in other words", "只有最后一帧，换一种问法"),
    "decisive": ("decisive frame alone", "单独决定性一帧"),
    "as_is": ("as it is", "原样"),
    "erased": ("caption erased", "抹去文字"),
    "replaced": ("caption replaced", "替换文字"),
    "nonword": ("caption no word", "换成非词"),
    "told": ("told in the prompt", "提示中告知文字"),
    "told_wrong": ("told a wrong one", "告知错误的文字"),
    "told_blind": ("told, no picture", "告知文字，无图"),
    "erased_told": ("erased, but told", "抹去文字并告知"),
    "erased_told_wrong": ("erased, told a wrong one", "抹去文字并告知错误的"),
    "replaced_told": ("replaced and told", "替换文字并告知"),
    "replaced_told_wrong": ("replaced, told the old one", "替换文字并告知错误的"),
    "nonword_told": ("no word, but told", "换成非词并告知"),
    "nonword_told_wrong": ("no word, told a wrong one", "换成非词并告知错误的"),
    "transcribe": ("transcription", "转写文字"),
    "transcribe_erased": ("transcription, erased", "转写（已抹去文字）"),
    "transcribe_nonword": ("transcription, no word", "转写（非词）"),
    "asked_en": ("asked in English", "用英文提问"),
    "asked_zh": ("asked in Chinese", "用中文提问"),
    "sandwich": ("Chinese, translated", "经翻译提问"),
    "clip": ("whole clip", "整个动图"),
    "clip_said": ("whole clip, said what it is", "整个动图，并说明画面"),
    "keyframes_ordered": ("all keyframes, said to be in order", "全部关键帧，说明先后"),
    "keyframes_timed": ("all keyframes, with their times", "全部关键帧，说明时间"),
    "keyframes_read": ("all keyframes, read left to right", "全部关键帧，说明从左到右看"),
}
SLOTS: dict[str, tuple[str, str]] = {
    "position": ("decisive in slot {}", "决定性一帧在第 {} 位"),
    "among": ("decisive in slot {}, other clip's frames", "决定性一帧在第 {} 位，其余为其他动图"),
    "lures": ("decisive in slot {}, misleading frames", "决定性一帧在第 {} 位，其余为误导帧"),
    "ablate": ("without frame {}", "第 {} 位置灰"),
    "single": ("frame {} alone", "单独第 {} 帧"),
}
"""Conditions with a slot behind an @, which fills the braces."""
VERDICTS: dict[str, tuple[str, str]] = {
    "first_frame": ("First-frame bias", "首帧偏差"),
    "order": ("Order of the frames", "帧的顺序"),
    "caption": ("Caption reading", "文字阅读"),
    "language": ("Language", "语言"),
    "picture": ("Use of the pictures", "是否用到图片"),
}
PRESETS: dict[str, tuple[str, str]] = {
    "quick": ("both probes in outline, {} items", "两种探针的概要，{} 题"),
    "standard": ("what every verdict needs, {} items", "各结论所需的条件，{} 题"),
    "full": ("every condition on every item", "全部题目、全部条件"),
}
"""A preset's number of items fills the braces."""
PROBES: dict[str, tuple[str, str]] = {
    "frames": ("Which frames count", "哪些帧起作用"),
    "caption": ("Is the caption read", "是否读文字"),
    "language": ("Which language", "哪种语言"),
    "delivery": ("How it is delivered", "如何传递"),
}
SUBJECTS: dict[str, tuple[str, str]] = {
    "fair": ("looks at every picture in order", "按顺序看每一张图"),
    "first-frame": ("looks at the first picture only", "只看第一张图"),
    "first-content": ("looks at the first picture that shows anything", "只看第一张有内容的图"),
    "last-frame": ("looks at the last picture only", "只看最后一张图"),
    "order-blind": ("looks at every picture, in an order of its own", "每张图都看，但顺序自定"),
    "blind": ("looks at no picture", "一张图都不看"),
    "guesser": ("looks at no picture and guesses anew each time", "一张图都不看，每次重新猜"),
    "caption-blind": ("sees everything but captions", "除了文字什么都看"),
    "prompt-copier": ("believes the caption told in the prompt", "相信提示中告知的文字"),
}
"""What a known subject does."""

CASES: dict[str, tuple[str, str]] = {
    "english-only": ("fair, reads English only", "无偏，只懂英文"),
    "fair, first frame delivered": ("fair, first frame delivered", "无偏，但只传递第一帧"),
}
"""What the calibration tries beside the known subjects, by its name in the certificate."""

FIGURES: dict[str, tuple[str, str]] = {
    "keyframes": ("right, all keyframes", "答对，全部关键帧"),
    "picture": ("right, stills", "答对，静态图"),
    "as_is": ("right, captions", "答对，文字题"),
    "lure_rate": ("follows the first frame", "跟随第一帧"),
    "bias_other_clips": ("first-frame index, other clips", "首帧指数，其他动图"),
    "bias_own_lures": ("first-frame index, own lures", "首帧指数，自身误导帧"),
    "bias_grey": ("first-frame index, grey", "首帧指数，灰色帧"),
    "reading_gain": ("gain by reading", "阅读增益"),
    "prompt_copying": ("follows a wrong caption told", "跟随提示中的错误文字"),
}
"""Columns of the leaderboard."""


def condition(name: str, language: str = "en") -> str:
    """What a condition is called: 'position@2' -> 'decisive in slot 2'."""
    stem, _, slot = name.partition("@")
    if slot and stem in SLOTS:
        return SLOTS[stem][LANGUAGES.index(language)].format(slot)
    return label(CONDITIONS, name, language)


def preset(name: str, items: int | None, language: str = "en") -> str:
    """What a preset asks, in words; one without a row keeps its own name."""
    return label(PRESETS, name, language).format(items)


def measure(name: str, language: str = "en") -> str:
    """What a measure is called: 'lure_rate' -> 'Lure rate'."""
    place = LANGUAGES.index(language)
    return MEASURES[name][0][place] if name in MEASURES else name.replace("_", " ")


def meaning(name: str, language: str = "en") -> str:
    """What a measure tells, in half a sentence; empty if it has no row."""
    return MEASURES[name][1][LANGUAGES.index(language)] if name in MEASURES else ""


def label(table: dict[str, tuple[str, str]], name: str, language: str = "en") -> str:
    """A row of one of the tables in a language; a name that has none stays, in plain words."""
    return table[name][LANGUAGES.index(language)] if name in table else name.replace("_", " ")
