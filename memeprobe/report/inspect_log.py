"""A run as an Inspect log (``.eval``), which ``inspect view`` opens.

Written by inspect_ai itself, so that its own reader understands it: one sample a trial, with the
prompt and the pictures of the trial, the model's answer, and the score.
"""

import base64
import hashlib
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from memeprobe.report.pictures import as_the_receipt_says, items_again
from memeprobe.report.stored import ExportError, Stored
from memeprobe.scoring.answers import FAILED, RIGHT, UNPARSED, WRONG
from memeprobe.stats import Interval
from memeprobe.version import __version__
from memeprobe.visible import visible

if TYPE_CHECKING:
    from memeprobe.running.trials import PlannedTrial
    from memeprobe.store.rows import RunRecord, TrialRow

SIDE = 512
"""Longest side of a picture in the log, in pixels; what was asked may be larger."""
VALUES = {RIGHT: "C", WRONG: "I", UNPARSED: "N"}
"""Outcome -> Inspect's mark: correct, incorrect, no answer. Other outcomes are not scored."""
SCORER = "memeprobe"
WHOLE = ("keyframes", "as_is", "picture")
"""Conditions that ask as a user would: their accuracy stands first, where lists of logs show it."""


def inspect_log(run: Stored, path: Path) -> None:
    """Write the log. Raises ExportError if inspect_ai is not installed."""
    try:
        from inspect_ai.log import EvalLog, EvalStats, write_eval_log
    except ImportError:
        raise ExportError(
            'Inspect logs need inspect_ai: pip install "memeprobe[formats]" '
            "(or pip install inspect_ai)"
        ) from None
    samples = list(_samples(run))
    created = _time(run.record.created)
    log = EvalLog(
        status="success" if run.record.done >= run.record.planned else "cancelled",
        eval=_spec(run, created),
        results=_results(run, samples),
        stats=EvalStats(started_at=created, completed_at=_time(run.record.updated)),
        samples=samples,
    )
    beside = path.with_name(f"{path.name}.eval")  # the suffix decides the form
    try:
        write_eval_log(log, str(beside), format="eval")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _time(seconds: float) -> Any:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _spec(run: Stored, created: Any) -> Any:
    from inspect_ai.log import EvalConfig, EvalDataset, EvalSpec

    record, made = run.record, run.record.provenance
    about = {
        "memeprobe run": record.run,
        "delivery": record.delivery,
        "keyframes": record.k,
        "policy": record.policy,
        "language": record.language,
        "set content (SHA-256)": record.content,
        "model revision": record.revision,
        "command": made.command if made is not None else "",
        **{name: verdict.text for name, verdict in run.result.reached.items()},
    }
    return EvalSpec(
        eval_id=record.run,
        run_id=record.run,
        task_id=record.run,
        created=created,
        task=f"memeprobe/{record.set}",
        dataset=EvalDataset(
            name=record.set,
            samples=len(run.rows),
            sample_ids=[_name(row) for row in run.rows],
        ),
        model=record.model,
        config=EvalConfig(),
        packages={"memeprobe": __version__},
        metadata={key: visible(str(value)) for key, value in about.items()},
    )


def _name(row: "TrialRow") -> str:
    return visible(f"{row.item}/{row.condition}")


def _samples(run: Stored) -> Iterator[Any]:
    for _, trials in items_again(run):
        for row, trial in trials:
            yield _sample(run.record, row, trial)


def _sample(record: "RunRecord", row: "TrialRow", trial: "PlannedTrial | None") -> Any:
    """One trial; its pictures lie among the sample's attachments, each once."""
    from inspect_ai.log import EvalSample
    from inspect_ai.model import (
        ChatMessageAssistant,
        ChatMessageUser,
        ContentImage,
        ContentText,
        ModelOutput,
    )

    query = trial.query if trial is not None else None
    uris = [picture(image) for image in query.images] if query is not None else []
    keys = [hashlib.sha256(uri.encode()).hexdigest()[:32] for uri in uris]
    text = query.text if query is not None else row.question or "(the question was not kept)"
    pictures = [ContentImage(image=f"attachment://{key}") for key in keys]
    prompt = ContentText(text=visible(text))
    asked = ChatMessageUser(content=[*pictures, prompt])
    said = visible(row.text or "")
    targets = [row.options[row.gold]] if row.gold is not None and row.options else []
    if row.shown_caption is not None:
        targets = [row.shown_caption]
    return EvalSample(
        id=_name(row),
        epoch=1,
        input=[ChatMessageUser(content=[prompt, *pictures])],  # lists show the first lines only
        choices=[visible(o) for o in row.options] or None,
        target=[visible(t) for t in targets] or "",
        messages=[asked, ChatMessageAssistant(content=said, model=record.model)],
        output=ModelOutput.from_content(record.model, said),
        scores=_score(row),
        metadata=_about(row, trial, len(uris)),
        attachments=dict(zip(keys, uris, strict=True)),
        error=_error(row),
    )


def _about(row: "TrialRow", trial: "PlannedTrial | None", pictures: int) -> dict[str, Any]:
    same = as_the_receipt_says(row, trial) if trial is not None else None
    found = {
        "item": row.item,
        "condition": row.condition,
        "cluster": row.cluster,
        "kind": row.kind,
        "outcome": row.outcome,
        "lure": row.options[row.lure] if row.lure is not None and row.options else None,
        "logprobs": list(row.logprobs) if row.logprobs else None,
        "pictures intended": row.intended,
        "pictures shown": row.shown,
        "pictures in this log": pictures,
        "pictures as the receipt says": same,
    }
    return {k: visible(v) if isinstance(v, str) else v for k, v in found.items() if v is not None}


def _score(row: "TrialRow") -> Any:
    """The score by its scorer; None for a trial that failed or was not asked."""
    from inspect_ai.scorer import Score

    if row.outcome not in VALUES:
        return None
    chosen = row.options[row.chosen] if row.chosen is not None and row.options else row.text
    return {
        SCORER: Score(
            value=VALUES[row.outcome],
            answer=visible(chosen or ""),
            explanation=visible(_explanation(row)),
        )
    }


def _explanation(row: "TrialRow") -> str:
    """Why the score is what it is: the answer scored need not be what the model says in words."""
    if row.problem is not None:
        return row.problem
    if row.rotations:
        asked = sum(chosen is not None for chosen in row.rotations)
        return f"{row.outcome}: the option named most often, over {asked} orders of the options"
    if row.logprobs is not None and row.chosen is not None:
        return (
            f"{row.outcome}: of the options as whole answers, the one with the highest "
            f"log-probability per token; in words the model said {row.text!r}"
        )
    return f"{row.outcome}: what the model said in words"


def _error(row: "TrialRow") -> Any:
    from inspect_ai.log import EvalError

    if row.outcome != FAILED:
        return None
    why = visible(row.problem or "no answer")
    return EvalError(message=why, traceback=why, traceback_ansi=why)


def _results(run: Stored, samples: list[Any]) -> Any:
    """The accuracy under each condition, and every measure, with the limits of 95 % intervals."""
    from inspect_ai.log import EvalResults, EvalScore

    conditions = {
        name: tally.accuracy
        for name, tally in sorted(
            run.result.conditions.items(), key=lambda named: named[0] not in WHOLE
        )
    }
    scores = [
        EvalScore(
            name=name,
            scorer=SCORER,
            scored_samples=found.n,
            metrics=_metrics("accuracy" if name in conditions else "value", found),
        )
        for name, found in [*conditions.items(), *run.result.measures.items()]
        if found.n
    ]
    done = sum(sample.error is None for sample in samples)
    return EvalResults(total_samples=len(samples), completed_samples=done, scores=scores)


def _metrics(name: str, found: Interval) -> dict[str, Any]:
    from inspect_ai.log import EvalMetric

    plain = found.as_json()
    values = {name: plain["value"], "low": plain["low"], "high": plain["high"]}
    return {k: EvalMetric(name=k, value=v) for k, v in values.items() if v is not None}


def picture(image: np.ndarray) -> str:
    """A picture as a data URL of a WebP, its longest side at most ``SIDE``."""
    shown = Image.fromarray(image)
    shown.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    shown.save(buffer, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
