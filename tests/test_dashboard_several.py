"""Several files at once on Explore: what is on each, and what models say of each."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from meme_sets import load_set
from memeprobe.dashboard.explore.several import said_of
from memeprobe.workers import asking
from tests.app_test import html
from tests.colour_set import Eye


@pytest.mark.slow
def test_files_stand_in_one_table_and_are_asked_about(workspace: Path, tmp_path: Path) -> None:
    """Two clips of a set and one file that is none; the harness cannot drop files itself."""
    reveal = load_set("reveal")
    (tmp_path / "broken.gif").write_bytes(b"GIF89a")
    paths = [*(str(reveal.media_path(i)) for i in reveal.items[:2]), str(tmp_path / "broken.gif")]
    script = f"""
from pathlib import Path
from memeprobe.dashboard.explore.several import GivenFile, table
from memeprobe.dashboard.ui.session import words
table(words(), [GivenFile(Path(p).name, Path(p).read_bytes()) for p in {paths!r}])
"""
    at = AppTest.from_string(script, default_timeout=240).run()
    assert not at.exception
    page = html(at)
    assert "reveal-001.gif" in page and "reveal-002.gif" in page and page.count("mp-strip") == 2
    assert "broken.gif" in page
    assert any("16 model calls" in c.value for c in at.caption)
    before = sum(asking.ASKED.values())
    at.button(key="several_ask").click().run()
    assert not at.exception and not at.error
    assert sum(asking.ASKED.values()) - before == 16
    answers = at.html[-1].value
    assert answers.count("blip-nano") == 2
    assert any("knows only the rendered world" in w.value for w in at.warning)  # at once, not later
    at.run()  # nothing is asked again
    assert sum(asking.ASKED.values()) - before == 16


def test_models_side_by_side_each_see_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """One names the last colour that it sees, the other was given the first picture only."""
    models = {"last": Eye(), "first": Eye()}
    models["first"].deliveries = ("first_only", "native")
    monkeypatch.setattr(asking, "model_of", lambda spec: models[spec])
    monkeypatch.setattr(
        "memeprobe.dashboard.explore.several.offered", lambda spec: (models[spec].deliveries, "")
    )
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    frames = [(n, np.full((20, 24, 3), c, np.uint8)) for n, c in enumerate(colours)]
    shown = {"a": frames, "b": frames[::-1]}
    found = list(said_of(shown, ["last", "first"], "Which colour?"))
    assert [(one.model, one.file, one.first, one.whole) for one in found] == [
        ("last", "a", "It is red.", "It is blue."),
        ("last", "b", "It is blue.", "It is red."),
        ("first", "a", "It is red.", "It is red."),
        ("first", "b", "It is blue.", "It is blue."),
    ]
    assert {one.verdict.only_first for one in found[:2]} == {"no"}
    assert not {one.verdict.only_first for one in found[2:]} & {"no"}


def test_a_still_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    eye = Eye()
    monkeypatch.setattr(asking, "model_of", lambda spec: eye)
    monkeypatch.setattr(
        "memeprobe.dashboard.explore.several.offered", lambda spec: (eye.deliveries, "")
    )
    buffer = io.BytesIO()
    Image.new("RGB", (24, 20), (0, 250, 0)).save(buffer, "PNG")
    pixels = np.asarray(Image.open(buffer).convert("RGB"))
    (one,) = said_of({"a": [(0, pixels)]}, ["eye"], "Which colour?")
    assert (one.first, one.whole, one.verdict.only_first) == ("It is green.", "–", "cannot_tell")
    assert len(eye.asked) == 1
