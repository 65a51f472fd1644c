"""A bank of scenes that the resting vision tower has already seen.

While clips are learnt the vision tower does not change, so what it says of a scene can be kept:
drawing and seeing take five times as long as the rest of a step.
"""

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn
from transformers import InstructBlipForConditionalGeneration

from meme_sets.world.scene import Scene
from meme_sets.world.story import random_stages
from training import data
from training.batches import AskBatch, to_tensor
from training.nano import IMAGE_SIZE

STAGES = 4
"""Scenes of one story."""
ORDER = 0.6
"""Share of the clips of three frames and more that are asked for the order of what happens."""


def story(seed: int) -> list[Scene]:
    """The scenes of a story; those in which nothing happens are drawn anew most of the time."""
    rng = random.Random(f"bank-{seed}")
    scenes = random_stages(rng, STAGES)
    while len({s.action for s in scenes}) == 1 and rng.random() < 0.7:
        scenes = random_stages(rng, STAGES)
    return [replace(s, bob=rng.choice((0, 2, 4))) for s in scenes]


@torch.no_grad()
def _see(vision: nn.Module, scenes: Sequence[Scene | None]) -> torch.Tensor:
    pixels = to_tensor([data.pixels(s, IMAGE_SIZE)[0] for s in scenes])
    device = next(vision.parameters()).device
    return vision(pixels.to(device)).last_hidden_state.half().cpu()


def _see_stories(model: Path, first: int, last: int) -> torch.Tensor:
    torch.set_num_threads(1)
    vision = InstructBlipForConditionalGeneration.from_pretrained(model).vision_model
    return torch.cat([_see(vision, story(i)) for i in range(first, last)])


@dataclass
class Bank:
    """Stories, and the vision tower's tokens for each of their scenes."""

    hidden: torch.Tensor
    """float16 (2 + stories * STAGES, tokens, width); row 0 is the neutral frame, row 1 a blank."""

    @classmethod
    def build(cls, model: Path, stories: int, processes: int) -> "Bank":
        """See ``stories`` stories with the model saved in the directory ``model``."""
        net = InstructBlipForConditionalGeneration.from_pretrained(model).vision_model
        parts = [_see(net, [None, replace(story(0)[0], blank=True)])]
        if processes == 1:
            parts += [_see(net, story(i)) for i in range(stories)]
        else:
            step = 100
            with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
                jobs = [
                    pool.submit(_see_stories, model, i, min(i + step, stories))
                    for i in range(0, stories, step)
                ]
                parts += [job.result() for job in jobs]
        return cls(torch.cat(parts))

    def batch(self, seed: str, clips: int, questions: int, k: int) -> AskBatch:
        """As ``batches.ask_batch``, from stories of the bank."""
        rng = random.Random(seed)
        owner, asked, rows = [], [], []
        stories = (len(self.hidden) - 2) // STAGES
        for clip in range(clips):
            number = rng.randrange(stories)
            scenes = story(number)
            places = {s: 2 + number * STAGES + i for i, s in enumerate(scenes)}
            in_order = k > 2 and rng.random() < ORDER
            frames = data.ordered(rng, k, scenes) if in_order else data.sequence(rng, k, scenes)
            rows.append([0 if s is None else 1 if s.blank else places[s] for s in frames])
            new = (data.ask_order if in_order else data.ask)(rng, frames, questions)
            asked += new
            owner += [clip] * len(new)
        hidden = self.hidden[torch.tensor(rows)].float()
        return AskBatch(None, torch.tensor(owner), asked, None, hidden)
