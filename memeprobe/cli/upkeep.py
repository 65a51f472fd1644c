"""``memeprobe store``: is the workspace whole, a copy of it, runs taken out of it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.errors import JobError, unknown
from memeprobe.store import upkeep
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path

ACTIONS = ("check", "backup", "prune")


def store_command(
    action: Annotated[str, typer.Argument(metavar="ACTION", help=f"{', '.join(ACTIONS)}.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", help="backup: the new file. prune: the runs' ids."),
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Check, back up or prune the file that keeps runs and answers.

    [bold]check[/bold] reads all of it and says what is damaged (exit code 1).
    [bold]backup FILE[/bold] makes a whole copy, also while a run goes on.
    [bold]prune RUN...[/bold] takes runs out, with the answers that only they use.
    """
    path, given = workspace_path(workspace_file), list(names or ())
    if action == "check" and not given:
        _check(path, as_json)
    elif action == "backup" and len(given) == 1:
        made = upkeep.backup(path, Path(given[0]))
        _tell({"backup": str(made.resolve())}, f"Copied to {made.resolve()}", as_json)
    elif action == "prune" and given:
        with Store.existing(path) as store:
            runs = [store.run(name).run for name in given]
        rows = upkeep.prune(path, runs)
        _tell({"pruned": runs, "rows": rows}, f"Taken out: {', '.join(runs)}", as_json)
    elif action in ACTIONS:
        raise JobError(
            "write memeprobe store check, memeprobe store backup FILE, or memeprobe store prune RUN"
        )
    else:
        raise JobError(unknown("action", action, ACTIONS))


def _check(path: Path, as_json: bool) -> None:
    found = upkeep.check(path)
    if as_json:
        print_json(asdict(found))
    else:
        size = f"{found.runs:,} runs, {found.trials:,} trials, {found.answers:,} answers"
        out.print(f"{escape(found.path)}: {size}, {found.bytes / 1e6:,.1f} MB", soft_wrap=True)
        for line in found.findings:
            out.print(f"[red]damaged:[/red] {escape(line)}", soft_wrap=True)
        if not found.findings:
            out.print("It is whole.")
    if found.findings:
        raise typer.Exit(1)


def _tell(values: dict[str, object], line: str, as_json: bool) -> None:
    if as_json:
        print_json(values)
    else:
        out.print(escape(line), soft_wrap=True)
