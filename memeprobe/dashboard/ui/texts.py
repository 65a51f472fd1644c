"""Everything that the pages say, in English and Chinese: one table, one row a text."""

import re
from pathlib import Path

from memeprobe.dashboard.ui.texts_labels import LABELS
from memeprobe.dashboard.ui.texts_more import MORE
from memeprobe.dashboard.ui.texts_runs import MANY
from memeprobe.messages import labels
from memeprobe.messages.causes import in_chinese
from memeprobe.visible import visible

LANGUAGES = {"en": "English", "zh": "中文"}

TEXTS: dict[str, tuple[str, str]] = {
    # All pages
    "tagline": (
        "Does the model look at the whole GIF, or only at its first frame? "
        "Does it read the caption?",
        "模型看的是整个动图，还是只看第一帧？它读得懂图上的文字吗？",
    ),
    "language": ("Language", "语言"),
    "explore": ("Explore", "探索"),
    "runs": ("Runs", "运行"),
    "compare": ("Compare", "比较"),
    "sets": ("Sets", "题集"),
    "calibration": ("Calibration", "校准"),
    "workspace": ("Workspace: {path}", "工作区：{path}"),
    "comma": (", ", "、"),
    "no_such_page": (
        "There is no page {name} here. This is the page Explore.",
        "这里没有名为 {name} 的页面。这是“探索”页。",
    ),
    "broken": ("Cannot use this: {why}", "无法使用：{why}"),
    "frame_at": ("frame {index} · {start:.2f} s", "第 {index} 帧 · {start:.2f} 秒"),
    "for_ms": ("{ms} ms", "{ms} 毫秒"),
    # Explore: the file
    "upload": ("Drop a GIF, a meme or a clip", "拖入动图、表情包或视频"),
    "upload_help": (
        "GIF, WebP, APNG, PNG, JPEG, MP4, WebM and more. The content counts, not the name. "
        "Nobody else sees it, and it is gone when you leave.",
        "支持 GIF、WebP、APNG、PNG、JPEG、MP4、WebM 等，以内容而非扩展名为准。"
        "别人看不到，离开后即删除。",
    ),
    "example": ("or take an example", "或选一个示例"),
    "no_example": ("choose …", "请选择……"),
    "paste": ("or paste a picture (Ctrl+V here)", "或粘贴图片（在此按 Ctrl+V）"),
    "paste_none": ("there is no picture in the clipboard", "剪贴板里没有图片"),
    "welcome": (
        "Drop a file above, or take an example: you see at once which frames a model would get, "
        "when they show, and what is written on them. Then ask a model.",
        "在上方拖入文件或选一个示例：马上就能看到模型会拿到哪些帧、各在什么时间、上面写了什么，"
        "然后向模型提问。",
    ),
    "kept_frames": ("Keyframes", "关键帧数"),
    "policy": ("Choice of keyframes", "关键帧的选取"),
    "policy_captions": ("every caption change", "文字变化处"),
    "policy_distinct": ("most different pictures", "差别最大的画面"),
    "policy_uniform_time": ("evenly in time", "按时间均匀"),
    "policy_uniform_index": ("evenly by number", "按帧号均匀"),
    "policy_first": ("the first only", "只取第一帧"),
    "clip_facts": (
        "{kind}, {width} × {height}, {frames} frames, {seconds:.2f} s",
        "{kind}，{width} × {height}，{frames} 帧，{seconds:.2f} 秒",
    ),
    "still_facts": ("{kind}, {width} × {height}, a still", "{kind}，{width} × {height}，静态图"),
    "reading": ("Reading the captions …", "正在识别文字……"),
    "opening": ("Opening the file …", "正在打开文件……"),
    "timeline": ("What shows when", "时间轴"),
    "time": ("time", "时间"),
    "confidence": ("OCR's confidence", "OCR 置信度"),
    "timeline_alt": (
        "Time axis of {seconds:.2f} seconds with {frames} keyframes",
        "{seconds:.2f} 秒的时间轴，{frames} 个关键帧",
    ),
    "timeline_alt_captions": (" and {captions} captions", "，{captions} 条文字"),
    "keyframes_row": ("keyframes", "关键帧"),
    "captions_row": ("captions", "文字"),
    "no_captions": ("No caption was found.", "没有发现文字。"),
    "shown_to_model": ("What the model gets", "交给模型的画面"),
    "frame_alt": (
        "Keyframe {place}: frame {index} at {start:.2f} seconds; caption: {caption}",
        "关键帧 {place}：第 {index} 帧，{start:.2f} 秒；文字：{caption}",
    ),
    "none": ("none", "无"),
    "animation_alt": ("The uploaded file {name}, playing", "上传的文件 {name}，播放中"),
    # Explore: asking
    "ask_title": ("Ask a model", "向模型提问"),
    "model": ("Model", "模型"),
    "model_directory": ("a directory or hub id …", "目录或 hub id……"),
    "model_server": ("a server …", "服务器……"),
    "model_spec": ("Directory or hub id", "目录或 hub id"),
    "server_spec": ("Address and model of a server", "服务器的地址和模型名"),
    "not_here": ("not on this machine", "本机没有"),
    "question": ("Question", "问题"),
    "suggested": ("Suggestions", "建议的问题"),
    "deliveries": ("Deliveries", "传递方式"),
    "deliveries_help": (
        "How the frames reach the model: several images (native), Q-Former outputs one after "
        "another (concat), one collage (grid), one answer a frame (vote), or the first only.",
        "画面如何交给模型：多张图（native）、Q-Former 输出拼接（concat）、拼成一张（grid）、"
        "逐帧回答再投票（vote），或只给第一帧（first_only）。",
    ),
    "ask": ("Ask", "提问"),
    "stop": ("Stop", "停止"),
    "stopped": ("Stopped after {n} answers.", "已停止，得到 {n} 个回答。"),
    "loading_model": ("Loading {model} …", "正在加载 {model}……"),
    "asking": ("{done} of {all} answers", "已回答 {done} / {all}"),
    "each_frame": ("Each frame alone", "每一帧单独提问"),
    "whole": ("The whole clip", "整个动图"),
    "pending": ("…", "……"),
    "failed": ("failed: {why}", "失败：{why}"),
    "same_as_whole": ("= the whole clip's answer", "= 与整个动图的回答相同"),
    "follows": (
        "The answer to the whole clip is that of frame {frames} alone.",
        "整个动图的回答与单独看第 {frames} 帧相同。",
    ),
    "follows_each": (
        "The answer to the whole clip is that of each of the frames {frames} alone.",
        "整个动图的回答与单独看第 {frames} 帧中任意一帧相同。",
    ),
    "follows_none": (
        "The answer to the whole clip is that of no single frame.",
        "整个动图的回答与任何单帧都不同。",
    ),
    "first_frame_beside": (
        "frame 0, not among the keyframes: all that a program sees which takes a GIF for a picture",
        "第 0 帧，不在关键帧之列：把动图当图片的程序只看到它",
    ),
    "first_picture": ("Does it read only the first picture?", "它只看第一张画面吗？"),
    "first_picture_help": (
        "All frames forwards, backwards, the first one repeated, the last one repeated: a model "
        "that reads the first picture only must say the same to the first and the third, and to "
        "the second and the last. Where a server's answers differ, two are asked again, twice at "
        "most: it may draw its words by chance. One meme shows nothing about a model: a run over "
        "a set does.",
        "正放、倒放、重复第一帧、重复最后一帧：若只看最先那张画面，第一问与第三问、第二问与第四问"
        "的回答必然相同。服务器的回答不同时，其中两个会再问，各最多两次，因为它的措辞可能是随机的。"
        "单个表情包说明不了模型，要在题集上运行。",
    ),
    "answer_tokens": ("Longest answer, in tokens", "回答最多多少个 token"),
    "one_picture": ("There is one picture only.", "只有一张画面。"),
    "receipt": ("Receipt: what was really delivered", "回执：实际传递的内容"),
    "download_json": ("JSON", "JSON"),
    "download_picture": ("Picture to share", "分享图片"),
    "keep_look": ("Keep, with a link", "保存并生成链接"),
    "keep_look_help": (
        "The file, the question and the answers are kept beside the workspace. Whoever has the "
        "link sees them.",
        "文件、问题和回答保存在工作区旁边。知道链接的人都能看到。",
    ),
    "kept_at": (
        "Kept on {when}: this address shows it again.",
        "{when} 已保存：用此地址可再次打开。",
    ),
    "forget_look": ("Remove the link", "移除链接"),
    "no_such_look": (
        "There is no kept result {name} here.",
        "这里没有保存的结果 {name}。",
    ),
    "kept_other_frames": (
        "The kept answers are about other keyframes of this file than these.",
        "保存的回答针对的是这个文件的另一组关键帧。",
    ),
    # Explore: caption reading
    "reading_title": ("Does it read the caption?", "它读得懂文字吗？"),
    "reading_frame": ("Frame", "画面"),
    "replace_with": ("Replace the caption with", "把文字换成"),
    "compare_reading": ("Let the model read", "让模型读"),
    "ocr_read": ("OCR read", "OCR 读到"),
    "model_read": ("The model read", "模型读到"),
    "nothing_read": ("nothing", "没有文字"),
    "cer": ("character error rate {cer:.0f} %", "字符错误率 {cer:.0f} %"),
    "diff_help": (
        "Struck through: OCR has it, the model does not. Underlined: only the model has it.",
        "删除线：OCR 读到而模型没有。下划线：只有模型读到。",
    ),
    "no_caption_frame": (
        "OCR found no caption on the keyframes, so there is nothing to erase.",
        "OCR 在关键帧上没有发现文字，无可抹去。",
    ),
    "edit_failed": ("The caption could not be edited: {why}", "文字无法编辑：{why}"),
}

TEXTS |= MORE | MANY | LABELS

_SINGLE = re.compile(
    r"(?<![\d.,/])1 (item|frame|trial|answer|minute|caption|model call|run|file)s\b"
)


_LINKED = re.compile(r"(?=https?://|www\.|@)", re.IGNORECASE)
_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")


def inert(text: str) -> str:
    """The text as Markdown that shows it letter by letter: no markup, formula, picture or link.

    Every ASCII punctuation mark may be escaped (CommonMark 2.4); so no directive of Streamlit's
    own (``:material/...:``, ``$...$``) is left either. Marks that turn the direction of
    reading are written out. Addresses become links even then, unless an invisible word joiner
    stands before them.
    """
    plain = _LINKED.sub("\u2060", " ".join(visible(text).split()))
    return _MARKDOWN.sub(r"\\\1", plain)


def heading(text: str) -> str:
    """The text of a column: some are labels of fields too, which begin with a capital."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


class Texts:
    """The texts of one language: ``words("ask")``."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._place = list(LANGUAGES).index(self.language)

    def __call__(self, key: str, **fields: object) -> str:
        if "why" in fields:
            fields["why"] = self.cause(fields["why"])
        text = TEXTS[key][self._place].format(**fields)
        return _SINGLE.sub(r"1 \1", text) if self.language == "en" else text

    def inert(self, key: str, **fields: object) -> str:
        """The text for a place where Streamlit reads Markdown: what strangers wrote stays text."""
        plain = (str, Path, Exception)
        if "why" in fields:  # its wording is told by the letters as they are
            fields["why"] = self.cause(fields["why"])
        made = {k: inert(str(v)) if isinstance(v, plain) else v for k, v in fields.items()}
        return self(key, **made)

    def cause(self, why: object) -> str:
        """Why something went wrong, which the program says in English wherever it arises."""
        return in_chinese(str(why)) if self.language == "zh" else str(why)

    def named(self, kind: str, name: str, **fields: object) -> str:
        """What a row of another table is called; one that has no text here keeps its own name."""
        key = f"{kind}_{name}"
        return self(key, **fields) if key in TEXTS else name.replace("_", " ")

    def condition(self, name: str) -> str:
        """What a condition is called."""
        return labels.condition(name, self.language)

    def preset(self, name: str, items: int | None) -> str:
        """What a preset is called, and what it asks."""
        about = labels.preset(name, items, self.language)
        return f"{name}: {about}"

    def measure(self, name: str) -> str:
        """What a measure is called."""
        return labels.measure(name, self.language)

    def verdict(self, name: str) -> str:
        """What a verdict is called."""
        return labels.label(labels.VERDICTS, name, self.language)

    def of(self, value: object) -> str:
        """The language's side of a text in both (an object with ``in_language``, or a pair)."""
        if isinstance(value, tuple):
            return str(value[self._place])
        return (
            str(value.in_language(self.language)) if hasattr(value, "in_language") else str(value)
        )
