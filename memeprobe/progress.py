"""The progress bar of a run, for command line and API alike."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def run_progress(console: Console | None = None, show: bool = True) -> Progress:
    """Trials done of trials planned, and the time left; gone when the run ends.

    Descriptions are plain text: whoever named a set or a model gives no markup.
    """
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not show,
    )
