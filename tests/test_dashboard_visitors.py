"""What strangers wrote stays text, and what a visitor did outlives a look at another page."""

import http.server
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.pages import LONG, choose, fill, upload, visit
from tests.served import settled


def gif() -> bytes:
    """Three colours, one after another."""
    pictures = [Image.new("RGB", (80, 60), colour) for colour in ("red", "green", "blue")]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=200)
    return buffer.getvalue()


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server's address, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def go(page: Page, name: str) -> None:
    """By the navigation on top of the page."""
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", name=name, exact=True).wait_for(timeout=LONG)
    settled(page)


def test_markup_of_strangers_is_shown_and_not_interpreted(
    page: Page, address: str, elsewhere: tuple[str, list[str]], served_folder: Path
) -> None:
    url, asked = elsewhere
    hostile = f"Costs $5 and $6 ![x]({url}/seen) :red[r] **b** <img src={url}/html> a@b.org"
    text = re.sub(
        "(?=http|@)", "\u2060?", re.escape(hostile)
    )  # a joiner keeps it from being a link
    told, links = re.compile(f"^{text}$"), page.locator("[data-testid=stMain] a")
    folder = served_folder / "sets" / "hostile"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "a.gif").write_bytes(gif())
    quoted = hostile.replace("'", "''")
    (folder / "set.yaml").write_text(f"name: hostile\ntitle: '{quoted}'\ndescription: '{quoted}'\n")
    (folder / "items.jsonl").write_text(
        '{"id": "a", "media": "media/a.gif", "kind": "own", "caption": "", '
        f'"question": "{hostile}", "options": ["{hostile}", "no"], "gold": 0}}\n'
    )
    visit(page, address, "sets")
    page.locator(".st-key-browse_set").get_by_role("combobox").click()
    page.get_by_role("option", name="hostile", exact=True).click()
    settled(page)
    expect(page.get_by_text(told).first).to_be_visible(timeout=LONG)
    assert page.get_by_text(told).count() >= 2  # title, description, question
    assert page.locator(".katex").count() == 0
    assert [a.get_attribute("href") for a in links.all() if url in a.inner_text()] == []

    visit(page, address)
    upload(
        page,
        "upload",
        {"name": "$a$ ![x](b) *c*.gif", "mimeType": "image/gif", "buffer": gif()},
    )
    page.locator(".mp-frames figure").first.wait_for(timeout=LONG)
    settled(page)
    expect(page.get_by_text("$a$ ![x](b) *c*.gif", exact=True).last).to_be_visible()
    page.locator("[class*=st-key-question_] input").fill(hostile)
    page.locator("[class*=st-key-question_] input").press("Enter")
    settled(page)
    page.locator(".st-key-ask button").click()
    page.get_by_text(re.compile(text)).first.wait_for(timeout=LONG)
    settled(page)
    assert page.locator(".katex").count() == 0
    assert [a.get_attribute("href") for a in links.all() if a.inner_text()] == []
    assert asked == []


def test_file_language_and_drafts_are_there_when_a_visitor_comes_back(
    page: Page, address: str
) -> None:
    visit(page, address, "?lang=zh")
    upload(page, "upload", {"name": "three.gif", "mimeType": "image/gif", "buffer": gif()})
    page.locator(".mp-frames figure").nth(2).wait_for(timeout=LONG)
    settled(page)
    go(page, "题集")
    assert "lang=zh" in page.url
    page.get_by_text("制作", exact=True).click()
    settled(page)
    upload(page, "set_media", {"name": "three.gif", "mimeType": "image/gif", "buffer": gif()})
    page.locator(".st-key-question_three-1 input").wait_for(timeout=LONG)
    settled(page)
    fill(page, "question_three-1", "What comes last?")
    go(page, "探索")
    page.locator(".mp-frames figure").nth(2).wait_for(timeout=LONG)  # the file is still there
    go(page, "题集")
    field = page.locator(".st-key-question_three-1 input")
    field.wait_for(timeout=LONG)
    expect(field).to_have_value("What comes last?")


def test_a_set_without_its_right_answer_is_not_called_fine_and_none_is_overwritten(
    page: Page, address: str, served_folder: Path
) -> None:
    taken = served_folder / "sets" / "taken"
    taken.mkdir(parents=True)
    (taken / "items.jsonl").write_text("precious")
    visit(page, address, "sets")
    page.get_by_text("Make one", exact=True).click()
    settled(page)
    upload(page, "set_media", {"name": "three.gif", "mimeType": "image/gif", "buffer": gif()})
    page.locator(".st-key-question_three-1 input").wait_for(timeout=LONG)
    settled(page)
    fill(page, "question_three-1", "What comes last?")
    fill(page, "options_three-1", "red\nblue", area=True)
    assert page.get_by_text("The set is fine").count() == 0
    choose(page, "gold_three-1", "blue")
    page.get_by_text("The set is fine").wait_for(timeout=LONG)
    fill(page, "set_name", "taken")
    page.get_by_text("A set named taken is saved already").wait_for(timeout=LONG)
    assert page.locator(".st-key-save_set button").is_disabled()
    fill(page, "set_name", "fresh-name")
    page.locator(".st-key-save_set button").click()
    page.get_by_text(str(served_folder / "sets" / "fresh-name")).first.wait_for(timeout=LONG)
    assert (taken / "items.jsonl").read_text() == "precious"
    assert '"gold":1' in (served_folder / "sets/fresh-name/items.jsonl").read_text().replace(
        " ", ""
    )


def test_back_leads_to_the_page_before_as_it_was(page: Page, address: str) -> None:
    visit(page, address, "sets?set=captions")
    go(page, "Calibration")
    go(page, "Compare")
    for name in ("Calibration", "Sets"):
        page.go_back()
        page.get_by_role("heading", name=name, exact=True).wait_for(timeout=LONG)
        settled(page)
    assert "set=captions" in page.url
