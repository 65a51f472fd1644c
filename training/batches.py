"""Batches for training and evaluation, each drawn from its own seed so that a run can resume."""

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import InstructBlipProcessor

from training import data
from training.nano import IMAGE_SIZE, PATCH

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
FRAME_COUNTS = (1, 2, 3, 4, 4, 4, 6, 8)
"""How many frames a clip has, as often as it stands here; one count per batch."""


@dataclass
class PatchBatch:
    """Pictures and what their patches show."""

    pixels: torch.Tensor
    """float32 (n, 3, 96, 96)"""
    labels: torch.Tensor
    """int64 (n, 4, 144)"""


@dataclass
class AskBatch:
    """Sequences of k frames with questions."""

    pixels: torch.Tensor | None
    """float32 (clips, k, 3, 96, 96), or None where ``hidden`` stands for them"""
    clip: torch.Tensor
    """int64 (questions,): which clip each question is about"""
    asked: list[data.Asked]
    patches: torch.Tensor | None
    """int64 (clips, 4, 144) for single pictures, else None"""
    hidden: torch.Tensor | None = None
    """float32 (clips, k, tokens, width): the vision tower's tokens, where they are known"""


def to_tensor(images: list[np.ndarray]) -> torch.Tensor:
    """uint8 (96, 96, 3) pictures as the image processor gives them, float32 (n, 3, 96, 96)."""
    stacked = (np.stack(images).astype(np.float32) / 255 - MEAN) / STD
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous()


def patch_batch(seed: str, n: int) -> PatchBatch:
    """``n`` scenes for teaching the vision tower."""
    rng = random.Random(seed)
    images, labels = [], []
    for _ in range(n):
        scene = None if rng.random() < 0.1 else data.single(rng)
        if scene is not None and rng.random() < 0.2:
            scene = data.letters(rng, scene)
        image, places = data.pixels(scene, IMAGE_SIZE) if scene else data.page(rng, IMAGE_SIZE)
        images.append(image)
        labels.append(data.patch_labels(scene, places, IMAGE_SIZE // PATCH).reshape(4, -1))
    return PatchBatch(to_tensor(images), torch.from_numpy(np.stack(labels)))


def ask_batch(seed: str, clips: int, questions: int, k: int) -> AskBatch:
    """``clips`` sequences of ``k`` frames, each with up to ``questions`` questions."""
    rng = random.Random(seed)
    images, owner, asked, patches = [], [], [], []
    for clip in range(clips):
        frames = data.sequence(rng, k) if k > 1 else [data.single(rng)]
        for scene in frames:
            image, places = data.pixels(scene, IMAGE_SIZE)
            images.append(image)
        if k == 1 and scene is not None:
            side = IMAGE_SIZE // PATCH
            patches.append(data.patch_labels(scene, places, side).reshape(4, -1))
        new = data.ask(rng, frames, questions)
        asked += new
        owner += [clip] * len(new)
    pixels = to_tensor(images).unflatten(0, (clips, k))
    labels = torch.from_numpy(np.stack(patches)) if patches else None
    return AskBatch(pixels, torch.tensor(owner), asked, labels)


def encode_texts(
    processor: InstructBlipProcessor, asked: list[data.Asked]
) -> dict[str, torch.Tensor]:
    """Question ids and answer ids with the end sign, int64.

    The question stands twice: left-padded for the language model, and right-padded for the
    Q-Former, whose absolute positions must not depend on the padding.
    """
    tok, words = processor.tokenizer, [a.question for a in asked]
    q = tok(words, padding=True, return_tensors="pt")
    read: Any = processor.qformer_tokenizer  # type: ignore[attr-defined]
    reader = read(words, padding=True, return_tensors="pt")
    answers = [
        [*tok(a.answer, add_special_tokens=False).input_ids, tok.eos_token_id] for a in asked
    ]
    width = max(map(len, answers))
    ids = torch.full((len(asked), width), tok.pad_token_id)
    for row, answer in zip(ids, answers, strict=True):
        row[: len(answer)] = torch.tensor(answer)
    return {
        "question": q.input_ids,
        "question_mask": q.attention_mask,
        "answer": ids,
        "reader": reader.input_ids,
        "reader_mask": reader.attention_mask,
    }
