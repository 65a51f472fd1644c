"""The pages on a phone and under the keys: language, list of pages, names of what can be used."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.style import CSS
from memeprobe.dashboard.ui.texts import Texts
from tests.page_looks import faults
from tests.pages import LONG, fill, upload
from tests.served import settled
from tests.test_dashboard_visitors import gif

USED = {"button", "textbox", "combobox", "slider", "checkbox", "link", "tab", "radio", "spinbutton"}
"""Roles of what a visitor uses, which has to say what it is."""


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone whose language is Chinese."""
    context = chromium.new_context(
        viewport={"width": 400, "height": 800}, is_mobile=True, has_touch=True, locale="zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(LONG)
    yield page
    context.close()


def unnamed(page: Page) -> list[str]:
    """What can be used on a page and has no name that could be read aloud."""
    session = page.context.new_cdp_session(page)
    nodes: list[Any] = session.send("Accessibility.getFullAXTree")["nodes"]
    told = [n for n in nodes if not n.get("ignored") and n["role"]["value"] in {*USED, "image"}]
    return [n["role"]["value"] for n in told if not n.get("name", {}).get("value", "").strip()]


def reached(page: Page, times: int) -> list[str]:
    """What the key Tab leads to, by its text."""
    page.evaluate("document.activeElement.blur()")
    found = []
    for _ in range(times):
        page.keyboard.press("Tab")
        found.append(page.evaluate("document.activeElement.innerText"))
    return found


def test_a_first_visit_is_in_the_browsers_language(phone: Page, page: Page, address: str) -> None:
    for visitor, path, said in (
        (phone, "", "zh-Hans"),
        (phone, "?lang=en", "en"),
        (page, "", "en"),
        (page, "?lang=zh", "zh-Hans"),
    ):
        visitor.goto(f"{address}/{path}")
        settled(visitor)
        expect(visitor.locator("html")).to_have_attribute("lang", said)
        assert f"lang={said[:2]}" in visitor.url
        assert faults(visitor, said[:2]) == []


def test_the_list_of_pages_on_a_phone_is_closed_by_choosing_one(phone: Page, address: str) -> None:
    phone.goto(f"{address}/")
    settled(phone)
    links = phone.locator("[data-testid=stSidebarNavLink]")
    assert not [text for text in reached(phone, 8) if "校准" in text]  # it lies off the screen
    phone.locator("[data-testid=stExpandSidebarButton]").click()
    phone.wait_for_timeout(1000)  # it slides in
    assert [text for text in reached(phone, 8) if "校准" in text]
    links.filter(has_text="题集").click()
    phone.wait_for_url("**/sets*")
    settled(phone)
    expect(phone.locator("[data-testid=stSidebar]")).to_have_attribute("data-collapsed", "true")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "?example=reveal-001", "runs", "compare", "sets"])
def test_whatever_can_be_used_says_what_it_is(phone: Page, address: str, path: str) -> None:
    phone.goto(f"{address}/{path}")
    settled(phone)
    if "example" in path:
        phone.locator(".mp-frames figure").nth(3).wait_for()
        settled(phone)
    assert unnamed(phone) == []
    phone.set_content("<button></button><input><img src=x><button>ok</button>")
    assert sorted(unnamed(phone)) == ["button", "image", "textbox"]


def test_what_the_pointer_has_just_chosen_can_be_read(page: Page, address: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/sets")
        settled(page)
        page.get_by_text("Make one", exact=True).click()
        settled(page)
        page.wait_for_timeout(500)  # colours change by and by
        assert faults(page) == []


def test_a_name_that_no_set_can_have_is_told_at_its_field(phone: Page, address: str) -> None:
    phone.goto(f"{address}/sets?lang=en")
    settled(phone)
    phone.get_by_text("Make one", exact=True).click()
    settled(phone)
    upload(phone, "set_media", {"name": "a b.gif", "mimeType": "image/gif", "buffer": gif()})
    phone.locator(".st-key-set_name input").wait_for()
    fill(phone, "caption_a-b-1", "hello", area=True)
    fill(phone, "set_name", "Fresh memes 2026!")
    told = phone.get_by_role("alert").filter(has_text="Fresh memes 2026!").bounding_box()
    field = phone.locator(".st-key-set_name").bounding_box()
    assert told is not None and field is not None
    assert 0 <= told["y"] - field["y"] - field["height"] < 60
    save = phone.get_by_role("button", name="Save in the workspace")
    assert save.count() == 0
    fill(phone, "set_name", "fresh-2026")
    save.wait_for()


def test_frames_of_any_shape_stay_within_a_phone(page: Page) -> None:
    shapes = ((90, 1400), (1200, 100), (240, 320), (1, 1))
    strip = pictures.strip([np.full((h, w, 3), 90, np.uint8) for h, w in shapes], ["x"] * 4)
    table = pictures.records(["file", "frames"], [("a", strip)])
    page.set_viewport_size({"width": 400, "height": 700})
    page.set_content(f"<style>{CSS}</style><body class=stApp>{table}</body>")
    inside = page.locator(".mp-scroll")
    assert inside.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_captions_that_are_not_to_be_told_are_not_said_to_be_none() -> None:
    """Who labels an item is not to see what OCR read of it."""
    t = Texts("en")
    told, none, hidden = (
        pictures.timeline(t, 1000, [(0, 0, 500)], tracks)
        for tracks in ([{"text": "hi", "start_ms": 0, "end_ms": 500}], [], None)
    )
    assert "1 caption" in told and "0 captions" in none
    assert "caption" not in hidden and "keyframes" in hidden
