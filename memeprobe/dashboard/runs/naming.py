"""What people call a run and say of it: read and changed on the page."""

from typing import Any

import streamlit as st

from memeprobe.dashboard.ui.session import workspace
from memeprobe.dashboard.ui.texts import Texts, inert
from memeprobe.store.errors import StoreError
from memeprobe.store.notes import LONGEST_NAME, LONGEST_NOTE, name_run
from memeprobe.store.rows import RunRecord


def heading(t: Texts, run: RunRecord) -> None:
    """The name and the note of the run that is open, and the form that changes them."""
    row = st.container(horizontal=True, vertical_alignment="center")
    if run.name:
        row.markdown(f"#### {inert(run.name)}", width="stretch")
    form(t, run, row, "open")
    for line in run.note.splitlines():
        if line.strip():
            st.caption(inert(line))


def form(t: Texts, run: RunRecord, place: Any, where: str) -> None:
    """A button that unfolds the fields. ``where``: tells two of them on one page apart."""
    with (
        place.popover(t("name_and_note"), icon=":material/edit:"),
        st.form(f"naming_{where}_{run.run}", border=False),
    ):
        name = st.text_input(
            t("run_name"), run.name, key=f"name_{where}_{run.run}", max_chars=LONGEST_NAME
        )
        note = st.text_area(
            t("run_note"), run.note, key=f"note_{where}_{run.run}", max_chars=LONGEST_NOTE
        )
        if st.form_submit_button(t("save_name"), type="primary"):
            try:
                name_run(workspace(), run.run, name, note)
            except StoreError as error:
                st.error(t.inert("broken", why=error))
                return
            st.rerun()
