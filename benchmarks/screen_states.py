"""Every page and state that is photographed: where it is, and what a visitor does to get there."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from memeprobe.fonts import font
from tests import pages as fields
from tests.not_none import not_none
from tests.served import settled

LONG = 240_000
NO_SERVER = "http://127.0.0.1:9/v1#nobody"
"""Nothing listens on the discard port."""


@dataclass(frozen=True)
class State:
    """What is photographed."""

    path: str
    """Of the address, with its question mark."""
    act: Callable[[Any], None] | None = None


def still() -> bytes:
    """A picture with a caption: no clip."""
    image = Image.new("RGB", (420, 300), "#3b6ea5")
    pen = ImageDraw.Draw(image)
    pen.ellipse((130, 60, 290, 220), fill="#f2c14e")
    text = "WHEN IT COMPILES"
    pen.text((210, 262), text, "#ffffff", font(34), anchor="mm", stroke_width=3, stroke_fill="#000")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def file(name: str, data: bytes) -> dict[str, Any]:
    """As Playwright uploads it."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def of_set(name: str, item: str) -> dict[str, Any]:
    """The file of a built-in item."""
    from meme_sets import load_set

    meme_set = load_set(name)
    found = next(i for i in meme_set.items if i.id == item)
    path = meme_set.media_path(found)
    return file(path.name, path.read_bytes())


def example(page: Any, name: str) -> None:
    """Take an example and wait until its keyframes stand."""
    page.get_by_role("combobox").first.click()
    page.get_by_role("option").filter(has_text=name).click()
    page.locator(".mp-frames figure").first.wait_for(timeout=LONG)
    settled(page, 240)


def ask(page: Any, model: str = "", subject: bool = False) -> None:
    """Put the question; all answers. ``model``: another one than is offered first."""
    if model:
        fields.pull_down(page, "explore_model")
        page.get_by_role("option", name=model).first.click()
        settled(page)
    page.locator(".st-key-ask button").click()
    page.locator(".mp-first, .mp-answer").first.wait_for(timeout=LONG)
    settled(page, 240)


def explore(page: Any, name: str = "reveal-001", model: str = "") -> None:
    """Take an example and ask."""
    example(page, name)
    ask(page, model)


def captions(page: Any) -> None:
    """Let the model read a caption as it is, erased and replaced."""
    explore(page, "captions-003")
    page.locator(".st-key-read button").click()
    page.locator(".mp-diff").first.wait_for(timeout=LONG)
    settled(page, 240)


def picture(page: Any) -> None:
    """A still, asked about."""
    fields.upload(page, "upload", file("it compiles.png", still()))
    page.locator(".mp-frames figure").first.wait_for(timeout=LONG)
    settled(page, 240)
    ask(page)


def broken(page: Any) -> None:
    """A file that is no picture."""
    fields.upload(page, "upload", file("cat.gif", b"GIF89a\x10\x00\x10\x00 this is no picture"))
    page.get_by_role("alert").first.wait_for(timeout=LONG)
    settled(page)


def no_server(page: Any) -> None:
    """A model that cannot be reached."""
    example(page, "reveal-001")
    fields.pull_down(page, "explore_model")
    page.get_by_role("option", name=re.compile("^(a server|服务器)")).click()
    settled(page)
    fields.fill(page, "explore_server", NO_SERVER)
    page.locator(".st-key-ask button").click()
    page.wait_for_timeout(3000)
    settled(page, 240)


def several(page: Any, *more_models: str) -> None:
    """Several files in one table, asked about; one is broken."""
    page.locator(".st-key-several summary").click()
    page.locator(".st-key-several_files input[type=file]").wait_for(state="attached")
    files = [of_set("reveal", "reveal-001"), of_set("captions", "captions-003")]
    if not more_models:
        files += [file("cat.gif", b"GIF89a not a picture"), file("it compiles.png", still())]
    fields.upload(page, "several_files", *files)
    page.locator(".mp-strip").nth(1).wait_for(timeout=LONG)
    settled(page, 240)
    for model in more_models:
        fields.pull_down(page, "several_models")
        page.get_by_role("option", name=model, exact=True).click()
        settled(page)
        page.keyboard.press("Escape")
    page.locator(".st-key-several_ask button").click()
    page.locator(".st-key-several_csv button").wait_for(timeout=LONG)
    settled(page, 240)


def form(page: Any) -> None:
    """Unfold the form of a new run, and start one."""
    page.locator(".st-key-new_run summary").click()
    page.locator(".st-key-run_limit input").wait_for(timeout=LONG)
    settled(page)
    fields.fill(page, "run_limit", "12")
    page.locator(".st-key-start_run button").click()
    settled(page)
    page.wait_for_timeout(5000)  # the run has begun, and says how far it is


def mark(page: Any) -> None:
    """Mark the first row of the table of runs; what can be done with it stands under it."""
    table = page.locator(".st-key-run_table canvas").first
    table.wait_for()
    table.click(position={"x": 16, "y": 54}, force=True)  # a field for the keys lies over it
    settled(page)


def item(page: Any) -> None:
    """Open the first item of the run that is open."""
    page.get_by_text("reveal-001", exact=True).first.click()
    page.locator(".mp-strip img").first.wait_for(timeout=LONG)


def items_as(page: Any, name: str) -> None:
    """The items of the run that is open, shown another way."""
    page.get_by_text(re.compile(f"^({name})$")).last.click()
    page.locator(".mp-strip img").first.wait_for(timeout=LONG)


def set_item(page: Any) -> None:
    """Open an item of a set."""
    page.locator("[data-testid=stButtonGroup]").get_by_text("reveal-002", exact=True).click()
    page.locator(".mp-timeline").first.wait_for(timeout=LONG)


def mode(page: Any, name: str) -> None:
    """One of the parts of the page Sets."""
    page.get_by_text(re.compile(f"^({name})$")).first.click()
    settled(page)


def editor(page: Any) -> None:
    """The editor with one item in it."""
    from meme_sets import load_set

    reveal = load_set("reveal")
    item = next(i for i in reveal.items if i.id == "reveal-009")
    mode(page, "Make one|制作")
    media = page.locator(".st-key-set_media input[type=file]")
    media.set_input_files(str(reveal.media_path(item)))
    key = f"{Path(item.media).stem}-1"
    fields.fill(page, f"question_{key}", not_none(item.question).en)
    fields.fill(page, f"question_zh_{key}", not_none(item.question).zh)
    for language in ("en", "zh"):
        name = "options" if language == "en" else "options_zh"
        texts = "\n".join(o.in_language(language) for o in item.options)
        fields.fill(page, f"{name}_{key}", texts, area=True)
    shown = "zh" if "lang=zh" in page.url else "en"  # menus speak the visitor's language
    for field, option in (("gold", item.gold), ("lure", item.lure)):
        name = item.options[not_none(option)].in_language(shown)
        fields.choose(page, f"{field}_{key}", name)
    page.locator(f".st-key-part_{key} label").first.click()


def open_set(page: Any) -> None:
    """A saved set open for change, by its owner."""
    mode(page, "Make one|制作")
    fields.fill(page, "set_owner", "Anna")
    fields.pull_down(page, "go_on_with")
    page.get_by_role("option").filter(has_text="zoo").last.click()
    settled(page)
    page.locator(".st-key-open_draft button").click()
    page.locator("[class*=st-key-caption_]").first.wait_for(state="attached", timeout=LONG)
    settled(page, 240)
    page.locator("[data-testid=stExpander] summary").first.click()
    settled(page)


def label(page: Any) -> None:
    """Labels by several people, and what comes of them."""
    mode(page, "Label|标注")
    fields.choose(page, "label_set", "zoo")
    fields.fill(page, "label_person", "Chen")
    page.locator(".mp-timeline, .mp-player").first.wait_for(timeout=LONG)
    settled(page)
    page.locator("summary").filter(has_text=re.compile("What everybody|大家的")).click()
    settled(page)


def states(runs: list[str]) -> dict[str, State]:
    """Name of the picture -> address, and what to do there. ``runs``: those of ``fill``."""
    first, other = runs[0], runs[1]
    return {
        "explore-empty": State("/?"),
        "explore": State("/?", explore),
        "captions": State("/?", captions),
        "still": State("/?", picture),
        "several": State("/?", several),
        "models": State("/?", lambda p: several(p, "known:first-frame", "known:fair")),
        "known": State("/?", partial(explore, model="known:first-frame")),
        "no-server": State("/?", no_server),
        "broken": State("/?", broken),
        "runs-table": State("/runs?", mark),
        "form": State("/runs?", form),
        "runs": State(f"/runs?run={first}", item),
        "gallery": State(f"/runs?run={first}", lambda p: items_as(p, "gallery|图集")),
        "flips": State(f"/runs?run={first}", lambda p: items_as(p, "flips|翻转")),
        "no-run": State("/runs?run=nosuchrun"),
        "compare-empty": State("/compare?"),
        "compare": State(f"/compare?runs={first},{other}"),
        "sets": State("/sets?"),
        "set-item": State("/sets?", set_item),
        "editor": State("/sets?", editor),
        "open-set": State("/sets?", open_set),
        "labels": State("/sets?", label),
        "calibration": State("/calibration?"),
        "no-page": State("/nonsense?"),
    }
