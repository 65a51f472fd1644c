"""The command line, run in the process of the tests."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from memeprobe.cli import app, console

CommandLine = Callable[..., tuple[int, str, str]]
"""Arguments of any type to (exit code, stdout, stderr)."""


def command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Path
) -> CommandLine:
    """A command line whose workspace is ``store``."""
    monkeypatch.setenv("MEMEPROBE_WORKSPACE", str(store))
    monkeypatch.setenv("COLUMNS", "160")
    for each in (console.out, console.err):  # a process of pytest-xdist begins with 80
        monkeypatch.setattr(each, "_width", None)

    def call(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["memeprobe", *map(str, args)])
        capsys.readouterr()
        try:
            app.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
