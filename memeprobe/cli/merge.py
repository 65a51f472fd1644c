"""``memeprobe merge``: stores of several machines into one, and the parts of a run with them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cache.file import file_beside
from memeprobe.cli.console import AsJson, out, print_json
from memeprobe.errors import JobError
from memeprobe.store.merging import merge


def part_of(shard: str | None) -> tuple[int, int] | None:
    """(i, n) of 'i/n'. Raises JobError for anything else."""
    if shard is None:
        return None
    part, slash, parts = shard.partition("/")
    if not slash or not part.strip().isdecimal() or not parts.strip().isdecimal():
        raise JobError(f"--shard is {shard!r}; write it as 2/8, the second of eight parts")
    return int(part), int(parts)


def merge_command(
    stores: Annotated[list[Path], typer.Argument(metavar="STORE...", help="Files to take over.")],
    into: Annotated[Path, typer.Option("--into", help="The file that gets all; made if missing.")],
    as_json: AsJson = False,
) -> None:
    """Merge stores of several machines or shards into one.

    The stores are only read. Parts of one run (memeprobe run --shard 2/8) become that run; what
    two stores both hold stays once. Doing it again changes nothing. The cache beside a store is
    passed over.

    [dim]Example:[/dim]  memeprobe merge a.sqlite b.sqlite --into whole.sqlite
    """
    caches = {file_beside(store) for store in stores}  # a pattern such as *.sqlite finds them too
    found = merge([store for store in stores if store not in caches], into)
    if as_json:
        print_json({"into": str(into.resolve()), **asdict(found)})
        return
    size = f"{found.runs:,} runs, {found.trials:,} trials, {found.answers:,} answers"
    out.print(f"{escape(str(into))}: {size}", soft_wrap=True)
    for run, (done, planned) in found.missing.items():
        out.print(
            f"Run {run} has {done:,} of at most {planned:,} trials: a shard is missing or not at "
            "its end. `memeprobe run` without --shard asks what is left.",
            soft_wrap=True,
        )
