"""One self-contained HTML report about one or more runs: verdicts first, then their grounds."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from PIL import Image

from frames import MediaError, keyframes, open_clip
from meme_sets import MemeSet, SetError, load_set
from probes import figures, measures
from probes.terminal import CONDITIONS_SHOWN, interval, percent

TEMPLATES = Path(__file__).with_name("templates")
EXAMPLES = 6
"""Items shown with their frames, per run."""
THUMBNAIL = 120
"""Height of a frame in the report, in pixels."""

VERDICT_TITLES = {
    "first_frame": ("First-frame bias", "首帧偏差"),
    "caption": ("Caption reading", "文字阅读"),
}

MEASURES: dict[str, tuple[str, str]] = {
    "multi_frame_gain": ("All keyframes minus first frame only", "what the later frames add"),
    "lure_rate": ("Lure rate", "answers that follow the first frame although all frames were sent"),
    "changed_by_later_frames": (
        "Answers changed by the later frames",
        "all keyframes against the first one repeated; near 0: the later ones do not count",
    ),
    "order_sensitivity": (
        "In order minus reversed", "large when the order of the frames is understood"
    ),
    "above_blind": ("Decisive frame minus no picture", "whether the pictures are used at all"),
    "first_slot": ("First slot minus the others", "above 0 means that the first frame counts more"),
    "last_slot": ("Last slot minus the others", "above 0 means that the last frame counts more"),
    "reading_gain": ("As it is minus caption erased", "what the caption in the picture adds"),
    "pair_accuracy": (
        "Both captions of a pair right", "under the caption and under the one that replaced it"
    ),
    "told_gain": ("Told minus as it is", "what the caption's text in the prompt adds"),
    "transcription_cer": ("Character error rate of the transcription", "0 % is perfect"),
    "transcription_anls": ("ANLS of the transcription", "100 % is perfect"),
    "transcription_exact": ("Transcribed exactly", "but for case, spaces and punctuation"),
    "hallucination": ("Captions reported where there is none", "0 % is perfect"),
}  # fmt: skip


def render(
    results: Sequence[Mapping[str, Any]], outcomes: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    """The report's HTML. ``outcomes``: run id -> rows of ``Store.outcomes``."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"percent": percent}
    runs = [_run(result, outcomes[result["run"]]) for result in results]
    return environment.get_template("report.html.j2").render(runs=runs, titles=VERDICT_TITLES)


def _run(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the template needs of one run."""
    conditions = [
        (CONDITIONS_SHOWN.get(name, name.replace("position@", "decisive frame in slot ")), row)
        for name, row in result["conditions"].items()
    ]
    shown = [(label, row) for label, row in conditions if row["accuracy"] is not None]
    alone, blind = (result["conditions"].get(c, {}).get("accuracy") for c in ("decisive", "blind"))
    chance, curve = measures.chance(rows), result["curve"]
    return {
        "result": result,
        "verdicts": {k: v for k, v in result["verdicts"].items() if v["key"] != "not_asked"},
        "conditions": [(label, row, interval(row)) for label, row in conditions],
        "accuracy_figure": figures.accuracy_figure(shown, chance if chance == chance else None),
        "curve_figure": figures.curve_figure(curve, alone, blind) if curve else "",
        "measures": [
            (*MEASURES[name], interval(row, "value"), row["n"], row.get("p_holm", row.get("p")))
            for name, row in result["measures"].items() if name in MEASURES
        ],
        "examples": _examples(result, rows),
    }  # fmt: skip


def _examples(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A few items with their keyframes and their answers; none if the set is no longer there."""
    try:
        meme_set = load_set(result["set"])
    except SetError:
        return []
    by_item: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_item.setdefault(row["item"], []).append(row)
    telling = sorted(by_item, key=lambda item: -_tells(by_item[item]))
    spread = telling[: EXAMPLES * 4 : 4] if len(telling) >= EXAMPLES * 4 else telling[:EXAMPLES]
    found = (_example(result, meme_set, item, by_item[item]) for item in spread)
    return [example for example in found if example is not None]


def _tells(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many different answers the conditions of an item got: the more, the more it shows."""
    return len({r["chosen"] for r in rows if r["chosen"] is not None})


def _example(
    result: Mapping[str, Any], meme_set: MemeSet, name: str, rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    item = next((i for i in meme_set.items if i.id == name), None)
    if item is None:
        return None
    try:
        frames = keyframes(open_clip(meme_set.media_path(item)), result["k"], result["policy"])
    except MediaError:
        return None
    options = rows[0]["options"]
    answers = []
    for row in rows:
        label = CONDITIONS_SHOWN.get(
            row["condition"], row["condition"].replace("position@", "decisive frame in slot ")
        )
        said = options[row["chosen"]] if row["chosen"] is not None else row["text"]
        answers.append((label, said or row["problem"] or "", row["outcome"]))
    return {
        "id": name,
        "question": rows[0]["question"],
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
