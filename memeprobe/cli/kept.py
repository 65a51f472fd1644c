"""``memeprobe kept``: results of the page Explore that are kept under a link."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from memeprobe import kept_looks
from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.errors import JobError
from memeprobe.kept_looks import KeptFile
from memeprobe.workspace import workspace_path

DAY = 86_400
LINK = "look="
"""Before a result's name in its link."""


def kept_command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", help="Only these: the links, or what ends them."),
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option(metavar="DAYS", min=0, help="Only what was kept so long ago; 0 is all."),
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove them: their links show nothing any more.")
    ] = False,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """List or remove the results of Explore that are kept under a link.

    Each holds the file, the question and the answers, and stays until it is removed. They lie
    beside the workspace, 1,000 with 4 GiB at most.
    [dim]Example:[/dim]  memeprobe kept --older-than 90 --remove
    """
    folder = kept_looks.folder_beside(workspace_path(workspace_file))
    every = kept_looks.listed(folder)
    if remove and not names and older_than is None:
        raise JobError("--remove goes with names or with --older-than DAYS (0 is all of them)")
    found = _chosen(every, names or (), older_than)
    if remove:
        for one in found:
            kept_looks.forget(one.name, folder)
    if as_json:
        size = sum(one.bytes for one in every)
        print_json(
            {
                "path": str(folder),
                "kept": len(every),
                "bytes": size,
                "removed": remove,
                "results": [asdict(one) for one in found],
            }
        )
        return
    if found:
        out.print(_table(found))
    _tell(folder, every, found, remove)


def _chosen(
    every: Sequence[KeptFile], names: Sequence[str], older_than: float | None
) -> list[KeptFile]:
    """Those that are meant. Raises JobError: there is none of a name."""
    wanted = [name.rpartition(LINK)[2] for name in names]
    here = {one.name for one in every}
    for name in wanted:
        if name not in here:
            raise JobError(f"no result {name!r} is kept here; `memeprobe kept` lists them")
    until = None if older_than is None else time.time() - older_than * DAY
    return [
        one
        for one in every
        if (not wanted or one.name in wanted) and (until is None or one.kept_at <= until)
    ]


def _table(found: Sequence[KeptFile]) -> Table:
    table = Table()
    for column in ("link", "kept", "MB", "file", "model", "question"):
        table.add_column(
            column,
            justify="right" if column == "MB" else "left",
            no_wrap=column in ("link", "MB"),
            overflow="fold",
        )
    for one in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.kept_at))
        said = [one.file, one.model, one.question]
        if one.problem is not None:
            said = [f"damaged: {one.problem}", "", ""]
        cells = (one.name, when, f"{one.bytes / 1e6:,.1f}", *said)
        table.add_row(*(escape(cell or "") for cell in cells))
    return table


def _tell(folder: Path, every: Sequence[KeptFile], found: Sequence[KeptFile], gone: bool) -> None:
    left = [one for one in every if not gone or one not in found]
    size = sum(one.bytes for one in left)
    if gone:
        out.print(f"Removed: {len(found):,}", highlight=False)
    out.print(
        f"{len(left):,} of at most {kept_looks.MOST:,} results, {size / 1e6:,.1f} of at most "
        f"{kept_looks.MOST_BYTES / 1e6:,.0f} MB in {escape(str(folder))}",
        highlight=False,
        soft_wrap=True,
    )
