"""The commands put together, and how the program ends."""

import os
import sys
from collections.abc import Callable

import typer

from frames import MediaError
from meme_sets import SetError
from memeprobe import jobs
from memeprobe.cli.calibrate import calibrate_command
from memeprobe.cli.common import fail
from memeprobe.cli.imports import import_command
from memeprobe.cli.lists import models, sets
from memeprobe.cli.look import look_command
from memeprobe.cli.report import report
from memeprobe.cli.run import demo, run
from memeprobe.cli.tables import compare_command, export
from memeprobe.comparison.runs import CompareError
from memeprobe.experiment.spec import SpecError
from memeprobe.report.export import ExportError
from memeprobe.store.store import StoreError
from vlm import ModelError

KNOWN_ERRORS = (
    MediaError,
    SetError,
    ModelError,
    SpecError,
    StoreError,
    jobs.JobError,
    CompareError,
    ExportError,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Measures what a vision-language model does with memes and animated GIFs: whether it "
    "answers from the first frame only, and whether it reads the caption.\n\n"
    "Start with [bold]memeprobe look FILE[/bold] for one meme, or "
    "[bold]memeprobe demo[/bold] for the whole job with the embedded model.",
)
COMMANDS: dict[str, Callable[..., None]] = {
    "look": look_command,
    "run": run,
    "report": report,
    "models": models,
    "sets": sets,
    "import": import_command,
    "demo": demo,
    "compare": compare_command,
    "export": export,
    "calibrate": calibrate_command,
}
for name, command in COMMANDS.items():
    app.command(name)(command)


def main() -> None:
    """Run the command line; known errors are one line and exit code 2, Ctrl-C is 130."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    try:
        app()
    except jobs.Stopped as stopped:
        fail(stopped)
        sys.exit(130)
    except KNOWN_ERRORS as error:
        fail(error)
        sys.exit(2)
    except BrokenPipeError:
        # `memeprobe models | head` ends quietly. Not by the signal SIGPIPE's default: that would
        # also end a run whose server cuts a connection.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
