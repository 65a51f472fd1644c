"""The calls that docs/service.md shows run as they stand, against a service of the test's own."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.service import Served
from tests.test_service import gif

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')
ADDRESS = "http://127.0.0.1:8600"


def block(page: str, language: str, served: Served) -> str:
    """A page's lines in a language, asked of the service that there is."""
    text = (ROOT / page).read_text("utf-8")
    (found,) = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    assert ADDRESS in found
    return str(found).replace(ADDRESS, served.url)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader stands, with the clip that the page names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.gif").write_bytes(gif(21))
    return tmp_path


def test_the_lines_of_python_run(
    served: Served, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = block("docs/service.md", "python", served)
    assert 'client.run("reveal", "blip-nano", preset="quick")' in shown
    shorter = shown.replace('preset="quick"', "limit=2").replace('"reveal"', '"order"')
    exec(compile(shorter, "docs/service.md", "exec"), {})
    out = capsys.readouterr().out
    assert "single@1 " in out and "keyframes " in out
    assert "<html" in (folder / "report.html").read_text("utf-8")
    assert block("docs/zh/service.md", "python", served) == shown


@pytest.mark.usefixtures("folder")
def test_the_lines_of_the_shell_run(served: Served) -> None:
    upload, ask = block("docs/service.md", "sh", served).replace("\\\n", " ").strip().split("\n")
    run = {"capture_output": True, "text": True, "check": True, "shell": True, "timeout": 120}
    said = subprocess.run(upload.replace("curl ", "curl -sS "), **run).stdout  # type: ignore[call-overload]
    (sha,) = re.findall(r'"sha256":"(\w{64})"', said)
    asked = ask.replace("SHA256", sha).replace("curl ", "curl -sS ")
    events = re.findall(r"^event: (\w+)", subprocess.run(asked, **run).stdout, re.M)  # type: ignore[call-overload]
    assert events[0] == "plan" and events[1:-1].count("answer") > 4 and events[-1] == "result"
    assert block("docs/zh/service.md", "sh", served) in block("docs/service.md", "sh", served)
