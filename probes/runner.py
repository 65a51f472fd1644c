"""The runner: a set, a model and a store in; a run in the store out. Resumable at any point."""

from collections.abc import Callable, Sequence
from itertools import islice

from meme_sets import MemeSet
from probes.material import OcrReader, Reader
from probes.schema import Trial
from probes.scoring import FAILED, RIGHT, UNPARSED, WRONG, normalise, score, transcription
from probes.spec import Plan, RunSpec, SpecError, describe, identity, items_of, plan
from probes.store import Store
from probes.trials import Asked, answer_key, trials_of
from vlm import Answer, Model, Query

__all__ = ["Plan", "Progress", "RunSpec", "SpecError", "ask", "plan", "run"]

BATCH = 32
"""Trials a batch: enough for a model to sort its calls by length, little to lose to a kill."""

Progress = Callable[[int, int], None]
"""(trials done, trials planned)"""


def run(
    spec: RunSpec,
    meme_set: MemeSet,
    model: Model,
    store: Store,
    *,
    progress: Progress | None = None,
    reader: Reader | None = None,
) -> str:
    """Ask everything that is not settled yet; returns the run's id.

    A file that cannot be decoded, an edit that fails and a query that fails are stored as such
    and never stop the run. ``reader`` defaults to OCR with the spec's engine. Raises SpecError
    before anything is asked.
    """
    planned = plan(spec, meme_set, model).trials
    about = {i.id: describe(i, spec.language) for i in items_of(spec, meme_set)}
    name = store.start_run(identity(spec, meme_set, model), about, planned)
    settled = store.settled(name)
    trials = trials_of(spec, meme_set, model, reader or OcrReader(spec.engine), settled)
    done = len(settled)
    if progress is not None:
        progress(done, planned)
    while batch := list(islice(trials, BATCH)):
        _batch(batch, model, store, name)
        done += len(batch)
        if progress is not None:
            progress(done, planned)
    if progress is not None:
        progress(planned, planned)
    return name


def _batch(batch: Sequence[Asked], model: Model, store: Store, run_id: str) -> None:
    """Ask what is not known yet, score, and store the batch in one transaction."""
    keys = [answer_key(a.query, a.hashes, model) if a.query else None for a in batch]
    known = store.answers(list({k for k in keys if k is not None}))
    missing = {k: a.query for k, a in zip(keys, batch, strict=True)
               if k is not None and a.query is not None and k not in known}  # fmt: skip
    new = dict(zip(missing, ask(model, list(missing.values())), strict=True))
    answers = {**known, **new}
    rows = [
        _trial(a, k, answers[k] if k is not None else None)
        for k, a in zip(keys, batch, strict=True)
    ]
    store.save(run_id, rows, new)


def ask(model: Model, queries: Sequence[Query]) -> list[Answer]:
    """One answer per query. If the model as a whole throws, each query is asked alone."""
    if not queries:
        return []
    try:
        answers = list(model.answer(queries))
        if len(answers) != len(queries):
            raise RuntimeError(f"{len(answers)} answers to {len(queries)} queries")
        return answers
    except Exception as error:
        if len(queries) == 1:
            return [Answer(None, None, error=f"{type(error).__name__}: {error}")]
        return [answer for query in queries for answer in ask(model, [query])]


def _trial(asked: Asked, key: str | None, answer: Answer | None) -> Trial:
    item, condition = asked.item, asked.condition
    gold = condition.gold(item)
    if asked.query is None or answer is None:
        return Trial(item.id, condition.name, asked.outcome, gold=gold, problem=asked.problem,
                     detail=asked.detail)  # fmt: skip
    shown = answer.receipt.frames_shown if answer.receipt is not None else None
    if condition.asks == "transcribe":
        outcome, chosen = _read_aloud(answer.text, item.caption or ""), None
    else:
        found = score(answer.text, asked.query.options, gold, answer.option_logprobs,
                      answer.option_tokens)  # fmt: skip
        outcome, chosen = found.outcome, found.chosen
    return Trial(
        item.id, condition.name, outcome, chosen, gold, key, len(asked.query.images), shown,
        # Without a receipt nobody knows what the model saw: that proves nothing about it.
        testable=None if answer.text is None else (shown or 0) >= len(asked.query.images),
        problem=answer.error, detail=asked.detail,
    )  # fmt: skip


def _read_aloud(text: str | None, caption: str) -> str:
    """Outcome of a transcription: right means equal up to case, spaces and punctuation."""
    if text is None:
        return FAILED
    if not text.strip():
        return UNPARSED
    return RIGHT if normalise(transcription(text)).replace(" ", "") == (
        normalise(caption).replace(" ", "")
    ) else WRONG  # fmt: skip
