"""``memeprobe run --batch-out`` and ``--batch-in``: a run that is asked by batch files."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from memeprobe.cli.console import err, out
from memeprobe.errors import JobError
from memeprobe.experiment.plan import plain
from memeprobe.progress import run_progress
from memeprobe.store.store import Store

if TYPE_CHECKING:
    from memeprobe.experiment.experiment import Experiment
    from vlm.server.batch_files import BatchFiles

SCHEME = "batch:"
_PANEL = "Batch files (docs/servers.md), for models named batch:FORM#MODEL"
Out = Annotated[
    Path | None,
    typer.Option(
        "--batch-out", help="Write what is to be asked into this folder.", rich_help_panel=_PANEL
    ),
]
In = Annotated[
    list[Path] | None,
    typer.Option(
        "--batch-in",
        help="Read answers from a file, or a folder's .jsonl files; may stand several times.",
        rich_help_panel=_PANEL,
    ),
]
Lines = Annotated[
    int | None,
    typer.Option(min=1, help="Requests of a file. Default: by form.", rich_help_panel=_PANEL),
]
Size = Annotated[
    int | None,
    typer.Option(min=1, help="Bytes of a file. Default: by form.", rich_help_panel=_PANEL),
]


@dataclass(frozen=True)
class Asked:
    """What the options say."""

    out: Path | None = None
    read: tuple[Path, ...] = ()
    lines: int | None = None
    size: int | None = None

    @property
    def given(self) -> bool:
        """Whether there are files to write or read."""
        return self.out is not None or bool(self.read)


def batch_files(
    batch_out: Out = None,
    batch_in: In = None,
    batch_lines: Lines = None,
    batch_bytes: Size = None,
) -> Asked:
    """The options together."""
    return Asked(batch_out, tuple(batch_in or ()), batch_lines, batch_bytes)


def check(asked: Asked, model: str, judge: str | None) -> None:
    """Raise JobError where files and model do not go together."""
    if asked.given != model.startswith(SCHEME):
        raise JobError(
            f"{model} is asked by files: give --batch-out FOLDER to write them or --batch-in to "
            "read the answers"
            if not asked.given
            else "--batch-out and --batch-in go with a model that is asked by files: "
            f"--model batch:openai#NAME (or dashscope, zhipu, vllm), not {model}"
        )
    if judge is not None and judge.startswith(SCHEME):
        raise JobError(f"{judge} cannot judge: it would have to wait for the answers it judges")


def scoring(asked: str, model: str) -> str:
    """How options are chosen: a harness that keeps words alone is asked with the options listed
    from the start."""
    if asked != "auto" or not model.startswith(SCHEME):
        return asked
    from vlm.server.batch import FORMS

    form = FORMS.get(model.removeprefix(SCHEME).partition("#")[0])
    return "listed" if form is not None and not form.weighs else asked


@contextmanager
def opened(asked: Asked, experiments: "list[Experiment]") -> "Iterator[BatchFiles]":
    """The files, given to the model of the experiments. Raises ModelError: they cannot be used."""
    from vlm.server.batch import BatchModel
    from vlm.server.batch_files import BatchFiles, Replies

    model = plain(experiments[0].model)
    assert isinstance(model, BatchModel)
    with ExitStack() as stack:
        files = BatchFiles(Replies.of(asked.read))
        if asked.out is not None:
            lines, size = asked.lines or model.form.lines, asked.size or model.form.size
            files.writer = stack.enter_context(model.form.writer(asked.out, lines, size))
        model.files = files
        yield files


def run_files(
    experiment: "Experiment", store: Store, quiet: bool, run_file: Path | None = None
) -> str:
    """Answer from the files what they answer, and write down what they do not; the run's id."""
    from memeprobe.running.runner import run

    title = f"{experiment.model.name} on {experiment.meme_set.name}"
    with run_progress(err, err.is_terminal and not quiet) as bar:
        task = bar.add_task(title, total=None)

        def started(name: str) -> None:
            if run_file is not None:
                run_file.write_text(name, "utf-8")

        return run(
            experiment,
            store,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            started=started,
            live=False,
        )


def summary(files: "BatchFiles") -> dict[str, Any]:
    """What became of the files, as plain values."""
    writer, replies = files.writer, files.replies
    return {
        "written": [str(p) for p in writer.files] if writer is not None else [],
        "requests": len(writer) if writer is not None else 0,
        "answered": len(replies.used & replies.answered.keys()),
        "refused": len(replies.used - replies.answered.keys()),
        "left": len(files.left),
        "twice": replies.twice,
        "unused": replies.unused,
        "strangers": replies.strangers,
        "broken": replies.broken,
    }


def show(files: "BatchFiles", read: bool) -> None:
    """The same in lines."""
    found = summary(files)
    if read:
        parts = [f"{found['answered']:,} answers read"]
        for name, words in (
            ("refused", "refused by the server (those trials failed; the next file asks again)"),
            ("twice", "given twice (the first one counts)"),
            ("unused", "not asked for by this run now (read before, or of another run)"),
            ("strangers", "with an id that is not memeprobe's"),
        ):
            if found[name]:
                parts.append(f"{found[name]:,} {words}")
        out.print("; ".join(parts), soft_wrap=True)
        if found["broken"]:
            first = escape(found["broken"][0])
            many = f"{len(found['broken']):,} lines hold no answer"
            out.print(f"{many}, the first: {first}", soft_wrap=True)
    if found["left"]:
        how = "" if files.writer is not None else "; --batch-out FOLDER writes them"
        out.print(f"{found['left']:,} requests are left to ask{how}")
    if files.writer is not None:
        names = ", ".join(p.name for p in files.writer.files) or "no file: nothing is left"
        where = escape(str(files.writer.folder))
        out.print(f"{found['requests']:,} requests written to {where}: {names}", soft_wrap=True)
