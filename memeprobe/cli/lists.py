"""``memeprobe models`` and ``sets``: what there is."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from memeprobe.cli.console import AsJson, out, print_json

_COLUMNS = "{:<25} {:>6}  {:<14} {:<6} {:<4} {}"


def models(as_json: AsJson = False) -> None:
    """List the models known by name; any directory or hub id with an adapter works too.

    GB: memory of the weights in bfloat16, int8 and int4. Below each name: what to download, and how
    several frames can reach it. More: --json, and docs/models.md.
    """
    from memeprobe.model_listing import describe_model, describe_subject
    from vlm import MODELS
    from vlm.subjects import SUBJECTS

    rows = [{"name": name, **describe_model(name, entry)} for name, entry in MODELS.items()]
    rows += [{"name": f"known:{name}", **describe_subject(name)} for name in SUBJECTS]
    if as_json:
        print_json(rows)
        return
    head = _COLUMNS.format("name", "size", "GB: 16 8 4 bit", "lang", "here", "licence")
    out.print(f"[bold]{head}[/bold]", highlight=False)
    for row in rows:
        if row["parameters"]:
            memory = " ".join(f"{size / 1e9:.1f}" for size in row["memory"].values())
            here = "yes" if row["available"] else "no"
            line = _COLUMNS.format(
                row["name"],
                _size(row["parameters"]),
                memory,
                row["languages"],
                here,
                row["licence"],
            )
            about = f"  {_origin(row)} · {' '.join(row['deliveries'])}"
            out.print(escape(line), highlight=False, soft_wrap=True)
            out.print(f"[dim]{escape(about)}[/dim]", highlight=False, soft_wrap=True)
    out.print()
    out.print("Scripted, to calibrate the probes:")
    for row in rows:
        if not row["parameters"]:
            out.print(f"  {row['name']}: {row['about']}")


def _origin(row: dict[str, Any]) -> str:
    if not row["downloads"]:
        return "ships with memeprobe"
    if not row["source"]:
        return f"{len(row['downloads'])} pieces: docs/models.md"
    extra = len(row["translators"])
    return row["source"] + (f" +{extra} translators" if extra else "")


def _size(parameters: int) -> str:
    if not parameters:
        return ""
    return f"{parameters / 1e9:.1f} B" if parameters >= 1e8 else f"{parameters / 1e6:.1f} M"


def sets(as_json: AsJson = False) -> None:
    """List the built-in sets; any folder of media works too (docs/sets.md)."""
    from meme_sets import BUILTIN
    from memeprobe.set_listing import describe_builtin

    rows = [describe_builtin(name) for name in BUILTIN]
    if as_json:
        print_json(rows)
        return
    table = Table()
    for column in ("name", "items", "languages", "about"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["name"], str(row["items"]), " ".join(row["languages"]), row["about"])
    out.print(table)
