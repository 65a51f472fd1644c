"""What people say of one item of a run, each under a name."""

import streamlit as st

from memeprobe.dashboard.ui.session import workspace
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.store import notes
from memeprobe.store.errors import StoreError
from memeprobe.store.labels import LONGEST_PERSON


def section(t: Texts, run: str, item: str) -> None:
    """Everybody's notes, and the form for one's own."""
    said = notes.item_notes(workspace(), run).get(item, [])
    with st.expander(t("item_notes", n=len(said)), expanded=bool(said), icon=":material/notes:"):
        for author, note in said:
            st.markdown(f"**{inert(author)}**: {inert(note)}")
        with st.form(f"item_note_{run}_{item}", border=False):
            left, right = st.columns([1, 3])
            author = left.text_input(
                t("label_person"), key="label_person", max_chars=LONGEST_PERSON
            ).strip()
            note = right.text_input(
                t("label_note"),
                dict(said).get(author, ""),
                key=f"note_of_{run}_{item}",
                max_chars=notes.LONGEST_NOTE,
            )
            if st.form_submit_button(t("save_name"), key=f"write_note_{run}_{item}"):
                _keep(t, run, item, author, note.strip())


def _keep(t: Texts, run: str, item: str, author: str, note: str) -> None:
    if not author:
        st.warning(t("label_who"))
        return
    try:
        notes.note_item(workspace(), run, item, author, note)
    except StoreError as error:
        st.error(t.inert("broken", why=error))
        return
    st.rerun()
