"""Pictures from the clipboard, models in a folder and behind a server, in a real browser."""

import base64
import io
import re
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from meme_sets import load_set
from tests.not_none import not_none
from tests.pages import choose, fill, pull_down, visit
from tests.served import settled
from tests.stand_in_server import StandIn
from tests.tiny_checkpoints import make_instructblip


def take_example(page: Page, item: str) -> None:
    pull_down(page, "example")
    page.get_by_role("option").filter(has_text=item).click()
    page.get_by_text("What the model gets", exact=True).wait_for()
    settled(page)


def choose_server(page: Page, address: str, spec: str) -> None:
    """On a page of its own: an example taken, and the server chosen as the model."""
    visit(page, address)
    take_example(page, "reveal-001")
    choose(page, "explore_model", "a server …")
    fill(page, "explore_server", spec)


def png(color: str, size: tuple[int, int] = (90, 60)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_picture_is_pasted_from_the_clipboard(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, address)
    field = page.get_by_role("button", name="or paste a picture (Ctrl+V here)")
    field.wait_for()
    page.evaluate("navigator.clipboard.writeText('only words')")
    field.click()
    page.keyboard.press("Control+V")
    page.get_by_text("there is no picture in the clipboard").wait_for()

    page.evaluate(
        """async (data) => {
            const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            const item = new ClipboardItem({"image/png": new Blob([bytes], {type: "image/png"})});
            await navigator.clipboard.write([item]);
        }""",
        base64.b64encode(png("teal")).decode(),
    )
    page.locator(".mp-paste").click()
    page.keyboard.press("Control+V")
    page.get_by_text("PNG, 90 × 60, a still").wait_for()
    settled(page)
    assert page.locator(".mp-frames figure").count() == 1

    take_example(page, "reveal-001")  # what was chosen last counts
    page.get_by_text(re.compile("GIF, 192 × 192, 12 frames")).wait_for()


def test_a_model_in_a_folder_is_asked(page: Page, address: str, tmp_path: Path) -> None:
    folder = make_instructblip(tmp_path / "tiny")
    visit(page, address)
    take_example(page, "reveal-001")
    choose(page, "explore_model", "a directory or hub id …")
    fill(page, "explore_directory", str(tmp_path))  # a folder, but no model
    page.get_by_role("alert").filter(has_text="config.json is missing").wait_for()
    assert page.locator(".st-key-ask button").is_disabled()
    fill(page, "explore_directory", str(folder))
    assert page.get_by_role("alert").count() == 0
    assert page.get_by_text("concat", exact=True).count() == 1  # its best, known unloaded
    page.locator(".st-key-ask button").click()
    page.locator(".mp-answer").nth(6).wait_for()  # 4 frames, and the clip in 3 orders
    settled(page)
    assert page.get_by_text(re.compile("could not answer|does not support")).count() == 0


def test_a_server_is_asked_and_shown_the_very_frames(page: Page, address: str) -> None:
    with StandIn() as server:
        choose_server(page, address, f"{server.url}#nothing-there")
        page.locator(".st-key-ask button").click()
        page.get_by_role("alert").filter(has_text="nothing-there").wait_for()
        fill(page, "explore_server", f"{server.url}#stand-in")
        server.state.slow = 0.2
        fill(page, "answer_tokens", "77")
        page.locator(".st-key-ask button").dblclick()  # one question all the same
        page.locator(".mp-answer").nth(7).wait_for()
        settled(page)
        said = page.locator(".mp-answer").all_inner_texts()
        assert all(text.startswith("answer ") for text in said), said
        counts = [len(b["messages"][0]["content"]) - 1 for b in server.state.bodies]
        assert counts == [1, 1, 1, 1, 4, 4, 4, 4]
        assert {b["max_tokens"] for b in server.state.bodies} == {77}
        item = next(i for i in load_set("reveal").items if i.id == "reveal-001")
        asked = {b["messages"][0]["content"][-1]["text"] for b in server.state.bodies}
        assert asked == {not_none(item.question).en}


def test_a_server_that_went_away_is_said_and_not_taken_for_an_answer(
    page: Page, address: str
) -> None:
    with StandIn() as server:
        choose_server(page, address, f"{server.url}#stand-in")
        server.state.faults[""] = lambda handler, met: (
            handler.reply(400, {"error": {"message": "out of memory"}}) is None
        )
        page.locator(".st-key-ask button").click()
        page.get_by_text(re.compile("out of memory")).nth(6).wait_for()
        settled(page)
        assert page.locator(".mp-answer").count() == 0
        assert page.locator(".mp-first").get_attribute("data-answer") == "cannot_tell"


def test_asking_is_stopped_and_keeps_the_answers_that_came(page: Page, address: str) -> None:
    with StandIn() as server:
        server.state.slow = 1.5
        choose_server(page, address, f"{server.url}#stand-in")
        page.locator(".st-key-ask button").click()
        page.locator(".mp-answer").first.wait_for()  # as they come: the others are still asked
        assert page.locator(".mp-answer").count() < 7
        page.locator(".st-key-stop button").click()
        page.get_by_text(re.compile("Stopped")).wait_for()
        settled(page)
        kept = page.locator(".mp-answer").count()
        assert 1 <= kept < 7
        assert page.locator(".st-key-stop button").count() == 0
        assert len(server.state.bodies) == kept
        page.get_by_role("button", name="JSON").wait_for()


def test_a_closed_tab_asks_nothing_more(page: Page, address: str) -> None:
    with StandIn() as server:
        server.state.slow = 1.0
        choose_server(page, address, f"{server.url}#stand-in")
        page.locator(".st-key-ask button").click()
        page.locator(".mp-answer").first.wait_for()
        page.close()
        time.sleep(1)  # the server of the pages hears of it
        put = len(server.state.bodies)
        time.sleep(4)
        assert len(server.state.bodies) <= put + 1 < 8
