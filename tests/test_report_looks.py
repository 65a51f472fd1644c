"""How a report looks in a browser: light and dark, wide and on a phone."""

import pytest
from playwright.sync_api import Browser, Page

from memeprobe import jobs
from memeprobe.measures import FIRST_ALONE, KEYFRAMES, changed_beyond
from memeprobe.measures.frames import frame_measures
from memeprobe.report import figures
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.page_looks import faults
from tests.running import run
from tests.test_probes_bias import fair, table

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_rechecks")]

LEGIBLE, SMALLEST_WORDS = 8.0, 8
"""Pixels that a figure's words have at least, and their size in the figure, in points."""
_SPLIT = """
() => [...document.querySelectorAll('td')].filter(e => /[0-9] (%|points) \\[/.test(e.innerText)
  && e.children.length === 0).filter(e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return new Set([...range.getClientRects()].map(b => Math.round(b.top))).size > 1;
  }).map(e => e.innerText)
"""
"""Numbers with their intervals that stand on more than one line."""
_SMALLEST = """
() => Math.min(...[...document.querySelectorAll('figure svg')].map(
  e => e.getBoundingClientRect().width / e.viewBox.baseVal.width))
"""
"""Pixels a point in the figure that is drawn smallest."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report with figures, items, a long command and a failed answer."""
    folder = tmp_path_factory.mktemp("report")
    eye = Eye()
    eye.broken = {22}
    asked = plainly(conditions=("blind", "first", "keyframes", "decisive", "position"))
    with Store(folder / "w.sqlite") as store:
        name = run(asked, write_set(folder / "set", clips=6), eye, store)
        html = jobs.report(store, [jobs.result_of(store, name)])
    path = folder / "report.html"
    path.write_text(html, "utf-8")
    return path.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_everything_can_be_read(chromium: Browser, report: str, scheme: str, width: int) -> None:
    page = chromium.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(report)
    assert faults(page) == []
    grounds = page.evaluate(
        "['backgroundColor', 'color'].map(n => getComputedStyle(document.documentElement)[n])"
    )
    assert "rgba(0, 0, 0, 0)" not in grounds and len(set(grounds)) == 2
    assert page.evaluate(_SPLIT) == []
    assert page.evaluate(_SMALLEST) * SMALLEST_WORDS >= LEGIBLE
    page.close()


_IN_ONE_LANGUAGE = """
() => [...document.querySelectorAll(
    'h2:not(:has(.sub)), h3:not(.model), th, figcaption, .numbers td:first-child')]
  .filter(e => !e.closest('.frames') && !/^p \\(Holm\\)$/.test(e.innerText.trim()))
  .map(e => e.innerText.trim())
  .filter(t => !(/[a-z]/i.test(t) && /[\\u4e00-\\u9fff]/.test(t)))
"""
"""Headings, heads of tables, names of conditions and measures, and what stands under figures."""


def test_everything_is_named_in_both_languages(chromium: Browser, report: str) -> None:
    page = chromium.new_page()
    page.goto(report)
    assert page.locator(".numbers td:first-child").count() > 5
    heads = page.evaluate(_IN_ONE_LANGUAGE)
    own = {"colour"}  # a kind of question is the set's own word, and a run's heading is names
    assert [head for head in heads if " on " not in head and head not in own] == []
    page.close()


@pytest.mark.parametrize("colour", [figures.ORANGE, figures.GREY])
def test_words_in_figures_are_not_pale(page: Page, colour: str) -> None:
    """On white, which a figure's ground is in dark too."""
    page.set_content(f"<body style='background:#fff'><p style='color:{colour}'>equal shares</p>")
    assert faults(page) == []


def test_a_share_stays_between_none_and_all() -> None:
    """Four items: an estimate of a share without bounds has an interval that goes beyond."""
    rows = table(fair, 0.0, 4, 4)
    free = changed_beyond(rows, KEYFRAMES, FIRST_ALONE)
    found = frame_measures(rows)["changed_beyond_noise"]
    assert free.high > 1
    assert 0 <= found.low == max(0.0, free.low) <= found.value <= found.high == 1
