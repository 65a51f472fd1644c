"""What the budget of tokens brings on ragged trials: one picture and eight pictures, mixed.

    python -m benchmarks.budget --seed 1

blip-nano is asked the same fresh questions in fixed batches and by the budget that it finds by
itself, in calls of 32 trials as a run does, each way in a process of its own, in turn, several
times. Printed as JSON: processor time of the asking alone (medians, and each run's ratio to fixed
batches of 16), peak memory beyond the loaded model, the padded tokens, and whether the answers
agree. Reads ``VmHWM``, so Linux only.
"""

import argparse
import json
import multiprocessing
import random
import resource
import time
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from vlm import LoadOptions, Query, load_model
from vlm.adapter import Adapter
from vlm.delivery import looks

WAYS = (("fixed", 1), ("fixed", 8), ("fixed", 16), ("fixed", 32), ("budget", 0))
CALL = 32
"""Trials of a call, as in a run."""
WORDS = ("a red cat", "a blue dog", "a tree", "two people at a table", "nothing")


@dataclass(frozen=True)
class Case:
    """One process's work."""

    way: str
    size: int
    seed: int
    calls: int


def questions(seed: int, calls: int) -> list[Query]:
    """Half with one picture and half with eight, in random order; words of unlike length."""
    rng, pixels = random.Random(seed), np.random.default_rng(seed)
    pictures = [pixels.integers(0, 255, (96, 128, 3), np.uint8) for _ in range(48)]
    counts = [1, 8] * (calls * CALL // 2)
    rng.shuffle(counts)
    return [
        Query(
            tuple(rng.sample(pictures, count)),
            f"What is shown in picture {i} of {count}? {'Look closely. ' * rng.randint(0, 3)}",
            tuple(rng.sample(WORDS, 3)),
            "concat",
            max_new_tokens=20,
        )
        for i, count in enumerate(counts)
    ]


def peak() -> int:
    """Bytes of resident memory at most since the process began or ``clear_refs``."""
    line = next(
        x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM")
    )
    return int(line.split()[1]) * 1024


def measure(case: Case) -> dict[str, Any]:
    """Ask everything once to find the budget, then once more with what was found."""
    model = load_model("blip-nano", LoadOptions("cpu"))
    assert isinstance(model, Adapter)
    asked = questions(case.seed, case.calls)
    first = questions(case.seed + 1000, case.calls)
    padded: list[int] = []
    real = model.look

    def look(batch: Any) -> Any:
        padded.append(len(batch) * max(map(model.cost, batch)))
        return real(batch)

    if case.size:
        model.batch_size = case.size
    for queries in (first[:CALL], first) if not case.size else (first[:CALL],):
        for start in range(0, len(queries), CALL):
            model.answer(queries[start : start + CALL])
    model.__dict__["look"] = look
    before = _resident()
    Path("/proc/self/clear_refs").write_text("5")
    began, answers = time.process_time(), []
    for start in range(0, len(asked), CALL):
        answers += model.answer(asked[start : start + CALL])
    seconds = time.process_time() - began
    real_tokens = sum(model.cost(one) for q in asked for one in looks(q))
    return {
        "seconds": seconds,
        "bytes": peak() - before,
        "budget": None if case.size else [model.budget.tokens, model.budget.settled],
        "batches": len(padded),
        "padding": sum(padded) / real_tokens - 1,
        "texts": [a.text for a in answers],
        "logprobs": [a.option_logprobs for a in answers],
    }


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--calls", type=int, default=8)
    asked = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {}
    context = multiprocessing.get_context("spawn")
    for _ in range(asked.repeats):
        for way, size in WAYS:
            with Pool(1, context=context) as pool:
                case = Case(way, size, asked.seed, asked.calls)
                found.setdefault(f"{way} {size}".removesuffix(" 0"), []).append(
                    pool.apply(measure, (case,))
                )
    base = found["fixed 16"]
    table = {
        name: {
            "cpu_seconds": round(median(r["seconds"] for r in rows), 2),
            "of_fixed_16": [
                round(r["seconds"] / b["seconds"], 2) for r, b in zip(rows, base, strict=True)
            ],
            "peak_mb": round(median(r["bytes"] for r in rows) / 1e6, 1),
            "padding": round(rows[0]["padding"], 3),
            "batches": rows[0]["batches"],
            "budget": [r["budget"] for r in rows if r["budget"]],
            "same_texts": all(r["texts"] == base[0]["texts"] for r in rows),
            "largest_difference": max(
                abs(x - y)
                for r in rows
                for one, other in zip(r["logprobs"], base[0]["logprobs"], strict=True)
                for x, y in zip(one, other, strict=True)
            ),
        }
        for name, rows in found.items()
    }
    print(json.dumps({"seed": asked.seed, "trials": asked.calls * CALL, "ways": table}, indent=1))


if __name__ == "__main__":
    main()
