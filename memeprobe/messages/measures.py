"""What every measure is called and what it means, in English and Chinese."""

MEASURES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    # Frames
    "multi_frame_gain": (
        ("All keyframes minus first frame only", "全部关键帧减去只有第一帧"),
        ("what the later frames add", "后面的帧带来多少"),
    ),
    "gain_over_best_single": (
        ("All keyframes minus the best single frame", "全部关键帧减去最好的单独一帧"),
        ("what several frames add to the right one", "多帧比合适的那一帧多带来多少"),
    ),
    "order_said_gain": (
        ("Said to be frames in order minus silent", "说明是按顺序的帧减去不说明"),
        ("what that sentence adds", "这句话带来的提升"),
    ),
    "times_said_gain": (
        ("Said with their times minus silent", "说明时间减去不说明"),
        ("what the times add", "时间带来的提升"),
    ),
    "reading_said_gain": (
        ("Said to be read left to right minus silent", "说明从左到右看减去不说明"),
        ("what that adds with all frames in one picture", "所有帧拼成一张图时这句话带来的提升"),
    ),
    "clip_said_gain": (
        ("Whole clip, said what it is, minus silent", "整个动图，说明画面减去不说明"),
        ("what that sentence adds", "这句话带来的提升"),
    ),
    "above_blind": (
        ("Decisive frame minus no picture", "决定性一帧减去无图"),
        ("whether the pictures are used at all", "图片究竟有没有用到"),
    ),
    "lure_rate": (
        ("Lure rate", "误导率"),
        (
            "answers that follow the first frame although all frames were sent",
            "虽然发送了全部帧，回答仍跟随第一帧的比例",
        ),
    ),
    "changed_by_later_frames": (
        ("Answers changed by the later frames", "因后面的帧而改变的回答"),
        (
            "all keyframes against the first one repeated; near 0: the later ones do not count",
            "全部关键帧对比重复第一帧；接近 0 表示后面的帧不起作用",
        ),
    ),
    "changed_by_other_frames": (
        ("Answers changed by another clip's frames", "因其他动图的帧而改变的回答"),
        (
            "all keyframes against the first one and then another clip",
            "全部关键帧对比第一帧后接其他动图",
        ),
    ),
    "inconsistency": (
        ("Answers changed by other words", "因换一种问法而改变的回答"),
        (
            "the same frames, the question in other words: the model's own inconsistency",
            "同样的帧，换一种问法：模型自身的不一致",
        ),
    ),
    "changed_beyond_noise": (
        ("Settled answers changed by the later frames", "因后面的帧而改变的稳定回答"),
        (
            "beyond the model's own inconsistency; near 0: the later ones do not count",
            "除去模型自身的不一致；接近 0 表示后面的帧不起作用",
        ),
    ),
    "gain_over_last": (
        ("All keyframes minus the last one alone", "全部关键帧减去只有最后一帧"),
        ("on questions that need the order", "在取决于顺序的题目上"),
    ),
    "order_sensitivity": (
        ("In order minus reversed", "正序减去倒序"),
        ("large when the order of the frames is understood", "理解帧的顺序时较大"),
    ),
    "shuffle_sensitivity": (
        ("In order minus shuffled", "正序减去乱序"),
        ("the same for a random order", "同上，随机顺序"),
    ),
    "reversed_accuracy": (
        ("Right when reversed", "倒序时的正确率"),
        (
            "below chance when the order is understood: another answer is true",
            "理解顺序时低于随机水平：倒放时另一个答案才对",
        ),
    ),
    "first_slot": (
        ("First slot minus the others", "第一位减去其他位置"),
        ("above 0 means that the first frame counts more", "大于 0 表示第一帧更受重视"),
    ),
    "last_slot": (
        ("Last slot minus the others", "最后一位减去其他位置"),
        ("above 0 means that the last frame counts more", "大于 0 表示最后一帧更受重视"),
    ),
    # Captions
    "reading_gain": (
        ("As it is minus caption erased", "原样减去抹去文字"),
        ("what the caption in the picture adds", "图中的文字带来多少"),
    ),
    "word_gain": (
        ("As it is minus caption no word", "原样减去换成非词"),
        ("the same, with letters of no word in its place", "同上，文字换成不成词的字母"),
    ),
    "pair_accuracy": (
        ("Both captions of a pair right", "成对文字都答对"),
        (
            "under the caption and under the one that replaced it",
            "原来的文字和替换后的文字下都答对",
        ),
    ),
    "told_gain": (
        ("Told minus as it is", "告知文字减去原样"),
        ("what the caption's text in the prompt adds", "在提示中告知文字带来多少"),
    ),
    "prompt_copying": (
        ("Follows a wrong caption in the prompt", "跟随提示中错误的文字"),
        ("against the picture; 0 % is perfect", "与图片相反；0 % 最好"),
    ),
    "prompt_pull": (
        ("Drawn by a wrong caption in the prompt", "被提示中错误的文字带走"),
        (
            "answers that follow it, minus those that agree with it untold",
            "跟随它的回答，减去未告知时就与它一致的回答",
        ),
    ),
    "transcription_cer": (
        ("Character error rate of the transcription", "转写的字符错误率"),
        ("0 % is perfect", "0 % 最好"),
    ),
    "transcription_anls": (
        ("ANLS of the transcription", "转写的 ANLS"),
        ("100 % is perfect", "100 % 最好"),
    ),
    "transcription_exact": (
        ("Transcribed exactly", "转写完全正确"),
        ("but for case, spaces and punctuation", "不计大小写、空格和标点"),
    ),
    "nonword_cer": (
        ("Character error rate on non-words", "非词的字符错误率"),
        ("captions that cannot be guessed", "无法猜出的文字"),
    ),
    "nonword_cer_gap": (
        ("Non-words minus words", "非词减去词"),
        ("above 0: words are partly guessed from their looks", "大于 0：词有一部分是凭样子猜的"),
    ),
    "hallucination": (
        ("Captions reported where there is none", "没有文字却报告了文字"),
        ("0 % is perfect", "0 % 最好"),
    ),
    # Language
    "language_gap": (
        ("English minus Chinese", "英文减去中文"),
        ("the same questions in both languages", "两种语言的同样问题"),
    ),
    "sandwich_gain": (
        ("Chinese through translators minus Chinese", "经翻译的中文减去中文"),
        ("what translating adds", "翻译带来多少"),
    ),
    # Listed options
    "letter_bias": (
        ("Pull of the letter named most", "最常选字母的偏好"),
        (
            "its share of the calls minus what chance gives, options listed in every rotation",
            "该字母在提问中的占比减去随机值，选项按每种轮换列出",
        ),
    ),
    # Own words
    "free_exact": (
        ("Own words exactly right", "自己的话完全正确"),
        ("free answer, but for case and punctuation", "自由回答，不计大小写和标点"),
    ),
    "free_contained": (
        ("Right answer in its own words", "自己的话里有正确答案"),
        ("as whole words in the free answer", "自由回答中以完整的词出现"),
    ),
    "free_anls": (
        ("ANLS of its own words", "自己的话的 ANLS"),
        ("100 % is perfect", "100 % 最好"),
    ),
    "judge_accuracy": (
        ("Right by the judge model", "裁判模型判为正确"),
        ("the judge's verdict on the free answers", "裁判对自由回答的判断"),
    ),
    "judge_agreement": (
        ("Judge agrees with the score", "裁判与评分一致"),
        ("share of answers judged alike", "判断相同的回答比例"),
    ),
}
"""Measure -> (label, meaning), each in English and Chinese."""

DIFFERENCES = frozenset(
    {
        "first_slot",
        "last_slot",
        "above_blind",
        "order_sensitivity",
        "shuffle_sensitivity",
        "nonword_cer_gap",
        "language_gap",
        "prompt_pull",
        "letter_bias",
    }
)
"""Measures that are differences of two shares, beside those that end in _gain or begin with
gain_over: they are said in points, not in percent."""


def is_difference(name: str) -> bool:
    """Whether a measure is a difference of two shares."""
    return name in DIFFERENCES or name.endswith("_gain") or name.startswith("gain_over")
