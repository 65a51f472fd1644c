"""The first sheet of an xlsx file, read without a library of its own: ECMA-376, part 1, chapter 18.

Only texts and numbers: what a program wrote as a table. Sizes are bounded before anything is read.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

MOST = 2**28
"""Bytes of one part of a file, unpacked."""
_NAME = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def rows_of_xlsx(path: Path) -> Iterator[dict[str, str]]:
    """Column's name -> text of each row below the first. Raises ValueError: it is no such file."""
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
            shared: list[str] = []
            if "xl/sharedStrings.xml" in names:
                tree = _part(packed, "xl/sharedStrings.xml")
                shared = [_text(one) for one in tree.iter(f"{_NAME}si")]
            sheets = sorted(n for n in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n))
            if not sheets:
                raise ValueError("no sheet in it")
            tree = _part(packed, sheets[0])
    except (ValueError, OSError):
        raise
    except Exception as error:  # damaged bytes make zipfile and decompressors raise nearly anything
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise ValueError(f"no xlsx file ({said})") from None
    header: dict[int, str] = {}
    for row in tree.iter(f"{_NAME}row"):
        cells = dict(_cells(row, shared))
        if not header:
            header = cells
        elif cells:
            yield {name: cells.get(place, "") for place, name in header.items()}


def _part(packed: zipfile.ZipFile, name: str) -> ElementTree.Element:
    size = packed.getinfo(name).file_size
    if size > MOST:
        raise ValueError(f"{name} has {size:,} bytes; {MOST:,} are accepted")
    raw = packed.read(name)
    if b"<!DOCTYPE" in raw[:1024]:
        raise ValueError(f"{name} has a document type, which no table needs")
    return ElementTree.fromstring(raw)


def _cells(row: ElementTree.Element, shared: list[str]) -> Iterator[tuple[int, str]]:
    """(column from 0, text) of the cells of a row that hold anything."""
    place = -1
    for cell in row.iter(f"{_NAME}c"):
        place += 1
        letters = re.match("[A-Z]+", cell.get("r", ""))
        if letters:
            place = -1
            for letter in letters[0]:
                place = (place + 1) * 26 + ord(letter) - ord("A")
        kind, value = cell.get("t", "n"), cell.find(f"{_NAME}v")
        if kind == "inlineStr":
            yield place, _text(cell)
        elif value is not None and value.text is not None:
            if kind == "s" and not (value.text.isdecimal() and int(value.text) < len(shared)):
                raise ValueError("a cell names a text that is not there")
            yield place, shared[int(value.text)] if kind == "s" else _unescaped(value.text)


def _text(node: ElementTree.Element) -> str:
    """Its runs of text in order, without what stands beside them for pronunciation."""
    phonetic = {t for r in node.iter(f"{_NAME}rPh") for t in r.iter(f"{_NAME}t")}
    return _unescaped("".join(t.text or "" for t in node.iter(f"{_NAME}t") if t not in phonetic))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
