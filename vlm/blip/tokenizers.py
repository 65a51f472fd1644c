"""Text <-> token ids of a language model: transformers' tokenizers, and ChatGLM's own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from transformers import AutoTokenizer

from vlm.query import ModelError


class PromptTokenizer(Protocol):
    """What the family needs of a tokenizer."""

    pad: int
    """An id to fill finished rows of a batch with."""

    def segments(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of a prompt's stretches of text, each tokenised on its own."""
        ...

    def option(self, text: str) -> list[int]:
        """Ids of an answer to be weighed, without any sign around it."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of an answer, without special tokens."""
        ...


class HuggingFaceTokenizer:
    """A tokenizer of transformers; a prompt's first stretch gets its opening (or end) sign."""

    closing: tuple[int, ...] = ()
    """Ids that end a prompt."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        pad = tokenizer.pad_token_id
        self.pad: int = tokenizer.eos_token_id if pad is None else pad

    def segments(self, texts: Sequence[str]) -> list[list[int]]:
        """As the protocol says."""
        return [
            self.tokenizer(text, add_special_tokens=i == 0).input_ids
            for i, text in enumerate(texts)
        ]

    def option(self, text: str) -> list[int]:
        """As the protocol says."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False).input_ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """As the protocol says."""
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        return text


class ChatGLMPromptTokenizer:
    """ChatGLM's tokenizer; a prompt ends with [gMASK] <sop>."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.pad: int = tokenizer.pad
        self.closing: tuple[int, ...] = (tokenizer.gmask, tokenizer.bos)

    def segments(self, texts: Sequence[str]) -> list[list[int]]:
        """As the protocol says."""
        return [self.tokenizer.tokens(text) for text in texts]

    def option(self, text: str) -> list[int]:
        """As the protocol says."""
        ids: list[int] = self.tokenizer.tokens(text)
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """As the protocol says."""
        text: str = self.tokenizer.decode(ids)
        return text


def load_words(kind: str, folder: Path) -> HuggingFaceTokenizer | ChatGLMPromptTokenizer:
    """The tokenizer in a checkpoint's directory; ``kind`` as ``Variant.language_model``.

    Raises ModelError: it is not there, or needs a package that is not installed.
    """
    try:
        if kind == "glm":
            from vlm.chatglm import ChatGLMTokenizer

            return ChatGLMPromptTokenizer(ChatGLMTokenizer(folder / "ice_text.model"))
        return HuggingFaceTokenizer(AutoTokenizer.from_pretrained(folder, trust_remote_code=False))
    except (OSError, ValueError, ImportError) as error:
        if isinstance(error, ModelError):
            raise
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"cannot load the tokenizer in {folder}: {first}") from error
