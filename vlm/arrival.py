"""What every local adapter checks about a prompt before it is asked, and says about it after."""

from collections.abc import Callable
from typing import TypeVar

from vlm.adapter import out_of_memory
from vlm.delivery import ModelInput
from vlm.errors import ModelError

T = TypeVar("T")


def check_room(name: str, prompt_tokens: int, look: ModelInput, room: int | None) -> None:
    """Refuse a prompt that leaves no room for its answer. ``room``: tokens of prompt and answer
    that the model has positions for, None where there is no bound. Raises ModelError.

    A model runs over its bound without a word, and what it then says has nothing to do with the
    question.
    """
    if room is not None and prompt_tokens + look.max_new_tokens > room:
        raise ModelError(
            f"{name} has positions for {room} tokens; this prompt has {prompt_tokens} with its "
            f"{len(look.images)} pictures, and the answer needs {look.max_new_tokens}. Give fewer "
            "keyframes, --delivery grid or vote, or a shorter question"
        )


def scored_or_reason(score: Callable[[], T], batch: int) -> T | str:
    """The scores, or why there are none; then the answer in words still stands.

    In a batch, and where memory ran out, the error is raised: the batch is then asked in parts.
    """
    try:
        return score()
    except Exception as error:
        if batch > 1 or out_of_memory(error):
            raise
        return f"none: {type(error).__name__}: {error}"


def unknown_note(tokens: int) -> str:
    """What unknown tokens in a prompt mean."""
    return (
        f"{tokens} tokens of the prompt are unknown to this model's vocabulary, so that it cannot "
        "have read them"
    )
