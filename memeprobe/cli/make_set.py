"""``memeprobe make-set``: a generated set of any size, drawn by a seed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from meme_sets import BUILTIN
from meme_sets.variant import MOST_ITEMS, MOST_SEED, Variant
from memeprobe.cli.console import AsJson, err, out, print_json


def make_set_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help=f"{', '.join(BUILTIN)}.")],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="OUT", help="The new set's folder. Default: ./NAME-ITEMS-seedSEED"),
    ] = None,
    items: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_ITEMS,
            help="At least so many items, in whole groups. Default: as many as the built-in set.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MOST_SEED,
            help="Draws other clips; the same seed the same bytes. Default: the built-in set's.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a new set like a built-in one: any size, and clips that no model has seen.

    [dim]Example:[/dim]  memeprobe make-set reveal --items 400 --seed 7
    """
    # Imported here: drawing takes the renderer, which no list and no help needs.
    from meme_sets.build import make_set
    from memeprobe.experiment.run_command import run_command
    from memeprobe.progress import run_progress

    variant = Variant(items, seed)
    with run_progress(err, err.is_terminal) as bar:
        task = bar.add_task(f"drawing {variant.name(name)}", total=None)
        made = make_set(
            name,
            folder or Path(variant.name(name)),
            variant,
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    command = run_command(made)
    if as_json:
        print_json(
            {
                "folder": str(made.folder),
                "name": made.name,
                "items": len(made.items),
                "content": made.content_sha256(),
                "command": command,
            }
        )
        return
    out.print(f"{len(made.items)} items in {escape(str(made.folder))}", soft_wrap=True)
    out.print(escape(command or ""), soft_wrap=True, highlight=False)
