"""The dashboard: ``streamlit run probe_app.py``. Navigation only; the pages are in dashboard/."""

import streamlit as st

from dashboard import calibration, compare, explore, runs, sets
from dashboard.state import words

PAGES = {
    "explore": (explore.page, ":material/search:"),
    "runs": (runs.page, ":material/play_circle:"),
    "compare": (compare.page, ":material/compare_arrows:"),
    "sets": (sets.page, ":material/collections:"),
    "calibration": (calibration.page, ":material/tune:"),
}

st.set_page_config(page_title="memeprobe", page_icon=":material/search:", layout="wide")
say = words()
st.navigation(
    [
        st.Page(page, title=say(name), icon=icon, url_path=name, default=name == "explore")
        for name, (page, icon) in PAGES.items()
    ],
    position="top",
).run()
