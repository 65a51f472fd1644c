"""The commands put together, and how the program ends.

Each command's module is imported when the command is called, and not before: what one command
needs (a model, the statistics) costs the others no time, and ``--help`` answers at once.
"""

import errno
import importlib
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from memeprobe.cli.console import fail, out
from memeprobe.cli.ending import end_by, signals
from memeprobe.errors import Paused, Stopped
from memeprobe.workers.slots import note_paused

COMMANDS: dict[str, tuple[str, str]] = {
    "look": (
        "memeprobe.cli.look:look_command",
        "Look at single memes: keyframes, captions with their times, the model's answers.",
    ),
    "run": (
        "memeprobe.cli.run:run",
        "Ask a model about a whole set under every condition, and say what that shows.",
    ),
    "runs": (
        "memeprobe.cli.runs:runs_command",
        "List the runs of the workspace, latest first; give one a name and a note.",
    ),
    "report": (
        "memeprobe.cli.report:report",
        "Write one self-contained HTML report about one or more runs.",
    ),
    "models": (
        "memeprobe.cli.lists:models",
        "List the models known by name; any directory or hub id with an adapter works too.",
    ),
    "sets": (
        "memeprobe.cli.lists:sets",
        "List the built-in sets; any folder of media works too (docs/sets.md).",
    ),
    "import": (
        "memeprobe.cli.imports:import_command",
        "Make a set of a local copy of a public data set, or of a folder with labels.",
    ),
    "make-set": (
        "memeprobe.cli.make_set:make_set_command",
        "Draw a new set like a built-in one: any size, and clips that no model has seen.",
    ),
    "demo": (
        "memeprobe.cli.demo:demo",
        "Run the whole job with the embedded model: both probes, two verdicts, one HTML report.",
    ),
    "compare": (
        "memeprobe.cli.tables:compare_command",
        "Compare runs on the same items with the first one: differences, tests, items that flip.",
    ),
    "recipes": (
        "memeprobe.cli.recipes:recipes",
        "Send each clip as applications do, and say which way serves the model best.",
    ),
    "sweep": (
        "memeprobe.cli.sweep:sweep_command",
        "Ask a model under several doses: how many frames, how large, delivered how.",
    ),
    "leaderboard": (
        "memeprobe.cli.leaderboard:leaderboard_command",
        "Rank models on the same items: figures, differences, ranks with their uncertainty.",
    ),
    "effects": (
        "memeprobe.cli.effects:effects_command",
        "Fit one mixed-effects model to several runs: models and conditions fixed, items random.",
    ),
    "human": (
        "memeprobe.cli.human:human_command",
        "Enter people's answers to a set, to compare and rank models against them.",
    ),
    "agreement": (
        "memeprobe.cli.agreement:agreement_command",
        "Say how far several people, or models, agree: Krippendorff's alpha.",
    ),
    "export": (
        "memeprobe.cli.tables:export",
        "Write a run for other programs: tables, LaTeX, Inspect logs, Every Eval Ever.",
    ),
    "mlflow": (
        "memeprobe.cli.mlflow:mlflow_command",
        "Log runs to MLflow: parameters, figures with their limits, verdicts, report and answers.",
    ),
    "croissant": (
        "memeprobe.cli.croissant:croissant_command",
        "Write a set's Croissant metadata (JSON-LD) beside it: files, hashes, fields of its items.",
    ),
    "audit": (
        "memeprobe.cli.audit:audit_command",
        "Draw a run's answers to label by hand, and say how often the answer reader errs.",
    ),
    "calibrate": (
        "memeprobe.cli.calibrate:calibrate_command",
        "Run every probe on subjects whose bias is known, and say what it called them.",
    ),
    "serve": (
        "memeprobe.cli.serve:serve_command",
        "Serve memeprobe over HTTP: clips, captions, models, runs; /docs shows how.",
    ),
    "cache": (
        "memeprobe.cli.cache:cache_command",
        "Show or clear what is kept of pictures: readings, keyframes, edited captions.",
    ),
    "kept": (
        "memeprobe.cli.kept:kept_command",
        "List or remove the results of Explore that are kept under a link.",
    ),
    "proxy": (
        "memeprobe.cli.proxy:proxy_command",
        "Stand before a model's server and say what an application really sends of a GIF.",
    ),
    "doctor": (
        "memeprobe.cli.doctor:doctor",
        "Say what a model will get before a run, or whether the installation is sound.",
    ),
    "verify": (
        "memeprobe.cli.verify:verify",
        "Compare a loaded model with transformers' own code, or with recorded results.",
    ),
    "convert": (
        "memeprobe.cli.convert:convert",
        "Make whole weights of delta weights (Vicuna v0, Ziya-LLaMA), as safetensors.",
    ),
    "store": (
        "memeprobe.cli.upkeep:store_command",
        "Check, back up or prune the file that keeps runs and answers.",
    ),
    "merge": (
        "memeprobe.cli.merge:merge_command",
        "Merge stores of several machines or shards into one.",
    ),
    "app": (
        "memeprobe.cli.pages:app_command",
        "Open the pages in a browser, served on this machine only.",
    ),
}
"""Command -> its function ('module:name') and its line in ``memeprobe --help``, which is the first
line of the function's docstring (a test compares them)."""

KNOWN_ERRORS = (
    "frames.errors:MediaError",
    "meme_sets.errors:SetError",
    "ocr.caption:OcrError",
    "vlm.errors:ModelError",
    "memeprobe.errors:JobError",
    "memeprobe.experiment.spec:SpecError",
    "memeprobe.store.store:StoreError",
    "memeprobe.kept_looks:KeptError",
    "memeprobe.comparison.runs:CompareError",
    "memeprobe.comparison.mixed_effects:MixedError",
    "memeprobe.report.stored:ExportError",
)
"""What the user can mend ('module:name'): one line and exit code 2. Anything else is a defect of
memeprobe and keeps its traceback."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
"""A disk that takes nothing more, wherever that is met: of stdout, too, when a shell leads it to a
file."""


class LazyGroup(TyperGroup):
    """The commands of the table above; the one that is called is imported, the others are not."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, (_, about) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=about)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, placeholder, rest = super().resolve_command(ctx, args)
        return name, placeholder if name is None else load_command(name), rest


def load_command(name: str) -> TyperCommand:
    """The command with its options, made of its function."""
    module, function = COMMANDS[name][0].split(":")
    single = typer.Typer(add_completion=False, rich_markup_mode="rich")
    single.command(name)(getattr(importlib.import_module(module), function))
    command = typer.main.get_command(single)
    assert isinstance(command, TyperCommand)
    return command


def _print_version(wanted: bool) -> None:
    if wanted:
        from memeprobe.version import __version__

        out.print(f"memeprobe {__version__}", highlight=False)
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Measures what a vision-language model does with memes and animated GIFs: whether it "
    "answers from the first frame only, and whether it reads the caption.\n\n"
    "Start with [bold]memeprobe look FILE[/bold] for one meme, or "
    "[bold]memeprobe demo[/bold] for the whole job with the embedded model.",
)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Options of the program itself; ``--version`` acts by its callback."""


def is_known(error: Exception) -> bool:
    """Whether the user can mend it. A class whose module was never imported cannot be raised."""
    for path in KNOWN_ERRORS:
        module, name = path.split(":")
        if module in sys.modules and isinstance(error, getattr(sys.modules[module], name)):
            return True
    return False


def main() -> None:
    """Run the command line; known errors end in one line and 2, Ctrl-C in 130, SIGTERM in 143."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    with signals() as came:
        try:
            _command()
        except BaseException as error:
            # A command that Ctrl-C is meant to end (a recording, a server) has ended well.
            if came and not (isinstance(error, SystemExit) and not error.code):
                if not isinstance(error.__context__, Stopped):
                    fail("stopped; of a run, the same command goes on with what was answered")
                end_by(came[0])
            raise


def _command() -> None:
    try:
        app(prog_name="memeprobe")
    except Stopped as stopped:
        fail(stopped)
        sys.exit(130)
    except BrokenPipeError:
        # `memeprobe models | head` ends quietly. Not by the signal SIGPIPE's default: that would
        # also end a run whose server cuts a connection.
        _say_no_more()
        sys.exit(141)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            _say_no_more()
            fail(f"cannot write {error.filename or 'what is printed'}: {error.strerror}")
        elif is_known(error):
            if isinstance(error, Paused):
                note_paused(str(error))
            fail(error)
        else:
            raise
        sys.exit(2)


def _say_no_more() -> None:
    """What waits to be written to stdout has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
