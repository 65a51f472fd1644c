"""MarianMT translators (opus-mt) from any directory or hub id in the Hugging Face format."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import torch
from transformers import MarianMTModel, MarianTokenizer

from vlm.errors import ModelError
from vlm.hub import load_named, local
from vlm.translate.seq2seq import Seq2Seq, load_net

MAX_LENGTH = 512
TARGET = ">>cmn_Hans<<"
"""Names simplified Chinese to a model of several target languages (opus-mt-en-zh), which without it
chooses one itself."""


class Codec:
    """MarianTokenizer as a translator needs it."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it recommends sacremoses, which it no longer uses
            try:
                self._tokenizer = load_named(MarianTokenizer.from_pretrained, folder)
            except (
                OSError,
                ValueError,
                RuntimeError,
                KeyError,
                TypeError,
                AssertionError,
            ) as error:
                first = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise ModelError(f"cannot load the tokenizer of {folder}: {first}") from error
        self.pad = int(self._tokenizer.pad_token_id)
        self._target = f"{TARGET} " if TARGET in self._tokenizer.get_vocab() else ""

    def encode(self, text: str) -> list[int]:
        """Ids of a text, end sign included, behind the target language where one is to be named."""
        return list(self._tokenizer(f"{self._target}{text}").input_ids)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids without special tokens."""
        text = self._tokenizer.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text).strip()


def load(source: str, device: torch.device) -> Seq2Seq:
    """MarianMT from a directory or hub id. Raises ModelError: see ``load_net``."""
    folder = local(source)
    net = load_net(MarianMTModel, folder)
    return Seq2Seq("marian", folder, net.to(device), Codec(folder), MAX_LENGTH)
