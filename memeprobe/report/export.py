"""A run as a table: Parquet and CSV with one row per trial, LaTeX and Markdown with the figures."""

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memeprobe.messages import p_value
from memeprobe.report.reproduce import reproduction
from memeprobe.report.stored import ExportError, Stored
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.visible import visible, visible_json

if TYPE_CHECKING:  # the command line lists the formats without the statistics
    from memeprobe.stats import Interval
    from memeprobe.verdicts.run_result import RunResult

Rows = Sequence[TrialRow]

RUN_COLUMNS = (
    "run",
    "model",
    "revision",
    "set",
    "content",
    "delivery",
    "language",
    "protocol",
    "seed",
    "scoring",
    "engine",
)
TRIAL_COLUMNS = (
    "item",
    "cluster",
    "kind",
    "condition",
    "outcome",
    "chosen",
    "gold",
    "lure",
    "text",
    "question",
    "options",
    "logprobs",
    "tokens",
    "intended",
    "shown",
    "testable",
    "judge",
    "rotations",
    "caption",
    "shown_caption",
    "problem",
)
COLUMNS = (*RUN_COLUMNS, *TRIAL_COLUMNS)
"""Of the trial tables, in their order; lists are JSON texts."""


def trials(info: RunRecord, rows: Rows) -> list[dict[str, Any]]:
    """One plain row per trial, with ``COLUMNS``."""
    fixed = {k: _plain(getattr(info, k)) for k in RUN_COLUMNS}
    return [{**fixed, **{c: _plain(getattr(row, c)) for c in TRIAL_COLUMNS}} for row in rows]


def _plain(value: object) -> object:
    nested = isinstance(value, list | tuple | dict)
    if nested:
        return visible_json(json.dumps(value, ensure_ascii=False))
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def parquet(run: Stored, path: Path) -> None:
    """Trials as Parquet. Raises ExportError if pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ExportError(
            'Parquet needs pyarrow: pip install "memeprobe[dashboard]" (or pip install pyarrow); '
            "--format csv needs nothing"
        ) from None
    made = trials(run.record, run.rows)
    whole = {"chosen", "gold", "lure", "intended", "shown", "protocol", "seed"}
    kinds = {
        c: pa.int64() if c in whole else pa.bool_() if c == "testable" else pa.string()
        for c in COLUMNS
    }
    schema = pa.schema(list(kinds.items()))
    about = {
        b"memeprobe": visible_json(json.dumps(run.record.as_json(), ensure_ascii=False)).encode()
    }
    pq.write_table(pa.Table.from_pylist(made, schema.with_metadata(about)), path)


def inert(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: ' stands before =, +, -, @ (also full width).

    Only texts; numbers keep their sign. What no file can hold is written out.
    """
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text.lstrip()[:1] in FORMULA and text.strip() else text


FORMULA = tuple("=+-@＝＋－＠")
"""How a formula begins, blanks before it left out."""


def comma_separated(run: Stored, path: Path) -> None:
    """Trials as CSV in UTF-8 with a mark that spreadsheets know it by; formulas made inert."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows({k: inert(v) for k, v in row.items()} for row in trials(run.record, run.rows))
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _figures(result: "RunResult") -> list[tuple[str, list[str], list[list[str]]]]:
    """(caption, head, rows) of the two tables: conditions, and measures."""
    run = result.record
    about = one_line(f"{run.model} on {run.set}, delivery {run.delivery}, run {run.run}")
    conditions = [
        [
            name,
            str(tally.accuracy.n),
            _percent(tally.accuracy),
            *(str(tally.counts[outcome]) for outcome in ("unparsed", "failed", "unreadable")),
        ]
        for name, tally in result.conditions.items()
    ]
    measures = [
        [
            name,
            str(found.n),
            _percent(found),
            "" if found.p_holm is None else p_value(found.p_holm).removeprefix("= "),
        ]
        for name, found in result.measures.items()
    ]
    return [
        (
            f"Right answers per condition, percent with 95 % interval: {about}",
            ["condition", "n", "right", "unparsed", "failed", "edit unreadable"],
            conditions,
        ),
        (
            f"Measures, percent with 95 % interval: {about}",
            ["measure", "n", "value", "p (Holm)"],
            measures,
        ),
    ]


def one_line(text: str) -> str:
    """Line breaks and blanks become one blank; control characters are written out."""
    return visible(" ".join(text.split()))


def _percent(found: "Interval") -> str:
    numbers = found.as_json()  # rounded as in JSON
    if numbers["value"] is None:
        return "-"
    value, low, high = (100 * numbers[name] for name in ("value", "low", "high"))
    return f"{value:z.1f} [{low:z.1f}, {high:z.1f}]"


def markdown(run: Stored, path: Path) -> None:
    """Conditions, measures and verdicts as Markdown."""
    result = run.result
    about = result.summary[0]
    parts = [f"{md(about)}\n"] if about else []
    parts += [f"**{name}**: {md(verdict.text)}\n" for name, verdict in result.reached.items()]
    for caption, head, lines in _figures(result):
        table = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *lines)]
        parts.append(f"{md(caption)}\n\n" + "\n".join(table) + "\n")
    made = [f"| {names[0]} | {md(value)} |" for names, value in reproduction(run.record)]
    parts.append("To repeat this\n\n| what | value |\n| --- | --- |\n" + "\n".join(made) + "\n")
    path.write_text("\n".join(parts), encoding="utf-8")


_MARKUP = re.compile(r"[\\`*_<>|~&#!]|\[(?![-\d])|\](?=\()")


def md(text: str) -> str:
    """A text of strangers in Markdown: no HTML, link, picture or table is made of it.

    Characters with a meaning become HTML entities, which every renderer shows as they are.
    """
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", one_line(text))


_TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def latex(run: Stored, path: Path) -> None:
    """Conditions and measures as two LaTeX tables (package booktabs), under comments on the run."""
    made = [f"% {names[0]}: {one_line(value)}" for names, value in reproduction(run.record)]
    tables = [tex_table(*table) for table in _figures(run.result)]
    path.write_text("\n".join([*made, *tables]), encoding="utf-8")


def tex_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table with its caption; every text is escaped."""
    body = [" & ".join(map(tex, row)) + r" \\" for row in rows]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{tex(caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
        r"\toprule",
        " & ".join(map(tex, head)) + r" \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
        "",
    ]
    return "\n".join(lines)


def tex(text: str) -> str:
    """A text of strangers in LaTeX, in one line."""
    return "".join(_TEX.get(c, c) for c in one_line(text))
