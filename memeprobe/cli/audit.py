"""``memeprobe audit``: how often the answer reader errs on a run's own answers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from memeprobe.cli.console import AsJson, Workspace, err, out, print_json
from memeprobe.cli.terminal import interval
from memeprobe.errors import JobError
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path

if TYPE_CHECKING:
    from memeprobe.audit.sample import Case


def audit_command(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Run id, or its beginning.")],
    sample: Annotated[int, typer.Option(min=1, help="How many trials to draw.")] = 100,
    seed: Annotated[int, typer.Option(help="For the draw.")] = 0,
    sheet: Annotated[
        Path | None, typer.Option(help="The CSV to label. Default: audit-RUN.csv")
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Label here, one by one; Ctrl-C keeps what is labelled.")
    ] = False,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Draw a run's answers to label by hand, and say how often the answer reader errs.

    The first call writes the sheet. Fill its column 'label' (the letter of the option that the
    answer gives, 'none', or '?'), or give --ask; the same command then reports the error rate.
    """
    with Store(workspace_path(workspace_file)) as store:
        info = store.run(run)
        rows = store.outcomes(info.run)
    from memeprobe.audit.errors import audited
    from memeprobe.audit.sample import draw, read_labels, write_sheet

    cases = draw(rows, sample, seed)
    path = sheet or Path(f"audit-{info.run}.csv")
    labels = read_labels(path, cases) if path.exists() else {}
    if ask:
        labels = _ask(cases, labels, path)
    if not path.exists():
        write_sheet(cases, path)
    found = audited(cases, labels)
    if as_json:
        print_json({"run": info.run, "sheet": str(path), **found})
        return
    if not labels:
        out.print(
            f"{len(cases)} answers of {sum(len(c.clusters) for c in cases)} trials to label: "
            f"{escape(str(path.resolve()))}",
            soft_wrap=True,
        )
        out.print("Fill the column 'label', then give the same command again.")
        return
    _tell(found)


def _ask(cases: Sequence["Case"], labels: dict[str, str], path: Path) -> dict[str, str]:
    """Labels asked for one by one; the sheet is written after each."""
    from memeprobe.audit.sample import checked, write_sheet

    todo = [case for case in cases if case.key not in labels]
    for i, case in enumerate(todo, 1):
        out.print(f"\n[dim]{i} of {len(todo)}[/dim]  {escape(case.question)}")
        out.print(escape(case.listed))
        out.print(f"[bold]{escape(case.answer)}[/bold]")
        while case.key not in labels:
            try:
                said = typer.prompt("Gives (letter, none, ?)", err=True).strip()
            except (typer.Abort, EOFError):
                return labels
            try:
                labels[case.key] = checked(said, case, "this")
            except JobError as error:
                err.print(escape(str(error)))
        write_sheet(cases, path, labels)
    return labels


def _tell(found: dict[str, Any]) -> None:
    """The error rates, and where reader and label differ."""
    out.print(f"{found['labelled']} trials labelled, {found['open']} open.")
    for key, what in (
        ("named_wrongly", "Named wrongly, of all"),
        ("missed", "Not read, of those that give an option"),
    ):
        if found[key] is not None:
            out.print(f"{what}: {interval(found[key])}")
    for one in found["differing"][:20]:
        out.print(
            f"  read {one['read']}, labelled {one['label']}: {escape(one['answer'])!r:.200} "
            f"[dim]({escape(one['options'])})[/dim]",
            soft_wrap=True,
        )
