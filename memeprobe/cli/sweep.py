"""``memeprobe sweep``: one model over numbers of keyframes, resolutions and deliveries."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from frames import Limits
from meme_sets import load_set
from memeprobe.cli.common import (
    ModelOption,
    Policy,
    check_request,
    limits,
    load_options,
    ocr_engine,
)
from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.cli.groups import grouped
from memeprobe.cli.run import Conditions, Language, Limit, Sample, Seed, run_one
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path
from ocr import DEFAULT_POLICY
from vlm import LoadOptions

if TYPE_CHECKING:
    from memeprobe.comparison.sweep import Dose
    from vlm import Model


KeyframeNumbers = Annotated[str, typer.Option("--keyframes", "-k", help="Numbers, with commas.")]
Sides = Annotated[
    str, typer.Option(help="Pixels on the longer side, with commas; full = as they are.")
]
Deliveries = Annotated[
    str | None, typer.Option("--delivery", "-d", help="Deliveries, with commas.")
]


@grouped(loading=load_options, accepted=limits, engine=ocr_engine)
def sweep_command(
    *,
    meme_set: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    model: ModelOption = "blip-nano",
    keyframes: KeyframeNumbers = "1,2,4,8",
    side: Sides = "full",
    delivery: Deliveries = None,
    by: Annotated[
        str | None, typer.Option(help="Split by kind, language or time (of the caption).")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write table and picture to a page.")] = None,
    policy: Policy = DEFAULT_POLICY,
    language: Language = "en",
    limit: Limit = None,
    sample: Sample = None,
    condition: Conditions = None,
    seed: Seed = 0,
    engine: str,
    loading: LoadOptions,
    accepted: Limits,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Ask a model under several doses: how many frames, how large, delivered how.

    Every combination is a run of its own, which the same command goes on with; accuracy and bias
    index stand in one table, paired by item with the first combination.

    [dim]Example:[/dim]  memeprobe sweep reveal -k 1,2,4,8 --side full,112 --html sweep.html
    """
    check_request(model, None, policy, engine)
    ks, sides = _numbers("--keyframes", keyframes, 1, 64), _sides(side)
    chosen = load_set(meme_set)
    from memeprobe import jobs  # all that can be checked without a model is checked
    from memeprobe.comparison.sweep import ASKED, BY, doses, swept

    if by is not None and by not in BY:
        raise JobError(unknown("group", by, BY))
    spec = RunSpec(
        meme_set,
        model,
        k=max(ks),
        policy=policy,
        language=language,
        limit=limit,
        conditions=tuple(condition or ASKED),
        engine=engine,
        seed=seed,
        limits=accepted,
        sample=sample,
    )
    asked = jobs.model_for(model, chosen, language, loading, accepted)
    deliveries = [d.strip() for d in (delivery or asked.deliveries[0]).split(",")]
    with Store(workspace_path(workspace_file)) as store:
        tables = {
            dose: _asked(dose, spec, chosen, asked, loading, store, as_json)
            for dose in doses(ks, sides, deliveries)
        }
    _tell({"model": asked.name, "set": chosen.name, **swept(tables, by)}, html, as_json)


def _asked(
    dose: "Dose",
    spec: RunSpec,
    meme_set: Any,
    model: "Model",
    loading: LoadOptions,
    store: Store,
    quiet: bool,
) -> Any:
    """The rows of one dose's run, which is asked or gone on with."""
    from dataclasses import replace

    from memeprobe.comparison.sweep import possible
    from memeprobe.experiment.experiment import Experiment
    from memeprobe.measures import Table as Rows
    from memeprobe.running.downscaled import Downscaled

    shown = model if dose.side is None else Downscaled(model, dose.side)
    names = possible(spec.conditions or (), dose.k)
    one = replace(spec, k=dose.k, delivery=dose.delivery, conditions=names)
    result = run_one(Experiment.of(one, meme_set, shown, loading), store, quiet)
    return Rows.of(store.outcomes(result.record.run))


def _numbers(option: str, text: str, least: int, most: int) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(p.isascii() and p.isdecimal() and least <= int(p[:9]) <= most for p in parts):
        raise JobError(f"{option} takes numbers from {least} to {most} with commas, got {text!r}")
    return [int(p) for p in parts]


def _sides(text: str) -> list[int | None]:
    found: list[int | None] = []
    for part in text.split(","):
        full = part.strip() == "full"
        found.append(None if full else _numbers("--side", part, 8, 4096)[0])
    return found


def _tell(found: dict[str, Any], html: Path | None, as_json: bool) -> None:
    from memeprobe.report import sweep as report

    if html is not None:
        try:
            html.parent.mkdir(parents=True, exist_ok=True)
            report.html(found, html)
        except OSError as error:
            raise JobError(f"cannot write {html}: {error.strerror}") from error
    if as_json:
        print_json(found)
        return
    for caption, head, rows in filter(None, (report.table(found), report.groups(found))):
        table = Table(title=escape(caption), title_justify="left", box=box.SIMPLE_HEAD)
        for column in head:
            table.add_column(escape(column), justify="right")
        for row in rows:
            table.add_row(*map(escape, row))
        out.print(table)
    if html is not None:
        out.print(f"Page: {escape(str(html.resolve()))}", soft_wrap=True)
