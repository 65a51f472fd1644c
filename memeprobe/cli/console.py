"""What every command needs and nothing heavy: the two consoles, JSON, errors, the workspace."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from memeprobe.visible import visible, visible_json


class SafeConsole(Console):
    """Prints no escape sequence that somebody else wrote."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Every text that is printed, in tables too, comes through here."""
        return super().render_str(visible(text), **options)


out = SafeConsole()
err = SafeConsole(stderr=True)

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


def some_of(names: Sequence[str], most: int = 5) -> str:
    """The first names of many, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def fail(message: object) -> None:
    """One clear line on stderr."""
    err.print(f"[red]memeprobe:[/red] {escape(str(message))}", soft_wrap=True)


def print_json(value: object) -> None:
    """One line of JSON on stdout, Chinese as it is."""
    print(visible_json(json.dumps(value, ensure_ascii=False)), flush=True)
