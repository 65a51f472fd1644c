"""The plain loop that ``benchmarks.bench`` measures against: how a harness asks a model today.

For each trial: the processor, ``generate`` over all its pictures, batch 1, and for each option a
forward of its own over pictures, prompt and option. The classes are transformers' own
(InstructBLIP Video takes several frames); checkpoint, prompts and pictures are memeprobe's.
"""

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import (
    InstructBlipForConditionalGeneration,
    InstructBlipProcessor,
    InstructBlipVideoConfig,
    InstructBlipVideoForConditionalGeneration,
)

from vlm import Query

SLOT = 0
"""The padding sign stands for a frame's place: no unpadded prompt has it."""


class PlainLoop:
    """One loaded InstructBLIP checkpoint, asked trial by trial."""

    def __init__(self, folder: Path) -> None:
        net = InstructBlipForConditionalGeneration.from_pretrained(folder).eval()
        kept = ("vision_config", "qformer_config", "text_config", "num_query_tokens")
        told = {k: v for k, v in net.config.to_dict().items() if k in kept}
        config = InstructBlipVideoConfig(**told, video_token_index=SLOT)
        self.net: Any = InstructBlipVideoForConditionalGeneration(config).eval()
        self.net.load_state_dict(net.state_dict())
        self.processor: Any = InstructBlipProcessor.from_pretrained(folder)
        self.end = int(net.generation_config.eos_token_id)

    @torch.inference_mode()
    def ask(self, query: Query) -> tuple[str, int | None]:
        """The free answer, and which option has the greatest log-probability a token; none where
        another option is the same tokens (words that the vocabulary does not know)."""
        tokenizer = self.processor.tokenizer
        words = tokenizer(query.text, return_tensors="pt").input_ids
        inputs, prompt = self._inputs(query, words)
        speaker = self.net if query.images else self.net.language_model
        mask = torch.ones_like(prompt)
        ids = speaker.generate(
            **inputs,
            input_ids=prompt,
            attention_mask=mask,
            max_new_tokens=query.max_new_tokens,
            do_sample=False,
            num_beams=1,
            eos_token_id=self.end,
            pad_token_id=SLOT,
        )
        text = tokenizer.decode(ids[0, prompt.shape[1] :], skip_special_tokens=True).strip()
        means = [self._mean(query, option, prompt) for option in query.options]
        spelt = [tokenizer(o, add_special_tokens=False).input_ids for o in query.options]
        best = means.index(max(means)) if means else None
        return text, None if best is None or spelt.count(spelt[best]) > 1 else best

    def _inputs(self, query: Query, words: torch.Tensor) -> tuple[dict[str, Any], torch.Tensor]:
        """What goes in beside the prompt, and the prompt with a place for each frame."""
        if not query.images:
            return {}, words
        pictures = [Image.fromarray(image) for image in query.images]
        pixels = self.processor.image_processor(pictures, return_tensors="pt").pixel_values
        asked = self.processor.qformer_tokenizer(query.text, return_tensors="pt")
        slots = torch.full((1, self.net.config.num_query_tokens * len(pictures)), SLOT)
        inputs = {
            "pixel_values": pixels[None],
            "qformer_input_ids": asked.input_ids,
            "qformer_attention_mask": asked.attention_mask,
        }
        return inputs, torch.cat([slots, words], 1)

    def _mean(self, query: Query, option: str, prompt: torch.Tensor) -> float:
        ids = [*self.processor.tokenizer(option, add_special_tokens=False).input_ids, self.end]
        whole = torch.cat([prompt, torch.tensor([ids[:-1]], dtype=torch.long)], 1)
        inputs, _ = self._inputs(query, prompt[:, :0])
        speaker = self.net if query.images else self.net.language_model
        logits = speaker(**inputs, input_ids=whole, attention_mask=torch.ones_like(whole)).logits
        logprobs = logits[0, -len(ids) :].log_softmax(-1)
        return float(logprobs[range(len(ids)), ids].mean())
