"""Croissant metadata of sets, read by mlcroissant and checked against the files."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from meme_sets import load_set
from meme_sets.build import make_set
from meme_sets.variant import Variant
from tests.colour_set import write_set
from tests.command_line import CommandLine


def test_every_file_is_named_with_its_hash(memeprobe: CommandLine, tmp_path: Path) -> None:
    made = write_set(tmp_path / "set", stills=1)
    code, out, error = memeprobe("croissant", tmp_path / "set")
    assert code == 0 and "7 items" in out, error
    told = json.loads((tmp_path / "set" / "croissant.json").read_text("utf-8"))
    named = {f["contentUrl"]: f["sha256"] for f in told["distribution"]}
    assert set(named) == {"items.jsonl", *(item.media for item in made.items)}
    for file, digest in named.items():
        assert hashlib.sha256((tmp_path / "set" / file).read_bytes()).hexdigest() == digest
    assert load_set(tmp_path / "set").content_sha256() == made.content_sha256()


def test_a_set_of_another_form_is_described_too(memeprobe: CommandLine, tmp_path: Path) -> None:
    """A plain folder has no items to read; a file that has gone is said in one line."""
    write_set(tmp_path / "set", clips=2)
    plain = tmp_path / "plain"
    plain.mkdir()
    shutil.copy(tmp_path / "set" / "0.gif", plain / "a.gif")
    assert memeprobe("croissant", plain)[0] == 0
    told = json.loads((plain / "croissant.json").read_text("utf-8"))
    assert "recordSet" not in told and [f["name"] for f in told["distribution"]] == ["a.gif"]
    (tmp_path / "set" / "1.gif").unlink()
    code, _, error = memeprobe("croissant", tmp_path / "set")
    assert code == 2 and "Traceback" not in error


@pytest.mark.slow
def test_mlcroissant_loads_the_items_of_a_fresh_set(memeprobe: CommandLine, tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="needs it: memeprobe[formats]")
    made = make_set("order", tmp_path / "new", Variant(items=12, seed=41))
    assert memeprobe("croissant", tmp_path / "new")[0] == 0
    read = mlcroissant.Dataset(str(tmp_path / "new" / "croissant.json"))
    assert not read.metadata.issues.errors
    rows = list(read.records("items"))
    assert len(rows) == len(made.items)
    for row, item in zip(rows, made.items, strict=True):
        assert row["items/id"].decode() == item.id and row["items/gold"] == item.gold
        assert item.question is not None
        assert row["items/question_en"].decode() == item.question.en
        assert row["items/question_zh"].decode() == item.question.zh
        assert [o.decode() for o in row["items/options_en"]] == [o.en for o in item.options]


def test_mlcroissant_reads_a_set_whatever_its_files_and_texts_are(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    """Spaces and marks in names; options in one language; line ends within a line of items."""
    mlcroissant = pytest.importorskip("mlcroissant", reason="needs it: memeprobe[formats]")
    folder = tmp_path / "my set"
    rows = []
    folder.mkdir()
    names = ("a b.png", "狗\u3000图.png", "c#d%20.png", 'e"(f)&?.png', "g:h.png", "media-1.png")
    for number, name in enumerate(names):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / name)
        asked = {"question": "What?\u2028 this", "options": ["x,\ny", "z"], "gold": 0}
        rows.append({"id": f"i\u2028{number}", "media": name, "kind": "k", **asked})
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "items.jsonl").write_text(lines, "utf-8")
    assert memeprobe("croissant", folder)[0] == 0
    read = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert not read.metadata.issues.errors
    found = list(read.records("items"))
    assert [row["items/media"].decode() for row in found] == [row["media"] for row in rows]
    assert [row["items/id"].decode() for row in found] == [row["id"] for row in rows]
    assert [o.decode() for o in found[0]["items/options"]] == ["x,\ny", "z"]
