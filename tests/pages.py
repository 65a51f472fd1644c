"""What a person does on the pages, for the browser tests: visit, upload, fill in, choose."""

import re
from typing import Any

from playwright.sync_api import Page

from tests.served import settled

LONG = 120_000
"""Milliseconds: other work may share the machine."""


def visit(page: Page, address: str, path: str = "") -> None:
    page.goto(f"{address}/{path}")
    settled(page)


def upload(page: Page, key: str, *files: Any) -> None:
    page.locator(f".st-key-{key} input[type=file]").set_input_files([*files])


def fill(page: Page, key: str, text: str, area: bool = False) -> None:
    field = page.locator(f".st-key-{key} {'textarea' if area else 'input'}")
    field.fill(text)
    field.press("Control+Enter" if area else "Enter")
    settled(page)


def choose(page: Page, key: str, option: str) -> None:
    pull_down(page, key)
    page.get_by_role("option", name=option, exact=True).click()
    settled(page)


def pull_down(page: Page, key: str) -> None:
    """Open a menu. It closes when the page scrolls, so that has to be over."""
    box = page.locator(f".st-key-{key}").get_by_role("combobox")
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box.click()


def open_form(page: Page) -> None:
    """Unfold the form of a new run; it may be unfolding already."""
    field = page.locator(".st-key-run_limit input")
    page.get_by_text("New run").wait_for()
    for _ in range(5):
        page.wait_for_timeout(1500)
        if field.is_visible():
            return
        page.locator("summary").filter(has_text="New run").click()
    raise AssertionError("the form of a new run does not unfold")


def start_run(page: Page, limit: int) -> None:
    """On the page Runs, with the form open: the preset quick on so many items."""
    field = page.locator(".st-key-run_limit input")
    field.fill(str(limit))
    field.press("Enter")
    page.get_by_text(re.compile(rf"^{limit} items, \d+ trials")).wait_for()
    page.locator(".st-key-start_run button").click()
    page.get_by_text(re.compile("running")).first.wait_for()
