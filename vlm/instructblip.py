"""InstructBLIP (Vicuna and Flan-T5) from any directory or hub id in the Hugging Face format.

Several frames go in as the paper does it for video (arXiv 2305.06500): every frame passes the
vision tower and the Q-Former, which reads the question too, and the Q-Former's outputs stand one
after another before the question. The language model is driven by ``inputs_embeds`` alone, as
LAVIS does it, so ``max_new_tokens`` and the repetition penalty never count the prompt.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers import (
    InstructBlipForConditionalGeneration,
    InstructBlipProcessor,
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
)

from vlm import options as scoring
from vlm.adapter import Adapter
from vlm.delivery import Look, Seen
from vlm.device import choose_device, choose_dtype
from vlm.query import ModelError, pixel_sha256
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "1"
CACHE_FRAMES = 512
"""How many frames' vision outputs are kept: a probe asks many questions about few frames."""
LAVIS_GENERATION = {
    "num_beams": 5,
    "repetition_penalty": 1.5,
    "length_penalty": 1.0,
    "min_length": 1,
}
"""``generate`` of LAVIS's InstructBLIP; a checkpoint's generation_config.json overrules it."""


class InstructBlip(Adapter):
    """One loaded InstructBLIP."""

    deliveries: tuple[str, ...] = ("concat", "grid", "vote", "first_only")

    def __init__(
        self, source: str, name: str | None = None, options: LoadOptions = DEFAULTS
    ) -> None:
        self.name = name or source
        self.device = choose_device(options.device)
        self.dtype = choose_dtype(self.device, options.dtype)
        self.net, self.processor = _load(source, self.dtype)
        self.net.to(self.device).eval()
        self.revision = f"{_fingerprint(source)}-a{ADAPTER_VERSION}"
        self.processor.tokenizer.padding_side = "left"
        # Absolute positions: with padding on the left an answer would depend on its batch.
        self.processor.qformer_tokenizer.padding_side = "right"
        self.generation = _generation(self.net)
        # LAVIS cuts the Q-Former's copy of the question at 128 tokens.
        self._reader_length = min(128, self.net.config.qformer_config.max_position_embeddings)
        self._frames: OrderedDict[str, torch.Tensor] = OrderedDict()

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.net.parameters())

    @torch.inference_mode()
    def look(self, batch: Sequence[Look]) -> list[Seen]:
        """Answers of a batch; raises what transformers or torch raise."""
        prefix, mask = self._prefix(batch)
        texts = self._generate(prefix, mask, max(look.max_new_tokens for look in batch))
        scored = self._score(prefix, mask, batch)
        seen = []
        for look, text, (logprobs, tokens) in zip(batch, texts, scored, strict=True):
            given = (logprobs, tokens) if look.options else (None, None)
            seen.append(Seen(text, look.text, *given))
        return seen

    def _prefix(self, batch: Sequence[Look]) -> tuple[torch.Tensor, torch.Tensor]:
        """Embeddings (rows, length, width) of frames and question, left-padded, and their mask."""
        tok = self.processor.tokenizer
        words = tok([look.text for look in batch], padding=True, return_tensors="pt").to(
            self.device
        )
        embeds = self.net.get_input_embeddings()(words.input_ids)
        frames = self._read_frames(batch)
        rows = []
        for shown, text, real in zip(frames, embeds, words.attention_mask, strict=True):
            rows.append(torch.cat([shown.to(text.dtype), text[real.bool()]]))
        width = max(len(row) for row in rows)
        prefix = embeds.new_zeros(len(rows), width, embeds.shape[-1])
        mask = words.attention_mask.new_zeros(len(rows), width)
        for i, row in enumerate(rows):
            prefix[i, width - len(row) :] = row
            mask[i, width - len(row) :] = 1
        return prefix, mask

    def _read_frames(self, batch: Sequence[Look]) -> list[torch.Tensor]:
        """For each look what the Q-Former saw in its frames, (frames * queries, width)."""
        empty = self.net.language_projection.weight.new_zeros(
            0, self.net.language_projection.out_features
        )
        shown = [image for look in batch for image in look.images]
        if not shown:
            return [empty] * len(batch)
        hidden = self._encode(shown)
        asked = [look.text for look in batch for _ in look.images]
        words = self.processor.qformer_tokenizer(
            asked,
            padding=True,
            truncation=True,
            max_length=self._reader_length,
            return_tensors="pt",
        ).to(self.device)
        queries = self.net.query_tokens.expand(len(shown), -1, -1)
        mask = torch.cat(
            [words.attention_mask.new_ones(queries.shape[:2]), words.attention_mask], 1
        )
        out = self.net.qformer(
            input_ids=words.input_ids, attention_mask=mask, query_embeds=queries,
            encoder_hidden_states=hidden, return_dict=True,
        ).last_hidden_state[:, : queries.shape[1]]  # fmt: skip
        seen = iter(self.net.language_projection(out))
        return [
            torch.cat([next(seen) for _ in look.images]) if look.images else empty for look in batch
        ]

    def _encode(self, images: Sequence[np.ndarray]) -> torch.Tensor:
        """Vision tokens (images, tokens, width); each distinct picture is encoded once."""
        keys = [pixel_sha256(image) for image in images]
        new = {k: i for k, i in zip(keys, images, strict=True) if k not in self._frames}
        if new:
            pictures = [Image.fromarray(image) for image in new.values()]
            pixels = self.processor.image_processor(pictures, return_tensors="pt").pixel_values
            hidden = self.net.vision_model(pixels.to(self.device, self.dtype)).last_hidden_state
            self._frames.update(zip(new, hidden, strict=True))
        for key in keys:
            self._frames.move_to_end(key)
        out = torch.stack([self._frames[k] for k in keys])
        while len(self._frames) > CACHE_FRAMES:
            self._frames.popitem(last=False)
        return out

    def _generate(self, prefix: torch.Tensor, mask: torch.Tensor, new_tokens: int) -> list[str]:
        settings = dict(self.generation)
        # Given to generate() by name, the penalty of transformers 5.23 passes over as many new
        # tokens as the row has padding, so that an answer would depend on its batch.
        penalty = RepetitionPenaltyLogitsProcessor(float(settings.pop("repetition_penalty", 1.0)))
        ids = self.net.language_model.generate(
            inputs_embeds=prefix, attention_mask=mask, max_new_tokens=new_tokens, do_sample=False,
            repetition_penalty=1.0, logits_processor=LogitsProcessorList([penalty]), **settings,
        )  # fmt: skip
        tok = self.processor.tokenizer
        # Vicuna's embedding 0 is <unk>, which LAVIS reads as the end sign.
        ids = ids.masked_fill(ids == 0, tok.eos_token_id)
        return [t.strip() for t in tok.batch_decode(ids, skip_special_tokens=True)]

    def _score(
        self, prefix: torch.Tensor, mask: torch.Tensor, batch: Sequence[Look]
    ) -> list[scoring.Scores]:
        rows = [i for i, look in enumerate(batch) if look.options]
        scores: list[scoring.Scores] = [((), ())] * len(batch)
        if rows:
            tok = self.processor.tokenizer
            ids = [
                [
                    [*tok(o, add_special_tokens=False).input_ids, tok.eos_token_id]
                    for o in batch[i].options
                ]
                for i in rows
            ]
            score = scoring.decoder_only
            if self.net.config.text_config.is_encoder_decoder:
                score = scoring.encoder_decoder
            for i, s in zip(
                rows, score(self.net.language_model, prefix[rows], mask[rows], ids), strict=True
            ):
                scores[i] = s
        return scores


def _load(source: str, dtype: torch.dtype) -> tuple[Any, Any]:
    load: Any = InstructBlipForConditionalGeneration.from_pretrained
    try:
        net, info = load(source, dtype=dtype, output_loading_info=True)
        processor = InstructBlipProcessor.from_pretrained(source)
    except (OSError, ValueError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(f"cannot load InstructBLIP from {source}: {first}") from error
    for problem in ("missing_keys", "mismatched_keys"):
        if info[problem]:
            listed = ", ".join(sorted(map(str, info[problem]))[:8])
            raise ModelError(f"the checkpoint {source} has {problem.replace('_', ' ')}: {listed}")
    return net, processor


def _generation(net: Any) -> dict[str, Any]:
    """LAVIS's settings, overruled by what the checkpoint's generation_config.json says itself."""
    config = net.generation_config.to_diff_dict()
    special = {k: config[k] for k in LAVIS_GENERATION if k in config}
    text = net.config.text_config
    ids = {"pad_token_id": text.pad_token_id, "eos_token_id": text.eos_token_id}
    return LAVIS_GENERATION | special | {k: v for k, v in ids.items() if v is not None}


def _fingerprint(source: str) -> str:
    """Short hash of a directory's weights and settings, or the hub id itself."""
    folder = Path(source)
    if not folder.is_dir():
        return source
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".safetensors", ".bin", ".json"):
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]
