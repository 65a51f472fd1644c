"""``memeprobe mlflow``: runs among those of MLflow."""

from typing import Annotated

import typer
from rich.markup import escape

from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path


def mlflow_command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Run ids.")],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URI",
            help="A tracking server's address or a folder. Default: as MLflow is set up here.",
        ),
    ] = None,
    experiment: Annotated[str, typer.Option(help="MLflow's name for a group of runs.")] = (
        "memeprobe"
    ),
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Log runs to MLflow: parameters, figures with their limits, verdicts, report and answers.

    A run that was logged before is brought up to date.
    """
    with Store.existing(workspace_path(workspace_file)) as store:
        named = [store.run(run).run for run in runs]  # refused before statistics are imported
        from memeprobe import jobs
        from memeprobe.report.mlflow_log import log_to_mlflow

        made = []
        for run in named:
            logged_run = jobs.stored(store, run)
            place, logged = log_to_mlflow(
                logged_run, jobs.report(store, [logged_run.result]), to, experiment
            )
            made.append({"run": run, "experiment": place, "mlflow_run": logged})
    if as_json:
        print_json(made)
        return
    for one in made:
        out.print(f"{one['run']}: MLflow run {escape(one['mlflow_run'])}", soft_wrap=True)
