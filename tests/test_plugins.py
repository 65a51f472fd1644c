"""Adapters and importers that another package brings by entry points."""

import sys
from pathlib import Path

import pytest
from PIL import Image

import memeprobe as mp
from meme_sets.importers import import_set, importers
from vlm import deliveries_of

CODE = '''
import numpy as np
import memeprobe as mp


class Constant(mp.Adapter):
    """Says what its spec says."""

    revision, deliveries = "1", ("native",)

    def __init__(self, word):
        self.name, self.word = f"constant:{word}", word

    @classmethod
    def load(cls, rest, options):
        return cls(rest)

    def look(self, batch):
        return [mp.ModelOutput(self.word, one.text) for one in batch]


def read(path, *, question="What?"):
    """One item for each picture in a folder."""
    about = {"name": "mine", "title": "Mine", "description": "Test"}
    options = [{"en": "yes", "zh": "是"}, {"en": "no", "zh": "否"}]
    asked = {"question": {"en": question, "zh": question}, "options": options, "gold": 0}
    files = sorted(path.glob("*.png"))
    entries = [mp.ImportEntry(p.name, p, {"id": p.stem, "kind": "k", **asked}) for p in files]
    return mp.ImportSource(about, entries)
'''
ENTRY_POINTS = """[memeprobe.models]
constant = elsewhere:Constant

[memeprobe.importers]
pictures = elsewhere:read
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package as pip would have installed it."""
    place = tmp_path / "site"
    about = place / "elsewhere-1.0.dist-info"
    about.mkdir(parents=True)
    (place / "elsewhere.py").write_text(CODE, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.delitem(sys.modules, "elsewhere", raising=False)


def test_an_adapter_of_another_package_is_loaded_by_its_scheme(elsewhere: None) -> None:
    model = mp.load_model("constant:hello")
    (answer,) = model.answer([mp.Query((), "What?", (), "native")])
    assert answer.text == "hello" and model.name == "constant:hello"
    assert deliveries_of("constant:hello") == ("native",)
    with pytest.raises(mp.ModelError, match="unknown model"):
        mp.load_model("constan:hello")


def test_an_importer_of_another_package_makes_a_set(elsewhere: None, tmp_path: Path) -> None:
    assert "elsewhere" in importers()["pictures"].description
    with pytest.raises(mp.SetError, match="no option 'colour'"):
        import_set("pictures", tmp_path, tmp_path / "out", colour="red")
    Image.new("RGB", (8, 8)).save(tmp_path / "dot.png")
    import_set("pictures", tmp_path, tmp_path / "out", question="Is it black?")
    (item,) = mp.load_set(tmp_path / "out").items
    assert item.id == "dot" and item.question is not None
    assert item.question.in_language("en") == "Is it black?"
