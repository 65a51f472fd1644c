"""Croissant metadata of sets, read by mlcroissant and checked against the files."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

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
