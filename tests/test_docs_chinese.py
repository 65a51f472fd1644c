"""Chinese pages hold what the English ones do: headings, commands, code, tables, figures, links.

Words cannot be compared here, so what a translation must carry over unchanged stands for them: a
figure that is changed in one language, or a command that is added to it, fails.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAIRS = [
    (ROOT / "README.md", ROOT / "README.zh.md"),
    *((page.parents[1] / page.name, page) for page in sorted((ROOT / "docs" / "zh").glob("*.md"))),
]
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
BLOCK = re.compile(r"^```.*?^```|(?:^ {4}[^\n]+\n)+", re.M | re.S)
HEADING = re.compile(r"^#+(?= )", re.M)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def commands(block: str) -> list[str]:
    """The lines of a block without what is said about them, and whose text a verdict shows."""
    said = re.compile(r"\s{2,}\S.*|(?:^|\s+)#.*|[^\x00-\x7f].*")
    return [
        line
        for each in block.replace("text_zh", "text").splitlines()
        if (line := said.sub("", each.strip()))
    ]


def links(text: str) -> Counter[str]:
    """Where the links lead, whichever folder and language they are written in."""
    plain = re.compile(r"(?:\.\./)+|docs/|zh/|\.zh(?=\.md)")
    return Counter(plain.sub("", target) for target in LINK.findall(text))


def code(text: str) -> set[str]:
    """What stands in backticks, but for words of a prompt in either language."""
    found = re.findall(r"`([^`]+)`", text)
    return {" ".join(each.split()) for each in found if each.isascii()}


def rows(section: str) -> list[str]:
    """The rows of a section's tables."""
    return [line for line in section.splitlines() if line.startswith("|")]


def differences(english: str, chinese: str) -> list[str]:
    """What a Chinese page lacks of the English one."""
    blocks = [[commands(each) for each in BLOCK.findall(page)] for page in (english, chinese)]
    found = [f"commands: {a} {b}" for a, b in zip(*blocks, strict=False) if a != b]
    if len(blocks[0]) != len(blocks[1]):
        found.append(f"{len(blocks[0])} blocks of code, {len(blocks[1])}")
    texts = [BLOCK.sub("", page) for page in (english, chinese)]
    if HEADING.findall(texts[0]) != HEADING.findall(texts[1]):
        return [*found, "headings"]
    for a, b in zip(*(HEADING.split(text) for text in texts), strict=True):
        where = a.strip().splitlines()[0] if a.strip() else "the beginning"
        if len(rows(a)) != len(rows(b)):
            found.append(f"{where}: {len(rows(a))} rows, {len(rows(b))}")
        for row, other in zip(rows(a), rows(b), strict=False):
            if lost := Counter(FIGURE.findall(row)) - Counter(FIGURE.findall(other)):
                found.append(f"{where}: {sorted(lost)} is not in {other}")
        if lost := Counter(FIGURE.findall(a)) - Counter(FIGURE.findall(b)):
            found.append(f"{where}: figures {sorted(lost)}")
        if links(a) != links(b):
            found.append(f"{where}: links {links(a) - links(b)}, {links(b) - links(a)}")
        if code(a) != code(b):
            found.append(f"{where}: code {code(a) ^ code(b)}")
    return found


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda page: page.name)
def test_a_chinese_page_holds_what_the_english_one_does(english: Path, chinese: Path) -> None:
    assert differences(english.read_text("utf-8"), chinese.read_text("utf-8")) == []


def test_every_page_is_there_in_chinese() -> None:
    there = {page.stem for page in (ROOT / "docs" / "zh").glob("*.md")}
    assert {page.stem for page in (ROOT / "docs").glob("*.md")} == there


CHANGES = {
    "a figure": ("120 items", "121 items"),
    "a command": ("memeprobe calibrate", "memeprobe calibrated"),
    "a row": ("| blind | none |\n", ""),
    "a heading": ("## Statistics", "### Statistics"),
    "a link": ("results/strangers.md)", "results/others.md)"),
    "a number of a table": ("| fair | - | 20 / 0, 0.29 |", "| fair | - | 19 / 0, 0.29 |"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_page_that_falls_behind_is_seen(change: tuple[str, str]) -> None:
    english = (ROOT / "docs" / "method.md").read_text("utf-8")
    chinese = (ROOT / "docs" / "zh" / "method.md").read_text("utf-8")
    assert change[0] in english
    assert differences(english.replace(*change), chinese)
