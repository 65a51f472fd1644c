"""``memeprobe leaderboard``: many models on the same items."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.errors import JobError, unknown
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path

FORMS = ("html", "markdown", "latex", "parquet")


def leaderboard_command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Run ids.")],
    form: Annotated[
        str | None, typer.Option("--format", "-f", help=f"Write a file: {', '.join(FORMS)}.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file. Default: leaderboard.*")
    ] = None,
    figure: Annotated[
        list[str] | None, typer.Option(help="Only these figures; may stand several times.")
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Rank models on the same items: figures, differences, ranks with their uncertainty.

    Every pair is compared on the items asked of both; sure at 5 %, Holm-adjusted over all pairs.
    People count as models (memeprobe human).
    """
    if form is not None and form not in FORMS:
        raise JobError(unknown("format", form, FORMS))
    with Store(workspace_path(workspace_file)) as store:
        for run in runs:
            store.run(run)  # an id that is not known is refused before the statistics are imported
        from memeprobe.comparison.figures import FIGURES
        from memeprobe.comparison.leaderboard import leaderboard

        for name in figure or ():
            if name not in FIGURES:
                raise JobError(unknown("figure", name, FIGURES))
        found = leaderboard(store, runs, figure)
    if form is not None:
        path = _write(found, form, to)
        out.print(f"{form}: {escape(str(path.resolve()))}", soft_wrap=True)
    elif as_json:
        print_json(found)
    else:
        _print(found)


def _write(found: dict[str, Any], form: str, to: Path | None) -> Path:
    from memeprobe.report.export_leaderboard import FORMATS

    suffix, write = FORMATS[form]
    path = to or Path(f"leaderboard{suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(found, path)
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror}") from error
    return path


def _print(found: dict[str, Any]) -> None:
    from memeprobe.report.export_leaderboard import RANKS, tables

    for caption, head, rows in tables(found):
        table = Table(title=escape(caption), title_justify="left", box=box.SIMPLE_HEAD)
        for i, column in enumerate(head):
            table.add_column(escape(column), justify="right" if i else "left")
        for row in rows:
            table.add_row(*map(escape, row))
        out.print(table)
    out.print(f"[dim]{escape(RANKS)}[/dim]")
