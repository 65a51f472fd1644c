"""Work that goes on beside the page, in a real browser: pause, resume, cancel, calibrate."""

import re
import zipfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from meme_sets import load_set
from meme_sets.build import item_line
from tests.not_none import not_none
from tests.pages import LONG, fill, open_form, pull_down, start_run, upload, visit
from tests.served import settled


def done(page: Page) -> int:
    """Trials done by the job that is shown first."""
    return int(
        not_none(
            re.search(
                r"(\d+) of \d+ trials",
                page.get_by_text(re.compile(r"\d+ of \d+ trials")).first.inner_text(),
            )
        ).group(1)
    )


def test_a_run_is_paused_resumed_and_cancelled_and_keeps_what_was_answered(
    page: Page, address: str
) -> None:
    visit(page, address, "runs")
    open_form(page)
    start_run(page, 132)
    page.get_by_text(re.compile(r"[1-9]\d* of \d+ trials")).first.wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("❚❚ paused").wait_for()
    settled(page)
    before = done(page)
    assert before > 0

    page.get_by_role("button", name="Resume").click()
    page.get_by_text("▶ running").wait_for()
    page.wait_for_function(
        "n => +(/(\\d+) of \\d+ trials/.exec(document.body.innerText)?.[1] ?? 0) > n", arg=before
    )
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("✕ cancelled").wait_for()
    settled(page)
    kept = done(page)
    assert kept > before
    assert page.get_by_role("button", name="Pause").count() == 0

    pull_down(page, "run_chosen")
    page.get_by_role("option").filter(has_text=f"{kept}/").first.click()
    page.get_by_text(re.compile(f"This run is not complete: {kept} of")).wait_for()


def zipped_set(path: Path, items: int = 2) -> Path:
    """A zip of the first items of reveal, as somebody would make one by hand."""
    reveal = load_set("reveal")
    chosen = reveal.items[:items]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mine/set.yaml", "name: mine\ntitle: Mine\ndescription: Mine\n")
        archive.writestr("mine/items.jsonl", "".join(item_line(i) + "\n" for i in chosen))
        for item in chosen:
            archive.write(reveal.media_path(item), f"mine/{item.media}")
    return path


def test_a_zipped_set_is_run_and_stays_for_the_run_alone(
    page: Page, address: str, served_folder: Path, tmp_path: Path
) -> None:
    visit(page, address, "runs")
    open_form(page)
    upload(page, "run_zip", str(zipped_set(tmp_path / "mine.zip")))
    page.get_by_text("mine: 2 items, unpacked.").wait_for()
    settled(page)
    assert not (served_folder / "uploads").exists()  # it goes with its visitor, unless it is run
    start_run(page, 2)
    page.get_by_text(re.compile("✓ finished · blip-nano · mine")).wait_for()
    settled(page)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=LONG)
    assert len(list((served_folder / "uploads").glob("*/*/mine/items.jsonl"))) == 1
    page.locator("[class*='st-key-open_2'] button").first.click()
    page.get_by_text("reveal-002", exact=True).first.click()
    page.locator(".mp-strip img").first.wait_for()


def test_the_instrument_is_calibrated_from_the_page(
    chromium: Browser, page: Page, address: str
) -> None:
    visit(page, address, "calibration")
    fill(page, "calibration_seeds", "2")
    page.locator(".st-key-calibrate button").click()
    page.get_by_text("▶ running").wait_for()
    page.close()  # it goes on by itself

    later = chromium.new_page()
    later.set_default_timeout(240_000)
    visit(later, address, "calibration")
    later.get_by_text(re.compile("^Calibrated on")).wait_for()
    settled(later)
    rows = later.locator("table.mp-table tr").filter(has_text="known:first-frame")
    said = "\n".join(rows.all_inner_texts())
    assert "First-frame bias × 2" in said
    assert "100 %" in said
    assert later.get_by_text(re.compile("2 fresh runs of each subject")).count() == 1
    later.close()
