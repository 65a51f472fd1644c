"""The pages put together: navigation only."""

from urllib.parse import unquote, urlsplit

import streamlit as st

from memeprobe.dashboard import calibration, compare
from memeprobe.dashboard.explore.page import page as explore
from memeprobe.dashboard.runs.page import page as runs
from memeprobe.dashboard.sets.page import page as sets
from memeprobe.dashboard.ui.icon import icon
from memeprobe.dashboard.ui.session import words

PAGES = {
    "explore": (explore, ":material/search:"),
    "runs": (runs, ":material/play_circle:"),
    "compare": (compare.page, ":material/compare_arrows:"),
    "sets": (sets, ":material/collections:"),
    "calibration": (calibration.page, ":material/tune:"),
}


def main() -> None:
    """Draw the page that the address names. Called once for every rerun."""
    st.set_page_config(page_title="memeprobe", page_icon=icon(), layout="wide")
    t = words()
    page = st.navigation(
        [
            st.Page(page, title=t(name), icon=icon, url_path=name, default=name == "explore")
            for name, (page, icon) in PAGES.items()
        ],
        position="top",
    )
    asked = _asked(st.context.url)
    if asked and asked not in PAGES:
        st.warning(t.inert("no_such_page", name=asked[:80]))
    page.run()


def _asked(address: str | None) -> str:
    """The page that the address names; '' for none. A proxy's path before it is no page."""
    path = unquote(urlsplit(address or "").path).strip("/")
    before = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return path.removeprefix(before).strip("/")
