"""A small sample for every importer, and a model that knows its pictures."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from frames import open_clip
from meme_sets import MemeSet
from tests.public_sets import LAYOUTS, clip, still
from vlm import Answer, Query, Receipt, pixel_sha256


def labels(folder: Path, rng: random.Random, n: int) -> tuple[Path, dict[str, str]]:
    lines = ["file,question,options,answer"]
    for i in range(n):
        clip(folder / f"{i}.gif", rng)
        lines.append(f"{i}.gif,What does it do?,sleeps|jumps|eats,{rng.randrange(3)}")
    (folder / "labels.csv").write_text("\n".join(lines), "utf-8")
    return folder, {}


def tgif_qa(folder: Path, rng: random.Random, n: int) -> tuple[Path, dict[str, str]]:
    lines = ["gif_name\tquestion\ta1\ta2\ta3\ta4\ta5\tanswer\tvid_id\tkey"]
    for i in range(n):
        clip(folder / "gifs" / f"tumblr_{i}.gif", rng)
        answers = "step\twave\tfall over\ttalk\tnod"
        lines.append(f"tumblr_{i}\tWhat now ?\t{answers}\t{rng.randrange(5)}\tACTION{i}\t{i}")
    (folder / "Test_action_question.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder, {}


def vinoground(folder: Path, rng: random.Random, n: int) -> tuple[Path, dict[str, str]]:
    lines = ["index,major,minor,pos_cap,neg_cap"]
    for i in range(n // 2):
        for side in ("pos", "neg"):
            clip(folder / "vinoground_videos" / f"{i}_{side}.mp4", rng)
        lines.append(f"{i},action,,a man waves then sits {i},a man sits then waves {i}")
    (folder / "vinoground.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder, {}


def memecap(folder: Path, rng: random.Random, n: int) -> tuple[Path, dict[str, str]]:
    rows = []
    for i in range(n):
        still(folder / "memes" / f"memes_{i}.png", rng)
        row = {"meme_captions": [f"Meaning {i}."], "title": "t", "post_id": f"p{i}"}
        rows.append({**row, "img_fname": f"memes_{i}.png"})
    (folder / "memes-test.json").write_text(json.dumps(rows), "utf-8")
    return folder, {}


def hateful_memes(folder: Path, rng: random.Random, n: int) -> tuple[Path, dict[str, str]]:
    lines = []
    for i in range(n):
        still(folder / "img" / f"{i}.png", rng)
        row = {"id": i, "img": f"img/{i}.png", "label": rng.randrange(2), "text": f"so what {i}"}
        lines.append(json.dumps(row))
    (folder / "train.jsonl").write_text("\n".join(lines), "utf-8")
    return folder, {}


def hf_dataset(folder: Path, rng: random.Random, n: int) -> tuple[Path, dict[str, Any]]:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    images, answers = [], []
    for i in range(n):
        clip(folder / "x.gif", rng)
        images.append({"bytes": (folder / "x.gif").read_bytes(), "path": f"{i}.gif"})
        answers.append(rng.randrange(3))
    several = [["sleeps", "jumps", "eats"]] * n
    table = {"image": images, "question": ["What?"] * n, "options": several, "answer": answers}
    pq.write_table(pa.table(table), folder / "train-0.parquet")
    return folder, {}


EVERY: dict[str, Callable[[Path, random.Random, int], tuple[Path, dict[str, Any]]]] = {
    **LAYOUTS,
    "labels": labels,
    "tgif_qa": tgif_qa,
    "vinoground": vinoground,
    "memecap": memecap,
    "hateful_memes": hateful_memes,
    "hf_dataset": hf_dataset,
}


class Knower:
    """Knows the right answer to every question about a picture of the set; without one it says
    the first option. Of a clip it knows no first frame, and looks at the last picture."""

    name, revision, deliveries = "knower", "1", ("native",)

    def __init__(self, meme_set: MemeSet, language: str) -> None:
        self._gold: dict[tuple[str, str, tuple[str, ...]], int] = {}
        for item in meme_set.items:
            if item.question is None or item.gold is None:
                continue
            shown = list(open_clip(meme_set.media_path(item)))
            texts = tuple(o.in_language(language) for o in item.options)
            asked = item.question.in_language(language)
            for frame in shown[1:] or shown:
                self._gold[pixel_sha256(frame.pixels), asked, texts] = item.gold

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        return [self._one(q) for q in queries]

    def _one(self, query: Query) -> Answer:
        n = len(query.images)
        receipt = Receipt("native", n, n, tuple(map(pixel_sha256, query.images)), query.text)
        if not query.options:
            return Answer("nothing", receipt)
        chosen = 0
        for (shown, asked, texts), gold in self._gold.items():
            known = shown in receipt.images[-1:] and asked in query.text
            if known and texts == query.options:
                chosen = gold
        sure = tuple(-0.01 if i == chosen else -5.0 for i in range(len(query.options)))
        return Answer(query.options[chosen], receipt, sure, (1,) * len(query.options))
