"""The middle of Explore: model, question, deliveries."""

from typing import Any

import streamlit as st

from meme_sets import Item
from memeprobe.dashboard.explore.answers import Answers
from memeprobe.dashboard.explore.conversation import Conversation
from memeprobe.dashboard.explore.view import View
from memeprobe.dashboard.ui.model_choice import choose_model, known_subjects, load
from memeprobe.dashboard.ui.session import begin, put_in_address, session_dict, under_way
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.one_meme import DEFAULT_QUESTION
from memeprobe.one_subject import subject_on
from memeprobe.workers import asking
from vlm import MODELS
from vlm.query import ANSWER_TOKENS

LONGEST_QUESTION = 500
MOST_TOKENS = 2048


def section(t: Texts, view: View, item: Item | None) -> tuple[str, Answers]:
    """The choices, the button, and the answers to what was asked last about this file.

    Returns the spec of the model that is chosen now ('' for none), and the answers.
    """
    st.subheader(t("ask_title"), anchor=False)
    left, right = st.columns(2)
    with left:
        spec, offered = choose_model(t, "explore", subjects=True)
    with right:
        chosen = st.multiselect(
            t("deliveries"),
            offered,
            offered[:1],
            help=t("deliveries_help"),
            placeholder=t("no_example"),
            key=f"deliveries_{spec}",
        )
    question = _question(t, item)
    tokens = int(
        st.number_input(
            t("answer_tokens"), 1, MOST_TOKENS, ANSWER_TOKENS, key="answer_tokens", width=240
        )
    )
    named = item is not None and spec in (*MODELS, *known_subjects())
    put_in_address(model=spec if named else None, question=question if item is not None else None)
    row = st.container(horizontal=True)
    pressed = row.button(
        t("ask"),
        type="primary",
        disabled=not (spec and question and chosen),
        key="ask",
        icon=":material/forum:",
    )
    kept = session_dict("asked")
    asked = {"place": place_of(view), "spec": spec, "question": question, "tokens": tokens}
    asked["deliveries"] = tuple(chosen)
    if pressed and not under_way(kept, asked):
        model = load(t, spec) if spec not in known_subjects() else subject_on(spec, view.shown)
        if model is not None:
            if "task" in kept:
                kept["task"].stop()  # nobody will see the rest of it
            kept.pop("look", None)
            plan = asking.conditions(view.shown, question, chosen, tokens)
            kept.update(asked, task=begin(asking.of_one_meme(model, plan)), planned=len(plan))
    return spec, _answers(t, view, item, row)


def _answers(t: Texts, view: View, item: Item | None, row: Any) -> Answers:
    """What was asked last, if about what is shown. ``row``: where the button to stop goes."""
    kept, place = session_dict("asked"), place_of(view)
    here = kept.get("place") == place
    put_in_address(look=kept.get("look") if here else None)
    if not here:
        if "look" in kept and kept["place"][0] == place[0]:
            st.info(t("kept_other_frames"))
        return Answers(t)
    answers = Answers(
        t,
        Conversation(
            view, kept["spec"], kept["question"], kept["deliveries"], kept["task"], kept["planned"]
        ),
    )
    answers.places["stop"] = row.empty()
    if answers.running and answers.places["stop"].button(
        t("stop"), key="stop", icon=":material/stop:"
    ):
        kept["task"].stop()
    answers.lay_out(item)
    return answers


def place_of(view: View) -> tuple[str, tuple[int, ...]]:
    """What answers are about: the file, and the keyframes that are shown of it."""
    return view.about["sha256"], tuple(index for index, _ in view.shown)


def by_address(model: str | None, question: str | None) -> None:
    """Choose the model and the question that the address names; those that are none are not."""
    if model in (*MODELS, *known_subjects()):
        st.session_state["explore_model"] = model
    if question:
        session_dict("explore")["question"] = question[:LONGEST_QUESTION]


def usual_question(t: Texts) -> str:
    """What is asked of a file that has no question of its own."""
    return t("suggestions").split("|")[0] if t.language == "zh" else DEFAULT_QUESTION


def _question(t: Texts, item: Item | None) -> str:
    own = [t.of(item.question)] if item is not None and item.question is not None else []
    offered = list(dict.fromkeys([*own, *t("suggestions").split("|")]))
    picked = st.pills(
        t("suggested"), offered, format_func=inert, key=f"suggested_{len(own)}_{t.language}"
    )
    usual = own[0] if own else usual_question(t)
    first = picked or session_dict("explore").get("question") or usual
    return st.text_input(
        t("question"), first, key=f"question_{first}", max_chars=LONGEST_QUESTION
    ).strip()
