"""A run as Every Eval Ever JSON (schema 0.3.0 of evaleval/every_eval_ever): figures with limits.

One result for each condition's accuracy, each measure and each estimate of the bias index, with the
95 % interval, how it was reached and the number of items.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from memeprobe.messages import labels
from memeprobe.messages.measures import is_difference
from memeprobe.report.stored import Stored
from memeprobe.stats import Interval
from memeprobe.store.rows import RunRecord
from memeprobe.version import __version__
from memeprobe.visible import visible, visible_json
from vlm import MODELS

SCHEMA = "0.3.0"
LOWER_IS_BETTER = frozenset(
    {
        "lure_rate",
        "inconsistency",
        "reversed_accuracy",
        "prompt_copying",
        "prompt_pull",
        "transcription_cer",
        "nonword_cer",
        "nonword_cer_gap",
        "hallucination",
        "letter_bias",
        "first_slot",
        "last_slot",
    }
)
"""Measures of which less is better. Of the bias indices it is being near 0, as their text says."""
UNBOUNDED = frozenset({"transcription_cer", "nonword_cer", "nonword_cer_gap"})
"""Character error rates may exceed 1: more can be written than stands there."""
HOW = (
    "two-sided 95 %; shares: Wilson score, differences: adjusted Wald (Bonett and Price 2012), "
    "items in clusters: BCa bootstrap over clusters, widened by Student's t with few of them"
)


def every_eval(run: Stored, path: Path) -> None:
    """Write the file."""
    text = json.dumps(described(run), ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(visible_json(text), encoding="utf-8")


def described(run: Stored) -> dict[str, Any]:
    """The object that the file holds."""
    record, made = run.record, run.record.provenance
    now = str(int(time.time()))
    model = _model(record)
    asked = {"trials asked": f"{record.done} of {record.planned}"}
    verdicts = {f"verdict {name}": v.text for name, v in run.result.reached.items()}
    return {
        "schema_version": SCHEMA,
        "evaluation_id": f"{record.set}/{model['id'].replace('/', '_')}/{now}",
        "evaluation_timestamp": str(int(record.created)),
        "retrieved_timestamp": now,
        "source_metadata": {
            "source_name": "memeprobe",
            "source_type": "evaluation_run",
            # Who ran it nobody can know from a store; to be written in before it is published.
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
        },
        "eval_library": {
            "name": "memeprobe",
            "version": (made.memeprobe if made is not None else "") or __version__,
            "additional_details": _texts({"run": record.run, **asked, **verdicts}),
        },
        "model_info": model,
        "evaluation_results": [*_results(run)],
    }


def _model(record: RunRecord) -> dict[str, Any]:
    made = record.provenance
    spec = made.model_spec if made is not None else record.model
    served = spec.startswith("server:")
    own = record.model in MODELS or spec in MODELS
    hub = spec.count("/") == 1 and not served and not spec.startswith((".", "/", "~"))
    about = {
        "deployment_type": "unknown" if served else "self_deployed",
        "model_availability": "open_weights" if own or hub else "unknown",
        "revision": record.revision,
        "delivery": record.delivery,
        "device": made.device if made is not None else "",
    }
    name = visible(record.model)
    return {
        "name": name,
        "id": visible(spec.partition("@")[0]) if hub else f"memeprobe/{name}",
        "additional_details": _texts(about),
    }


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: visible(str(value)) for key, value in values.items() if value not in (None, "")}


def _results(run: Stored) -> Iterator[dict[str, Any]]:
    result = run.result
    for name, tally in result.conditions.items():
        what = f"right answers, {labels.condition(name)}"
        counts = {outcome: number for outcome, number in tally.counts.items() if number}
        yield from _one(run, f"condition/{name}", what, tally.accuracy, (0, 1), details=counts)
    for name, found in result.measures.items():
        bounds: tuple[Any, Any] = (-1, 1) if is_difference(name) else (0, 1)
        if name in UNBOUNDED:
            bounds = ("-Infinity" if name.endswith("_gap") else 0, "Infinity")
        what = f"{labels.measure(name)}: {labels.meaning(name)}"
        p = {} if found.p is None else {"p": found.p, "p (Holm)": found.p_holm}
        low = name in LOWER_IS_BETTER
        yield from _one(run, f"measure/{name}", what, found, bounds, low, details=p)
    for one in result.bias_index:
        what = f"bias index of the {one.place} frame by {one.estimator}: 0 is no bias, 1 it decides"
        name = f"bias_index/{one.place}/{one.estimator}"
        yield from _one(run, name, what, one.index, ("-Infinity", "Infinity"), True)


def _one(
    run: Stored,
    name: str,
    what: str,
    found: Interval,
    bounds: tuple[Any, Any],
    lower_is_better: bool = False,
    details: dict[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """One result; none where there is no number."""
    plain, record, made = found.as_json(), run.record, run.record.provenance
    if plain["value"] is None:
        return
    uncertainty: dict[str, Any] = {"num_samples": found.n}
    if plain["low"] is not None and plain["high"] is not None:
        limits = {"lower": plain["low"], "upper": plain["high"]}
        uncertainty["confidence_interval"] = {**limits, "confidence_level": 0.95, "method": HOW}
    difference = bounds[0] != 0
    yield {
        "evaluation_result_id": f"{record.run}/{name}",
        "evaluation_name": f"{record.set}/{name}",
        "source_data": {
            "dataset_name": visible(record.set),
            "source_type": "other",
            "additional_details": _texts(
                {"content_sha256": record.content, "language": record.language}
            ),
        },
        "metric_config": {
            "evaluation_description": visible(what),
            "metric_id": "accuracy" if name.startswith("condition/") else f"memeprobe.{name}",
            "metric_kind": "difference" if difference else "share",
            "metric_unit": "proportion",
            "lower_is_better": lower_is_better,
            "score_type": "continuous",
            "min_score": bounds[0],
            "max_score": bounds[1],
        },
        "score_details": {
            "score": plain["value"],
            "details": _texts(details or {}),
            "uncertainty": uncertainty,
        },
        "generation_config": {
            "generation_args": {
                "execution_command": visible(made.command) if made is not None else "unknown"
            },
            "additional_details": _texts(
                {
                    "keyframes": record.k,
                    "policy": record.policy,
                    "scoring": record.scoring,
                    "seed": record.seed,
                    "engine": record.engine,
                }
            ),
        },
    }
