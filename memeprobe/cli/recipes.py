"""``memeprobe recipes``: which way of sending a GIF serves a model best."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from frames import Limits
from meme_sets import load_set
from memeprobe.cli.common import Keyframes, ModelOption, Policy, check_request, limits, load_options
from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.cli.groups import grouped
from memeprobe.cli.run import Language, Limit, Sample, Seed, run_one
from memeprobe.cli.terminal import interval
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.store import Store
from memeprobe.workspace import workspace_path
from ocr import DEFAULT_ENGINE, DEFAULT_POLICY
from vlm import RECIPES, LoadOptions, recipes_for

Recipes = Annotated[
    list[str] | None,
    typer.Option(
        "--recipe",
        "-r",
        help=f"Only these; may stand several times: {', '.join(RECIPES)}. Default: all that the "
        "model takes.",
    ),
]


@grouped(loading=load_options, accepted=limits)
def recipes(
    *,
    meme_set: Annotated[str, typer.Argument(metavar="SET", help="A built-in set or a folder.")],
    model: ModelOption = "blip-nano",
    recipe: Recipes = None,
    keyframes: Keyframes = 4,
    policy: Policy = DEFAULT_POLICY,
    language: Language = "en",
    limit: Limit = None,
    sample: Sample = 48,
    seed: Seed = 0,
    loading: LoadOptions,
    accepted: Limits,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Send each clip as applications do, and say which way serves the model best.

    Each recipe gets the whole clip and is a run of its own, which the same command goes on with.
    Beside them stand keyframes in the model's best delivery.  [dim]Example:[/dim]  memeprobe
    recipes reveal -m blip-nano
    """
    check_request(model, None, policy, DEFAULT_ENGINE)
    for name in recipe or ():
        if name not in RECIPES:
            raise JobError(unknown("recipe", name, RECIPES))
    spec = RunSpec(
        meme_set,
        model,
        k=keyframes,
        policy=policy,
        language=language,
        limit=limit,
        seed=seed,
        limits=accepted,
        sample=None if limit else sample,
    )
    chosen = load_set(meme_set)
    from memeprobe import jobs
    from memeprobe.comparison.recipes import APART, PACKED, serve
    from memeprobe.experiment.experiment import Experiment

    asked = jobs.model_for(model, chosen, language, loading, accepted)
    wanted = recipe or recipes_for(asked.deliveries)
    with Store(workspace_path(workspace_file)) as store:
        runs = []
        for delivery in (None, *wanted):
            named = APART if delivery is None else PACKED
            one = replace(spec, delivery=delivery, conditions=named)
            experiment = Experiment.of(one, chosen, asked, loading)
            runs.append(run_one(experiment, store, as_json).record.run)
        found = serve(store, runs)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _print(found: Mapping[str, Any]) -> None:
    table = Table(
        title=f"{escape(found['model'])} on {escape(found['set'])}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for column in ("delivery", "right [95 %]", "lure rate", "frames", "tokens", "missed", "p"):
        left = column == "delivery"
        table.add_column(column, justify="left" if left else "right", no_wrap=not left)
    for row in sorted(found["rows"], key=lambda r: -r["accuracy"]["value"]):
        lure, lost = row["lure_rate"].get("value"), row["decisive_lost"]
        table.add_row(
            row["name"],
            interval(row["accuracy"]),
            "-" if lure is None else f"{100 * lure:.0f} %",
            _number(row["frames"]),
            _number(row["prompt_tokens"]),
            "-" if lost is None else f"{100 * lost:.0f} %",
            f"{row['p_holm']:.3g}" if "p_holm" in row else "best",
        )
    out.print(table)
    for delivery, lost in {r["delivery"]: r["lost"] for r in found["rows"]}.items():
        out.print(f"[dim]{delivery} loses {lost}[/dim]")
    out.print(escape(found["text"]))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
