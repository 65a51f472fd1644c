"""The table of runs in a browser: a run that is marked stays the one that is marked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from memeprobe.store.store import Store
from tests.pages import LONG
from tests.served import server, settled
from tests.test_dashboard_runs import filled

pytestmark = pytest.mark.slow

ROW, FIRST = 35, 54
"""Pixels: the height of a row, and where the first one's box is."""


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The page on five runs."""
    path = tmp_path / "store.sqlite"
    for number in range(5):
        filled(path, [("right", "wrong")] * 3, f"model-{number}")
    with server(path) as address:
        yield f"{address}/runs", path


def mark(page: Page, row: int) -> None:
    """The box of a row of the table; 0 = the one on top."""
    table = page.locator(".st-key-run_table canvas").first
    table.wait_for()
    page.wait_for_timeout(500)  # it is drawn a moment after it stands
    table.click(position={"x": 16, "y": FIRST + ROW * row}, force=True)  # a field lies over it
    settled(page)


def find(page: Page, needle: str, found: str) -> None:
    field = page.locator(".st-key-find_runs input")
    field.fill(needle)
    field.press("Enter")
    page.get_by_text(found).wait_for()
    settled(page)


def told_to_go(page: Page) -> list[str]:
    """The models of the runs that the question before deleting names; the question is open."""
    page.get_by_role("button", name=re.compile(r"Delete \d")).first.click()
    lines = page.locator("[data-testid=stPopoverBody] p").first
    lines.wait_for()
    return sorted(re.findall(r"model-\d", lines.inner_text()))


def test_after_a_run_is_deleted_none_is_marked_that_nobody_marked(
    page: Page, runs: tuple[str, Path]
) -> None:
    address, path = runs
    page.goto(address)
    settled(page)
    hint = page.get_by_text(re.compile("^Mark runs"))
    hint.wait_for()
    mark(page, 1)
    assert told_to_go(page) == ["model-3"]
    page.locator(".st-key-delete_marked button").click()
    page.get_by_text("4 of 4 runs").wait_for(timeout=LONG)
    settled(page)
    expect(hint).to_be_visible()
    expect(page.locator("[role=grid] [role=row][aria-selected=true]")).to_have_count(0)
    mark(page, 1)  # one click marks one, and it is the one under it
    assert told_to_go(page) == ["model-2"]
    with Store(path) as store:
        assert sorted(r.model for r in store.runs()) == [f"model-{n}" for n in (0, 1, 2, 4)]


def test_a_marked_run_stays_marked_where_others_are_found(
    page: Page, runs: tuple[str, Path]
) -> None:
    address, _ = runs
    page.goto(address)
    settled(page)
    mark(page, 3)  # model-1
    find(page, "model-1", "1 of 5 runs")
    assert told_to_go(page) == ["model-1"]
    page.keyboard.press("Escape")
    find(page, "model-2", "1 of 5 runs")
    expect(page.get_by_text(re.compile("^Mark runs"))).to_be_visible()
