"""A leaderboard as HTML, Markdown, LaTeX and Parquet, and a sweep's table with the same cells."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from memeprobe.messages import labels
from memeprobe.report.export import md, tex, tex_table
from memeprobe.report.stored import ExportError
from memeprobe.visible import visible

Found = Mapping[str, Any]
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:1em 0}th,td{padding:.3em .7em;border-bottom:1px solid "
    "#8886;text-align:right}th:first-child,td:first-child{text-align:left}caption{text-align:left}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}"
)
RANKS = (
    "Ranks in brackets: from the best to the worst that is not ruled out at 5 %, Holm-adjusted "
    "over all pairs of models of a figure. Bias indices: 0 is best; ranked by their size."
)


def cell(value: Mapping[str, Any], index: bool) -> str:
    """'62.5 [50.1, 73.6]' in percent, or '0.12 [-0.03, 0.27]' for an index; '-' for nothing."""
    if value.get("value") is None or value.get("low") is None:
        return "-"
    scale, digits = (1, 2) if index else (100, 1)
    parts = [f"{scale * value[k]:.{digits}f}" for k in ("value", "low", "high")]
    return f"{parts[0]} [{parts[1]}, {parts[2]}]"


def ranked(value: Mapping[str, Any]) -> str:
    """'2 [1-3]': the rank by the estimates, and those that are not ruled out."""
    low, high = value["rank_low"], value["rank_high"]
    return f"{value['rank']} [{low}-{high}]" if low != high else f"{value['rank']} [{low}]"


def tables(found: Found) -> list[tuple[str, list[str], list[list[str]]]]:
    """(caption, head, rows): figures and ranks of every model, and the differences."""
    names = {m["run"]: f"{m['model']} ({m['delivery']}, {m['run']})" for m in found["models"]}
    figures = found["figures"]
    head = ["model"]
    for name in figures:
        head += [labels.label(labels.FIGURES, name), "rank"]
    rows = []
    for run, model in names.items():
        row = [model]
        for one in figures.values():
            value = one["cells"].get(run)
            row += ["-", "-"] if value is None else [cell(value, one["index"]), ranked(value)]
        rows.append(row)
    about = f"{found['set']}, questions in {found['language']}"
    pairs = [
        [
            labels.label(labels.FIGURES, name),
            f"{names[d['second']]} minus {names[d['first']]}",
            cell(d, one["index"]),
            p_text(d["p_holm"]),
        ]
        for name, one in figures.items()
        for d in one["differences"]
    ]
    return [
        (f"Models on {about}: percent or index with 95 % interval", head, rows),
        (f"Differences on {about}", ["figure", "models", "difference", "p (Holm)"], pairs),
    ]


def p_text(p: float | None) -> str:
    """'< 0.001' or '0.042'."""
    return "-" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def html(found: Found, path: Path) -> None:
    """One self-contained page."""
    body = [f"<h1>Leaderboard</h1><p>{escape(RANKS)}</p>"]
    body += [html_table(*table) for table in tables(found)]
    path.write_text(page("Leaderboard", body), encoding="utf-8")


def page(title: str, body: Sequence[str]) -> str:
    """A page of its own, nothing loaded from elsewhere."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>'


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; every text is escaped."""

    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(visible(c))}</{tag}>" for c in cells) + "</tr>"

    inside = line(head, "th") + "".join(line(row, "td") for row in rows)
    return f"<table><caption>{escape(visible(caption))}</caption>{inside}</table>"


def markdown(found: Found, path: Path) -> None:
    """Two tables in Markdown."""
    parts = [f"{RANKS}\n"]
    for caption, head, rows in tables(found):
        lines = [head, ["---"] * len(head), *([md(c) for c in row] for row in rows)]
        table = "\n".join(f"| {' | '.join(row)} |" for row in lines)
        parts.append(f"{md(caption)}\n\n{table}\n")
    path.write_text("\n".join(parts), encoding="utf-8")


def latex(found: Found, path: Path) -> None:
    """Two tables in LaTeX (package booktabs)."""
    parts = [tex_table(*table) for table in tables(found)]
    path.write_text(f"% {tex(RANKS)}\n" + "\n".join(parts), encoding="utf-8")


def parquet(found: Found, path: Path) -> None:
    """One row a model and figure. Raises ExportError if pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ExportError('Parquet needs pyarrow: pip install "memeprobe[dashboard]"') from None
    models = {m["run"]: m for m in found["models"]}
    texts = ("run", "model", "revision", "delivery", "set", "language", "figure")
    whole, real = ("k", "n", "rank", "rank_low", "rank_high"), ("value", "low", "high")
    rows = [
        {
            **models[run],
            "set": found["set"],
            "language": found["language"],
            "figure": name,
            **{key: value[key] for key in (*real, "n", "rank", "rank_low", "rank_high")},
        }
        for name, one in found["figures"].items()
        for run, value in one["cells"].items()
    ]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in texts),
            *((name, pa.int64()) for name in whole),
            *((name, pa.float64()) for name in real),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


FORMATS: dict[str, tuple[str, Callable[[Found, Path], None]]] = {
    "html": (".html", html),
    "markdown": (".md", markdown),
    "latex": (".tex", latex),
    "parquet": (".parquet", parquet),
}
"""Format -> file suffix and writer."""
