"""Checkpoints as a stranger might make them: configs mutated by a seed, and broken files.

    python -m tests.hostile_checkpoints SEED COUNT

loads so many mutants of each family in this process, under a limit of memory, and prints what ended
otherwise than in a model or in one clear error, with the slowest.
"""

import copy
import json
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.tiny_chat import make_chat
from tests.tiny_checkpoints import make_instructblip
from tests.tiny_family import make_blip2, make_visualglm
from tests.tiny_mplug_owl import make_mplug_owl
from vlm import LoadOptions, ModelError, Query, load_model

MAKERS: dict[str, Callable[[Path], Path]] = {
    "llava": lambda f: make_chat("llava", f),
    "qwen2_5_vl": lambda f: make_chat("qwen2_5_vl", f),
    "smolvlm": lambda f: make_chat("smolvlm", f),
    "instructblip": make_instructblip,
    "blip2": lambda f: make_blip2(f, "t5"),
    "visualglm": lambda f: make_visualglm(f)[0],
    "mplug_owl": make_mplug_owl,
}
SETTINGS = (
    "config.json",
    "config.json",
    "config.json",
    "tokenizer_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "generation_config.json",
    "tokenizer.json",
)
VALUES: tuple[Any, ...] = (
    None,
    -1,
    0,
    1,
    3,
    2.5,
    float("inf"),
    10**6,
    10**12,
    -(10**18),
    True,
    "",
    "x",
    "../../etc/passwd",
    [],
    [[]],
    {},
    {"a": {"b": None}},
    "\ud800",
)


def mutate(folder: Path, rng: random.Random) -> str:
    """Change one to three entries of one of the settings; returns what was done."""
    there = [name for name in SETTINGS if (folder / name).is_file()]
    path = folder / rng.choice(there)
    told = json.loads(path.read_text(encoding="utf-8"))
    done = []
    for _ in range(rng.randint(1, 3)):
        owner, key = _place(told, rng)
        value = copy.deepcopy(rng.choice(VALUES))
        if rng.random() < 0.2:
            del owner[key]
            done.append(f"{path.name}: {key} gone")
        else:
            owner[key] = value
            done.append(f"{path.name}: {key} = {str(value)[:30]!r}")
        if not told:
            break
    path.write_text(json.dumps(told), encoding="utf-8")
    return "; ".join(done)


def _place(told: Any, rng: random.Random) -> tuple[Any, Any]:
    """A container and a key in it, the deeper the rarer."""
    owner = told
    while True:
        key = rng.choice(list(owner)) if isinstance(owner, dict) else rng.randrange(len(owner))
        inner = owner[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.15:
            return owner, key
        owner = inner


def load(folder: Path) -> str:
    """How loading and one question end: 'model', 'refused', or what a library raised."""
    picture = np.full((40, 50, 3), 90, np.uint8)
    try:
        model = load_model(str(folder), LoadOptions("cpu"))
        (answer,) = model.answer(
            [Query((picture,), "what is it ?", ("yes", "no"), model.deliveries[0])]
        )
        assert (answer.text is None) != (answer.error is None)
    except ModelError as error:
        return "refused" if "\n" not in str(error) else f"several lines: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "model"


def mutants(seed: int, count: int, memory: int = 0) -> list[tuple[str, str, str, float]]:
    """(family, what was done, how loading ended, seconds) of ``count`` mutants of each family."""
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    found = []
    with tempfile.TemporaryDirectory() as place:
        for family, make in MAKERS.items():
            sound = make(Path(place) / family)
            for i in range(count):
                folder = Path(place) / "mutant"
                shutil.copytree(sound, folder)
                what = mutate(folder, random.Random(f"{family}/{seed}/{i}"))
                began = time.perf_counter()
                ended = load(folder)
                found.append((family, what, ended, time.perf_counter() - began))
                shutil.rmtree(folder)
    return found


if __name__ == "__main__":
    rows = mutants(int(sys.argv[1]), int(sys.argv[2]), 8 << 30)
    for family, what, ended, seconds in rows:
        if ended not in ("model", "refused") or seconds > 5:
            print(f"{family}: {what}: {ended} ({seconds:.1f} s)")
    counted = {kind: sum(r[2] == kind for r in rows) for kind in ("model", "refused")}
    print(len(rows), counted, f"slowest {max(r[3] for r in rows):.1f} s")
