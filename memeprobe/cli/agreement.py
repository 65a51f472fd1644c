"""``memeprobe agreement``: how far several people, or several models, agree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from meme_sets import BUILTIN, MemeSet, load_set
from memeprobe.cli.console import AsJson, Workspace, out, print_json, some_of
from memeprobe.errors import JobError
from memeprobe.store.store import Store
from memeprobe.workspace import sets_beside, workspace_path

if TYPE_CHECKING:
    from memeprobe.labelling import Agreement
    from memeprobe.store.rows import TrialRow

SHOWN = 10
"""Items that are named where people differ; --json has all."""


def agreement_command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="SET|RUN...",
            help="A set: what people said of it on the page Sets. Runs: their answers.",
        ),
    ],
    condition: Annotated[
        str, typer.Option("--condition", "-c", help="Of runs: the answers under this condition.")
    ] = "keyframes",
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Say how far several people, or models, agree: Krippendorff's alpha.

    With its 95 % interval. 1: all agree, 0: as by chance. A set (built in, a folder, or saved by
    the pages) stands for the labels that people gave its items; two runs or more for their answers.

    [dim]Example:[/dim]  memeprobe agreement reveal, or memeprobe agreement HUMAN-RUN HUMAN-RUN
    """
    from memeprobe.labelling import agreement, agreement_of_runs
    from memeprobe.store.labels import ANSWER, CAPTION, labels_of

    path = workspace_path(workspace_file)
    if len(names) > 1:
        with Store.existing(path) as store:
            found = [agreement_of_runs(_answers(store, names), condition)]
        about = {"runs": names, "condition": condition}
    else:
        meme_set = _set(names[0], path)
        labels = labels_of(path, meme_set.name)
        if not labels:
            raise JobError(
                f"nobody has labelled {meme_set.name} in {path}: the page Sets takes labels; of "
                "answers from forms (`memeprobe human`), name the runs"
            )
        found = [agreement(meme_set, labels, kind) for kind in (ANSWER, CAPTION)]
        about = {"set": meme_set.name}
    if as_json:
        print_json({**about, **{one.kind: one.as_json() for one in found}})
        return
    _tell(found)


def _set(name: str, workspace: Path) -> MemeSet:
    """The set that is called so. Raises JobError, SetError."""
    saved = sets_beside(workspace) / name
    if name in BUILTIN or Path(name).is_dir():
        return load_set(name)
    if "/" not in name and saved.is_dir():
        return load_set(saved)
    raise JobError(
        f"{name!r} is no set, and one run agrees with nobody: name a set, or two runs or more"
    )


def _answers(store: Store, names: list[str]) -> dict[str, list["TrialRow"]]:
    """Whose -> the trials of each run. Raises JobError: they are not of one set."""
    records = {record.run: record for record in map(store.run, names)}
    if len(records) < 2:
        raise JobError("name at least two different runs")
    if len({(r.set, r.content) for r in records.values()}) > 1:
        told = ", ".join(f"{r.run} of {r.set}" for r in records.values())
        raise JobError(f"the runs are not of the same items: {told}")
    models = [record.model for record in records.values()]
    return {
        r.model if models.count(r.model) == 1 else f"{r.model} {r.run}": store.outcomes(r.run)
        for r in records.values()
    }


def _tell(found: list["Agreement"]) -> None:
    """A table, and the items where not all said the same."""
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("", "by", "items that several labelled", "the same", "alpha [95 %]"):
        table.add_column(name)
    for one in found:
        value = one.alpha
        told = "cannot be told"
        if value.value == value.value:
            told = f"{value.value:.2f} [{value.low:.2f}, {value.high:.2f}]"
        people = escape(some_of(one.people)) or "–"
        table.add_row(f"{one.kind}s", people, str(one.labelled), str(one.same), told)
    out.print(table)
    for one in found:
        if one.differing:
            differing = escape(some_of(one.differing, SHOWN))
            out.print(f"{one.kind}s differ: {differing}", soft_wrap=True)
