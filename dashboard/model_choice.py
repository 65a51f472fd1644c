"""Which model to ask: by name, directory, hub id or server; loaded once per process."""

import streamlit as st

from dashboard import asking
from dashboard.texts import Words
from vlm import MODELS, Model, ModelError, available

DIRECTORY, SERVER = "directory", "server"


def choose_model(say: Words, key: str) -> str:
    """The model's spec, by a name, a directory or a server's address; '' if none is given."""
    names = [*MODELS, DIRECTORY, SERVER]

    def label(name: str) -> str:
        if name in (DIRECTORY, SERVER):
            return say(f"model_{name}")
        return name if available(name, MODELS[name]) else f"{name} ({say('not_here')})"

    chosen = st.selectbox(say("model"), names, format_func=label, key=f"{key}_model")
    if chosen == DIRECTORY:
        return st.text_input(say("model_spec"), key=f"{key}_directory").strip()
    if chosen == SERVER:
        address = st.text_input(say("server_spec"), key=f"{key}_server").strip()
        return f"server:{address}" if address else ""
    return chosen


def load(say: Words, spec: str) -> Model | None:
    """The model, or None and a message on the page."""
    try:
        with st.spinner(say("loading_model", model=spec)):
            return asking.model_of(spec)
    except (ModelError, OSError, RuntimeError) as error:
        st.error(say("broken", why=str(error)))
        return None
