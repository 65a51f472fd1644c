"""The audit of the answer reader: sheets that lead nobody, labels read back, error rates."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe.audit.errors import audited
from memeprobe.audit.sample import Case, draw, read_labels, write_sheet
from memeprobe.errors import JobError
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.rows import TrialRow
from memeprobe.store.store import Store
from tests.command_line import command_line
from tests.running import run
from vlm.scripted import Scripted


def row(i: int, text: str, options: tuple[str, ...] = ("cat", "dog", "bear")) -> TrialRow:
    named = {"item": f"i{i}", "cluster": f"c{i}", "condition": "first", "outcome": "wrong"}
    asked = {"question": "Who?", "options": options, "chosen": 0, "gold": 1}
    return TrialRow.of({**named, **asked, "text": text})


def test_error_rates_are_those_of_a_table_by_hand(tmp_path: Path) -> None:
    """Ten trials: 6 read rightly, 1 named wrongly, 2 not read, 1 rightly left unread."""
    cases = [Case(f"k{i}", "Who?", ("cat", "dog"), f"t{i}", (f"c{i}",)) for i in range(10)]
    labels = dict(zip((c.key for c in cases), "AAABBBAABn", strict=True))
    labels["k9"] = "none"
    said = {**{f"t{i}": 0 for i in range(3)}, **{f"t{i}": 1 for i in range(3, 7)}}

    def reader(text: str, options: object) -> int | None:
        return said.get(text)

    found = audited(cases, labels, reader)
    assert found["labelled"] == 10 and found["open"] == 0
    assert found["named_wrongly"]["value"] == 0.1  # t6: read B, labelled A
    assert found["missed"]["value"] == round(2 / 9, 4)  # t7 and t8 of nine that give one
    # Wilson's limits of 1 in 10, from Newcombe (1998), table I, to 4 decimals.
    assert (found["named_wrongly"]["low"], found["named_wrongly"]["high"]) == (0.0179, 0.4042)
    assert {d["answer"] for d in found["differing"]} == {"t6", "t7", "t8"}
    labels["k6"] = "?"
    assert audited(cases, labels, reader)["unsure"] == 1
    assert audited(cases, {}, reader)["named_wrongly"] is None


def test_equal_answers_are_labelled_once_and_count_as_often_as_they_are(tmp_path: Path) -> None:
    rows = [row(i, "It is a dog.") for i in range(8)] + [row(8, "=cat?")]
    cases = draw(rows, 100)
    assert [len(c.clusters) for c in cases] == [8, 1]
    path = tmp_path / "sheet.csv"
    write_sheet(cases, path)
    text = path.read_text("utf-8-sig")
    assert "'=cat?" in text and "gold" not in text and "chosen" not in text
    lines = list(csv.DictReader(text.splitlines()))
    lines[0]["label"], lines[1]["label"] = "b", "NONE"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    labels = read_labels(path, cases)
    assert sorted(labels.values()) == ["B", "none"]
    assert audited(cases, labels)["labelled"] == 9


def test_a_sample_is_drawn_by_its_seed() -> None:
    rows = [row(i, f"dog {i}") for i in range(50)]
    one, again, other = ({c.answer for c in draw(rows, 10, s)} for s in (1, 1, 2))
    assert one == again != other and len(one) == 10
    with pytest.raises(JobError, match="none to audit"):
        draw([row(1, "")], 5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace(",\n", ",D\n"), "label is 'D'; must be a letter from A to C"),
        (lambda t: t, "line 2: key"),
        (lambda t: "a,b\n1,2\n", "key '' is of no answer"),
    ],
)
def test_labels_that_are_none_are_refused(
    tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    cases = draw([row(1, "dog")], 5)
    path = tmp_path / "sheet.csv"
    write_sheet(cases, path)
    text = change(path.read_text("utf-8-sig"))
    path.write_text(text.replace(cases[0].key, "nokey") if "key" in said else text, newline="")
    with pytest.raises(JobError, match=said):
        read_labels(path, cases)


@pytest.mark.slow
def test_the_command_writes_a_sheet_and_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = RunSpec("reveal", "known:blind", conditions=("blind",), limit=12)
    with Store(tmp_path / "store.sqlite") as store:
        name = run(spec, load_set("reveal"), Scripted("blind"), store)
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    monkeypatch.chdir(tmp_path)
    code, out, err = memeprobe("audit", name)
    assert code == 0 and "to label" in out, err
    path = tmp_path / f"audit-{name}.csv"
    lines = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    for line in lines:  # the subject says the option's own words
        listed = [o.split(". ", 1) for o in line["options"].split(" | ")]
        line["label"] = next(letter for letter, text in listed if text == line["answer"])
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    code, out, _ = memeprobe("audit", name, "--json")
    found = json.loads(out)
    assert (found["labelled"], found["named_wrongly"]["value"]) == (12, 0.0)
    assert found["missed"]["value"] == 0.0
    code, out, _ = memeprobe("audit", name)
    assert code == 0 and "Named wrongly, of all: 0.0 %" in out
