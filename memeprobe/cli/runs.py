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
    """Without the columns that only some runs have, where none has them; an id is never broken."""
    cells = [
        {
            "id": row["run"],
            "name": row["name"],
            "model": row["model"],
            "set": row["set"],
            "delivery": f"{row['delivery']} {row['language']}",
            "preset": row["preset"] or "",
            "done": f"{row['done']}/{row['planned']}",
            "changed": time.strftime("%Y-%m-%d %H:%M", time.localtime(row["updated"])),
            "note": " ".join(row["note"].split()),
        }
        for row in rows
    ]
    table = Table()
    columns = [c for c in (cells[0] if cells else ()) if any(row[c] for row in cells)]
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in ("id", "done"))
    for row in cells:
        table.add_row(*(escape(row[column]) for column in columns))
    return table
