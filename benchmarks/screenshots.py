"""Pictures of every page and state: light and dark, wide and narrow, English and Chinese.

    python -m benchmarks.screenshots

Runs the dashboard on a workspace with a few runs, a saved set and labels in it, photographs it with
Chromium, and prints what ``tests/page_looks.py`` finds wrong with each picture.
"""

import argparse
import shutil
import time
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from benchmarks.screen_states import State, states
from tests.page_looks import faults
from tests.served import browser, server, settled

SIZES = {"wide": (1440, 1000), "narrow": (400, 800)}
SCHEMES = ("light", "dark")
MOST_HEIGHT = 6000
PEOPLE = ("Anna", "Ben", "Chen")


def fill(workspace: Path, items: int) -> list[str]:
    """Runs, a calibration, a set and labels to show. Returns the runs' ids."""
    from meme_sets import load_set
    from memeprobe import jobs
    from memeprobe.experiment.experiment import Experiment
    from memeprobe.experiment.spec import RunSpec
    from memeprobe.store.notes import name_run
    from memeprobe.store.store import Store
    from memeprobe.workers import batch

    meme_set = load_set("reveal")
    found = []
    calibration = None
    if not batch.jobs(workspace.absolute(), "calibrate"):
        calibration = batch.start("calibrate", ("--seeds", "20"), workspace.absolute(), {})
    with Store(workspace) as store:
        for model, delivery in (
            ("blip-nano", "concat"),
            ("blip-nano", "first_only"),
            ("known:first-frame", "native"),
        ):
            spec = RunSpec("reveal", model, delivery, conditions=("frames",), limit=items)
            loaded = jobs.model_for(model, meme_set, "en")
            experiment = Experiment.of(spec, meme_set, loaded)
            found.append(jobs.run_and_analyse(experiment, store).record.run)
    name_run(
        workspace, found[1], "first picture only", "What a program sees that opens a GIF once."
    )
    labelled(workspace)
    while calibration is not None and calibration.state == "running":
        time.sleep(1)
    return found


def labelled(workspace: Path) -> None:
    """A set that somebody saved, and what three people said of its items."""
    from meme_sets import load_set
    from meme_sets.build import item_line
    from memeprobe.store.labels import ANSWER, CAPTION, Label, put_label
    from memeprobe.workspace import sets_beside

    folder = sets_beside(workspace) / "zoo"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "media").mkdir(parents=True)
    source = load_set("captions")
    items = source.items[:8]
    for item in items:
        shutil.copyfile(source.media_path(item), folder / item.media)
    (folder / "items.jsonl").write_text("".join(item_line(i) + "\n" for i in items), "utf-8")
    about = {"name": "zoo", "title": {"en": "Zoo", "zh": "动物园"}, "owner": "Anna"}
    about |= {"description": {"en": "Animals that talk.", "zh": "会说话的动物。"}, "licence": "MIT"}
    (folder / "set.yaml").write_text(yaml.safe_dump(about, allow_unicode=True), "utf-8")
    for number, item in enumerate(items[:6]):
        for place, person in enumerate(PEOPLE):
            if item.options:
                off = (number * (place + 1)) % 5 == 3
                said = item.options[((item.gold or 0) + off) % len(item.options)].en
                put_label(workspace, "zoo", Label(item.id, person, ANSWER, said))
            caption = (item.caption or "")[: None if (number + place) % 4 else -1]
            put_label(workspace, "zoo", Label(item.id, person, CAPTION, caption))


def shoot(page: Any, path: Path) -> None:
    """The whole page as a small WebP."""
    page.wait_for_timeout(800)
    height = page.evaluate(
        "(document.querySelector('[data-testid=stMain]') || document.body).scrollHeight"
    )
    size = page.viewport_size
    page.set_viewport_size({**size, "height": min(MOST_HEIGHT, max(size["height"], height + 20))})
    page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)")
    page.wait_for_timeout(800)
    raw = path.with_suffix(".png")
    page.screenshot(path=raw)
    Image.open(raw).convert("RGB").save(path, "WEBP", quality=80, method=6)
    raw.unlink()


def photograph(page: Any, asked: argparse.Namespace, name: str, language: str) -> int:
    """A state in every scheme and size that is asked for; returns the number of faults seen."""
    seen = 0
    for scheme, size in product(asked.schemes, asked.sizes):
        width, height = SIZES[size]
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        settled(page, 240)
        target = asked.out / f"{name}-{scheme}-{size}-{language}.webp"
        shoot(page, target)
        wrong = faults(page, language)
        print(target, *(f"\n    {fault}" for fault in wrong), flush=True)
        seen += len(wrong)
    return seen


def arrive(page: Any, address: str, state: State, language: str) -> None:
    """Open the page in a wide window and do what the state takes."""
    page.set_default_timeout(120_000)
    page.goto(f"{address}{state.path}&lang={language}")
    settled(page)
    if state.act is not None:
        state.act(page)
        settled(page, 240)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/screens"))
    parser.add_argument("--workspace", type=Path, default=Path("out/screens/store.sqlite"))
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--only", nargs="*", help="names of states")
    parser.add_argument("--schemes", nargs="*", default=SCHEMES)
    parser.add_argument("--sizes", nargs="*", default=list(SIZES))
    parser.add_argument("--languages", nargs="*", default=("en", "zh"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    every = states(fill(asked.workspace, asked.items))
    wrong = 0
    with server(asked.workspace.absolute()) as address, browser() as chromium:
        for name, language in product(asked.only or every, asked.languages):
            page = chromium.new_page(viewport={"width": 1440, "height": 1000})
            try:
                arrive(page, address, every[name], language)
                wrong += photograph(page, asked, name, language)
            except Exception as error:  # the other states are worth seeing all the same
                wrong += 1
                print(f"{name} {language} was not reached: {str(error)[:400]}", flush=True)
            page.close()
    print(f"{wrong} faults")


if __name__ == "__main__":
    main()
