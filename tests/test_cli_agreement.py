"""``memeprobe agreement``: labels of the page and answers of runs, against a published table."""

import csv
import json
from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe.store.labels import Label, put_label
from tests.command_line import CommandLine

pytestmark = pytest.mark.slow

MEG, OWEN = "0100000010", "1110010000"
"""Krippendorff (2011), A: two observers, ten units, two values. Alpha 1 - 19 * 4 / (14 * 6)."""
ALPHA = 1 - 19 * 4 / (14 * 6)
ITEMS = load_set("reveal").items[:10]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Of the fixture ``memeprobe``."""
    return tmp_path / "store.sqlite"


def entered(memeprobe: CommandLine, folder: Path, name: str, said: str) -> str:
    """The run of a person who filled in a form with these options."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("item", "answer"))
        rows.writerows((i.id, "AB"[int(o)]) for i, o in zip(ITEMS, said, strict=True))
    code, out, error = memeprobe("human", "reveal", path, "--name", name, "--json")
    assert code == 0, error
    return str(json.loads(out)["run"])


def test_labels_of_the_page_as_published(memeprobe: CommandLine, store: Path) -> None:
    for name, said in (("Meg", MEG), ("Owen", OWEN)):
        for item, option in zip(ITEMS, said, strict=True):
            text = item.options[int(option)].en
            put_label(store, "reveal", Label(item.id, name, "answer", text))
    put_label(store, "reveal", Label(ITEMS[0].id, "Meg", "caption", "so happy"))
    code, out, _ = memeprobe("agreement", "reveal", "--json")
    found = json.loads(out)
    assert code == 0 and found["set"] == "reveal"
    answers = found["answer"]
    assert (answers["people"], answers["labelled"], answers["same"]) == (["Meg", "Owen"], 10, 6)
    assert answers["differing"] == [ITEMS[n].id for n in (0, 2, 5, 8)]
    assert answers["alpha"]["value"] == pytest.approx(ALPHA, abs=5e-5)
    assert found["caption"]["labelled"] == 0 and found["caption"]["alpha"]["value"] is None
    code, out, _ = memeprobe("agreement", "reveal")
    assert code == 0 and "0.10 [" in out and "Meg, Owen" in out and "cannot be told" in out
    assert f"answers differ: {ITEMS[0].id}, {ITEMS[2].id}" in out


def test_answers_of_runs_agree_alike(memeprobe: CommandLine, tmp_path: Path) -> None:
    runs = [entered(memeprobe, tmp_path, *each) for each in (("Meg", MEG), ("Owen", OWEN))]
    code, out, error = memeprobe("agreement", *runs, "--json")
    assert code == 0, error
    found = json.loads(out)
    assert (found["runs"], found["condition"]) == (runs, "keyframes")
    assert found["answer"]["people"] == ["human:Meg", "human:Owen"]
    assert found["answer"]["alpha"]["value"] == pytest.approx(ALPHA, abs=5e-5)
    code, out, error = memeprobe("agreement", *runs, "-c", "blind")
    assert code == 2 and "keyframes" in error
    code, out, error = memeprobe("agreement", runs[0], runs[0])
    assert code == 2 and "two different runs" in error


def test_what_cannot_agree_is_told(memeprobe: CommandLine, tmp_path: Path) -> None:
    code, _, error = memeprobe("agreement", "reveal")
    assert code == 2 and "nobody has labelled reveal" in error
    code, _, error = memeprobe("agreement", "0123abcd")
    assert code == 2 and "no set" in error
    one = entered(memeprobe, tmp_path, "Meg", MEG)
    code, _, error = memeprobe("agreement", one)
    assert code == 2 and "two runs or more" in error
    code, _, error = memeprobe("agreement", one, "zzz")
    assert code == 2 and "there is no run 'zzz'" in error
