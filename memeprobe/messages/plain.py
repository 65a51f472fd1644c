"""Each verdict in one sentence that needs no statistics, in English and Chinese."""

from memeprobe.messages.picture import PICTURE_PLAIN

PLAIN: dict[str, dict[str, tuple[str, str]]] = {
    "first_frame": {
        "first_frame_biased": (
            "It answers from the first frame and ignores what comes later.",
            "它只凭第一帧作答，不管后面发生了什么。",
        ),
        "first_frame_leaning": (
            "What it sees first counts more in its answers than what comes later.",
            "它先看到的画面对回答的影响大于后面的画面。",
        ),
        "last_frame_leaning": (
            "What it sees last counts more in its answers than what came before.",
            "它最后看到的画面对回答的影响大于前面的画面。",
        ),
        "ends_leaning": (
            "What it sees first and last counts more in its answers than what comes between.",
            "它最先和最后看到的画面对回答的影响大于中间的画面。",
        ),
        "middle_leaning": (
            "What it sees in the middle counts more in its answers than the beginning and the end.",
            "它在中间看到的画面对回答的影响大于开头和结尾。",
        ),
        "last_frame_biased": (
            "It answers from the last frame and ignores what came before.",
            "它只凭最后一帧作答，不管前面发生了什么。",
        ),
        "flat": (
            "It looks at every frame alike: no first-frame bias.",
            "它对每一帧一视同仁，没有首帧偏差。",
        ),
        "uneven": (
            "Some places in the sequence count more than others, but none of them stands out "
            "surely.",
            "序列中有些位置比其他位置更受重视，但没有哪一个确定突出。",
        ),
        "letter_bound": (
            "It names the same letter whatever it sees.",
            "无论看到什么，它都选同一个字母。",
        ),
        "lost_among_frames": (
            "Alone, the telling picture is understood; among other frames it gets lost.",
            "单独看时能看懂关键的一帧，夹在其他帧中就丢了。",
        ),
        "blind": ("It answers without using the pictures.", "它作答时没有用到图片。"),
        "not_testable": (
            "This says nothing about the model: the later frames never reached it.",
            "这不能说明模型本身：后面的帧根本没有到达模型。",
        ),
        "not_enough_items": ("Too few items to tell.", "题目太少，无法判断。"),
    },
    "order": {
        "one_frame_decides": (
            "Order cannot be judged: one place in the sequence decides its answers.",
            "无法判断顺序：它的回答由序列中的某个位置决定。",
        ),
        "uses_order": (
            "It follows what happens: played backwards, the same clip tells it another story.",
            "它看懂了经过：倒着放，同一段动图就成了另一个故事。",
        ),
        "follows_end": (
            "It goes by what is shown last. That is right for questions about the end; whether it "
            "follows the story takes other questions.",
            "它以最后出现的画面为准。对问结尾的题目这是对的，是否看懂经过要用别的题目来测。",
        ),
        "not_answered": (
            "Order cannot be judged: it does not answer the clips better than without pictures.",
            "无法判断顺序：看了动图也不比不看图答得更好。",
        ),
        "order_matters": (
            "The order of the frames makes a difference to it.",
            "帧的顺序对它有影响。",
        ),
        "order_blind": (
            "It does not notice when the clip is played backwards.",
            "动图倒着放，它也没有察觉。",
        ),
        "backwards": (
            "It does better when the clip is played backwards.",
            "动图倒着放，它反而答得更好。",
        ),
        "not_testable": (
            "Order cannot be judged: the frames never reached the model.",
            "无法判断顺序：这些帧没有到达模型。",
        ),
        "not_enough_items": ("Too few items to tell.", "题目太少，无法判断。"),
    },
    "caption": {
        "uses_caption": (
            "It reads the caption in the picture and uses it.",
            "它读得懂图上的文字，也用得上。",
        ),
        "uses_part": (
            "It reads the caption, but uses only a part of what it reads.",
            "它读得出图上的文字，但只用上一部分。",
        ),
        "reads_part": (
            "It reads only a part of the captions.",
            "图上的文字它只读得出一部分。",
        ),
        "reads_unevenly": (
            "It reads some kinds of captions much worse than others.",
            "有些种类的文字它读得比其他的差得多。",
        ),
        "guesses_words": (
            "It guesses words from their looks; letters that make no word it cannot read.",
            "它凭样子猜词，不成词的字母就读不好。",
        ),
        "thrown_off": (
            "It reads the caption, but is thrown off when the prompt tells it.",
            "它读得懂图上的文字，但提示里一说就会被打乱。",
        ),
        "invents": (
            "It reports captions where there are none.",
            "没有文字的地方它也会报告文字。",
        ),
        "copies_prompt": (
            "It can read the caption, but believes whatever the prompt says it is.",
            "它读得懂图上的文字，但提示里说是什么，它就信什么。",
        ),
        "mixed": (
            "The caption matters to it, but a changed caption does not change its answers as it "
            "should.",
            "文字对它有影响，但改了文字，回答却没有相应改变。",
        ),
        "told_only": (
            "It does not read the caption; it uses it only when it is told what it says.",
            "它读不了图上的文字，只有告诉它内容时才会用。",
        ),
        "cannot_read": ("It cannot read the caption.", "它读不出图上的文字。"),
        "reads_not_uses": (
            "It reads the caption, but does not use it for its answers.",
            "它读得出图上的文字，但作答时不用。",
        ),
        "not_testable": (
            "Reading cannot be judged: the captions never reached the model.",
            "无法判断阅读：带文字的帧没有到达模型。",
        ),
        "not_enough_items": ("Too few items to tell.", "题目太少，无法判断。"),
    },
    "language": {
        "alike": (
            "It answers equally well in English and in Chinese.",
            "用英文问和用中文问，它答得一样好。",
        ),
        "neither": (
            "Languages cannot be compared: it answers in neither better than by chance.",
            "无法比较语言：用哪种语言它都不比随机猜测答得更好。",
        ),
        "better_in_english": (
            "It answers better when asked in English.",
            "用英文问，它答得更好。",
        ),
        "better_in_chinese": (
            "It answers better when asked in Chinese.",
            "用中文问，它答得更好。",
        ),
        "not_enough_items": ("Too few items to tell.", "题目太少，无法判断。"),
    },
    "picture": PICTURE_PLAIN,
}


def plain(probe: str, key: str) -> tuple[str, str]:
    """The sentence in English and Chinese; two empty ones for a verdict that was not asked."""
    return PLAIN.get(probe, {}).get(key, ("", ""))
