"""Train blip-nano on the rendered world.

    python -m training.train --out out/nano            # the three stages, about two hours on a core
    python -m training.train --out out/nano --resume   # go on where it stopped
    python -m training.train --out out/more --start vlm/blip_nano --clips 6000   # more of stage 3

1. patches: the vision tower learns what every patch shows (the renderer knows), with linear heads
   that are thrown away afterwards. Answers alone teach it far more slowly.
2. pictures: vision tower, Q-Former and language model answer questions about single pictures.
3. clips: the vision tower rests; Q-Former and language model answer about 1 to 8 frames, most of
   them from a bank of stories that the vision tower has seen once (training/bank.py).

History (loss, accuracy on fresh seeds) is written beside the weights as history.jsonl.
"""

import argparse
import hashlib
import json
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import distributed as dist
from torch import nn
from torch.multiprocessing.spawn import spawn
from torch.nn import functional as F
from transformers import InstructBlipForConditionalGeneration

from meme_sets.world.vocabulary import ACTIONS, MOODS
from training import data, nano
from training.bank import Bank
from training.batches import FRAME_COUNTS, ask_batch, encode_texts, patch_batch
from training.forward import answer_loss, evaluate

STAGES = ("patches", "pictures", "clips")


class PatchHeads(nn.Module):
    """Four linear heads on the vision tower's patch tokens: glyph, thing, action, mood."""

    def __init__(self, width: int) -> None:
        super().__init__()
        sizes = (len(data.GLYPHS) + 1, len(data.THINGS) + 1, len(ACTIONS), len(MOODS))
        self.heads = nn.ModuleList(nn.Linear(width, n) for n in sizes)

    def forward(self, tokens: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, float]:
        """Mean loss over heads, and the glyph head's accuracy on glyph patches."""
        loss = tokens.new_zeros(())
        for i, head in enumerate(self.heads):
            logits, wanted = head(tokens), labels[:, i]
            weight = torch.ones(logits.shape[-1])
            if i < 2:
                weight[0] = 0.1  # most patches show no glyph
            share = 0.7 if i == 0 else 0.1  # reading is by far the hardest of the four
            loss = loss + share * F.cross_entropy(
                logits.flatten(0, 1), wanted.flatten(), weight, ignore_index=-100
            )
            if i == 0:
                here = wanted > 0
                hits = (logits.argmax(-1) == wanted)[here]
        return loss, float(hits.float().mean()) if here.any() else 0.0


class Run:
    """Model, heads, optimiser and where the training stands; saved whole, so it can resume."""

    def __init__(self, out: Path, device: str, resume: bool, start: Path | None) -> None:
        self.out, self.device = out, device
        self.bank: Bank | None = None
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        out.mkdir(parents=True, exist_ok=True)
        self.processor = nano.processor()
        torch.manual_seed(0)
        net: Any = nano.model(len(self.processor.tokenizer))
        self.net = net.to(device)
        self.heads = PatchHeads(self.net.config.vision_config.hidden_size).to(device)
        self.stage, self.step = STAGES[0], 0
        self.optimizer = self._optimizer()
        if resume and (out / "state.pt").is_file():
            state = torch.load(out / "state.pt", map_location=device, weights_only=True)
            self.net.load_state_dict(state["net"])
            self.heads.load_state_dict(state["heads"])
            self.stage, self.step = state["stage"], state["step"]
            self.optimizer.load_state_dict(state["optimizer"])
        elif start is not None:
            trained = InstructBlipForConditionalGeneration.from_pretrained(start)
            self.net.load_state_dict(trained.state_dict())
            self.enter("clips")
        self.history = (out / "history.jsonl").open("a")

    def _optimizer(self) -> torch.optim.Optimizer:
        parameters = [*self.net.parameters(), *self.heads.parameters()]
        return torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.02, betas=(0.9, 0.98))

    def enter(self, stage: str) -> None:
        """Begin a stage with a fresh optimiser."""
        if stage != self.stage:
            self.stage, self.step = stage, 0
            self.optimizer = self._optimizer()

    def save(self) -> None:
        """State to resume from, and the model in the Hugging Face format."""
        if self.rank:
            return
        state = {
            "net": self.net.state_dict(),
            "heads": self.heads.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "stage": self.stage,
            "step": self.step,
        }
        torch.save(state, self.out / "state.tmp")
        (self.out / "state.tmp").replace(self.out / "state.pt")
        self.net.save_pretrained(self.out / "model")
        self.processor.save_pretrained(self.out / "model")

    def log(self, **figures: object) -> None:
        """One line of history, also printed."""
        if self.rank:
            return
        line = json.dumps({"stage": self.stage, "step": self.step, **figures})
        print(line, flush=True)
        self.history.write(line + "\n")
        self.history.flush()

    def update(self, loss: torch.Tensor, lr: float) -> None:
        """One optimiser step, over the gradients of all processes."""
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if dist.is_initialized():
            parameters = [*self.net.parameters(), *self.heads.parameters()]
            gradients = [p.grad for p in parameters if p.grad is not None]
            flat = torch.cat([g.flatten() for g in gradients])
            dist.all_reduce(flat)
            flat /= dist.get_world_size()
            for g, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
                g.copy_(mean.view_as(g))
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1


def rate(step: int, steps: int, peak: float) -> float:
    """Learning rate: warm-up over the first 3 %, then a cosine down to a fiftieth."""
    warm = max(1, int(0.03 * steps))
    if step < warm:
        return peak * (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))


def stage_loss(run: Run, seed: str, args: argparse.Namespace) -> tuple[torch.Tensor, float]:
    """The loss of one batch of the current stage, and a figure that shows how it goes."""
    if run.stage == "patches":
        batch = patch_batch(seed, 32)
        hidden = run.net.vision_model(batch.pixels.to(run.device)).last_hidden_state
        return run.heads(hidden[:, 1:], batch.labels.to(run.device))
    single = run.stage == "pictures"
    # Every process draws the same number of frames, so that none waits for another.
    k = 1 if single else random.Random(run.step).choice(FRAME_COUNTS)
    if run.bank is not None and not single and run.step % 10:
        asked = run.bank.batch(seed, 16, args.questions, k)
    else:
        asked = ask_batch(seed, 32 if single else 12, args.questions, k)
    texts = encode_texts(run.processor, asked.asked)
    loss, hidden = answer_loss(run.net, asked, texts, train_vision=single)
    shown = float(loss.detach())
    if single and asked.patches is not None:
        tokens = hidden.flatten(0, 1)[:, 1:]
        loss = loss + 0.5 * run.heads(tokens, asked.patches.to(run.device))[0]
    return loss, shown


def train(run: Run, args: argparse.Namespace) -> None:
    """Run the stages from where ``run`` stands."""
    plan = {
        "patches": (args.patches, 1.2e-3),
        "pictures": (args.pictures, 8e-4),
        "clips": (args.clips, args.peak),
    }
    for stage in STAGES[STAGES.index(run.stage) :]:
        run.enter(stage)
        if stage == "clips" and args.stories:
            run.bank = bank(run, args)
        steps, peak = plan[stage]
        started, kept = time.time(), []
        while run.step < steps:
            loss, figure = stage_loss(run, f"train-{stage}-{run.step}-{run.rank}", args)
            run.update(loss, rate(run.step, steps, peak))
            kept.append((loss.item(), figure))
            if run.step % 100 == 0:
                mean = [round(sum(c) / len(c), 4) for c in zip(*kept, strict=True)]
                run.log(loss=mean[0], figure=mean[1], seconds=round(time.time() - started))
                kept = []
            if run.step % args.every == 0 or run.step == steps:
                if stage != "patches" and run.rank == 0:
                    run.log(
                        accuracy=evaluate(
                            run.net, run.processor, args.held_out, 1 if stage == "pictures" else 4
                        )
                    )
                run.save()


def bank(run: Run, args: argparse.Namespace) -> Bank:
    """The bank of stories as the vision tower sees them now, made once and kept beside the state.

    The vision tower rests from here on; a bank made earlier holds as long as it is the same tower.
    """
    path = args.out / "bank.pt"
    tower = b"".join(p.detach().cpu().numpy().tobytes() for p in run.net.vision_model.parameters())
    of = f"{args.stories} {hashlib.sha256(tower).hexdigest()}"
    if not run.rank and not (path.is_file() and torch.load(path, mmap=True)["of"] == of):
        run.save()
        hidden = Bank.build(args.out / "model", args.stories, args.processes).hidden
        torch.save({"hidden": hidden, "of": of}, path)
    if dist.is_initialized():
        dist.barrier()
    return Bank(torch.load(path, mmap=True)["hidden"])


def main(argv: Sequence[str] | None = None) -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("out/nano"))
    parser.add_argument("--resume", action="store_true", help="go on from --out")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--patches", type=int, default=2000, help="steps of 32 pictures")
    parser.add_argument("--pictures", type=int, default=3000, help="steps of 32 pictures")
    parser.add_argument("--clips", type=int, default=4000, help="steps of 16 clips")
    parser.add_argument("--stories", type=int, default=5000, help="in the bank; 0: draw all anew")
    parser.add_argument("--start", type=Path, help="a trained blip-nano: begin with the clips")
    parser.add_argument("--peak", type=float, default=8e-4, help="learning rate of the clips")
    parser.add_argument("--questions", type=int, default=3, help="questions per picture or clip")
    parser.add_argument("--held-out", type=int, default=12, help="batches of 24 to evaluate on")
    parser.add_argument("--every", type=int, default=500, help="steps between checkpoints")
    parser.add_argument(
        "--processes", type=int, default=1, help="one-threaded processes side by side"
    )
    args = parser.parse_args(argv)
    if args.processes == 1:
        worker(0, args)
        return
    meeting = args.out.with_suffix(".meeting")
    meeting.unlink(missing_ok=True)
    spawn(worker, (args,), args.processes)


def worker(rank: int, args: argparse.Namespace) -> None:
    """One process of the training; several average their gradients."""
    torch.set_num_threads(1)
    if args.processes > 1:
        meeting = args.out.with_suffix(".meeting").absolute()
        dist.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=args.processes)
    train(Run(args.out, args.device, args.resume, args.start), args)


if __name__ == "__main__":
    main()
