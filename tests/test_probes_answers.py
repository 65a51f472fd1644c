"""The reader of free answers, on answers labelled by hand: it names no option wrongly.

tests/data/answers_labelled.txt holds them; those under 'Fresh' were written after the reader was
tuned on the others and are never tuned on.
"""

from pathlib import Path

import pytest

from memeprobe.scoring.reading import read

FILE = Path(__file__).parent / "data" / "answers_labelled.txt"
Row = tuple[tuple[str, ...], int | None, str]


def labelled() -> tuple[list[Row], list[Row]]:
    """(options, right reading, answer) of the tuned and of the held-out part."""
    options: dict[str, tuple[str, ...]] = {}
    parts: tuple[list[Row], list[Row]] = ([], [])
    held_out = False
    for line in FILE.read_text("utf-8").splitlines():
        held_out = held_out or line.startswith("# Fresh")
        if line.startswith("@ "):
            name, texts = line[2:].split(" = ")
            options[name] = tuple(t.strip() for t in texts.split(" | "))
        elif line and not line.startswith("#"):
            name, label, answer = [*line.split(" | ", 2), ""][:3]
            label = label.strip(" |")
            gold = None if label == "-" else ord(label) - ord("A")
            parts[held_out].append((options[name.strip()], gold, answer.replace("\\n", "\n")))
    return parts


@pytest.mark.slow
@pytest.mark.parametrize("part", [0, 1], ids=["tuned", "held-out"])
def test_precision_first(part: int) -> None:
    rows = labelled()[part]
    read_as = [(gold, read(answer, options), answer) for options, gold, answer in rows]
    wrong = [row for row in read_as if row[1] is not None and row[1] != row[0]]
    clear = [row for row in read_as if row[0] is not None]
    missed = [row for row in clear if row[1] is None]
    assert len(rows) >= 300 and sum(any("一" <= c <= "鿿" for c in a) for _, _, a in rows) >= 100
    assert len(wrong) <= 0.005 * len(rows), wrong
    assert len(missed) <= 0.1 * len(clear), missed
