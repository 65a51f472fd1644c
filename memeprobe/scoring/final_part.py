"""The part of an answer that answers: what comes after thoughts, and what is marked as final."""

import json
import re
from typing import Any

_THOUGHT = (
    (r"<think(?:ing)?>", r"</think(?:ing)?>"),
    (r"<thoughts?>", r"</thoughts?>"),
    (r"<reasoning>", r"</reasoning>"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
)
"""How models fence off their thoughts: opening and closing."""

_MARKS = (
    re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<\|begin_of_box\|>(.*?)<\|end_of_box\|>", re.DOTALL),
    re.compile(r"\\boxed\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"),
)
"""What a model says for good, in the order of trust."""

_KEYS = (
    "final_answer",
    "finalanswer",
    "final answer",
    "answer",
    "correct_answer",
    "option",
    "choice",
    "prediction",
    "label",
    "最终答案",
    "正确答案",
    "答案",
    "选项",
)
"""Fields of a JSON answer, the first that is there counts."""

_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|textit|rm|bf)\s*\{([^{}]*)\}")
_OBJECT = re.compile(r"\{[^{}]*\}", re.DOTALL)


def after_thoughts(text: str) -> str:
    """The answer without its thoughts; '' where it ends before they do."""
    for opening, closing in _THOUGHT:
        parts = re.split(closing, text, flags=re.IGNORECASE)
        if len(parts) > 1:
            text = parts[-1]
        # A thought that never closes was cut off: what it says is no answer yet.
        text = re.split(opening, text, flags=re.IGNORECASE)[0]
    return text.strip()


def marked(text: str) -> list[str] | None:
    """What stands in a box, in answer tags or in a JSON answer; None where nothing does."""
    for mark in _MARKS:
        found = mark.findall(text)
        if found:
            return [_plain(f) for f in found]
    found = [value for o in _OBJECT.findall(text) for value in _json_answer(o)]
    return [_plain(f) for f in found] or None


def unformatted(text: str) -> str:
    """Without LaTeX commands, code fences, headings and the stars of Markdown."""
    text = _plain(text)
    text = re.sub(r"```\w*", " ", text)
    text = re.sub(r"~~.*?~~", " ", text)
    text = re.sub(r"</?\w+ ?/?>", " ", text)
    text = re.sub(r"^\s{0,3}#{1,6}\s*", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*[-*+•>]\s+", "", text, flags=re.MULTILINE)
    return re.sub(r"[*`]+|(?<!\w)_+|_+(?!\w)", "", text).strip()


def _plain(text: str) -> str:
    for _ in range(3):
        text = _LATEX.sub(r"\1", text)
    return re.sub(r"\\[()\[\]]|\$+", " ", text).strip()


def _json_answer(text: str) -> list[str]:
    """The answer in a JSON object; also in one with single quotes."""
    for candidate in (text, text.replace("'", '"')):
        try:
            found: Any = json.loads(candidate)
        except json.JSONDecodeError:
            continue
        fields = {str(k).casefold().strip(): v for k, v in found.items()}
        for key in _KEYS:
            if key in fields:
                value = fields[key]
                return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]
        texts = [v for v in fields.values() if isinstance(v, str)]
        return texts if len(texts) == 1 else [""]  # data, but nothing that is called an answer
    return []
