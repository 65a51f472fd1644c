"""``memeprobe report``: one HTML file about runs."""

from pathlib import Path
from typing import Annotated

import typer

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path

Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help="Run ids, or their beginnings.")]


def report(
    runs: Runs,
    html: Annotated[
        Path | None, typer.Option(help="Where to write it. Default: report-RUN.html")
    ] = None,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Write one self-contained HTML report about one or more runs."""
    with Store.existing(workspace_path(workspace_file)) as store:
        for run in runs:
            store.run(run)  # an id that is not known is refused before the statistics are imported
        from memeprobe import jobs

        results = [jobs.result_of(store, run) for run in runs]
        if as_json:
            plain = [result.as_json() for result in results]
            print_json(plain if len(plain) > 1 else plain[0])
            return
        path = html or Path(f"report-{results[0].record.run}.html")
        jobs.write_report(store, results, path)
    out.print(f"Report: {path.resolve()}", soft_wrap=True)
