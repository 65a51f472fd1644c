"""The notebook of the docs: every cell runs, and what should show itself does."""

import ast
import json
from pathlib import Path

import pytest

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "api.ipynb"


def value_of(source: str, names: dict[str, object]) -> object:
    """Run a cell as a notebook does; the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    assert isinstance(last, ast.Expr)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.slow
def test_every_cell_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_WORKSPACE", str(tmp_path / "w.sqlite"))
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    names: dict[str, object] = {}
    shown = [
        value_of("".join(cell["source"]), names) for cell in cells if cell["cell_type"] == "code"
    ]
    html = [value._repr_html_() for value in shown if hasattr(value, "_repr_html_")]
    assert len(html) >= 5  # clip, look, run, and the two tables
    assert all("<" in page and "<script" not in page for page in html)
    assert shown[-1] in ("bright", "dark")
    commands = [value for value in shown if isinstance(value, str) and "memeprobe run" in value]
    assert len(commands) == 1 and "--sample 12" in commands[0]
