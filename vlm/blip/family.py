"""The adapter of the whole family: InstructBLIP, BLIP-2, VisualGLM, MiniGPT-4, Ziya, mPLUG-Owl.

Several frames go in as the InstructBLIP paper does it for video (arXiv 2305.06500): every frame
passes the vision tower and the Q-Former, and the Q-Former's outputs stand one after another.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer, BlipImageProcessorPil

import vlm.blip.checkpoint_layout as plans
from vlm.adapter import Adapter
from vlm.arrival import check_room, scored_or_reason, unknown_note
from vlm.blip.generator import Generator, Spoken
from vlm.blip.modeling import build
from vlm.blip.prompts import FRAME, Segments, is_chinese, shown
from vlm.blip.tokenizers import load_tokenizer
from vlm.blip.variants import VARIANTS, Variant
from vlm.blip.vision_encoder import VisionEncoder
from vlm.budget import TOKENS
from vlm.delivery import ModelInput, ModelOutput
from vlm.detect import detect, read_json
from vlm.device import choose_device, choose_dtype
from vlm.errors import ModelError
from vlm.fingerprint import files_hash
from vlm.hub import load_named, local
from vlm.options import Forms, Prefill, alike
from vlm.query import PictureSeen, Seen
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "3"
Scored = tuple[Any, Any, str]
"""Log-probabilities and lengths of the options, or None twice, and how they were weighed."""
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


class Family(Adapter):
    """One loaded member of the family."""

    deliveries: tuple[str, ...] = ("concat", "grid", "vote", "first_only")
    first_budget = TOKENS

    def __init__(
        self, source: str, name: str | None = None, options: LoadOptions = DEFAULTS
    ) -> None:
        """``source``: a directory or hub id. Raises ModelError: it cannot be loaded."""
        self.name = name or source
        self.device = choose_device(options.device)
        self.dtype = choose_dtype(self.device, options.dtype)
        self.member: Variant = VARIANTS[detect(source).name]
        folder = local(source)
        plan = plans.plan(self.member.plan, folder)
        tokenizer = load_tokenizer(self.member.language_model, plan.tokenizer)
        reader = _reader(folder) if self.member.reads_question else None
        processor = _processor(plan)
        self.network = build(
            plan, self.member, self.device, self.dtype, options.quantise, str(folder)
        )
        self.vision_encoder = VisionEncoder(self.network, processor, reader)
        # Arguments of generate(), which may be changed in place; ``member.sampling`` has what the
        # original adds where it samples.
        self.generation = _settings(self.member, plan)
        self.generator = Generator(
            self.network.language_model, tokenizer, self.member, self.generation
        )
        self.revision = f"{files_hash(plan.files)}-a{ADAPTER_VERSION}{options.shrunk}"

    @property
    def repeatable(self) -> bool:
        """Unless somebody turned sampling on."""
        return not self.generation.get("do_sample", False)

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.network.parameters())

    @property
    def room(self) -> int | None:
        """How many tokens prompt and answer may have together; None where there is no bound."""
        return self.generator.room

    def prompt_ids(self, look: ModelInput) -> list[int]:
        """Token ids of a prompt's text; -1 stands for a soft token of a frame."""
        prompt = self.member.template(look.text, len(look.images))
        texts = iter(self.generator.ids([s for s in prompt if s is not FRAME]))
        tokens = self.network.frame_tokens
        return [i for s in prompt for i in ([-1] * tokens if s is FRAME else next(texts))]

    def cost(self, look: ModelInput) -> int:
        """Tokens of the prompt and of the longest answer."""
        return len(self.prompt_ids(look)) + look.max_new_tokens

    @torch.inference_mode()
    def first_logits(self, look: ModelInput) -> torch.Tensor:
        """Logits (vocabulary,) of the first token of an answer."""
        prompt = self.member.template(look.text, len(look.images))
        prefix, mask = self._prefix([look], [prompt])
        return self.generator.first_logits(prefix, mask)[0]

    def shown(self, picture: np.ndarray) -> np.ndarray:
        """A picture as the vision tower gets it, uint8 (height, width, 3)."""
        return self.vision_encoder.shown(picture)

    @torch.inference_mode()
    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Answers of a batch; raises what transformers or torch raise."""
        prompts = [self.member.template(look.text, len(look.images)) for look in batch]
        prefix, mask = self._prefix(batch, prompts)
        lengths = mask.sum(1).tolist()
        for look, length in zip(batch, lengths, strict=True):
            check_room(self.name, length, look, self.generator.room)
        found = self._asked(prefix, mask, batch, prompts)
        seen = []
        for i, (look, prompt) in enumerate(zip(batch, prompts, strict=True)):
            spoken, (logprobs, tokens, scoring) = found[i]
            answer = self.member.tidy(spoken.text, look.text)
            arrived = self._seen(look, prompt, lengths[i], scoring)
            arrived = replace(arrived, truncated=spoken.truncated)
            seen.append(ModelOutput(answer, shown(prompt), logprobs, tokens, arrived))
        return seen

    def _seen(self, look: ModelInput, prompt: Segments, length: int, scoring: str) -> Seen:
        """What became of a look's pictures and text on their way in."""
        tokens = self.network.frame_tokens
        picture = PictureSeen(*self.vision_encoder.size, tiles=1, tokens=tokens)
        cut = self.vision_encoder.cut(look.text) if look.images else 0
        unknown = self.generator.tokenizer.unknown
        ids = [i for one in self.generator.ids([s for s in prompt if s is not FRAME]) for i in one]
        lacking = ids.count(unknown) if unknown is not None else 0
        notes = []
        if cut:
            notes.append(f"the Q-Former got the question without its first {cut} tokens")
        if lacking:
            notes.append(unknown_note(lacking))
        notes += alike(look.options, self._forms(look, prompt))
        return Seen(
            (picture,) * len(look.images), length, cut, lacking, scoring, notes=tuple(notes)
        )

    def _prefix(
        self, batch: Sequence[ModelInput], prompts: Sequence[Segments]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Embeddings (rows, length, width) of frames and text, left-padded, and their mask."""
        shown = [image for look in batch for image in look.images]
        asked = [look.text for look in batch for _ in look.images]
        frames = iter(self.vision_encoder.look(shown, asked))
        rows = []
        for prompt in prompts:
            texts = iter(self.generator.embed([s for s in prompt if s is not FRAME]))
            parts = [next(frames) if s is FRAME else next(texts) for s in prompt]
            rows.append(torch.cat([part.to(self.dtype) for part in parts]))
        width = max(len(row) for row in rows)
        prefix = rows[0].new_zeros(len(rows), width, rows[0].shape[-1])
        mask = torch.zeros(len(rows), width, dtype=torch.long, device=prefix.device)
        for i, row in enumerate(rows):
            prefix[i, width - len(row) :] = row
            mask[i, width - len(row) :] = 1
        return prefix, mask

    def _asked(
        self,
        prefix: torch.Tensor,
        mask: torch.Tensor,
        batch: Sequence[ModelInput],
        prompts: Sequence[Segments],
    ) -> list[tuple[Spoken, Scored]]:
        """Free answer and weighed options of each look; the prompts run through the model once.

        Looks with different bounds are asked apart, as a beam sees its bound.
        """
        nothing: tuple[Spoken, Scored] = Spoken("", False), (None, None, "")
        found = [nothing] * len(batch)
        for bound in sorted({look.max_new_tokens for look in batch}):
            rows = [i for i, look in enumerate(batch) if look.max_new_tokens == bound]
            english = [not is_chinese(batch[i].text) for i in rows]
            mine = prefix[rows], mask[rows]
            texts, ready = self.generator.speak(*mine, bound, english)
            forms = [self._forms(batch[i], prompts[i]) for i in rows]
            scored = self._scored(*mine, forms, ready, len(batch))
            for row, text, scores in zip(rows, texts, scored, strict=True):
                found[row] = text, scores
        return found

    def _scored(
        self,
        prefix: torch.Tensor,
        mask: torch.Tensor,
        forms: Sequence[Sequence[Forms]],
        ready: Prefill | None,
        together: int,
    ) -> list[Scored]:
        """Log-probabilities and lengths of each row's options, and how they were weighed; None
        twice where it has none or weighing failed. ``together``: looks in the whole batch."""
        if not any(forms):
            return [(None, None, "")] * len(forms)
        found = scored_or_reason(
            lambda: self.generator.score_options(prefix, mask, forms, ready), together
        )
        if isinstance(found, str):
            return [(None, None, found if row else "") for row in forms]
        return [
            (*scores, "options") if row else (None, None, "")
            for row, scores in zip(forms, found, strict=True)
        ]

    def _forms(self, look: ModelInput, prompt: Segments) -> list[list[list[int]]]:
        return self.generator.option_forms(prompt[-1] or "", look.options)


def _settings(member: Variant, plan: plans.CheckpointLayout) -> dict[str, Any]:
    """The member's settings, overruled by what the checkpoint's generation_config.json says."""
    path = plan.settings / "generation_config.json"
    own = read_json(path) if path.is_file() else {}
    eos = own.get("eos_token_id") or plan.text.eos_token_id
    return {
        **member.generation,
        **{k: own[k] for k in member.generation if k in own},
        "eos_token_id": eos,
    }


def _reader(folder: Path) -> Any:
    try:
        return load_named(
            AutoTokenizer.from_pretrained, folder / "qformer_tokenizer", trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} lacks the Q-Former's tokenizer (qformer_tokenizer/)") from error


def _processor(plan: plans.CheckpointLayout) -> Any:
    """The checkpoint's own image settings, else the family's: squeezed square, CLIP's colours."""
    for name in ("preprocessor_config.json", "processor_config.json"):
        if (plan.settings / name).is_file():
            found = read_json(plan.settings / name)
            found = found.get("image_processor", found)
            if "image_mean" in found:
                return BlipImageProcessorPil.from_dict(found | _square(found.get("size")))
    return BlipImageProcessorPil(
        **_square({"shortest_edge": plan.vision.image_size}),
        image_mean=CLIP_MEAN,
        image_std=CLIP_STD,
    )


def _square(size: Any) -> dict[str, Any]:
    """The size to squeeze to, where CLIP's settings name a shortest edge: mPLUG-Owl makes squares
    of that edge before CLIP's own processor gets them, so that nothing is cropped."""
    edge = size.get("shortest_edge") if isinstance(size, dict) else None
    return {} if edge is None else {"size": {"height": int(edge), "width": int(edge)}}
