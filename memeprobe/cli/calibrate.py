"""``memeprobe calibrate``: the instrument's own certificate."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import AsJson, err, out, print_json
from memeprobe.conditions.presets import PRESETS
from memeprobe.errors import JobError, unknown

if TYPE_CHECKING:
    from memeprobe.calibrate import Certificate

PREPARING = "preparing the pictures of every condition"


def calibrate_command(
    seeds: Annotated[int, typer.Option(min=1, help="How many fresh runs of each subject.")] = 20,
    first_seed: Annotated[int, typer.Option(help="Seed of the first run.")] = 0,
    preset: Annotated[str, typer.Option(help=f"Size: {', '.join(PRESETS)}.")] = "standard",
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Read and check captions by OCR, not by labels: slow.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run every probe on subjects whose bias is known, and say what it called them.

    Exit code 0 only if each is named rightly in 95 % of the runs and a fair subject is called
    biased in at most 5 %.  [dim]Example:[/dim]  memeprobe calibrate --seeds 20
    """
    if preset not in PRESETS:
        raise JobError(unknown("preset", preset, PRESETS))
    from memeprobe.calibrate import calibrate, make_pool
    from memeprobe.stimuli.caption_reader import OcrReader

    # With --json too: a page that began it shows what it says, and answers go to stdout.
    err.print(f"[dim]{PREPARING}[/dim]")
    pool = make_pool(preset, readers=(lambda s: OcrReader()) if ocr else None)
    found = calibrate(
        pool,
        range(first_seed, first_seed + seeds),
        preset,
        progress=lambda place, of, name: err.print(f"[dim]{place} of {of}: {escape(name)}[/dim]"),
    )
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    if not found.passed:
        raise typer.Exit(1)


def _print(found: "Certificate") -> None:
    table = Table(
        title=f"{found.seeds} runs of each subject, preset {found.preset}, "
        f"{found.items} items a set",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for column in ("subject", "verdict", "what the probe said", "right", "items needed"):
        table.add_column(column, justify="right" if column in ("right", "items needed") else "left")
    for name, judged in found.subjects.items():
        for i, (verdict, one) in enumerate(judged.items()):
            said = ", ".join(
                f"{key.replace('_', ' ')} {n}"
                if key in one.expected
                else f"[red]{key.replace('_', ' ')} {n}[/red]"
                for key, n in one.said.items()
            )
            needed = (
                f"≤ {one.needed}" if one.needed == 12 else str(one.needed or f"> {found.items}")
            )
            table.add_row(
                escape(name) if not i else "",
                verdict.replace("_", " "),
                said,
                f"{100 * one.rate:.0f} %",
                needed,
            )
    out.print(table)
    out.print(f"A fair subject was called biased in {100 * found.false_alarms:.0f} % of its runs.")
    word = "[green]passed[/green]" if found.passed else "[red]failed[/red]"
    out.print(f"The instrument has {word}.")
