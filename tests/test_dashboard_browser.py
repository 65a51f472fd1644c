"""What a person does with the dashboard, in a real browser."""

import re
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.not_none import not_none
from tests.pages import LONG, choose, fill, open_form, start_run, upload, visit
from tests.served import settled


def test_an_uploaded_gif_shows_its_captions_and_can_be_asked_about(
    page: Page, address: str, memes_dir: Path
) -> None:
    visit(page, address)
    upload(page, "upload", str(memes_dir / "gif" / "ep_002.gif"))
    table = page.locator("table.mp-table").first
    table.wait_for(timeout=LONG)
    rows = [r.inner_text() for r in table.locator("tr").all()]
    seen = {"认怂三连": (0.0, 0.9), "我错了": (0.96, 1.86), "求求你了": (2.7, 4.26)}
    for text, (first, last) in seen.items():  # by eye, whole or half slid in
        row = next(r for r in rows if text in r)
        start, end = map(float, not_none(re.search(r"([\d.]+)-([\d.]+) s", row)).groups())
        assert abs(start - first) < 0.2 and abs(end - last) < 0.2, row
    third = next(r for r in rows if re.search("[别別]打我", r))  # OCR may read the old form
    start, end = map(float, not_none(re.search(r"([\d.]+)-([\d.]+) s", third)).groups())
    assert 1.5 < start < 2.1 < end < 3.0  # seen by eye on frames 69 to 84 of 30 ms
    figures = page.locator(".mp-frames").first.locator("figure")
    assert figures.count() == 4
    assert page.get_by_text(re.compile("frame 0, not among the keyframes")).count() == 1
    page.wait_for_function(  # they are drawn as the keyframes are read
        "document.querySelectorAll('.mp-box.mp-caption').length >= 4", timeout=LONG
    )

    page.get_by_role("slider").press("ArrowRight")
    page.get_by_role("slider").press("ArrowRight")
    page.wait_for_function(
        "document.querySelectorAll('.mp-timeline .mp-key').length === 6", timeout=LONG
    )
    settled(page)
    assert page.locator(".mp-frames").first.locator("figure").count() == 6

    page.locator(".st-key-ask button").click()
    page.locator(".mp-answer").nth(9).wait_for(timeout=LONG)  # 6 frames, and the clip in 4 forms
    settled(page)
    assert page.get_by_text(re.compile("blip-nano knows only the rendered world")).count() == 1
    said = page.locator(".mp-first[data-answer]")
    assert said.count() == 1
    assert re.search("Yes|No|Cannot tell", said.inner_text())


def test_broken_files_and_zips_that_lead_outside_are_refused_in_plain_words(
    page: Page, address: str, tmp_path: Path
) -> None:
    broken = tmp_path / "cat.gif"
    broken.write_bytes(b"GIF89a\x10\x00\x10\x00 this is no picture")
    visit(page, address)
    upload(page, "upload", str(broken))
    alert = page.get_by_role("alert").filter(has_text="cat.gif")
    alert.wait_for()
    assert "broken gif file" in alert.inner_text()

    hostile = tmp_path / "set.zip"
    with zipfile.ZipFile(hostile, "w") as archive:
        archive.writestr("../outside.gif", b"GIF89a")
    visit(page, address, "sets")
    upload(page, "browse_zip", str(hostile))
    alert = page.get_by_role("alert").filter(has_text="outside.gif")
    alert.wait_for()
    assert "leads outside its folder; nothing was unpacked" in alert.inner_text()


def test_a_run_goes_on_without_the_page_and_its_items_open(
    chromium: Browser, page: Page, address: str
) -> None:
    visit(page, address, "runs")
    open_form(page)
    start_run(page, 2)
    page.close()

    later = chromium.new_page()
    later.set_default_timeout(LONG)
    deadline = time.time() + LONG / 1000
    while time.time() < deadline:  # nobody watches: each visit is a new one
        visit(later, address, "runs")
        if later.get_by_text(re.compile("✓ finished")).count():
            break
        time.sleep(2)
    later.locator("[class*='st-key-open_2'] button").first.click()
    later.get_by_text("Verdicts").wait_for()
    later.get_by_text(re.compile("Not enough items")).first.wait_for()
    later.get_by_text("reveal-001", exact=True).first.click()
    later.locator(".mp-strip img").first.wait_for()
    row = later.locator("table.mp-table tr").filter(has_text="all keyframes").last
    assert row.locator("img").count() == 4
    assert "as in the receipt" in row.inner_text()
    assert "not as in the receipt" not in row.inner_text()
    assert later.get_by_text("throws it").count()  # gold of reveal-001
    for key, item in (("j", "reveal-002"), ("k", "reveal-001")):
        later.keyboard.press(key)
        later.get_by_role("heading", name=item).wait_for()
    later.close()


def test_a_set_made_on_the_page_can_be_run(page: Page, address: str) -> None:
    from meme_sets import load_set

    reveal = load_set("reveal")
    files = [str(reveal.media_path(i)) for i in reveal.items[:2]]
    visit(page, address, "sets")
    page.get_by_text("Make one").click()
    upload(page, "set_media", *files)
    for number, item in enumerate(reveal.items[:2], 1):
        key = f"{Path(item.media).stem}-{number}"
        fill(page, f"question_{key}", not_none(item.question).en)
        fill(page, f"options_{key}", "\n".join(o.en for o in item.options), area=True)
        choose(page, f"gold_{key}", item.options[not_none(item.gold)].en)
        choose(page, f"lure_{key}", item.options[not_none(item.lure)].en)
        page.locator(f".st-key-part_{key} label").first.click()
        page.locator(f".st-key-span_{key}").wait_for()
        settled(page)
        mark = page.locator(".mp-timeline").nth(number - 1).locator(".mp-span").first
        assert re.match(
            r"left: ?(49|50)\.\d+%; ?width: ?(49|50)\.", not_none(mark.get_attribute("style"))
        )
    fill(page, "set_name", "pair")
    page.get_by_text("The set is fine: 2 items.").wait_for()
    page.locator(".st-key-save_set button").click()
    page.get_by_text(re.compile("^Saved in")).wait_for()

    visit(page, address, "runs")
    open_form(page)
    choose(page, "run_set", "pair")
    settled(page)
    start_run(page, 2)
    page.get_by_text(re.compile("✓ finished · blip-nano · pair")).wait_for()
