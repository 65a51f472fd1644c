"""Text <-> token ids of a language model: transformers' tokenizers, and ChatGLM's own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from transformers import AutoTokenizer, LlamaTokenizer

from vlm.errors import ModelError
from vlm.hub import load_named
from vlm.options import continuations


class PromptTokenizer(Protocol):
    """What the family needs of a tokenizer."""

    pad: int
    """An id to fill finished rows of a batch with."""
    unknown: int | None
    """The id that stands for what the vocabulary lacks; None where it lacks nothing."""
    closing: tuple[int, ...]
    """Ids that end a prompt."""

    def segments(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of a prompt's stretches of text, each tokenised on its own."""
        ...

    def continuations(self, prompt: str, option: str, end: str, how: str) -> list[list[int]]:
        """Ids of an answer to be weighed, without its end sign, in every form in which it may go
        on from the last stretch of its prompt: see ``vlm.options.continuations``."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of an answer, without special tokens."""
        ...


class HuggingFaceTokenizer:
    """A tokenizer of transformers; a prompt's first stretch gets its opening (or end) sign.

    ``bos``: whether that is <s> whatever the tokenizer's own settings say.
    """

    closing: tuple[int, ...] = ()
    """Ids that end a prompt."""

    def __init__(self, tokenizer: Any, bos: bool = False) -> None:
        self.tokenizer = tokenizer
        self._opening = [tokenizer.bos_token_id] if bos else None
        pad = tokenizer.pad_token_id
        self.pad: int = tokenizer.eos_token_id if pad is None else pad
        signs = (tokenizer.eos_token_id, tokenizer.bos_token_id, pad)
        unknown = tokenizer.unk_token_id
        # GPT-2 and OPT name a sign as unknown that no text becomes.
        self.unknown: int | None = None if unknown in signs else unknown

    def segments(self, texts: Sequence[str]) -> list[list[int]]:
        """As the protocol says."""
        own = self._opening is None
        ids = [
            self.tokenizer(text, add_special_tokens=own and i == 0).input_ids
            for i, text in enumerate(texts)
        ]
        return [[*(self._opening or ()), *ids[0]], *ids[1:]]

    def continuations(self, prompt: str, option: str, end: str, how: str) -> list[list[int]]:
        """As the protocol says."""
        return continuations(self._plain, prompt, option, end, how)

    def _plain(self, text: str) -> list[int]:
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
        self.unknown: int | None = tokenizer.unk
        self.closing: tuple[int, ...] = (tokenizer.gmask, tokenizer.bos)

    def segments(self, texts: Sequence[str]) -> list[list[int]]:
        """As the protocol says."""
        return [self.tokenizer.tokens(text) for text in texts]

    def continuations(self, prompt: str, option: str, end: str, how: str) -> list[list[int]]:
        """As the protocol says. Its signs stand between prompt and answer, and every stretch of
        text is tokenised on its own."""
        return continuations(self.tokenizer.tokens, "", option, end, how)

    def decode(self, ids: Sequence[int]) -> str:
        """As the protocol says."""
        text: str = self.tokenizer.decode(ids)
        return text


def load_tokenizer(kind: str, folder: Path) -> PromptTokenizer:
    """The tokenizer in a checkpoint's directory; ``kind`` as ``Variant.language_model``.

    Raises ModelError: it is not there, or needs a package that is not installed.
    """
    try:
        if kind == "glm":
            from vlm.chatglm import ChatGLMTokenizer

            return ChatGLMPromptTokenizer(ChatGLMTokenizer(folder / "ice_text.model"))
        if kind == "llama":
            # By its class: config.json is of a kind that transformers does not know.
            return HuggingFaceTokenizer(load_named(LlamaTokenizer.from_pretrained, folder), True)
        return HuggingFaceTokenizer(
            load_named(AutoTokenizer.from_pretrained, folder, trust_remote_code=False)
        )
    except (OSError, ValueError, ImportError) as error:
        if isinstance(error, ModelError):
            raise
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"cannot load the tokenizer in {folder}: {first}") from error
