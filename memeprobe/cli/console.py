"""What every command needs and nothing heavy: the two consoles, JSON, errors, the workspace."""

import json
from pathlib import Path
from typing import Annotated

import platformdirs
import typer
from rich.console import Console
from rich.markup import escape

out = Console()
err = Console(stderr=True)

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="MEMEPROBE_WORKSPACE",
        help="The SQLite file that keeps runs and answers.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines, nothing else.")]


def workspace(path: Path | None) -> Path:
    """The store's file: as given, else in the user's data folder."""
    return path or Path(platformdirs.user_data_dir("memeprobe")) / "memeprobe.sqlite"


def fail(message: object) -> None:
    """One clear line on stderr."""
    err.print(f"[red]memeprobe:[/red] {escape(str(message))}", soft_wrap=True)


def print_json(value: object) -> None:
    """One line of JSON on stdout, Chinese as it is."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
