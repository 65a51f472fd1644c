"""Small copies of public data sets in the layout that their authors publish, with fresh media.

Each function writes ``n`` items into a folder and returns what to import: (source, options of the
importer). Every item has a picture or clip of its own, so that a model which knows them by their
pixels can be told from one that guesses.
"""

import base64
import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

Made = tuple[Path, dict[str, str]]
WORDS = ("runs", "sleeps", "jumps", "eats", "waves", "falls", "sits", "sings")


def frames(rng: random.Random, n: int) -> list[np.ndarray]:
    """Flat pictures with one bright square, no two alike."""
    made = []
    for _ in range(n):
        picture = np.full((32, 32, 3), [rng.randrange(256) for _ in range(3)], np.uint8)
        x, y = rng.randrange(24), rng.randrange(24)
        picture[y : y + 8, x : x + 8] = [rng.randrange(256) for _ in range(3)]
        made.append(picture)
    return made


def still(path: Path, rng: random.Random) -> bytes:
    """Write a PNG or JPEG by the path's ending; returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(frames(rng, 1)[0]).save(path)
    return path.read_bytes()


def clip(path: Path, rng: random.Random, n: int = 4) -> None:
    """Write a GIF, or a video of ``n`` frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = frames(rng, n)
    if path.suffix == ".gif":
        first, *rest = (Image.fromarray(p) for p in pictures)
        first.save(path, save_all=True, append_images=rest, duration=200, loop=0)
        return
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for picture in pictures:
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def options(rng: random.Random, n: int = 4) -> tuple[list[str], int]:
    """``n`` different answers, and which one is right."""
    return rng.sample(WORDS, n), rng.randrange(n)


def listed(values: list[str]) -> str:
    return "\n".join(f"{chr(65 + i)}. {v}" for i, v in enumerate(values))


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=4, ensure_ascii=False), "utf-8")


def tempcompass(folder: Path, rng: random.Random, n: int) -> Made:
    choice: dict[str, Any] = {}
    for i in range(n):
        name = f"{1000 + i // 2}" + ("_reverse" if i % 2 else "")
        clip(folder / "videos" / f"{name}.mp4", rng)
        several, gold = options(rng)
        right = f"{chr(65 + gold)}. {several[gold]}"
        asked = f"What is the person in the video doing?\n{listed(several)}"
        choice[name] = {"action": [{"question": asked, "answer": right}]}
    write_json(folder / "questions" / "multi-choice.json", choice)
    yes = {k: {"order": [{"question": "Does it stop?", "answer": "yes"}]} for k in list(choice)[:3]}
    write_json(folder / "questions" / "yes_no.json", yes)
    which = "Which description is a more suitable match for the video?\nOption 1: 2. It slows."
    which += "\nOption 2: It gets faster."
    fits = [{"question": which, "answer": "Option 2: It gets faster."}]
    matching = {k: {"speed": fits} for k in list(choice)[:3]}
    write_json(folder / "questions" / "caption_matching.json", matching)
    written = {k: {"speed": [{"question": "Describe it.", "answer": "A. slow"}]} for k in choice}
    write_json(folder / "questions" / "captioning.json", written)
    return folder, {}


def mvbench(folder: Path, rng: random.Random, n: int) -> Made:
    rows: dict[str, list[dict[str, Any]]] = {"action_count": [], "scene_transition": []}
    for i in range(n):
        task = ("action_count", "scene_transition")[i % 2]
        clip(folder / "video" / ("clevrer" if i % 2 else "perception") / f"video_{i}.mp4", rng)
        several, gold = options(rng)
        row = {"video": f"video_{i}.mp4", "question": "What happens?", "candidates": several}
        more = {"start": 1.5, "end": 9.0} if i % 2 else {}
        rows[task].append({**row, "answer": several[gold], **more})
    for task, values in rows.items():
        write_json(folder / "json" / f"{task}.json", values)
    return folder, {}


def tomato(folder: Path, rng: random.Random, n: int) -> Made:
    tables: dict[str, dict[str, Any]] = {"rotation": {}, "velocity&frequency": {}}
    for i in range(n):
        key, shown = f"{i:04d}-00", ("human", "object", "simulated")[i % 3]
        clip(folder / "videos" / shown / f"{key}.mp4", rng)
        several, gold = options(rng, 3)
        tables[list(tables)[i % 2]][str(i)] = {
            "question": "Which way does it turn?",
            "options": several,
            "answer": gold,
            "video_source_url": "",
            "motion_type": "rotation",
            "variation": {"counterfactual": i % 2, "composite": 0, "zoom": 0, "first_person": 0},
            "demonstration_type": shown,
            "note": "",
            "key": key,
        }
    for name, rows in tables.items():
        write_json(folder / "data" / f"{name}.json", rows)
    return folder, {}


def cii_bench(folder: Path, rng: random.Random, n: int) -> Made:
    rows = []
    for i in range(n):
        still(folder / "images" / "test" / f"test-{i}.jpg", rng)
        several, gold = options(rng, 6)
        asked = {
            "id": f"test-{i}",
            "question": "这张图片有什么隐喻？",
            "options": several,
            "correct_option": several[gold],
            "answer": chr(65 + gold),
        }
        about = {"image_type": "梗图(Meme)", "domain": "生活", "rhetoric": {"choices": ["夸张"]}}
        rows.append(
            {"local_path": f"images/test/test-{i}.jpg", "questions": [asked], "meta_data": about}
        )
    write_json(folder / "data" / "test.json", rows)
    return folder, {}


def toxicn_mm(folder: Path, rng: random.Random, n: int) -> Made:
    rows = []
    for i in range(n):
        still(folder / "memes" / f"{i}.jpg", rng)
        harm = rng.randrange(5)
        row = {"path": f"{i}.jpg", "text": f"加班第{i}天", "label": int(harm > 0), "type": harm}
        rows.append({**row, "modal": [0, 0], "text_discription": "", "meme_discription": ""})
    write_json(folder / "data" / "test_data_discription_2.0.json", rows)
    old = [{**row, "label": 1 - int(row["label"])} for row in rows]  # type: ignore[call-overload]
    write_json(folder / "data" / "test_data_discription.json", old)
    return folder, {}


def met_meme(folder: Path, rng: random.Random, n: int) -> Made:
    feelings = ("happiness", "love", "anger", "sorrow", "fear", "hate", "surprise")
    heads = (
        "file_name,sentiment category,sentiment degree,intention detection,"
        "offensiveness detection,metaphor occurrence,metaphor category,,"
    )
    for letter in "CE":
        lines, texts = [heads], ["file_name,text"]
        for i in range(n // 2):
            name = f"image_ ({i}).jpg"
            still(folder / f"{letter}images" / name, rng)
            k = rng.randrange(7)
            lines.append(
                f"{name},{k + 1}({feelings[k]}),1(slightly),2(expressive),0(non-offensive),0,,,"
            )
            texts.append(f'{name},"WHEN YOU, {i}"')
        (folder / f"label_{letter}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        (folder / f"{letter}_text.csv").write_text("\n".join(texts) + "\n", "utf-8-sig")
    return folder, {}


def sticker_queries(folder: Path, rng: random.Random, n: int) -> Made:
    lines = ["sticker_id,labeled_queries"]
    for i in range(n):
        if i % 3:
            still(folder / "stickers" / f"s{i}.png", rng)
        else:
            clip(folder / "stickers" / f"s{i}.gif", rng)
        name = f"s{i}.png" if i % 3 else f"s{i}"  # some are named without an ending
        lines.append(f'{name},"so happy {i}, yay {i}"')
    (folder / "stickers_queries_en_released.csv").write_text("\n".join(lines), "utf-8")
    return folder, {}


def ocrbench_v2(folder: Path, rng: random.Random, n: int) -> Made:
    rows: list[dict[str, Any]] = []
    for i in range(n):
        still(folder / "EN_part" / "docs" / f"{i}.png", rng)
        row = {"dataset_name": "DocVQA", "id": i, "image_path": f"EN_part/docs/{i}.png"}
        asked = {"type": "cognition VQA en", "question": "What number?", "answers": [f"no. {i}"]}
        if i % 6 == 5:
            asked = {"type": "table parsing en", "question": "As HTML?", "answers": ["<table>"]}
        rows.append({**row, **asked, "eval": "None"})
    still(folder / "EN_part" / "word.png", rng)
    word = {"dataset_name": "IIIT5K", "id": n, "image_path": "EN_part/word.png", "eval": "None"}
    asked = {"type": "text recognition en", "question": "Read it.", "answers": ["HELLO"]}
    write_json(folder / "OCRBench_v2.json", [*rows, {**word, **asked}])
    return folder, {}


def evalscope(folder: Path, rng: random.Random, n: int) -> Made:
    lines: list[dict[str, Any]] = []
    for i in range(n):
        several, gold = options(rng)
        answer, path = chr(65 + gold), folder / "images" / f"{i}.png"
        data = still(path, rng)
        if i % 3 == 0:
            parts = [
                {"type": "text", "text": f"What is it?\n{listed(several)}"},
                {"type": "image_url", "image_url": {"url": f"images/{i}.png"}},
            ]
            lines.append({"messages": [{"role": "user", "content": parts}], "answer": answer})
            continue
        coded = "data:image/png;base64," + base64.b64encode(data).decode()
        line = {"question": "<image 1> What is it?", "options": several, "answer": answer}
        lines.append({**line, "image_1": coded if i % 3 == 1 else f"images/{i}.png"})
    two = {"question": "Which?", "options": ["<image 1>", "<image 2>"], "answer": "A"}
    lines.append({**two, "image_1": "images/0.png", "image_2": "images/1.png"})
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / "my_memes.jsonl").write_text(text, "utf-8")
    return folder, {}


def vlmevalkit(folder: Path, rng: random.Random, n: int) -> Made:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t")
    writer.writerow(["index", "image", "question", "A", "B", "C", "D", "answer", "category"])
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(n):
        several, gold = options(rng)
        data = base64.b64encode(still(folder / "x.jpg", rng)).decode()
        cell = "0" if i == 1 else data  # the same picture as the first
        asked = 'What\tis "it"?' if i == 2 else "What is it?"
        writer.writerow([i, cell, asked, *several, chr(65 + gold), "memes"])
    (folder / "x.jpg").unlink()
    (folder / "MyMemes.tsv").write_text(out.getvalue(), "utf-8", newline="")
    return folder / "MyMemes.tsv", {}


LAYOUTS: dict[str, Callable[[Path, random.Random, int], Made]] = {
    "tempcompass": tempcompass,
    "mvbench": mvbench,
    "tomato": tomato,
    "cii_bench": cii_bench,
    "toxicn_mm": toxicn_mm,
    "met_meme": met_meme,
    "sticker_queries": sticker_queries,
    "ocrbench_v2": ocrbench_v2,
    "evalscope": evalscope,
    "vlmevalkit": vlmevalkit,
}
"""Importer -> the function that writes its layout."""
