"""``memeprobe human``: people's answers as a baseline in the same store."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from meme_sets import load_set
from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.errors import JobError
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path


def human_command(
    meme_set: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    answers: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV; --form writes it.")],
    name: Annotated[str, typer.Option(help="Who answered; each name is a run of its own.")] = "a",
    form: Annotated[bool, typer.Option("--form", help="Write the empty form and stop.")] = False,
    language: Annotated[str, typer.Option("--language", "-l", help="en or zh.")] = "en",
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Enter people's answers to a set, to compare and rank models against them.

    [dim]Example:[/dim]  memeprobe human reveal form.csv --form, fill its column 'answer', then
    memeprobe human reveal form.csv --name anna, then memeprobe leaderboard RUN HUMAN-RUN
    """
    from memeprobe.human import enter, read_form, write_form

    chosen = load_set(meme_set)
    if form:
        if answers.exists():
            raise JobError(f"{answers} exists; choose another file for the form")
        count = write_form(chosen, language, answers)
        out.print(f"{count} questions: {escape(str(answers.resolve()))}", soft_wrap=True)
        return
    rows = read_form(answers)
    with Store(workspace_path(workspace_file)) as store:
        run = enter(store, chosen, rows, name, language, str(answers))
    if as_json:
        print_json({"run": run, "answers": len(rows), "model": f"human:{name}"})
        return
    out.print(f"Run {run}: {len(rows)} answers of human:{escape(name)}", soft_wrap=True)
