"""The dashboard: ``streamlit run probe_app.py``."""

import streamlit as st

from memeprobe.dashboard import calibration, compare
from memeprobe.dashboard.explore import page as explore
from memeprobe.dashboard.runs import page as runs
from memeprobe.dashboard.sets import page as sets
from memeprobe.dashboard.ui.session import words

PAGES = {
    "explore": (explore.page, ":material/search:"),
    "runs": (runs.page, ":material/play_circle:"),
    "compare": (compare.page, ":material/compare_arrows:"),
    "sets": (sets.page, ":material/collections:"),
    "calibration": (calibration.page, ":material/tune:"),
}

st.set_page_config(page_title="memeprobe", page_icon=":material/search:", layout="wide")
t = words()
st.navigation(
    [
        st.Page(page, title=t(name), icon=icon, url_path=name, default=name == "explore")
        for name, (page, icon) in PAGES.items()
    ],
    position="top",
).run()
