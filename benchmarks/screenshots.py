"""Pictures of every page: light and dark, wide and narrow, English and Chinese.

    python -m benchmarks.screenshots

Runs the dashboard on a workspace with three small runs in it and photographs it with Chromium.
"""

import argparse
import time
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image

from tests import pages as fields
from tests.not_none import not_none
from tests.served import browser, server, settled

SIZES = {"wide": (1440, 1000), "narrow": (400, 800)}
SCHEMES = ("light", "dark")
MOST_HEIGHT = 6000


def fill(workspace: Path, items: int) -> list[str]:
    """Runs and a calibration to show. Returns the runs' ids."""
    from meme_sets import load_set
    from memeprobe import jobs
    from memeprobe.experiment.experiment import Experiment
    from memeprobe.experiment.spec import RunSpec
    from memeprobe.store.store import Store
    from memeprobe.workers import batch

    meme_set = load_set("reveal")
    found = []
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
    while calibration.state == "running":
        time.sleep(1)
    return found


def explore(page: Any, example: str = "reveal-001") -> None:
    """Take an example and ask."""
    page.get_by_role("combobox").first.click()
    page.get_by_role("option").filter(has_text=example).click()
    page.get_by_text("What the model gets", exact=True).or_(
        page.get_by_text("交给模型的画面", exact=True)
    ).wait_for(timeout=120_000)
    settled(page)
    page.locator(".st-key-ask button").click()
    page.locator(".mp-meter, .mp-answer").first.wait_for(timeout=240_000)
    settled(page, 240)
    if example.startswith("captions"):  # else there is no caption to read
        page.locator(".st-key-read button").click()
        page.locator(".mp-diff").first.wait_for(timeout=240_000)
        settled(page, 240)


def compare(page: Any) -> None:
    """Choose the two runs of blip-nano."""
    for name in ("concat", "first_only"):
        page.get_by_role("combobox").first.click()
        page.get_by_role("option").filter(has_text=f"· {name} ·").first.click()
        settled(page)
    page.keyboard.press("Escape")


def form(page: Any) -> None:
    """Unfold the form of a new run, and start one."""
    page.locator(".st-key-new_run summary").click()
    page.locator(".st-key-run_limit input").fill("12")
    page.locator(".st-key-run_limit input").press("Enter")
    settled(page)
    page.locator(".st-key-start_run button").click()
    settled(page)
    page.wait_for_timeout(8000)  # the run has begun, and says how far it is


def item(page: Any) -> None:
    """Open the first item of the run that is open."""
    page.get_by_text("reveal-001", exact=True).first.click()
    page.locator(".mp-strip img").first.wait_for(timeout=180_000)


def editor(page: Any) -> None:
    """The editor with one item in it."""
    from meme_sets import load_set

    reveal = load_set("reveal")
    item = next(i for i in reveal.items if i.id == "reveal-009")
    page.get_by_text("Make one").or_(page.get_by_text("制作", exact=True)).first.click()
    media = page.locator(".st-key-set_media input[type=file]")
    media.set_input_files(str(reveal.media_path(item)))
    key = f"{Path(item.media).stem}-1"
    fields.fill(page, f"question_{key}", not_none(item.question).en)
    fields.fill(page, f"question_zh_{key}", not_none(item.question).zh)
    for language in ("en", "zh"):
        name = "options" if language == "en" else "options_zh"
        texts = "\n".join(o.in_language(language) for o in item.options)
        fields.fill(page, f"{name}_{key}", texts, area=True)
    fields.choose(page, f"gold_{key}", item.options[not_none(item.gold)].en)
    fields.choose(page, f"lure_{key}", item.options[not_none(item.lure)].en)
    page.locator(f".st-key-part_{key} label").first.click()


def pages(runs: list[str]) -> dict[str, tuple[str, Any]]:
    """Name of the picture -> address, and what to do there."""
    return {
        "explore": ("/?", explore),
        "captions": ("/?", lambda p: explore(p, "captions-003")),
        "runs": (f"/runs?run={runs[0]}", item),
        "form": ("/runs?", form),
        "compare": ("/compare?", compare),
        "sets": ("/sets?", None),
        "editor": ("/sets?", editor),
        "calibration": ("/calibration?", None),
    }


def shoot(page: Any, path: Path) -> None:
    """The whole page as a small WebP."""
    page.wait_for_timeout(800)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    size = page.viewport_size
    page.set_viewport_size({**size, "height": min(MOST_HEIGHT, max(size["height"], height + 20))})
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.wait_for_timeout(800)
    raw = path.with_suffix(".png")
    page.screenshot(path=raw)
    Image.open(raw).convert("RGB").save(path, "WEBP", quality=80, method=6)
    raw.unlink()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/screens"))
    parser.add_argument("--workspace", type=Path, default=Path("out/screens/store.sqlite"))
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--only", nargs="*", help="names of pages")
    parser.add_argument("--schemes", nargs="*", default=SCHEMES)
    parser.add_argument("--sizes", nargs="*", default=list(SIZES))
    parser.add_argument("--languages", nargs="*", default=("en", "zh"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    runs = fill(asked.workspace, asked.items)
    with server(asked.workspace.absolute()) as address, browser() as chromium:
        for name, scheme, size, language in product(
            asked.only or pages(runs), asked.schemes, asked.sizes, asked.languages
        ):
            path, act = pages(runs)[name]
            width, height = SIZES[size]
            page = chromium.new_page(
                color_scheme=scheme, viewport={"width": width, "height": height}
            )
            page.goto(f"{address}{path}&lang={language}")
            settled(page)
            if act is not None:
                act(page)
                settled(page, 240)
            target = asked.out / f"{name}-{scheme}-{size}-{language}.webp"
            shoot(page, target)
            page.close()
            print(target, flush=True)


if __name__ == "__main__":
    main()
