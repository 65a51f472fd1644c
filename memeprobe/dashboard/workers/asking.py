"""Asks a model one condition after another in a thread; each answer is shown when it comes."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from memeprobe.dashboard.workers.sandbox import Task
from memeprobe.running.asking import ask
from vlm import DEFAULTS, Answer, LoadOptions, Model, ModelError, Query, deliveries_of, load_model

ASKED: Counter[str] = Counter()
"""Queries put to a model in this process, by model."""
_one_at_a_time = threading.Lock()


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


@st.cache_resource(max_entries=2, show_spinner=False)
def model_of(spec: str, options: LoadOptions = DEFAULTS) -> Model:
    """The model of this name, directory, hub id or server; loaded once per process."""
    return load_model(spec, options)


@st.cache_data(max_entries=16, ttl=10, show_spinner=False)
def offered(spec: str) -> tuple[tuple[str, ...], str]:
    """(the deliveries of a model, ''), its best first, before it is loaded; or ((), why not)."""
    try:
        return deliveries_of(spec), ""
    except (ModelError, OSError) as error:
        return (), str(error)


def start(model: Model, plan: Sequence[Asking]) -> Task:
    """Put the questions in order."""
    return Task(answers(model, plan))


def answers(model: Model, plan: Sequence[Asking]) -> Iterator[Said]:
    """The answers in order, one at a time."""
    for asking in plan:
        query = Query(
            asking.images, asking.text, asking.options, asking.delivery, asking.max_new_tokens
        )
        with _one_at_a_time:  # a model is one piece of hardware: two visitors take turns
            ASKED[model.name] += 1
            (answer,) = ask(model, [query])
        yield Said(asking.condition, asking.delivery, asking.indices, answer)


def conditions(
    frames: Sequence[tuple[int, np.ndarray]], question: str, deliveries: Sequence[str]
) -> list[Asking]:
    """Each frame alone, then by every delivery all frames, reversed, first or last repeated."""
    plan = [
        Asking(f"single@{i}", deliveries[0], (index,), (pixels,), question)
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
        Asking(name, delivery, tuple(i for i, _ in order), tuple(p for _, p in order), question)
        for delivery in deliveries
        for name, order in orders.items()
    ]
