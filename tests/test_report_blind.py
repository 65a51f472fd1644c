"""The report of a subject that no frame moves."""

from html import escape
from pathlib import Path

import pytest

from meme_sets import load_set
from memeprobe.calibrate.labels import LabelReader
from memeprobe.experiment.spec import RunSpec
from memeprobe.jobs import result_of
from memeprobe.report.html import render
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.notes import name_run
from memeprobe.store.store import Store
from tests.running import run


@pytest.mark.slow
def test_the_report_of_a_blind_subject_says_that_and_what_made_it(tmp_path: Path) -> None:
    """No frame moves any answer: there are no shares of influence to draw."""
    called = "<script>x()</script> $5 ![p](http://e/x)"
    reveal = load_set("reveal")
    reader = LabelReader(reveal)
    model = ScriptedViewer(reveal, reader=reader).subject("blind")
    spec = RunSpec(
        "reveal", model.name, policy="distinct", limit=12, conditions=("frames",), seed=3
    )
    with Store(tmp_path / "w.sqlite") as store:
        name = run(spec, reveal, model, store, reader=reader)
        name_run(store.path, name, called, f"{called}\nsecond line")
        rows, result = store.outcomes(name), result_of(store, name)
    assert result.influence and result.influence[0].share.n == 0
    page = render([result], {name: rows})
    assert all(text in page for text in result.summary)
    assert "To repeat this" in page and result.record.content in page
    assert "Best picture alone" in page
    assert " points [" in page and "Frame influence" not in page
    # What a person called the run, and said of it, is text; it says which run each part is about.
    assert "<script" not in page and f"<h2>{escape(called)}: {model.name} on reveal" in page
    assert f'<h3 class="model">{escape(called)}: {model.name} ' in page
    assert f"{escape(called)}\nsecond line</p>" in page
