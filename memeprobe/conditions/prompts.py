"""What a trial says beside the item's own question, in English and Chinese."""

from collections.abc import Sequence

TOLD = {
    "en": 'The caption in the picture says: "{caption}". {question}',
    "zh": "图上的文字是：“{caption}”。{question}",
}
"""The question with a caption told in the prompt, by language."""

AGAIN = {
    "en": ("Look closely, then answer. {question}", "{question} Choose what fits best."),
    "zh": ("请仔细看，然后回答。{question}", "{question}请选出最合适的一项。"),
}
"""The same question in other words, by language: a model that is sure of its answer keeps it."""

SAID: dict[str, dict[str, str]] = {
    "order": {
        "en": "These are {n} frames of one animated GIF, in order. {question}",
        "zh": "这是同一个动图的 {n} 帧画面，按先后顺序排列。{question}",
    },
    "times": {
        "en": "These are {n} frames of one animated GIF, from {times} seconds on. {question}",
        "zh": "这是同一个动图的 {n} 帧画面，分别始于第 {times} 秒。{question}",
    },
    "sheet": {
        "en": "The picture shows {n} frames of one animated GIF side by side; read them from left "
        "to right and top to bottom. {question}",
        "zh": "图中并排着同一个动图的 {n} 帧画面，请从左到右、从上到下按顺序看。{question}",
    },
    "one": {
        "en": "This is one frame of an animated GIF. {question}",
        "zh": "这是一个动图中的一帧。{question}",
    },
}
"""The question with what the pictures are told before it, by form and language."""

TRANSCRIBE = {"en": "What does the caption say?", "zh": "图上写了什么字？"}
"""The question for the text itself, by language."""

TRANSCRIBE_TOKENS = 48
"""Bound on the free answer to ``TRANSCRIBE``: a two-line caption is longer than an option."""

LISTED = {
    "en": "{question}\nOptions:\n{options}\nAnswer with the letter of the right option.",
    "zh": "{question}\n选项：\n{options}\n请只回答正确选项的字母。",
}
"""The question with its options listed, for models that give no log-probabilities."""

JUDGED = {
    "en": 'Question: {question}\nRight answer: "{gold}".\nGiven answer: "{text}".\n'
    "Does the given answer mean the same as the right answer?",
    "zh": "问题：{question}\n正确答案：“{gold}”。\n给出的回答：“{text}”。\n"
    "给出的回答与正确答案意思相同吗？",
}
"""What a judge model is asked about a free answer."""

YES_NO = {"en": ("yes", "no"), "zh": ("是", "否")}
"""The judge's options: same, not the same."""


def one_line(caption: str) -> str:
    """A caption as it stands inside a sentence: line breaks become spaces."""
    return " ".join(caption.split())


def with_caption(question: str, caption: str | None, language: str) -> str:
    """The question with the caption told before it; None = nothing is told."""
    if caption is None:
        return question
    return TOLD[language].format(caption=one_line(caption), question=question)


def said(form: str, question: str, times: Sequence[float], language: str) -> str:
    """The question with what the pictures are before it; ``times``: when each begins, seconds."""
    text = SAID[form][language]
    listed_times = ", ".join(f"{t:.1f}" for t in times)
    return text.format(n=len(times), times=listed_times, question=question)


def in_other_words(question: str, language: str, wording: int) -> str:
    """The question with words around it that ask nothing else; ``wording`` counts from 1."""
    return AGAIN[language][wording - 1].format(question=question)


def listed(question: str, options: Sequence[str], language: str) -> str:
    """The question with lettered options: 'A. throws it'."""
    lines = "\n".join(f"{chr(ord('A') + i)}. {option}" for i, option in enumerate(options))
    return LISTED[language].format(question=question, options=lines)


def rotated(options: Sequence[str], by: int) -> tuple[str, ...]:
    """The options in another order: each moved ``by`` places towards the front, round the end."""
    return (*options[by:], *options[:by])
