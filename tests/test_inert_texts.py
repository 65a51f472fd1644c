"""Texts of strangers in exports, reports and on the terminal: inert."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from memeprobe.cache.file import Cache
from memeprobe.cli.console import SafeConsole, print_json
from memeprobe.report.export import comma_separated, latex, markdown, parquet, tex
from memeprobe.report.html import render
from memeprobe.report.stored import Stored
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.verdicts import Verdict, analyse
from memeprobe.visible import visible

EVIL = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    " \n=1",
    "＝1",
    "<script>alert(1)</script>",
    "![x](http://a/b) [l](javascript:1) `c` | d",
    "\\input{/etc/passwd} $x^2$ 100% #1 {a} ~ _",
    "\x1b]0;title\x07\x1b[2J\x9b31m",
    "\u202egnp.exe",
    "half \ud800",
    "line one\n\n# line two",
]


def evil(text: str) -> Stored:
    record = RunRecord(run="0123456789", set=text, model=text, delivery="native")
    row = TrialRow(item=text, condition="first", outcome="wrong", text=text, options=(text, "b"))
    said = {"first_frame": Verdict("flat", text, text)}
    return Stored(record, [row], replace(analyse([row], record), verdicts=said), Cache(None))


@pytest.mark.parametrize("text", EVIL, ids=[f"{i}" for i in range(len(EVIL))])
def test_exports_are_inert(text: str, tmp_path: Path) -> None:
    run = evil(text)
    path = tmp_path / "t"
    comma_separated(run, path)
    for line in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")):
        for cell in line:
            assert cell.lstrip()[:1] not in tuple("=+-@＝＋－＠") or not cell.strip(), cell
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", cell)
    markdown(run, path)
    page = path.read_text("utf-8")
    assert not re.search(r"<script|!\[|\]\(|`c`|\x1b|^# line", page, re.M)
    latex(run, path)
    page = path.read_text("utf-8")
    shown = "\n".join(li for li in page.splitlines() if not li.startswith("% "))  # no comments
    assert not re.search(r"\\input|(?<!\\)[$#%]|\x1b", shown)
    assert "\n\n# " not in page and "half \\ud800" not in shown and "\n" not in tex(text)
    pytest.importorskip("pyarrow")
    parquet(run, path)
    import pyarrow.parquet as pq

    (read,) = pq.read_table(path).to_pylist()
    assert read["text"] == text.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize("text", EVIL, ids=[f"{i}" for i in range(len(EVIL))])
def test_nothing_reaches_the_terminal_that_it_would_obey(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.markup import escape
    from rich.table import Table

    buffer = io.StringIO()
    console = SafeConsole(file=buffer, force_terminal=False, width=300)
    table = Table(title=escape(text))
    table.add_column(escape(text))
    table.add_row(escape(text))
    console.print(table)
    console.print(escape(text))
    printed = buffer.getvalue()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", printed)
    print_json({"text": text})
    said = capsys.readouterr().out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", said)
    assert json.loads(said) == {"text": text}


def test_what_is_harmless_stays_as_it_is() -> None:
    for text in ("plain", "多行\n文字\t", "emoji 👩‍👩‍👧 é", "a-b=c @d"):
        assert visible(text) == text


class Elements(HTMLParser):
    """Tags of a page with their attributes, as a browser would make them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b </td></table>"]
)
def test_a_report_has_no_elements_of_a_models_or_a_sets_text(text: str) -> None:
    def elements(of: str) -> list[tuple[str, tuple[str, ...]]]:
        run = evil(of)
        page = render([run.result], {run.result.record.run: run.rows})
        return Elements(page).found

    assert elements(text) == elements("plain")
