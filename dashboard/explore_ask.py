"""The middle of Explore: model, question, deliveries."""

import streamlit as st

from dashboard import asking
from dashboard.explore_answers import Answers
from dashboard.explore_said import Conversation
from dashboard.explore_view import View
from dashboard.model_choice import choose_model, load
from dashboard.state import mine
from dashboard.texts import Words
from meme_sets import Item
from probes.look import DEFAULT_QUESTION


def section(say: Words, view: View, item: Item | None) -> tuple[str, Answers]:
    """The choices, the button, and the answers to what was asked last about this file.

    Returns the spec of the model that is chosen now ('' for none), and the answers.
    """
    st.subheader(say("ask_title"), anchor=False)
    left, right = st.columns(2)
    with left:
        spec, offered = choose_model(say, "explore")
    with right:
        chosen = st.multiselect(
            say("deliveries"),
            offered,
            offered[:1],
            help=say("deliveries_help"),
            key=f"deliveries_{spec}",
        )
    question = _question(say, item)
    row = st.container(horizontal=True)
    pressed = row.button(
        say("ask"),
        type="primary",
        disabled=not (spec and question and chosen),
        key="ask",
        icon=":material/forum:",
    )
    kept = mine("asked")
    place = (view.about["sha256"], tuple(i for i, _ in view.shown))
    if pressed:
        model = load(say, spec)
        if model is not None:
            if "task" in kept:
                kept["task"].stop()  # nobody will see the rest of it
            plan = asking.conditions(view.shown, question, chosen)
            kept.update(
                place=place,
                task=asking.start(model, plan),
                planned=len(plan),
                spec=spec,
                question=question,
                deliveries=tuple(chosen),
            )
    if kept.get("place") != place:
        return spec, Answers(say)
    answers = Answers(
        say,
        Conversation(
            view, kept["spec"], kept["question"], kept["deliveries"], kept["task"], kept["planned"]
        ),
    )
    answers.places["stop"] = row.empty()
    if answers.running and answers.places["stop"].button(
        say("stop"), key="stop", icon=":material/stop:"
    ):
        kept["task"].stop()
    answers.lay_out(item)
    return spec, answers


def _question(say: Words, item: Item | None) -> str:
    own = [say.of(item.question)] if item is not None and item.question is not None else []
    offered = list(dict.fromkeys([*own, *say("suggestions").split("|")]))
    picked = st.pills(say("suggested"), offered, key=f"suggested_{len(own)}_{say.language}")
    first = picked or (own[0] if own else offered[0] if say.language == "zh" else DEFAULT_QUESTION)
    return st.text_input(say("question"), first, key=f"question_{first}", max_chars=500).strip()
