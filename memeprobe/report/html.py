"""One self-contained HTML report about one or more runs: verdicts first, then their grounds."""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from PIL import Image

from frames import MediaError, open_isolated
from meme_sets import MemeSet
from memeprobe import measures
from memeprobe.cache.engine import CachedEngine
from memeprobe.cache.file import Cache
from memeprobe.cache.keyframes import chosen_once
from memeprobe.cli.terminal import percent
from memeprobe.conditions.table import conditions as condition_table
from memeprobe.experiment.find_set import find_set
from memeprobe.messages import exactly, labels, measured, p_value, plain
from memeprobe.report import figures
from memeprobe.report.reproduce import reproduction
from memeprobe.store.rows import TrialRow
from memeprobe.verdicts.run_result import Measured, RunResult
from ocr import DEFAULT_ENGINE

TEMPLATES = Path(__file__).with_name("templates")
EXAMPLES = 6
"""Items shown with their frames, per run."""
THUMBNAIL = 120
"""Height of a frame in the report, in pixels."""

SHAPES = {
    "stable": "stable",
    "head": "head preference (falls from the first slot on)",
    "neighbor": "neighbour preference (rises towards the question)",
    "u_shaped": "U-shaped",
    "volatile": "volatile",
}


def render(
    results: Sequence[RunResult],
    outcomes: Mapping[str, Sequence[TrialRow]],
    cache: Cache | None = None,
) -> str:
    """The report's HTML. ``outcomes``: run id -> rows of ``Store.outcomes``; ``cache``: that of the
    workspace."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent}
    kept = cache or Cache(None)
    runs = [_run(r, outcomes[r.record.run], kept) for r in results]
    return environment.get_template("report.html.j2").render(runs=runs, titles=labels.VERDICTS)


def _run(result: RunResult, rows: Sequence[TrialRow], cache: Cache) -> dict[str, Any]:
    """What the template needs of one run."""
    conditions = result.conditions
    alone, blind = (
        conditions[c].accuracy.value if c in conditions and conditions[c].accuracy.n else None
        for c in ("decisive", "blind")
    )
    curve, influence = result.curve, result.influence
    return {
        "result": result,
        "run": result.record,
        "verdicts": [
            (labels.VERDICTS[name], plain(name, verdict.key), verdict)
            for name, verdict in result.reached.items()
        ],
        "conditions": [
            (_both(labels.condition, name), tally.counts, exactly(tally.accuracy))
            for name, tally in conditions.items()
        ],
        "figures": _accuracy_figures(result, rows),
        "curve_figure": figures.curve_figure(curve, alone, blind) if curve else "",
        "shape": SHAPES[result.shape.name] if result.shape else "",
        "influence_figure": _influence(influence),
        "measures": [
            (
                _both(labels.measure, name),
                _both(labels.meaning, name),
                measured(name, found),
                found.n,
                _p(found),
            )
            for name, found in result.measures.items()
        ],
        "kinds": [
            (kind, [exactly(shares[c]) if c in shares else "" for c in KIND_COLUMNS])
            for kind, shares in result.kinds.items()
        ],
        "best_single": _best_single(result),
        "reproduction": reproduction(result.record),
        "examples": _examples(result, rows, cache),
    }


def _both(label: Callable[[str, str], str], name: str) -> tuple[str, ...]:
    """What something is called in English and in Chinese."""
    return tuple(label(name, language) for language in labels.LANGUAGES)


def _influence(influence: Sequence[measures.Influence]) -> str:
    """The figure of the frames' shares; '' where no frame moved any answer, which has no shares."""
    known = influence and all(one.share.n for one in influence)
    return figures.influence_figure(influence) if known else ""


def _p(found: Measured) -> str:
    """The adjusted p-value of a measure, else its own; '' without one."""
    p = found.p if found.p_holm is None else found.p_holm
    return "" if p is None else p_value(p).removeprefix("= ")


def _best_single(result: RunResult) -> tuple[str, str, str] | None:
    """(its label, its accuracy, what all keyframes add); None where no picture was asked alone."""
    name, gain = result.best_single, result.measures.get("gain_over_best_single")
    if name is None or gain is None:
        return None
    accuracy = exactly(result.conditions[name].accuracy)
    return labels.condition(name), accuracy, measured("gain_over_best_single", gain)


KIND_COLUMNS = ("keyframes", "as_is")


def _accuracy_figures(
    result: RunResult, rows: Sequence[TrialRow]
) -> list[tuple[tuple[str, str], str]]:
    """(title in both languages, figure) per probe; conditions that stand for a slot have figures of
    their own."""
    table = condition_table(result.record.k or 1)
    chance = measures.chance(rows)
    found = []
    for probe, title in labels.PROBES.items():
        shown = [
            (_both(labels.condition, name), tally.accuracy)
            for name, tally in result.conditions.items()
            if tally.accuracy.n
            and "@" not in name
            and "transcribe" not in name
            and (table[name].probe if name in table else "frames") == probe
        ]
        if shown:
            figure = figures.accuracy_figure(shown, chance if chance == chance else None)
            found.append((title, figure))
    return found


def _examples(result: RunResult, rows: Sequence[TrialRow], cache: Cache) -> list[dict[str, Any]]:
    """A few items with their keyframes and their answers; none if the set is no longer there."""
    meme_set = find_set(result.record)
    if meme_set is None:
        return []
    by_item: dict[str, list[TrialRow]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    telling = sorted(by_item, key=lambda item: -_tells(by_item[item]))
    spread = telling[: EXAMPLES * 4 : 4] if len(telling) >= EXAMPLES * 4 else telling[:EXAMPLES]
    found = (_example(result, meme_set, item, by_item[item], cache) for item in spread)
    return [example for example in found if example is not None]


def _tells(rows: Sequence[TrialRow]) -> int:
    """How many different answers the conditions of an item got: the more, the more it shows."""
    return len({r.chosen for r in rows if r.chosen is not None})


def _example(
    result: RunResult,
    meme_set: MemeSet,
    name: str,
    rows: Sequence[TrialRow],
    cache: Cache,
) -> dict[str, Any] | None:
    item = next((i for i in meme_set.items if i.id == name), None)
    if item is None:
        return None
    try:
        clip = open_isolated(meme_set.media_path(item))
        engine = CachedEngine(DEFAULT_ENGINE, cache)
        frames = chosen_once(
            clip, result.record.k, result.record.policy, cache, engine, frame_0=True
        )
    except MediaError:
        return None
    options = rows[0].options
    answers = []
    for row in rows:
        label = _both(labels.condition, row.condition)
        said = row.options[row.chosen] if row.chosen is not None else row.text
        answers.append((label, said or row.problem or "", row.outcome))
    return {
        "id": name,
        "question": rows[0].question,
        "gold": options[item.gold] if item.gold is not None and options else None,
        "lure": options[item.lure] if item.lure is not None and options else None,
        "frames": [
            (f"frame {f.index}, {f.start_ms / 1000:.2f} s", _data_url(f.pixels)) for f in frames
        ],
        "answers": answers,
    }


def _data_url(pixels: np.ndarray) -> str:
    """A small PNG for an <img>."""
    image = Image.fromarray(pixels)
    width = max(1, round(image.width * THUMBNAIL / image.height))
    buffer = io.BytesIO()
    image.resize((width, THUMBNAIL)).quantize(64).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
