"""How the pages look in a browser: nothing cut, pale, too wide, or left English in Chinese."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from memeprobe.dashboard.runs import items
from memeprobe.dashboard.ui import pictures
from memeprobe.dashboard.ui.style import CSS
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.store.notes import name_run
from memeprobe.store.rows import TrialRow
from memeprobe.workers.asking import Said
from tests.page_looks import faults
from tests.pages import LONG, pull_down
from tests.served import server, settled
from tests.test_dashboard_runs import filled
from vlm import Answer

WRONG = {
    "scrolls sideways": "<div data-testid=stMain style='width:900px'>a wide page</div>",
    "wider than the window": "<p style='position:fixed; left:250px; white-space:nowrap'>"
    "a line of words that goes on beyond the right edge</p>",
    "cut off": "<div style='width:60px; overflow:hidden'><span style='white-space:nowrap'>"
    "a long name that is cut</span></div>",
    "lines for": "<p style='width:12px; overflow-wrap:anywhere'>characters</p>",
    "a narrow cell": "<table><tr><td style='width:40px'>GIF, 192 × 192, 12 frames, 1.29 s</td></tr>"
    "</table>",
    "contrast 2.3": "<p style='color:#fff; background:#56B4E9'>Ask</p>",
    "contrast 1.3": "<p style='opacity:.1'>pale by opacity</p>",
    "contrast 1.9": "<svg width=90 height=20><text y=15 fill='#bbb'>pale label</text></svg>",
    "English on a Chinese page": "<p>Drop a file here to begin with it</p>",
    "picture wider": "<img alt=wide style='position:fixed; left:380px; width:90px; height:9px' "
    "src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='>",
}
RIGHT = """<main data-testid=stMain><h1>标题</h1><p>文字</p>
<div style='overflow-x:auto; width:200px'><table style='width:700px'><tr><td>宽表</td></tr></table>
</div><p style='width:60px; overflow:hidden; text-overflow:ellipsis; white-space:nowrap'
title='whole'>一个后面带省略号的很长的名字</p><button disabled style='opacity:.2'>off</button>
<code>memeprobe run reveal --model blip-nano</code></main>"""


@pytest.mark.parametrize("fault", WRONG)
def test_each_fault_is_seen(page: Page, fault: str) -> None:
    page.set_viewport_size({"width": 400, "height": 700})
    page.set_content(f"<body style='margin:8px'>{RIGHT}{WRONG[fault]}</body>")
    found = faults(page, "zh")
    assert any(fault in told for told in found), found


def test_a_page_without_faults_has_none(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 700})
    page.set_content(f"<body style='margin:8px'>{RIGHT}</body>")
    assert faults(page, "zh") == []


@pytest.mark.parametrize("nothing", ["", pictures.NONE])
@pytest.mark.parametrize(("width", "lines"), [(400, 4), (1440, 1)])
def test_a_row_of_sentences_is_a_card_on_a_phone(
    page: Page, width: int, lines: int, nothing: str
) -> None:
    heads = ["file", "model", "caption", "with the first frame alone", "only the first picture?"]
    why = "Cannot tell: the first and the last frame get much the same answer when shown alone."
    model = "server:http://127.0.0.1:8000/v1#talker-7b-instruct-awq"
    name = f"cat {'x' * 50 if width < 500 else ''}.gif"
    table = pictures.records(heads, [(name, model, nothing, "rabbit", why)] * 2)
    page.set_viewport_size({"width": width, "height": 700})
    page.set_content(f"<style>{CSS}</style><body class=stApp>{table}</body>")
    inside = page.locator(".mp-scroll")
    assert inside.evaluate("e => e.scrollWidth <= e.clientWidth"), "a sentence is out of sight"
    tops = page.locator("tr:nth-child(2) td").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).filter(b => b.height).map(b => b.top)"
    )
    assert len(set(tops)) == lines  # a card has no line for what is empty
    assert page.locator("th").first.is_visible() == (width > 400)


SAID = {"en": "It waves, because " + "the rabbit holds a carrot and " * 20, "zh": "它挥手" * 90}


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("again", [False, True])
def test_long_answers_of_an_item_are_as_wide_as_a_phone(
    page: Page, language: str, again: bool
) -> None:
    said = SAID[language]
    names = ("first", "keyframes")
    rows = [TrialRow(item="i", condition=n, outcome="unparsed", text=said) for n in names]
    now = {row.condition: Said(row.condition, "native", (0,), Answer(said)) for row in rows}
    table = items._table(Texts(language), rows, {}, now if again else {})
    page.set_viewport_size({"width": 400, "height": 700})
    page.set_content(f"<style>{CSS}</style><body class=stApp>{table}</body>")
    assert faults(page, language) == []
    wide = page.locator("td").evaluate_all("all => all.map(e => e.clientWidth)")
    assert min(wide) > 350
    lead = page.locator("td").nth(2).evaluate("e => getComputedStyle(e, '::before').content")
    assert lead == {"en": '"answer: "', "zh": '"回答："'}[language]


def test_a_long_answer_takes_no_more_than_a_few_lines_of_the_gallery(page: Page) -> None:
    cell = ("", pictures.brief(SAID["en"]), False)
    page.set_viewport_size({"width": 400, "height": 700})
    page.set_content(f"<style>{CSS}</style><body class=stApp>{pictures.figures([cell] * 4)}</body>")
    assert page.locator("figcaption").first.bounding_box()["height"] < 150  # type: ignore[index]
    assert page.locator("b").first.get_attribute("title") == SAID["en"]


def test_the_name_of_a_server_does_not_widen_a_phones_page(page: Page) -> None:
    name = "server:http://127.0.0.1:8000/v1#" + "a" * 30
    sides = f'<div class="mp-sides"><div><span class="mp-dim">{name}</span></div><div>b</div></div>'
    said = "".join(f'<p class="{c}">{name}</p>' for c in ("mp-said", "mp-first", "mp-verdict"))
    page.set_viewport_size({"width": 400, "height": 700})
    body = f'<body class=stApp style="margin:8px"><div class="mp-flip">{sides}</div>{said}</body>'
    page.set_content(f"<style>{CSS}</style>{body}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.fixture(scope="module")
def with_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The pages on two runs, one of them with a name that is none of ours."""
    path = tmp_path_factory.mktemp("looks") / "store.sqlite"
    outcomes = [("right", "wrong"), ("wrong", "right"), ("right", "right")] * 5
    runs = [filled(path, outcomes[n:], f"model-{n}") for n in range(2)]
    name_run(path, runs[0], "Costs $5 and $6 **b** :red[r]", "")
    with server(path) as address:
        yield address, runs


PAGES = (
    "explore?example=captions-003",
    "runs?run={0}&item=i1",
    "compare?runs={0},{1}",
    "sets?set=captions&item=captions-002",
    "sets?mode=label_set",
    "calibration?",
    "nowhere?",
)


def test_a_comparison_is_opened_again_by_its_address(
    chromium: Browser, with_runs: tuple[str, list[str]]
) -> None:
    address, runs = with_runs
    first = chromium.new_page()
    first.set_default_timeout(LONG)
    first.goto(f"{address}/compare")
    for named in ("model-1 ·", "Costs"):
        pull_down(first, "compared")
        first.get_by_role("option").filter(has_text=named).click()
    first.wait_for_url(re.compile(f"{runs[1]}(,|%2C){runs[0]}"))  # it follows the choice a while
    second = chromium.new_context().new_page()
    second.set_default_timeout(LONG)
    for _ in range(2):  # and once more, as a refresh does
        second.goto(first.url)
        for page in (first, second):
            expect(page.locator("h3")).to_have_count(1, timeout=LONG)
        assert second.url == first.url
        chosen = second.locator(".st-key-compared")  # its code comes after the comparison's
        for named in ("model-1 ·", "Costs $5"):
            expect(chosen).to_contain_text(named, timeout=LONG)
    second.context.close()
    first.close()


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_every_page_can_be_read_wide_and_narrow_light_and_dark(
    chromium: Browser, with_runs: tuple[str, list[str]], path: str
) -> None:
    address, runs = with_runs
    place = f"{address}/{path.format(*runs)}".replace("/explore?", "/?")
    for language, dark, widths in (("zh", True, (400, 1440)), ("en", False, (1440, 400))):
        page = chromium.new_page(
            viewport={"width": widths[0], "height": 900}, color_scheme="dark" if dark else "light"
        )
        page.goto(f"{place}&lang={language}")
        settled(page)
        if "example" in path:
            page.locator(".mp-frames figure").first.wait_for(timeout=LONG)
            settled(page)
        if path == "nowhere?":
            page.keyboard.press("Escape")
            page.get_by_role("dialog").wait_for(state="detached")
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(500)
            assert faults(page, language) == [], (language, dark, width)
        assert page.locator(".katex").count() == 0
        page.evaluate("document.querySelector('[data-testid=stSkipToContent]').focus()")
        page.wait_for_timeout(300)
        assert faults(page, language) == []
        page.close()
