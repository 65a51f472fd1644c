"""``memeprobe import``: sets made of local copies of public data sets."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cli.console import AsJson, err, out, print_json
from memeprobe.errors import JobError, unknown


def import_command(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="labels, tgif_qa, memecap, hateful_memes, vinoground or hf_dataset; "
            "docs/importers.md says what each takes.",
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
    # Imported here: importers may need packages that nothing else does.
    from meme_sets.importers import import_set, importers

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
    if as_json:
        print_json({"folder": str(made.folder), "items": made.items, "skipped": list(made.skipped)})
        return
    for line in made.skipped[:5]:
        err.print(f"[yellow]left out: {escape(line)}[/yellow]", soft_wrap=True)
    rest = f", {len(made.skipped)} left out" if made.skipped else ""
    out.print(
        f"{made.items} items in {escape(str(made.folder))}{rest}: "
        f"memeprobe run {escape(str(made.folder))}",
        soft_wrap=True,
    )
