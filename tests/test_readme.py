"""The Python lines of the README run as they stand; the Chinese README has the same."""

import re
import shutil
from pathlib import Path

import pytest

import memeprobe as mp
from meme_sets.catalog import builtin_folder
from tests.conftest import ROOT


def block(name: str) -> str:
    """The Python block of a README."""
    (found,) = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.S)
    return str(found)


@pytest.mark.slow
def test_the_lines_run(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(builtin_folder("reveal") / "media" / "reveal-001.gif", tmp_path / "cat.gif")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(block("README.md"), "README.md", "exec"), names)
    run = names["run"]
    assert isinstance(run, mp.Run) and run.result.items == 12
    assert "<html" in (tmp_path / "report.html").read_text("utf-8")
    assert run.record.provenance is not None
    assert "--sample 12" in run.record.provenance.command


def test_both_readmes_show_the_same_calls() -> None:
    """But for the comments, and the language of a verdict's text."""
    english, chinese = (
        re.sub(r" *#.*", "", block(name)).replace("text_zh", "text")
        for name in ("README.md", "README.zh.md")
    )
    assert english == chinese
