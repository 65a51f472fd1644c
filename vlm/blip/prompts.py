"""Prompt templates of the family's members, and what the originals do to an answer.

A template takes the question and the number of frames and returns the prompt in segments: text,
or ``FRAME`` where the next frame's soft tokens go. A segment of text is tokenised on its own where
the original does so. For several frames the originals have no wording; the frames' blocks stand
one after another where the one stood (Vicuna's MiniGPT-4: each between its own tags; mPLUG-Owl:
each in a turn of its own, as its authors show it for two).
"""

import re
from collections.abc import Callable

from vlm.chatglm.text import postprocess

FRAME = None
"""Stands for one frame in a prompt."""
Segments = tuple[str | None, ...]
Template = Callable[[str, int], Segments]
Tidy = Callable[[str, str], str]
"""(text of an answer, its question) -> the answer."""

MINIGPT4_SYSTEM = (
    "Give the following image: <Img>ImageContent</Img>. You will be able to see the image once I "
    "provide it to you. Please answer my questions."
)
MPLUG_OWL_SYSTEM = (
    "The following is a conversation between a curious human and AI assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions."
)
HAN = r"[\u4e00-\u9fff]"


def is_chinese(text: str) -> bool:
    """Whether a text has any Chinese character."""
    return re.search(HAN, text) is not None


def bare(question: str, frames: int) -> Segments:
    """InstructBLIP (LAVIS): the frames, then the instruction as it is."""
    return (*(FRAME,) * frames, question)


def question_answer(question: str, frames: int) -> Segments:
    """BLIP-2 (LAVIS, the prompt of its questions about pictures)."""
    return (*(FRAME,) * frames, f"Question: {question} Answer:")


def visualglm(question: str, frames: int) -> Segments:
    """VisualGLM: Chinese or English as the question is; no ``[Round N]`` with pictures."""
    asked = f"问：{question}\n答：" if is_chinese(question) else f"Q:{question}\nA:"
    return ("<img>", *(FRAME,) * frames, f"</img>{asked}") if frames else (asked,)


def minigpt4(question: str, frames: int) -> Segments:
    """MiniGPT-4 over Vicuna v0, each frame between tags of its own."""
    if not frames:
        return (f"{MINIGPT4_SYSTEM}###Human: {question}###Assistant: ",)
    between: list[str | None] = [FRAME, "</Img> <Img>"] * (frames - 1)
    return (
        f"{MINIGPT4_SYSTEM}###Human: <Img>",
        *between,
        FRAME,
        f"</Img> {question}###Assistant: ",
    )


def ziya(question: str, frames: int) -> Segments:
    """Ziya: its language model's wording; where the picture stood in the original is unverified."""
    return (*(FRAME,) * frames, f"<human>:{question}\n<bot>:")


def mplug_owl(question: str, frames: int) -> Segments:
    """mPLUG-Owl: each frame in a turn of its own, then the question; ``AI: `` ends in a blank."""
    turns: list[str | None] = ["\nHuman: ", FRAME] * frames
    opening = [f"{MPLUG_OWL_SYSTEM}{turns[0]}", *turns[1:]] if turns else []
    asked = f"\nHuman: {question}\nAI: "
    return (*opening, asked) if frames else (f"{MPLUG_OWL_SYSTEM}{asked}",)


def shown(segments: Segments) -> str:
    """A prompt as text, with a mark where each frame stands."""
    numbers = iter(range(1, len(segments) + 1))
    return "".join(f"<frame {next(numbers)}>" if s is FRAME else s for s in segments)


def plain(text: str, question: str) -> str:
    """The answer without blanks around it."""
    return text.strip()


def minigpt4_answer(text: str, question: str) -> str:
    """What stands before the next ``###`` and after the last ``Assistant:``."""
    return text.split("###")[0].split("Assistant:")[-1].strip()


def visualglm_answer(text: str, question: str) -> str:
    """As VisualGLM's own demo shows it: full-width marks, what stands after the last turn."""
    return postprocess(text, english=not is_chinese(question))


def ziya_answer(text: str, question: str) -> str:
    """The answer up to where the model would speak for the human."""
    return text.split("<human>:")[0].strip()
