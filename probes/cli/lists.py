"""``memeprobe models``, ``sets`` and ``import``: what there is, and how to bring in more."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from meme_sets import BUILTIN, load_set
from probes import jobs
from probes.cli.common import AsJson, out, print_json
from vlm import MODELS
from vlm.scripted import SUBJECTS


def models(as_json: AsJson = False) -> None:
    """List the models known by name; any directory or hub id with an adapter works too."""
    rows = [{"name": name, **jobs.describe_model(entry)} for name, entry in MODELS.items()]
    rows += [{"name": f"known:{name}", **jobs.describe_subject(subject)}
             for name, subject in SUBJECTS.items()]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    table = Table()
    for column in ("name", "parameters", "languages", "deliveries", "here", "licence", "about"):
        table.add_column(column, overflow="fold")
    for row in rows:
        size = f"{row['parameters'] / 1e6:,.1f} M" if row["parameters"] else ""
        here = "yes" if row["available"] else "no"
        texts = [row["languages"], ", ".join(row["deliveries"]), here, row["licence"], row["about"]]
        table.add_row(str(row["name"]), size, *map(str, texts))
    out.print(table)


def sets(as_json: AsJson = False) -> None:
    """List the built-in sets; any folder of media works too (docs/sets.md)."""
    rows = [jobs.describe_set(load_set(name)) for name in BUILTIN]
    if as_json:
        print_json(rows)
        return
    table = Table()
    for column in ("name", "items", "languages", "about"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["name"], str(row["items"]), " ".join(row["languages"]), row["about"])
    out.print(table)


def import_set(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What the source is; see below.")],
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A local copy of the files.")],
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The new set's folder.")],
    as_json: AsJson = False,
) -> None:
    """Make a set of one's own from a local copy of public files, or from a folder with labels.

    An unknown KIND lists the known ones.  [dim]Example:[/dim]  memeprobe import csv ./labels.csv
    ./my-set, then memeprobe run ./my-set
    """
    importers = _importers()
    if kind not in importers:
        raise jobs.JobError(jobs.unknown("kind of source", kind, importers))
    importers[kind](source, folder)
    made = load_set(folder)
    if as_json:
        print_json(jobs.describe_set(made))
        return
    out.print(f"{len(made.items)} items in {escape(str(folder))}: memeprobe run {folder}",
              soft_wrap=True)  # fmt: skip


def _importers() -> dict[str, Any]:
    # Imported here: importers may need packages that nothing else does.
    from meme_sets.importers import IMPORTERS

    return dict(IMPORTERS)
