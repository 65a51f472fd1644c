"""What the recording proxy says of an application, in English and Chinese."""

from typing import Protocol

KEYS: dict[str, tuple[str, str]] = {
    "frame_0_only": ("Your application sent frame 0 only", "你的应用只发送了第 0 帧"),
    "one_frame": (
        "Your application sent a single frame: {which}",
        "你的应用只发送了一帧：{which}",
    ),
    "static": (
        "Which frames your application sent cannot be told: frames of this clip look the same",
        "无法判断你的应用发送了哪些帧：这个动图的帧看起来相同",
    ),
    "several": (
        "Your application sent {count} of {total} frames",
        "你的应用发送了 {total} 帧中的 {count} 帧",
    ),
    "all": ("Your application sent all {total} frames", "你的应用发送了全部 {total} 帧"),
}
FORMS: dict[str, tuple[str, str]] = {
    "picture": ("as one picture", "作为一张图片"),
    "pictures": ("as pictures of their own", "作为多张图片"),
    "montage": (
        "pasted into one picture of {rows} by {columns}",
        "拼成 {rows} × {columns} 的一张图",
    ),
    "strip": ("pasted side by side into one picture", "并排拼成一张长图"),
    "video": ("as a video", "作为视频"),
    "animation": (
        "as an animated file, of which many servers take frame 0",
        "作为动图文件整体发送，许多服务器只取其第 0 帧",
    ),
}
ORDERS: dict[str, tuple[str, str]] = {
    "in_order": ("in order", "顺序正确"),
    "reversed": ("in reversed order", "顺序颠倒"),
    "shuffled": ("out of order", "顺序打乱"),
    "none": ("", ""),
}
THUMBNAIL = ("shrunk to {percent:.0f} % of the width", "宽度缩小到 {percent:.0f} %")
JPEG = ("compressed as JPEG", "经 JPEG 压缩")
BOUND = (
    "Whatever the model, no later frame can count: its answers depend on frame 0 alone "
    "(first-frame bias 100 % by construction).",
    "无论使用什么模型，之后的帧都不可能起作用：回答只取决于第 0 帧（首帧偏差必为 100 %）。",
)
NOTHING = (
    "No frame of a known clip arrived. Name the clips that you send with --clip.",
    "没有收到已知动图的任何一帧。请用 --clip 指明发送的动图。",
)
SCALE = 0.98
"""Scale from which a frame has its own size."""


class Judged(Protocol):
    """What a verdict is made of."""

    @property
    def key(self) -> str:
        """One of ``KEYS``."""
        ...

    @property
    def form(self) -> str:
        """One of ``FORMS``."""
        ...

    @property
    def order(self) -> str:
        """One of ``ORDERS``."""
        ...

    @property
    def total(self) -> int:
        """Frames of the clip."""
        ...

    @property
    def sightings(self) -> tuple[object, ...]:
        """The frames that arrived, each with ``frames``."""
        ...

    @property
    def layout(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    @property
    def scale(self) -> float:
        """Width of a frame by the clip's own."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """Formats."""
        ...


def verdict(found: Judged) -> tuple[str, str]:
    """'Your application sent frame 0 only, as one picture, shrunk to 40 % of the width.'"""
    sentences = []
    for i, comma, stop in ((0, ", ", ". "), (1, "，", "。")):
        parts = [KEYS[found.key][i], FORMS[found.form][i], ORDERS[found.order][i]]
        if found.scale < SCALE:
            parts.append(THUMBNAIL[i].format(percent=100 * found.scale))
        if "jpeg" in found.kinds:
            parts.append(JPEG[i])
        text = comma.join(p for p in parts if p).format(
            total=found.total,
            count=len(found.sightings),
            which=which(getattr(found.sightings[0], "frames", ()), i),
            rows=found.layout[0],
            columns=found.layout[1],
        )
        sentences.append((text + stop + (BOUND[i] if found.key == "frame_0_only" else "")).strip())
    return sentences[0], sentences[1]


def which(frames: tuple[int, ...], language: int = 0) -> str:
    """'3', or '3 to 5 (cannot be told apart)'."""
    if len(frames) == 1:
        return str(frames[0])
    run = list(range(frames[0], frames[-1] + 1)) == list(frames)
    text = f"{frames[0]}–{frames[-1]}" if run else ", ".join(map(str, frames))
    return text + (" (cannot be told apart)", "（无法区分）")[language]
