"""blip-nano on freshly rendered items, through the public path: writes results/nano.md.

    python -m benchmarks.nano [--items 300] [--model blip-nano]

Items come from seeds that training never used. Each is a clip of 1 to 3 stages, asked with its
keyframes in order; an answer is right if the model's own words equal the truth. The position curve
is measured with one telling frame among grey ones.
"""

import argparse
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from frames.edits import neutral_frame
from meme_sets.world import questions as q
from meme_sets.world.draw import SIZE, picture
from meme_sets.world.story import random_scene, random_stages
from meme_sets.world.vocabulary import Name, captions
from memeprobe.scoring.words import normalise
from memeprobe.stats import wilson
from vlm import LoadOptions, Query, load_model

HERE = Path(__file__).parent


def sequence_items(n: int, k: int) -> list[tuple[str, str, Query, str]]:
    """(kind, language, query, truth) about clips of k frames."""
    items = []
    for i in range(n):
        rng = random.Random(f"benchmark-{k}-{i}")
        stages = random_stages(rng, rng.choice((1, 2, 3)))
        counts = [k // len(stages) + (j < k % len(stages)) for j in range(len(stages))]
        scenes = [s for s, c in zip(stages, counts, strict=True) for _ in range(c)]
        images = tuple(picture(s) for s in scenes)
        asked: list[tuple[str, Name | None, Name | None]] = [
            (kind, None, row.answer(scenes)) for kind, row in q.QUESTIONS.items()
        ]
        asked += [("after", action, answer) for action, answer in q.after(scenes)]
        for kind, action, truth in asked:
            if truth is None or not truth.en:
                continue
            language = rng.choice(("en", "zh"))
            text = q.wording(kind, language, scenes[0], action)
            items.append(
                (kind, language, Query(images, text, (), "concat"), getattr(truth, language))
            )
    return items


def caption_items() -> list[tuple[str, str, Query, str]]:
    """Every caption of the closed vocabulary once, on a still; the kind names its language."""
    items = []
    for language in ("en", "zh"):
        for text in captions(language):
            rng = random.Random(f"benchmark-{text}")
            scene = random_scene(rng).with_caption(text)
            ask = rng.choice(("en", "zh"))
            query = Query((picture(scene),), q.wording("caption", ask, scene), (), "concat")
            items.append((f"caption ({language} vocabulary)", ask, query, text))
    return items


def curve_items(n: int, k: int) -> list[tuple[str, str, Query, str]]:
    """One telling frame in each of k slots among grey frames; the kind names the slot."""
    items = []
    for i in range(n):
        rng = random.Random(f"benchmark-curve-{i}")
        scene = random_scene(rng)
        shown, grey = picture(scene), np.asarray(neutral_frame(SIZE, SIZE))
        kind, language = rng.choice(("action_end", "mood_end", "caption")), rng.choice(("en", "zh"))
        truth = q.QUESTIONS[kind].answer([scene])
        assert truth is not None
        text = q.wording(kind, language, scene)
        for slot in range(k):
            images = tuple(shown if j == slot else grey for j in range(k))
            items.append(
                (
                    f"slot {slot + 1} of {k}",
                    language,
                    Query(images, text, (), "concat"),
                    getattr(truth, language),
                )
            )
    return items


def measure(model: Any, items: list[tuple[str, str, Query, str]]) -> list[str]:
    """Table rows: accuracy per kind."""
    answers = model.answer([query for _, _, query, _ in items])
    right: dict[str, list[bool]] = defaultdict(list)
    for (kind, _, _, truth), answer in zip(items, answers, strict=True):
        right[kind].append(answer.text is not None and normalise(answer.text) == normalise(truth))
    rows = []
    for kind, hits in right.items():
        found = wilson(sum(hits), len(hits))
        rows.append(
            f"| {kind} | {100 * found.value:.1f} % | {100 * found.low:.1f} to "
            f"{100 * found.high:.1f} | {len(hits)} |"
        )
    return rows


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--items", type=int, default=300, help="clips")
    parser.add_argument("--model", default="blip-nano")
    args = parser.parse_args()
    model = load_model(args.model, LoadOptions("cpu"))
    head = ["| question | right | 95 % interval | items |", "|---|---|---|---|"]
    out = [
        "# blip-nano on freshly rendered items",
        "",
        "Made by `python -m benchmarks.nano`. Free answers, right to the last character but for "
        "case, spaces and punctuation.",
        "",
        "Clips of 4 keyframes in order:",
        "",
        *head,
        *measure(model, sequence_items(args.items, 4)),
        "",
        "Every caption of the closed vocabulary:",
        "",
        *head,
        *measure(model, caption_items()),
        "",
        "One telling frame among grey ones:",
        "",
        *head,
        *measure(model, curve_items(args.items, 4)),
    ]
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "nano.md").write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))


if __name__ == "__main__":
    main()
