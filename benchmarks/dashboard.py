"""How quick the pages are: ``python -m benchmarks.dashboard``.

1. Every page with 200,000 trials in the store, beside an empty store and beside a page of Streamlit
   with nothing but a title: a fresh session in a server that is already up, from asking for the
   address until the script has ended, in Chromium; in a browser that has never been there (its
   cache is empty), and in one that has.
2. The first useful picture after an upload: a GIF of 60 frames with captions, drawn here, until
   the time axis stands and until its captions do, beside the time that decoding it takes.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from frames import open_clip
from meme_sets import load_set
from memeprobe.conditions.table import conditions
from memeprobe.experiment.plan import labels_of
from memeprobe.fonts import font
from memeprobe.store.schema import Trial
from memeprobe.store.store import Store
from tests.served import browser, server, settled
from vlm import Answer, Receipt

PAGES = ("", "runs", "compare", "sets", "calibration")
TEXTS = ("WAIT FOR IT", "不要啊", "HERE IT COMES", "我先走了")


def fill(path: Path, trials: int) -> str:
    """Runs of blip-nano on reveal with made-up answers until the store holds so many trials."""
    items = load_set("reveal").items
    about = {i.id: labels_of(i, "en") for i in items}
    names = list(conditions(4))[:16]
    rng = np.random.default_rng(0)
    run, made, number = "", 0, 0
    with Store(path) as store:
        while made < trials:
            number += 1
            run = store.start_run(
                {
                    "set": "reveal",
                    "model": "blip-nano",
                    "delivery": "concat",
                    "k": 4,
                    "policy": "captions",
                    "language": "en",
                    "limit": None,
                    "revision": str(number),
                    "content": "made up",
                    "seed": 0,
                    "conditions": names,
                    "engine": "rapidocr",
                },
                about,
                len(items) * len(names),
            )
            rows, answers = [], {}
            for item in items:
                for name in names:
                    chosen = int(rng.integers(4))
                    key = f"{number:05}{item.id}{name}"
                    receipt = Receipt("concat", 4, 4, tuple(f"{key}{i:040}" for i in range(4)), "?")
                    answers[key] = Answer("made up", receipt, (-1.0, -2.0, -3.0, -4.0), (2,) * 4)
                    rows.append(
                        Trial(
                            item.id,
                            name,
                            "right" if chosen == item.gold else "wrong",
                            chosen,
                            item.gold,
                            key,
                            4,
                            4,
                            True,
                            None,
                            {"keyframes": [0, 3, 5, 9]},
                        )
                    )
            store.save(run, rows, answers)
            made += len(rows)
    return run


def opened(visitor: Any, address: str) -> float:
    """Seconds until a page has drawn itself, in a session of its own.

    ``visitor`` is a browser, whose every page is a newcomer's, or a context, which has a cache.
    """
    page = visitor.new_page()
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("h1", timeout=120_000)
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')"
        "?.getAttribute('data-test-script-state') === 'notRunning'",
        timeout=120_000,
    )
    seconds = time.perf_counter() - start
    page.close()
    return seconds


def script_times(path: Path, page: str, run: str) -> dict[str, float]:
    """What a page's script takes by itself: wall and CPU seconds, and once more unchanged."""
    os.environ["MEMEPROBE_WORKSPACE"] = str(path)
    name = page.split("?")[0] or "explore"
    at = AppTest.from_string(f"from dashboard import {name}\n{name}.page()", default_timeout=120)
    if "?" in page:
        at.query_params["run"] = run
    found = {}
    for key in ("script", "rerun"):
        start, used = time.perf_counter(), time.process_time()
        at.run()
        found[f"{key}_s"] = round(time.perf_counter() - start, 2)
        found[f"{key}_cpu_s"] = round(time.process_time() - used, 2)
    return found


def page_times(trials: int, repeats: int) -> Iterator[dict[str, Any]]:
    """Each page with the filled store and with the empty one; the best of some tries each."""
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (("empty", 0), ("full", trials)):
            path = Path(folder) / name / "store.sqlite"
            path.parent.mkdir()
            run = fill(path, size) if size else ""
            with server(path) as address, browser() as chromium:
                opened(chromium, address)  # imports, once a server
                time.sleep(20)  # the workers load their engines
                for page in (*PAGES, *([f"runs?run={run}"] if run else [])):
                    script_times(path, page, run)  # imports
                    yield {
                        "store": name,
                        "trials": size,
                        "page": page.split("=")[0] or "explore",
                        **visits(chromium, f"{address}/{page}", repeats),
                        **script_times(path, page, run),
                    }


def visits(chromium: Any, address: str, repeats: int) -> dict[str, float]:
    """Medians over so many visits, without and with a cache; seconds."""
    empty = [opened(chromium, address) for _ in range(repeats)]
    context = chromium.new_context()
    filled = [opened(context, address) for _ in range(repeats + 1)][1:]
    context.close()
    return {
        "newcomer_s": round(median(empty), 2),
        "again_s": round(median(filled), 2),
        "again_worst_s": round(max(filled), 2),
    }


def blank_times(repeats: int) -> dict[str, Any]:
    """The same for a page of Streamlit with a title and nothing else: what lies below ours."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "blank.py"
        script.write_text("import streamlit as st\nst.title('blank')\n")
        with (
            server(Path(folder) / "store.sqlite", script) as address,
            browser() as chromium,
        ):
            opened(chromium, address)
            return {"page": "blank Streamlit", **visits(chromium, address, repeats)}


def gif(path: Path, frames: int = 60) -> None:
    """A GIF of 320 x 240 with a moving disc, noise, and a caption that changes three times."""
    pictures, rng = [], np.random.default_rng(1)
    ground = rng.integers(60, 120, (240, 320, 3), dtype=np.uint8)
    for i in range(frames):
        image = Image.fromarray(ground.copy())
        draw = ImageDraw.Draw(image)
        draw.ellipse((5 * i, 60, 5 * i + 60, 120), fill=(230, 159, 0))
        text = TEXTS[i * len(TEXTS) // frames]
        draw.text(
            (160, 210), text, "white", font(30), anchor="mm", stroke_width=2, stroke_fill="black"
        )
        pictures.append(image)
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=60, loop=0)


def upload_times(repeats: int) -> Iterator[dict[str, Any]]:
    """From choosing a file to the time axis, to captions on it, and to all caption tracks."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sixty.gif"
        gif(file)
        start = time.perf_counter()
        list(open_clip(file))
        decoding = time.perf_counter() - start
        with server(Path(folder) / "store.sqlite") as address, browser() as chromium:
            opened(chromium, address)
            time.sleep(20)  # the workers load their engines while a visitor looks around
            for _ in range(repeats):
                page = chromium.new_page()
                page.goto(address)
                settled(page)
                start = time.perf_counter()
                page.locator(".st-key-upload input[type=file]").set_input_files(str(file))
                page.locator(".mp-key").first.wait_for(timeout=120_000)
                axis = time.perf_counter() - start
                page.locator(".mp-bar").first.wait_for(timeout=120_000)
                caption = time.perf_counter() - start
                page.locator("table.mp-table").first.wait_for(timeout=120_000)
                tracks = time.perf_counter() - start
                page.close()
                yield {
                    "decoding_s": round(decoding, 2),
                    "time_axis_s": round(axis, 2),
                    "first_captions_s": round(caption, 2),
                    "all_tracks_s": round(tracks, 2),
                }
                # Other bytes, so that nothing is remembered.
                file.write_bytes(file.read_bytes() + b"\0")


def main() -> None:
    """Command line: one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=("pages", "upload"))
    asked = parser.parse_args()
    if asked.only != "upload":
        print(json.dumps(blank_times(asked.repeats)), flush=True)
        for row in page_times(asked.trials, asked.repeats):
            print(json.dumps(row), flush=True)
    if asked.only != "pages":
        for row in upload_times(asked.repeats):
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
