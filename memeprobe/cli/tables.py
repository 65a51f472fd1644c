"""``memeprobe compare`` and ``export``: runs side by side, and as files for other programs."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.cli.terminal import interval
from memeprobe.errors import JobError, unknown
from memeprobe.messages import labels
from memeprobe.report.formats import FORMATS
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path


def compare_command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Run ids.")],
    parity: Annotated[
        bool,
        typer.Option(
            "--parity",
            help="Two runs of one checkpoint behind two stacks: do the answers agree, and are they "
            "as often right within a margin? Shows both answers where they differ.",
        ),
    ] = False,
    margin: Annotated[
        float | None,
        typer.Option(help="Of --parity: the share of right answers that counts as no difference."),
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs on the same items with the first one: differences, tests, items that flip.

    p: exact test of the paired difference (for items that stand alone McNemar's), adjusted by
    Holm for the number of conditions. Gained and lost: items right in one of the two only.
    """
    if margin is not None and not parity:
        raise JobError("--margin goes with --parity")
    with Store.existing(workspace_path(workspace_file)) as store:
        for run in runs:
            store.run(run)  # an id that is not known is refused before the statistics are imported
        if parity:
            from memeprobe.cli.parity import show

            show(store, runs, margin, as_json)
            return
        from memeprobe.comparison.runs import compare

        found = compare(store, runs)
    if as_json:
        print_json(found)
        return
    _tables(found)


def _tables(found: dict[str, Any]) -> None:
    names = {r["run"]: f"{r['model']}, {r['delivery']} ({r['run']})" for r in found["runs"]}
    for one in found["comparisons"]:
        table = Table(
            title=f"{escape(names[one['second']])} against {escape(names[one['first']])}",
            title_justify="left",
            box=box.SIMPLE_HEAD,
        )
        for column in (
            "condition",
            "first",
            "second",
            "difference [95 %]",
            "p (Holm)",
            "gained",
            "lost",
        ):
            table.add_column(
                column, justify="left" if column == "condition" else "right", no_wrap=True
            )
        for condition, row in one["conditions"].items():
            d = row["difference"]
            difference = f"{d['value']:+.2f} [{d['low']:+.2f}, {d['high']:+.2f}]"
            table.add_row(
                labels.condition(condition),
                interval(row["first"]),
                interval(row["second"]),
                difference,
                f"{row['p_holm']:.3g}",
                str(len(row["gained"])),
                str(len(row["lost"])),
            )
        out.print(table)
        out.print(one["summary"])


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Run id, or its beginning.")],
    form: Annotated[str, typer.Option("--format", "-f", help=f"{', '.join(FORMATS)}.")] = "csv",
    to: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file. Default: run-RUN and a suffix.")
    ] = None,
    workspace_file: Workspace = None,
) -> None:
    """Write a run for other programs: tables, LaTeX, Inspect logs, Every Eval Ever.

    parquet and csv: one row per trial; latex and markdown: the figures; inspect: a log that
    ``inspect view`` opens, with the pictures, prompts, answers and scores of every trial;
    every-eval-ever: the figures with their intervals as that project's JSON.
    """
    if form not in FORMATS:
        raise JobError(unknown("format", form, FORMATS))
    with Store.existing(workspace_path(workspace_file)) as store:
        info = store.run(run)  # refuses an id that is not known before statistics are imported
        from memeprobe.jobs import write_export

        path = to or Path(f"run-{info.run}{FORMATS[form][0]}")
        write_export(store, info.run, form, path)
    out.print(f"{form}: {escape(str(path.resolve()))}", soft_wrap=True)
