"""``memeprobe runs``: the runs of the workspace; what they are called, and a note of each."""

import time
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.errors import JobError
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path


def runs_command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD...]",
            help="Only runs in whose name, note, model, set, delivery, language or id they stand; "
            "with --name or --note the id of one run.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Call this run so; '' takes its name away.")
    ] = None,
    note: Annotated[
        str | None, typer.Option(help="Keep this note of it; '' takes it away.")
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """List the runs of the workspace, latest first; give one a name and a note.

    [dim]Example:[/dim]  memeprobe runs reveal zh, then
    memeprobe runs 3f2a --name "Qwen, four frames" --note "before the update of the server"
    """
    from memeprobe.run_listing import describe_run, matching

    path, given = workspace_path(workspace_file), list(words or ())
    with Store.existing(path) as store:
        if name is None and note is None:
            found = matching(store.runs(), " ".join(given))
        elif len(given) == 1:
            found = [store.run(given[0])]
        else:
            raise JobError(
                "--name and --note go with the id of one run: memeprobe runs ID --name NAME"
            )
    if name is not None or note is not None:
        from memeprobe.store.notes import name_run

        name_run(path, found[0].run, name, note)
        with Store.existing(path) as store:
            found = [store.run(found[0].run)]
    rows = [describe_run(run) for run in found]
    if as_json:
        print_json(rows)
        return
    out.print(_table(rows))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table()
    for column in ("id", "name", "model", "set", "delivery", "preset", "done", "changed", "note"):
        table.add_column(column, overflow="fold")
    for row in rows:
        cells = (
            row["run"],
            row["name"],
            row["model"],
            row["set"],
            f"{row['delivery']} {row['language']}",
            row["preset"] or "–",
            f"{row['done']}/{row['planned']}",
            time.strftime("%Y-%m-%d %H:%M", time.localtime(row["updated"])),
            " ".join(row["note"].split()),
        )
        table.add_row(*map(escape, cells))
    return table
