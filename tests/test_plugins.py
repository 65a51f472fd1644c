"""Adapters, importers and keyframe policies that another package brings by entry points."""

import sys
from pathlib import Path

import pytest
from PIL import Image

import memeprobe as mp
from meme_sets.importers import import_set, importers
from tests.command_line import CommandLine
from tests.test_cli import gif
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


def last(clip: mp.Clip, k: int) -> list[int]:
    """The last k frames."""
    return list(range(max(len(clip) - k, 0), len(clip)))


def backwards(clip, k):
    return [1, 0]
'''
ENTRY_POINTS = """[memeprobe.models]
constant = elsewhere:Constant

[memeprobe.importers]
pictures = elsewhere:read

[memeprobe.policies]
last = elsewhere:last
backwards = elsewhere:backwards
gone = elsewhere:gone
first = elsewhere:last
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


def test_a_policy_of_another_package_chooses_keyframes(elsewhere: None, tmp_path: Path) -> None:
    clip = mp.open_clip(gif(tmp_path / "a.gif", frames=6))
    assert [f.index for f in mp.keyframes(clip, 2, "last")] == [4, 5]
    assert [f.index for f in mp.keyframes(clip, 9, "last")] == [0, 1, 2, 3, 4, 5]
    assert [f.index for f in mp.keyframes(clip, 2, "first")] == [0]  # the built-in one stays
    with pytest.raises(ValueError, match=r"'backwards' gave \[1, 0\] for k = 2 and a clip of 6"):
        mp.keyframes(clip, 2, "backwards")
    with pytest.raises(ValueError, match="'gone' of the package elsewhere cannot be loaded"):
        mp.keyframes(clip, 2, "gone")
    with pytest.raises(ValueError, match=r"unknown keyframe policy 'lost'; did you mean 'last'"):
        mp.keyframes(clip, 2, "lost")


def test_a_run_with_a_policy_of_another_package_says_so(
    elsewhere: None, workspace: Path, memeprobe: CommandLine
) -> None:
    run = mp.run("reveal", "constant:yes", policy="last", conditions=("keyframes",), sample=2)
    made = run.record.provenance
    assert made is not None and made.libraries["elsewhere"] == "1.0"
    assert "--policy last" in made.command
    code, _, err = memeprobe("look", "missing.gif", "--policy", "lst")
    assert code == 2 and "did you mean 'last'" in err
