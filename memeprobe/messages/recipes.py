"""What the comparison of recipes says, in English and Chinese."""

from collections.abc import Mapping, Sequence
from typing import Any

SAID: dict[str, tuple[str, str]] = {
    "keyframes": ("keyframes", "关键帧"),
    "keyframes_ordered": ("keyframes, said to be in order", "关键帧，说明先后"),
    "keyframes_timed": ("keyframes, with their times", "关键帧，说明时间"),
    "clip": ("silent", "不说明"),
    "clip_said": ("said what it is", "说明画面"),
}
"""Condition -> what the prompt says beside the question."""
LOST: dict[str, tuple[str, str]] = {
    "frame0": ("every later frame", "之后的所有帧"),
    "first_only": ("every later frame", "之后的所有帧"),
    "thumbnail": (
        "every later frame, and all above 200 pixels of height",
        "之后的所有帧，以及 200 像素以上的高度",
    ),
    "montage-3x3": (
        "frames beyond nine, the times, size (nine frames share one picture), JPEG",
        "九帧以外的帧、时间、尺寸（九帧共用一张图）、JPEG 损失",
    ),
    "montage-3x2": (
        "frames beyond six, the times, size (six frames share one picture), JPEG",
        "六帧以外的帧、时间、尺寸（六帧共用一张图）、JPEG 损失",
    ),
    "strip": (
        "frames that differ little from the one before, the times, height above 200 pixels, JPEG",
        "与前一帧差异小的帧、时间、200 像素以上的高度、JPEG 损失",
    ),
    "video-fps": ("frames between two samples", "两次采样之间的帧"),
    "grid": ("frames between the keyframes, the times, size", "关键帧之间的帧、时间、尺寸"),
    "vote": (
        "frames between the keyframes, the times, every relation between frames",
        "关键帧之间的帧、时间、帧与帧的关系",
    ),
    "video": ("frames between the keyframes", "关键帧之间的帧"),
}
"""Delivery -> what does not reach the model."""
APART = ("frames between the keyframes, the times", "关键帧之间的帧、时间")
"""The same for keyframes as pictures of their own."""
BEST = (
    "{best} serves this model best: {accuracy:.0f} % right.",
    "{best}最适合这个模型：答对 {accuracy:.0f} %。",
)
NO_BEST = (
    "No way of sending is shown to serve this model better than another; the highest is {best} "
    "with {accuracy:.0f} % right.",
    "没有哪种方式显示出更适合这个模型；最高的是{best}，答对 {accuracy:.0f} %。",
)
WORSE = ("Surely worse are {names}.", "明显更差的有{names}。")
EQUAL = ("Not shown to be worse: {names}.", "未显示更差的有{names}。")
CHEAP = (
    "Of these, {name} is the cheapest, with {tokens:.0f} prompt tokens.",
    "其中{name}最省，提示共 {tokens:.0f} 个词元。",
)


def name(delivery: str, condition: str, language: str = "en") -> str:
    """'montage-3x3, silent'."""
    said = SAID[condition][language == "zh"] if condition in SAID else condition
    return f"{delivery}{'，' if language == 'zh' else ', '}{said}"


def lost(delivery: str) -> tuple[str, str]:
    """What does not reach the model, in English and Chinese."""
    return LOST.get(delivery, APART)


def verdict(
    best: Mapping[str, Any],
    worse: Sequence[str],
    equal: Sequence[str],
    cheap: Mapping[str, Any] | None,
) -> tuple[str, str]:
    """In a few sentences, in English and Chinese: the best row (called so only if another is surely
    worse), the surely worse ones, the others, and the cheapest of those that are not worse."""
    sentences = []
    for i, comma in ((0, "; "), (1, "；")):
        first = BEST if worse else NO_BEST
        parts = [first[i].format(best=best["name"], accuracy=100 * best["accuracy"]["value"])]
        if worse:
            parts.append(WORSE[i].format(names=comma.join(worse)))
        if worse and equal:
            parts.append(EQUAL[i].format(names=comma.join(equal)))
        if cheap is not None and (equal or cheap is best):
            parts.append(CHEAP[i].format(name=cheap["name"], tokens=cheap["prompt_tokens"]))
        sentences.append((" " if i == 0 else "").join(parts))
    return sentences[0], sentences[1]
