"""Which model to ask: by name, directory, hub id or server; loaded once per process."""

import streamlit as st

from memeprobe.dashboard.ui.texts import Texts
from memeprobe.one_subject import DELIVERIES, SPECS
from memeprobe.workers import asking
from vlm import DEFAULTS, MODELS, LoadOptions, Model, ModelError, available, deliveries_of

DIRECTORY, SERVER = "directory", "server"
SERVER_EXAMPLE = "http://127.0.0.1:8000/v1#name"


def choose_model(t: Texts, key: str, subjects: bool = False) -> tuple[str, tuple[str, ...]]:
    """(spec, deliveries) of the model chosen by a name, a directory or a server's address.

    ``subjects``: known subjects are offered too, as they can be asked about one meme. ('', ()) and
    a message on the page where nothing usable is given.
    """
    spec = _spec(t, key, known_subjects() if subjects else [])
    if subjects and spec in known_subjects():
        st.caption(t("known_on_one"))
        return spec, DELIVERIES
    deliveries, why = offered(spec) if spec else ((), "")
    if why:
        st.error(t.inert("broken", why=why))
    return (spec, deliveries) if deliveries else ("", ())


@st.cache_data(max_entries=16, ttl=10, show_spinner=False)
def offered(spec: str) -> tuple[tuple[str, ...], str]:
    """(the deliveries of a model, ''), its best first, before it is loaded; or ((), why not)."""
    try:
        return deliveries_of(spec), ""
    except (ModelError, OSError) as error:
        return (), str(error)


def known_subjects() -> list[str]:
    """The specs of those that can be asked about one meme."""
    return list(SPECS)


def _spec(t: Texts, key: str, subjects: list[str]) -> str:
    """What was chosen or typed; '' if it is nothing yet."""
    here = [name for name, entry in MODELS.items() if available(name, entry)]
    elsewhere = [name for name in MODELS if name not in here]

    def label(name: str) -> str:
        if name in (DIRECTORY, SERVER):
            return t(f"model_{name}")
        return f"{name} ({t('not_here')})" if name in elsewhere else name

    chosen = st.selectbox(
        t("model"),
        [*here, DIRECTORY, SERVER, *subjects, *elsewhere],
        format_func=label,
        key=f"{key}_model",
    )
    if chosen == DIRECTORY:
        return st.text_input(t("model_spec"), key=f"{key}_directory").strip()
    if chosen == SERVER:
        address = server_field(t, f"{key}_server")
        return f"server:{address}" if address else ""
    return chosen


def server_field(t: Texts, key: str) -> str:
    """What is typed into the field for a server; '' if nothing is."""
    return st.text_input(t("server_spec"), key=key, placeholder=SERVER_EXAMPLE).strip()


def load(t: Texts, spec: str, options: LoadOptions = DEFAULTS) -> Model | None:
    """The model, or None and a message on the page."""
    try:
        with st.spinner(t.inert("loading_model", model=spec)):
            return asking.model_of(spec, options)
    except (ModelError, OSError, RuntimeError) as error:
        st.error(t.inert("broken", why=str(error)))
        return None
