"""The page Explore: one meme, what shows when, and what a model says of it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from meme_sets import Item, load_set
from memeprobe.dashboard.explore import ask as explore_ask
from memeprobe.dashboard.explore import captions as explore_captions
from memeprobe.dashboard.explore import keeping, several
from memeprobe.dashboard.explore.answers import Answers
from memeprobe.dashboard.explore.captions import CaptionReading
from memeprobe.dashboard.explore.view import View
from memeprobe.dashboard.ui.paste import paste_field
from memeprobe.dashboard.ui.session import (
    begin,
    header,
    policy_choice,
    put_in_address,
    session_dict,
)
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.workers.sandbox import Task, pool
from ocr import policy_names

EXAMPLES = (
    ("reveal", "reveal-001"),
    ("reveal", "reveal-073"),
    ("reveal", "reveal-100"),
    ("captions", "captions-003"),
    ("captions", "captions-001"),
)
"""(built-in set, item) of the examples."""
TASKS_KEPT = 12
"""Looks that a session remembers, so that going back to an earlier choice costs nothing."""
MOST_KEYFRAMES = 16


@dataclass(frozen=True)
class ChosenFile:
    """The file that is looked at."""

    name: str
    data: bytes
    item: Item | None = None
    """The built-in item that it is, if it is one."""

    @property
    def sha256(self) -> str:
        """Of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


@st.cache_data(show_spinner=False)
def _examples() -> dict[str, tuple[Item, bytes]]:
    found = {}
    sets = {name: load_set(name) for name in dict.fromkeys(name for name, _ in EXAMPLES)}
    for set_name, item_id in EXAMPLES:
        meme_set = sets[set_name]
        item = next((i for i in meme_set.items if i.id == item_id), None)
        if item is not None:
            found[item_id] = item, meme_set.media_path(item).read_bytes()
    return found


def _source(t: Texts) -> ChosenFile | None:
    """What was dropped, pasted or chosen last."""
    kept = session_dict("explore")
    left, right = st.columns([3, 2], vertical_alignment="top")
    with left:
        st.file_uploader(
            t("upload"),
            type=None,
            help=t("upload_help"),
            key="upload",
            max_upload_size=32,
            on_change=_uploaded,
        )
    with right:
        examples = _examples()
        if "source" not in kept:
            _by_address(t, list(examples))
        st.selectbox(
            t("example"),
            list(examples),
            index=None,
            placeholder=t("no_example"),
            format_func=lambda i: f"{i}: {t.of(examples[i][0].question)}",
            key="example",
            on_change=_example_chosen,
        )
        pasted = paste_field(t)
    if pasted is not None:
        kept["source"] = ChosenFile(*pasted)
    source: ChosenFile | None = kept.get("source")
    # What a visitor brought has no address; what comes with memeprobe has.
    put_in_address(example=source.name if source is not None and source.item else None)
    return source


def _by_address(t: Texts, examples: Sequence[str]) -> None:
    """Take up the example that the address names, and how it was looked at and asked about."""
    session_dict("explore")["source"] = None
    named = st.query_params
    if "look" in named:
        _by_kept(t, named["look"], examples)
        return
    example = named.get("example")
    if example is None:
        return
    if example not in examples:
        st.warning(t.inert("no_such_example", name=example[:80]))
        return
    st.session_state["example"] = example
    _example_chosen()
    k = named.get("k", "")
    if k.isdecimal() and int(k) in range(1, MOST_KEYFRAMES + 1):
        st.session_state["k"] = int(k)
    if named.get("policy") in policy_names():
        st.session_state["policy"] = named["policy"]
    explore_ask.by_address(named.get("model"), named.get("question"))


def _by_kept(t: Texts, name: str, examples: Sequence[str]) -> None:
    """Take up a result that somebody kept."""
    look = keeping.take_up(t, name)
    if look is None:
        return
    if look.example in examples:
        st.session_state["example"] = look.example
        _example_chosen()
    else:
        session_dict("explore")["source"] = ChosenFile(look.name, look.data)
    st.session_state["k"], st.session_state["policy"] = look.k, look.policy
    explore_ask.by_address(look.model, look.question)


def _uploaded() -> None:
    """A file was dropped, or taken away; not called where a visitor comes back to the page."""
    file = st.session_state["upload"]
    kept = session_dict("explore")
    kept.pop("question", None)  # that of an address is about its example
    kept["source"] = ChosenFile(file.name, file.getvalue()) if file is not None else None


def _example_chosen() -> None:
    """An example was chosen, or taken away."""
    chosen = st.session_state["example"]
    kept = session_dict("explore")
    kept.pop("question", None)
    kept["source"] = None
    if chosen is not None:
        item, data = _examples()[chosen]
        kept["source"] = ChosenFile(chosen, data, item)


def _task(key: tuple[Any, ...], job: str, args: dict[str, Any], data: bytes) -> Task:
    """The task of this key: begun once, then remembered. What is still read of a file that is not
    looked at any more is given up."""
    tasks = session_dict("tasks")
    if key not in tasks:
        for left in [k for k, task in tasks.items() if k[1] != key[1] and task.running]:
            tasks.pop(left).stop()
        tasks[key] = begin(pool().stream(job, args, data))
        while len(tasks) > TASKS_KEPT:
            tasks.pop(next(iter(tasks))).stop()
    task: Task = tasks[key]
    return task


def page() -> None:
    """Draw the page."""
    t = header("explore")
    pool()  # the engines load while the visitor looks for a file
    st.caption(t("tagline"))
    source = _source(t)
    several.section(t)
    if source is None:
        put_in_address(look=None)  # the file that it was about was taken away
        st.info(t.inert("welcome"))
        return
    choices = st.empty()
    row = choices.container(horizontal=True)
    k = row.slider(t("kept_frames"), 1, MOST_KEYFRAMES, 4, key="k", width=320)
    policy = policy_choice(t, row, "policy", width=320)
    example = source.item is not None
    put_in_address(k=k if example else None, policy=policy if example else None)
    sha = source.sha256
    look = _task(
        ("look", sha, k, policy),
        "look",
        {"name": source.name, "k": k, "policy": policy},
        source.data,
    )
    st.caption(inert(source.name))
    view = View(t, source.name, source.data, look)
    if not view.wait_for_frames():
        return
    if view.is_still:
        choices.empty()  # one picture: there is nothing to choose
    view.begin()
    # Reading the whole clip beside them would keep the keyframes' captions waiting.
    view.wait_for_reading()
    view.read_with(_task(("captions", sha), "captions", {"name": source.name}, source.data))
    spec, asked = explore_ask.section(t, view, source.item)
    _follow(lambda: view.look.running, view, asked)  # what can be edited is known then
    read = explore_captions.section(t, view, source.data, spec)
    parts = view, asked, read
    _follow(lambda: any(part.running for part in parts), *parts)


def _follow(going: Callable[[], bool], *parts: View | Answers | CaptionReading) -> None:
    """Draw what comes as long as it is ``going`` on, and once more at the end.

    No rerun at the end: it would close a menu that the visitor has just opened.
    """
    beat = st.empty()
    while going():
        next((part for part in parts if part.running), parts[0]).wait(0.4)
        beat.empty()  # Streamlit takes up what the visitor did meanwhile only where it is called
        for part in parts:
            part.draw()
    for part in parts:
        part.draw()
