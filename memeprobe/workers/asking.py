"""Asks a model one condition after another in a thread; each answer is shown when it comes."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from memeprobe import one_meme
from memeprobe.first_picture import to_repeat
from memeprobe.one_meme import LookAnswer
from memeprobe.one_subject import SPECS, subject_on
from memeprobe.running.asking import ask
from vlm import DEFAULTS, Answer, LoadOptions, Model, Query, load_model

ASKED: Counter[str] = Counter()
"""Queries put to a model in this process, by model."""
_loading = threading.Lock()
_turns: dict[str, threading.Lock] = {}


@dataclass(frozen=True)
class Said:
    """One answer."""

    condition: str
    delivery: str
    indices: tuple[int, ...]
    """Frame numbers, in the order given."""
    answer: Answer
    kind: str = "said"


@dataclass(frozen=True)
class Asking:
    """One question to put."""

    condition: str
    delivery: str
    indices: tuple[int, ...]
    images: tuple[np.ndarray, ...]
    text: str
    max_new_tokens: int = 20
    options: tuple[str, ...] = ()


@lru_cache(maxsize=2)
def _loaded(spec: str, options: LoadOptions) -> Model:
    return load_model(spec, options)


def model_of(spec: str, options: LoadOptions = DEFAULTS) -> Model:
    """The model of this name, directory, hub id or server; the latest two stay loaded.

    Raises ModelError.
    """
    with _loading:  # two visitors who ask for one model at once load it once
        return _loaded(spec, options)


def model_for(spec: str, frames: Sequence[tuple[int, np.ndarray]]) -> Model:
    """Whom to ask about the frames (number, pixels) of one file: a known subject knows these
    frames alone. Raises ModelError."""
    return subject_on(spec, frames) if spec in SPECS else model_of(spec)


def forget_models() -> None:
    """Load every model anew when it is next asked for."""
    _loaded.cache_clear()


def _turn(model: Model) -> threading.Lock:
    """Whose turn it is: local models share one machine, a server waits for itself only."""
    name = model.name if model.name.startswith("server:") else ""
    with _loading:
        return _turns.setdefault(name, threading.Lock())


def answers(model: Model, plan: Sequence[Asking]) -> Iterator[Said]:
    """The answers in order, one at a time."""
    for asking in plan:
        query = Query(
            asking.images, asking.text, asking.options, asking.delivery, asking.max_new_tokens
        )
        with _turn(model):
            ASKED[model.name] += 1
            (answer,) = ask(model, [query])
        yield Said(asking.condition, asking.delivery, asking.indices, answer)


def of_one_meme(model: Model, plan: Sequence[Asking]) -> Iterator[Said]:
    """The answers to a plan of ``conditions``, then what they leave open, asked again."""
    said = []
    open_questions = list(plan)
    while open_questions:
        for one in answers(model, open_questions):
            said.append(one)
            yield one
        open_questions = [
            replace(asking, condition=name)
            for delivery in dict.fromkeys(asking.delivery for asking in plan)
            for name, condition in to_repeat(by_delivery(said, delivery)).items()
            for asking in plan
            if (asking.delivery, asking.condition) == (delivery, condition)
        ]


def by_delivery(said: Sequence[Said], delivery: str) -> list[LookAnswer]:
    """The answers by one delivery as ``memeprobe.look`` has them (frames alone count for each)."""
    return [
        look_answer(one)
        for one in said
        if one.delivery == delivery or one.condition.startswith("single@")
    ]


def plain(one: Said) -> dict[str, Any]:
    """An answer as JSON holds it, with its receipt; see ``memeprobe.service.answers.clips``."""
    return {
        "condition": one.condition,
        "delivery": one.delivery,
        "frames": list(one.indices),
        "text": one.answer.text,
        "error": one.answer.error,
        "repeatable": one.answer.repeatable,
        "receipt": asdict(one.answer.receipt) if one.answer.receipt else None,
    }


def look_answer(one: Said) -> LookAnswer:
    """An answer as ``memeprobe.look`` has it."""
    return one_meme.look_answer(one.condition, one.indices, one.answer)


def conditions(
    frames: Sequence[tuple[int, np.ndarray]],
    question: str,
    deliveries: Sequence[str],
    max_new_tokens: int = 20,
) -> list[Asking]:
    """Each frame alone, then by every delivery all frames, reversed, first or last repeated."""
    plan = [
        Asking(f"single@{i}", deliveries[0], (index,), (pixels,), question, max_new_tokens)
        for i, (index, pixels) in enumerate(frames, 1)
    ]
    if len(frames) < 2:
        return plan
    orders: Mapping[str, list[tuple[int, np.ndarray]]] = {
        "keyframes": list(frames),
        "reversed": list(frames)[::-1],
        "first_repeated": [frames[0]] * len(frames),
        "last_repeated": [frames[-1]] * len(frames),
    }
    return plan + [
        Asking(
            name,
            delivery,
            tuple(i for i, _ in order),
            tuple(p for _, p in order),
            question,
            max_new_tokens,
        )
        for delivery in deliveries
        for name, order in orders.items()
    ]
