"""What the browser is told of a page: its language, that it has been reached, and what is no step
back."""

import streamlit as st

_TAGS = {"en": "en", "zh": "zh-Hans"}
_ONE_ENTRY_A_PAGE = """<script>
if (!window.memeprobeHistory) {
  window.memeprobeHistory = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) =>
    address != null && new URL(address, location.href).pathname === location.pathname
      ? history.replaceState(state, title, address) : push(state, title, address);
}
</script>"""


_ARRIVED = """<script>  // on the page PAGE
document.documentElement.lang = "TAG";
if (innerWidth < 768)
  document.querySelector("[data-testid=stSidebar][data-collapsed=false] "
    + "[data-testid=stSidebarCollapseButton] button")?.click();
</script>"""
"""Runs once a page and language: Streamlit runs a script again only if it is another one."""


def tell(page: str, language: str) -> None:
    """The language is that of the words, by which they are read aloud and Chinese letters drawn.

    On a phone the list of the pages lies over the page, also after one was chosen; so it is closed.
    What the script says of a page in the address makes no further entry in the history.

    Streamlit makes one for each change. Then Back leads to the same page with less in its address,
    the script completes it, which makes another entry, and the visitor never gets away.
    """
    with st.container(key="mp_document"):  # the style sheet hides it: it would be a gap
        st.html(_ONE_ENTRY_A_PAGE, unsafe_allow_javascript=True)
        told = _ARRIVED.replace("PAGE", page).replace("TAG", _TAGS[language])
        st.html(told, unsafe_allow_javascript=True)
