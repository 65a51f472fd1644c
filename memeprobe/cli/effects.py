"""``memeprobe effects``: a mixed-effects model over runs."""

from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.messages import labels
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path


def effects_command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Run ids.")],
    condition: Annotated[
        list[str] | None,
        typer.Option("--condition", "-c", help="Conditions; the first is what others differ from."),
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Fit one mixed-effects model to several runs: models and conditions fixed, items random.

    [dim]Example:[/dim]  memeprobe effects RUN RUN -c keyframes -c first
    """
    with Store(workspace_path(workspace_file)) as store:
        for run in runs:
            store.run(run)  # an id that is not known is refused before the statistics are imported
        from memeprobe.comparison.mixed_effects import effects
        from memeprobe.comparison.runs import same_items
        from memeprobe.measures import Table as Rows

        infos = [store.run(run) for run in runs]
        if len(infos) > 1:
            infos = same_items(infos)
        tables = {f"{i.model} ({i.run})": Rows.of(store.outcomes(i.run)) for i in infos}
    found = effects(tables, tuple(condition or ("keyframes", "first")))
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    start = found["intercept"]
    table = Table(
        title=escape(f"From {start['run']}, {labels.condition(start['condition'])}"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for column in ("effect", "points [95 %]", "p"):
        table.add_column(column, justify="left" if column == "effect" else "right")
    for name, one in found["effects"].items():
        numbers = [f"{100 * one[k]:.1f}" for k in ("value", "low", "high")]
        p = "< 0.001" if one["p"] < 0.001 else f"{one['p']:.3f}"
        table.add_row(escape(name), f"{numbers[0]} [{numbers[1]}, {numbers[2]}]", p)
    out.print(table)
    out.print(
        f"{found['trials']} trials on {found['clusters']} clusters of items; standard deviation "
        f"between clusters {100 * found['between_items']:.1f} points, within "
        f"{100 * found['within_items']:.1f}."
    )
    if not found["converged"]:
        out.print("[yellow]The fit did not converge; do not rely on it.[/yellow]")
