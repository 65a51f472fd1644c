"""Notes beside the numbers, and how numbers are written."""

from typing import TYPE_CHECKING, NamedTuple

from memeprobe.messages.measures import is_difference

if TYPE_CHECKING:  # a name in a table must not cost the statistics' import
    from memeprobe.stats import Interval

NOTES: dict[str, tuple[str, str]] = {
    "unasked": (
        "The run is not finished: {n} of its trials have not been asked. The same command goes on.",
        "这次运行还没有完成：还有 {n} 次提问没有进行。再次运行同一命令会继续。",
    ),
    "failed": (
        "Trials that failed and are left out: {n}; the same command asks them again.",
        "{n} 次提问失败，未计入；再次运行同一命令会重新提问。",
    ),
    "unreadable": (
        "Trials that were not asked, because OCR could not confirm the edited caption: {n}.",
        "{n} 次提问未进行，因为 OCR 无法确认改动后的文字。",
    ),
    "unparsed": (
        "Answers that named none of the options, counted as not right: {n}.",
        "{n} 个回答没有说出任何选项，按未答对计。",
    ),
    "short": (
        "Trials that did not reach the model with all of their frames: {n}; they are left out "
        "wherever most others did.",
        "{n} 次提问没有把全部帧传到模型；只要多数提问传递完整，就不计入这些。",
    ),
    "tied": (
        "Trials in which two options or more came out alike (equal log-probabilities, or as many "
        "votes), counted as not right: {n}.",
        "{n} 次提问中有两个或更多选项不分高下（对数概率相同，或票数相同），按未答对计。",
    ),
    "failed_calls": (
        "Trials in which some of the calls with listed options failed: {n}; the majority of the "
        "others counts.",
        "{n} 次提问中列出选项的部分调用失败，按其余调用的多数计。",
    ),
    "letter": (
        "Letter bias: one letter is named {n} points oftener than chance, whatever stands behind "
        "it. The majority over all rotations hides that; one call is right less often "
        "(accuracy_per_call).",
        "字母偏好：有一个字母被选的比例比随机高 {n} 个百分点，不论后面是什么选项。"
        "多数计票掩盖了这一点；单次提问的正确率更低（accuracy_per_call）。",
    ),
    "truncated": (
        "Answers that stopped at their bound of tokens: {n}; --max-new-tokens gives more room.",
        "{n} 个回答因字数上限被截断；可用 --max-new-tokens 放宽。",
    ),
    "missed": (
        "Items whose decisive frame is not among the keyframes: {n}.",
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
    "frame0": (
        "Only frame 0 was delivered, as many applications do with a GIF.",
        "只传递了第 0 帧，许多应用对 GIF 就是这样处理的。",
    ),
    "thumbnail": (
        "Only frame 0 was delivered, 200 pixels high and as a JPEG.",
        "只传递了第 0 帧，高 200 像素，JPEG 格式。",
    ),
    "montage-3x3": (
        "Nine frames at most were pasted into one picture without numbers: this is about the "
        "montage, not about a sequence of images.",
        "最多九帧被拼成一张不带编号的九宫格：结果说明的是拼图，而不是图片序列。",
    ),
    "montage-3x2": (
        "Six frames at most were pasted into one picture without numbers: this is about the "
        "montage, not about a sequence of images.",
        "最多六帧被拼成一张不带编号的拼图：结果说明的是拼图，而不是图片序列。",
    ),
    "strip": (
        "The frames that differ were pasted side by side into one picture 200 pixels high: this is "
        "about the strip, not about a sequence of images.",
        "有差异的帧被并排拼成一张高 200 像素的长图：结果说明的是长图，而不是图片序列。",
    ),
    "video-fps": (
        "Two frames a second were delivered as a video, as servers sample one.",
        "按每秒两帧以视频传递，与服务器的采样方式相同。",
    ),
}


def percent(found: "Interval") -> str:
    """'87 % [80, 92]', or a dash where there is nothing."""
    if not found.n:
        return "–"
    return f"{100 * found.value:z.0f} % [{100 * found.low:z.0f}, {100 * found.high:z.0f}]"


def exactly(found: "Interval") -> str:
    """'62.5 % [50.1, 73.6]', or a dash where there is nothing."""
    numbers = found.as_json()  # rounded as in JSON
    if numbers["value"] is None:
        return "–"
    value, low, high = (100 * numbers[name] for name in ("value", "low", "high"))
    return f"{value:z.1f} % [{low:z.1f}, {high:z.1f}]"


def measured(name: str, found: "Interval", language: str = "en") -> str:
    """'62.5 % [50.1, 73.6]', or of a difference '31.0 points [22.0, 40.0]'."""
    unit = {"en": "points", "zh": "个百分点"}[language]
    text = exactly(found)
    return text.replace("%", unit, 1) if is_difference(name) else text


class Points(NamedTuple):
    """A difference of shares, as it is said in both languages."""

    en: str
    zh: str


LISTED_INSTEAD = (
    "weighing the options failed, so they were listed in the prompt",
    "无法按对数概率比较选项，因此改为在提示中列出选项",
)
NO_LOGPROBS = (
    "the model gave no log-probabilities",
    "模型没有给出对数概率",
)


def problem(text: str) -> Points:
    """What a trial's row says went wrong, with our own words in both languages; what a model or a
    server said stays as it is."""
    chinese = text
    for ours, said in (LISTED_INSTEAD, NO_LOGPROBS):
        chinese = chinese.replace(f"{ours}: ", f"{said}：").replace(ours, said)
    return Points(text, chinese)


def p_value(p: float) -> str:
    """'0.013', or '< 0.001': nobody needs more, and no p-value is 0."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def points(found: "Interval") -> Points:
    """'31 points [22, 40]': percentage points, which nobody takes for a share of the gain."""
    if not found.n:
        return Points("–", "–")
    numbers = [f"{100 * x:z.0f}" for x in (found.value, found.low, found.high)]
    interval = f"[{numbers[1]}, {numbers[2]}]"
    return Points(f"{numbers[0]} points {interval}", f"{numbers[0]} 个百分点 {interval}")
