"""``memeprobe import``: sets made of local copies of public data sets."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from meme_sets import load_set
from meme_sets.importers import IMPORTERS, import_set, importers
from memeprobe.cli.console import AsJson, err, out, print_json
from memeprobe.errors import JobError, unknown


def import_command(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help=f"{', '.join(IMPORTERS)}; docs/importers.md says what each takes.",
        ),
    ],
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A local copy of the files.")],
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="The new set's folder.")],
    media: Annotated[str, typer.Option(help="link or copy the media files.")] = "link",
    limit: Annotated[int | None, typer.Option(min=1, help="So many items, drawn by seed.")] = None,
    seed: int = 0,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out items whose file is not there.")
    ] = False,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-O", metavar="NAME=VALUE", help="An option of this importer."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a set of a local copy of a public data set, or of a folder with labels.

    [dim]Example:[/dim]  memeprobe import labels ./my-memes ./my-set, then memeprobe run ./my-set
    """
    from memeprobe.experiment.run_command import run_command

    if kind not in importers():
        raise JobError(unknown("kind of source", kind, importers()))
    more = {}
    for pair in option or ():
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise JobError(f"--option takes NAME=VALUE, got {pair!r}")
        more[name] = value
    made = import_set(
        kind, source, folder, media=media, limit=limit, seed=seed, skip_missing=skip_missing, **more
    )
    command = run_command(load_set(made.folder))
    if as_json:
        found = {"items": made.items, "skipped": list(made.skipped), "stills": made.stills}
        print_json({"folder": str(made.folder), **found, "command": command})
        return
    for line in made.skipped[:5]:
        err.print(f"[yellow]left out: {escape(line)}[/yellow]", soft_wrap=True)
    rest = f", {len(made.skipped)} left out" if made.skipped else ""
    out.print(f"{made.items} items in {escape(str(made.folder))}{rest}", soft_wrap=True)
    if 0 < made.stills < made.items:
        out.print(f"{made.stills} of them are stills: they are not asked about frames")
    nothing = "there is nothing to ask: no item has a question with options and a gold answer"
    out.print(escape(command or nothing), soft_wrap=True, highlight=False)
