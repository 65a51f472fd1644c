"""ChatGLM's tokenizer: a sentencepiece model (ice_text.model) and symbols for whitespace."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from vlm.chatglm.text import escape, unescape
from vlm.errors import ModelError

GMASK, SOP, EOP, PAD, UNK = "[gMASK]", "<sop>", "<eop>", "<pad>", "<unk>"


class ChatGLMTokenizer:
    """Token ids of text, with no prompt and no special tokens of its own accord.

    ``gmask``, ``bos`` (<sop>), ``eos`` (<eop>), ``pad`` and ``unk`` are ids. Symbols like <eop>
    that are written in a text have no meaning there: they are text.
    Raises ModelError: the file is missing, is no sentencepiece model, or lacks those symbols.
    """

    def __init__(self, path: str | Path) -> None:
        import sentencepiece

        if not Path(path).is_file():
            raise ModelError(f"ChatGLM's tokenizer {path} is missing (ice_text.model of the model)")
        try:
            self._pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as error:
            first = str(error).strip().splitlines()[0]
            raise ModelError(f"{path} is no sentencepiece model: {first}") from error
        self.path = Path(path)
        self.unk = self._id(UNK)
        self.gmask, self.bos = self._id(GMASK), self._id(SOP)
        self.eos, self.pad = self._id(EOP), self._id(PAD)
        self._silent = {self.gmask, self.bos, self.eos, self.pad}

    def __len__(self) -> int:
        return int(self._pieces.vocab_size())

    def _id(self, symbol: str) -> int:
        index = int(self._pieces.piece_to_id(symbol))
        if self._pieces.id_to_piece(index) != symbol:
            raise ModelError(f"{self.path} has no symbol {symbol}; it is no ChatGLM tokenizer")
        return index

    def tokens(self, text: str) -> list[int]:
        """Ids of one segment of text. Each segment gets sentencepiece's leading blank anew, so
        tokens('a') + tokens('b') is not tokens('ab')."""
        return list(self._pieces.encode(escape(text)))

    def prompt(self, segments: Iterable[Sequence[int]]) -> list[int]:
        """Ids of a whole prompt: the segments, then [gMASK] <sop>."""
        return [*(i for segment in segments for i in segment), self.gmask, self.bos]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, without special tokens. Ids above the vocabulary (the model's table is
        larger than it) say nothing."""
        kept = [int(i) for i in ids]
        kept = [i for i in kept if 0 <= i < len(self) and i not in self._silent]
        return unescape(self._pieces.decode(kept))

    def pad_left(self, rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows of ids padded on the left, and their mask (1 on tokens); both (rows, length)."""
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self.pad)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, width - len(row) :] = torch.tensor(row, dtype=torch.long)
            mask[i, width - len(row) :] = 1
        return ids, mask
