"""``memeprobe croissant``: a set's metadata for catalogues and loaders of data sets."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from meme_sets import BUILTIN, load_set
from memeprobe.cli.console import out
from memeprobe.errors import JobError
from memeprobe.files import whole_file


def croissant_command(
    source: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The file. Default: croissant.json in the set's folder, of a built-in set here.",
        ),
    ] = None,
) -> None:
    """Write a set's Croissant metadata (JSON-LD) beside it: files, hashes, fields of its items.

    Readers such as mlcroissant find the set's files relative to it.
    """
    from meme_sets.croissant import croissant

    meme_set = load_set(source)
    path = to or (Path() if source in BUILTIN else meme_set.folder) / "croissant.json"
    try:
        text = json.dumps(croissant(meme_set), ensure_ascii=False, indent=2)
        with whole_file(path) as beside:
            beside.write_text(text, encoding="utf-8")
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror}") from error
    out.print(f"{len(meme_set.items)} items: {escape(str(path.resolve()))}", soft_wrap=True)
