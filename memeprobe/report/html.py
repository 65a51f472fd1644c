"""One self-contained HTML report about one or more runs: verdicts first, then their grounds."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from PIL import Image

from frames import MediaError, open_isolated
from meme_sets import MemeSet
from memeprobe import measures
from memeprobe.cli.terminal import interval, percent
from memeprobe.conditions.table import conditions as condition_table
from memeprobe.experiment.find_set import find_set
from memeprobe.messages import labels, plain
from memeprobe.report import figures
from memeprobe.store.rows import RunRecord, TrialRow
from ocr import keyframes

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

MEASURES: dict[str, tuple[str, str]] = {
    "multi_frame_gain": ("All keyframes minus first frame only", "what the later frames add"),
    "gain_over_best_single": (
        "All keyframes minus the best single frame",
        "what several frames add to the right one",
    ),
    "lure_rate": ("Lure rate", "answers that follow the first frame although all frames were sent"),
    "changed_by_later_frames": (
        "Answers changed by the later frames",
        "all keyframes against the first one repeated; near 0: the later ones do not count",
    ),
    "order_sensitivity": (
        "In order minus reversed",
        "large when the order of the frames is understood",
    ),
    "shuffle_sensitivity": ("In order minus shuffled", "the same for a random order"),
    "reversed_accuracy": (
        "Right when reversed",
        "below chance when the order is understood: another answer is true",
    ),
    "above_blind": ("Decisive frame minus no picture", "whether the pictures are used at all"),
    "first_slot": ("First slot minus the others", "above 0 means that the first frame counts more"),
    "last_slot": ("Last slot minus the others", "above 0 means that the last frame counts more"),
    "reading_gain": ("As it is minus caption erased", "what the caption in the picture adds"),
    "word_gain": (
        "As it is minus caption no word",
        "the same, with letters of no word in its place",
    ),
    "prompt_copying": (
        "Follows a wrong caption in the prompt",
        "against the picture; 0 % is perfect",
    ),
    "pair_accuracy": (
        "Both captions of a pair right",
        "under the caption and under the one that replaced it",
    ),
    "told_gain": ("Told minus as it is", "what the caption's text in the prompt adds"),
    "transcription_cer": ("Character error rate of the transcription", "0 % is perfect"),
    "transcription_anls": ("ANLS of the transcription", "100 % is perfect"),
    "transcription_exact": ("Transcribed exactly", "but for case, spaces and punctuation"),
    "nonword_cer": ("Character error rate on non-words", "captions that cannot be guessed"),
    "nonword_cer_gap": (
        "Non-words minus words",
        "above 0: words are partly guessed from their looks",
    ),
    "language_gap": ("English minus Chinese", "the same questions in both languages"),
    "sandwich_gain": ("Chinese through translators minus Chinese", "what translating adds"),
    "free_exact": ("Own words exactly right", "free answer, but for case and punctuation"),
    "free_contained": ("Right answer in its own words", "as whole words in the free answer"),
    "free_anls": ("ANLS of its own words", "100 % is perfect"),
    "judge_accuracy": ("Right by the judge model", "the judge's verdict on the free answers"),
    "judge_agreement": ("Judge agrees with the score", "share of answers judged alike"),
    "hallucination": ("Captions reported where there is none", "0 % is perfect"),
}


def render(
    results: Sequence[Mapping[str, Any]],
    outcomes: Mapping[str, Sequence[TrialRow]],
    records: Mapping[str, RunRecord],
) -> str:
    """The report's HTML. ``outcomes``: run id -> rows of ``Store.outcomes``; ``records``: run id
    -> ``Store.run``."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent}
    runs = [_run(result, outcomes[result["run"]], records[result["run"]]) for result in results]
    return environment.get_template("report.html.j2").render(runs=runs, titles=labels.VERDICTS)


def _run(result: Mapping[str, Any], rows: Sequence[TrialRow], record: RunRecord) -> dict[str, Any]:
    """What the template needs of one run."""
    conditions = result["conditions"]
    alone, blind = (conditions.get(c, {}).get("accuracy") for c in ("decisive", "blind"))
    curve, influence = result["curve"], result["influence"]
    return {
        "result": result,
        "verdicts": [
            (labels.VERDICTS[k], plain(k, v["key"]), v)
            for k, v in result["verdicts"].items()
            if v["key"] != "not_asked"
        ],
        "conditions": [
            (labels.condition(name), row, interval(row)) for name, row in conditions.items()
        ],
        "figures": _accuracy_figures(result, rows),
        "curve_figure": figures.curve_figure(curve, alone, blind) if curve else "",
        "shape": SHAPES[result["shape"]["shape"]] if result["shape"] else "",
        "influence_figure": figures.influence_figure(influence) if influence else "",
        "measures": [
            (*MEASURES[name], interval(row, "value"), row["n"], row.get("p_holm", row.get("p")))
            for name, row in result["measures"].items()
            if name in MEASURES
        ],
        "kinds": [
            (kind, [interval(one[c], "value") if c in one else "" for c in KIND_COLUMNS])
            for kind, one in result["kinds"].items()
        ],
        "examples": _examples(result, rows, record),
    }


KIND_COLUMNS = ("keyframes", "as_is")


def _accuracy_figures(result: Mapping[str, Any], rows: Sequence[TrialRow]) -> list[tuple[str, str]]:
    """(title, figure) per probe; conditions that stand for a slot have figures of their own."""
    table = condition_table(result["k"] or 1)
    chance = measures.chance(rows)
    found = []
    for probe, (title, _) in labels.PROBES.items():
        shown = [
            (labels.condition(name), row)
            for name, row in result["conditions"].items()
            if row["accuracy"] is not None
            and "@" not in name
            and "transcribe" not in name
            and (table[name].probe if name in table else "frames") == probe
        ]
        if shown:
            figure = figures.accuracy_figure(shown, chance if chance == chance else None)
            found.append((title, figure))
    return found


def _examples(
    result: Mapping[str, Any], rows: Sequence[TrialRow], record: RunRecord
) -> list[dict[str, Any]]:
    """A few items with their keyframes and their answers; none if the set is no longer there."""
    meme_set = find_set(record)
    if meme_set is None:
        return []
    by_item: dict[str, list[TrialRow]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    telling = sorted(by_item, key=lambda item: -_tells(by_item[item]))
    spread = telling[: EXAMPLES * 4 : 4] if len(telling) >= EXAMPLES * 4 else telling[:EXAMPLES]
    found = (_example(result, meme_set, item, by_item[item]) for item in spread)
    return [example for example in found if example is not None]


def _tells(rows: Sequence[TrialRow]) -> int:
    """How many different answers the conditions of an item got: the more, the more it shows."""
    return len({r.chosen for r in rows if r.chosen is not None})


def _example(
    result: Mapping[str, Any], meme_set: MemeSet, name: str, rows: Sequence[TrialRow]
) -> dict[str, Any] | None:
    item = next((i for i in meme_set.items if i.id == name), None)
    if item is None:
        return None
    try:
        frames = keyframes(
            open_isolated(meme_set.media_path(item)), result["k"], result["policy"], frame_0=True
        )
    except MediaError:
        return None
    options = rows[0].options
    answers = []
    for row in rows:
        label = labels.condition(row.condition)
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
