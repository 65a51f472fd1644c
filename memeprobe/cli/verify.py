"""``memeprobe verify``: a user with real weights runs it once."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cli.common import load_options
from memeprobe.cli.console import out
from memeprobe.cli.groups import grouped
from memeprobe.errors import JobError
from vlm import LoadOptions, check_spec, load_model, source_of


@grouped(loading=load_options)
def verify(
    *,
    model: Annotated[str, typer.Argument(help="A name, a directory or a hub id.")],
    against: Annotated[
        Path | None, typer.Option(help="Compare with a file that --record wrote elsewhere.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="Write prompt ids, first tokens and answers into this file.")
    ] = None,
    loading: LoadOptions,
) -> None:
    """Compare a loaded model with transformers' own code, or with recorded results.

    Token ids of the prompt, the likeliest first tokens, and a greedy answer to fixed questions
    about drawn pictures. Exit code 2 where they differ by more than rounding.

    [dim]Example:[/dim]  memeprobe verify qwen2.5-vl-7b --record here.json
    """
    check_spec(model)
    from vlm import verify as checks

    expected = None
    if against is not None:
        try:
            expected = checks.read(json.loads(against.read_text(encoding="utf-8")))
        except (OSError, json.JSONDecodeError) as error:
            raise JobError(f"cannot read {against}: {error}") from error
    loaded = load_model(model, loading)
    looks = checks.questions(2)
    made = [checks.record(loaded, look) for look in looks]
    if record is not None:
        record.write_text(json.dumps(checks.expectations(made)), encoding="utf-8")
    if expected is not None and len(expected) != len(made):
        raise JobError(f"{against} holds {len(expected)} questions, there are {len(made)}")
    wrong = compared = 0
    for i, (look, ours) in enumerate(zip(looks, made, strict=True)):
        other = checks.theirs(loaded, source_of(model), look) if expected is None else expected[i]
        name = f"question {i + 1} ({len(look.images)} pictures)"
        if other is None:
            out.print(escape(f"{name}: transformers has no code for this; see --against"))
            continue
        compared += 1
        found = checks.compare(ours, other)
        wrong += bool(found)
        out.print(escape(f"{name}: {'; '.join(found) or 'the same'}"), soft_wrap=True)
    if wrong or not compared:
        raise typer.Exit(2)
