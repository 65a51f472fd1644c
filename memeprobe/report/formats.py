"""The formats that a run leaves memeprobe in: one row each."""

import importlib
from pathlib import Path
from typing import Any

from memeprobe.report.stored import Stored

FORMATS: dict[str, tuple[str, str]] = {
    "parquet": (".parquet", "memeprobe.report.export:parquet"),
    "csv": (".csv", "memeprobe.report.export:comma_separated"),
    "latex": (".tex", "memeprobe.report.export:latex"),
    "markdown": (".md", "memeprobe.report.export:markdown"),
    "inspect": (".eval", "memeprobe.report.inspect_log:inspect_log"),
    "every-eval-ever": (".json", "memeprobe.report.every_eval_ever:every_eval"),
}
"""Format -> file suffix and writer ('module:name'), which is imported when it is called."""


def write(form: str, run: Stored, path: Path) -> None:
    """Write the run in one of ``FORMATS``. Raises ExportError, OSError."""
    module, name = FORMATS[form][1].split(":")
    writer: Any = getattr(importlib.import_module(module), name)
    writer(run, path)
