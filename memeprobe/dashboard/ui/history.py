"""The browser's button Back leads to the page before, with one press."""

import streamlit as st

_ONE_ENTRY_A_PAGE = """<script>
if (!window.memeprobeHistory) {
  window.memeprobeHistory = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) =>
    address != null && new URL(address, location.href).pathname === location.pathname
      ? history.replaceState(state, title, address) : push(state, title, address);
}
</script>"""


def one_entry_a_page() -> None:
    """What the script says of a page in the address makes no further entry in the history.

    Streamlit makes one for each change. Then Back leads to the same page with less in its address,
    the script completes it, which makes another entry, and the visitor never gets away.
    """
    with st.container(key="mp_history"):  # the style sheet hides it: it would be a gap
        st.html(_ONE_ENTRY_A_PAGE, unsafe_allow_javascript=True)
