"""Text on its way into and out of ChatGLM: whitespace as symbols, and tidying of answers."""

import re

LONGEST_BLANK = 80
_BLANKS = re.compile(r" {2,80}")
_BLANK_SYMBOL = re.compile(r"<\|blank_(\d+)\|>")
_HAN = "[\u4e00-\u9fff]"
_FULL_WIDTH = {",": "，", "!": "！", ":": "：", ";": "；", "?": "？"}


def escape(text: str) -> str:
    """Newlines, tabs and runs of 2 to 80 spaces as the symbols that the tokenizer knows."""
    text = text.replace("\n", "<n>").replace("\t", "<|tab|>")
    return _BLANKS.sub(lambda run: f"<|blank_{len(run[0])}|>", text)


def unescape(text: str) -> str:
    """The whitespace that the tokenizer's symbols stand for."""
    text = text.replace("<n>", "\n").replace("<|tab|>", "\t")

    def blanks(symbol: re.Match[str]) -> str:
        length = int(symbol[1])
        return " " * length if 2 <= length <= LONGEST_BLANK else symbol[0]

    return _BLANK_SYMBOL.sub(blanks, text)


def postprocess(text: str, english: bool = False) -> str:
    """An answer as VisualGLM's own demo shows it.

    Strips it, puts 2023年 for the placeholder of the training date, makes ASCII punctuation beside
    Chinese characters full-width, and keeps what follows the last ``答：`` (English: ``A:``).
    Source: model/chat.py of THUDM/VisualGLM-6B.
    """
    text = text.strip().replace("[[训练时间]]", "2023年")
    for narrow, wide in _FULL_WIDTH.items():
        mark = re.escape(narrow)
        text = re.sub(f"(?<={_HAN}){mark}|{mark}(?={_HAN})", wide, text)
    return text.split("A:" if english else "答：")[-1].strip()
