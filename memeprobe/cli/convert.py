"""``memeprobe convert``: published weights into the form in which they can be loaded."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cli.console import out
from memeprobe.errors import JobError, unknown

KINDS = ("delta",)


def convert(
    kind: Annotated[str, typer.Argument(help="delta.")],
    base: Annotated[str, typer.Argument(help="The original: a directory or a hub id.")],
    delta: Annotated[str, typer.Argument(help="The difference to it: a directory or a hub id.")],
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="A directory that is not there.")],
) -> None:
    """Make whole weights of delta weights (Vicuna v0, Ziya-LLaMA), as safetensors.

    [dim]Example:[/dim]  memeprobe convert delta ./llama-7b ./vicuna-7b-delta-v0 ./vicuna-7b
    """
    if kind not in KINDS:
        raise JobError(unknown("conversion", kind, KINDS))
    from vlm.convert import convert_delta
    from vlm.hub import absolute

    count = convert_delta(absolute(base), absolute(delta), folder.expanduser().absolute())
    out.print(escape(f"{folder}: {count:,} tensors"), highlight=False, soft_wrap=True)
