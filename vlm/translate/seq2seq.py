"""A translator over any encoder-decoder of transformers: batched, and no text translated twice."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from vlm.errors import ModelError
from vlm.fingerprint import files_hash

BATCH = 16
_COUNTED = (".safetensors", ".bin", ".json", ".model", ".spm")
REMEMBERED = 20_000
"""How many translations are kept: a probe asks the same questions of many clips."""


class Translator(Protocol):
    """What the sandwich knows of a translator."""

    kind: str
    """``marian`` or ``deltalm``: becomes part of the model's name."""
    revision: str
    """Changes when its weights change."""

    def translate(self, texts: Sequence[str]) -> list[str]:
        """One translation per text, in order, each one line. Raises ModelError: too long."""
        ...


class Codec(Protocol):
    """Text to token ids and back."""

    pad: int

    def encode(self, text: str) -> list[int]:
        """Ids of a text, with what the encoder expects around it."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids, without special tokens."""
        ...


class Seq2Seq:
    """A loaded translator. Greedy unless the checkpoint's own settings name a number of beams."""

    def __init__(self, kind: str, folder: Path, net: Any, codec: Codec, max_length: int) -> None:
        self.kind = kind
        self.folder = folder
        self.net = net.eval()
        self.codec = codec
        self.max_length = min(max_length, net.config.max_position_embeddings)
        self.revision = files_hash(p for p in folder.iterdir() if p.suffix in _COUNTED)
        self._known: OrderedDict[str, str] = OrderedDict()

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.net.parameters())

    def translate(self, texts: Sequence[str]) -> list[str]:
        """One translation per text, in order. Raises ModelError: a text is too long."""
        new = [t for t in dict.fromkeys(texts) if t not in self._known]
        coded = {text: self._encode(text) for text in new}
        new.sort(key=lambda text: len(coded[text]))
        made = {t: self._known[t] for t in texts if t in self._known}
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            made |= dict(zip(batch, self._generate([coded[t] for t in batch]), strict=True))
        for text in made:
            self._known[text] = made[text]
            self._known.move_to_end(text)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return [made[t] for t in texts]

    def _encode(self, text: str) -> list[int]:
        ids = self.codec.encode(text)
        if len(ids) > self.max_length:
            raise ModelError(
                f"a text of {len(ids)} tokens is too long for the translator {self.folder}, which "
                f"takes {self.max_length}: {text[:40]!r}..."
            )
        return ids

    @torch.inference_mode()
    def _generate(self, rows: Sequence[Sequence[int]]) -> list[str]:
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self.codec.pad)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        device = self.net.device
        out = self.net.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            do_sample=False,
            max_length=self.max_length,
        )
        return [" ".join(self.codec.decode(row).split()) for row in out.tolist()]


def load_net(kind: Any, folder: Path) -> Any:
    """A model of the class ``kind`` in float32, every weight from the checkpoint.

    Weights only: code in a checkpoint is never run. Raises ModelError: files are missing or
    damaged, or weights are missing, unexpected or of another shape, with a list.
    """
    try:
        net, loading = kind.from_pretrained(
            folder,
            dtype=torch.float32,
            output_loading_info=True,
            weights_only=True,
            local_files_only=True,
        )
    except Exception as error:  # whatever torch and transformers raise at a damaged file
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"cannot load the translator {folder}: {first}") from error
    for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if loading[problem]:
            listed = ", ".join(sorted(map(str, loading[problem]))[:8])
            raise ModelError(f"the translator {folder} has {problem.replace('_', ' ')}: {listed}")
    return net
