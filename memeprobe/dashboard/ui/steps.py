"""Back and forth through a list, by buttons and by the keys K and J."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from memeprobe.dashboard.ui.texts import Texts

PREVIOUS, NEXT = "K", "J"
"""Letters, as mail and news readers have them: the arrows already move within menus and sliders.
Streamlit passes them over while somebody types."""


def steps(
    t: Texts,
    place: Any,
    key: str,
    at: int | None,
    count: int,
    go: Callable[[int], Any],
    keys: bool = True,
) -> None:
    """Two buttons and where one is. ``at``: the number that is shown now, from 0; None = none yet.

    ``go`` is called with the number to show, before the page is drawn again. ``keys``: whether the
    keys are theirs, for one list of a page only.
    """
    # As wide as the buttons: where they do not fit beside something, they go below it together.
    row = place.container(horizontal=True, vertical_alignment="center", width="content")
    back = None if at is None else at - 1
    on = 0 if at is None else at + 1
    row.button(
        t("previous"),
        key=f"{key}_previous",
        shortcut=PREVIOUS if keys else None,
        disabled=back is None or back < 0,
        icon=":material/chevron_left:",
        on_click=go,
        args=(back,),
    )
    row.button(
        t("next"),
        key=f"{key}_next",
        shortcut=NEXT if keys else None,
        disabled=on >= count,
        icon=":material/chevron_right:",
        on_click=go,
        args=(on,),
    )
    if at is not None:
        row.caption(f"{at + 1} / {count}", width="content")


def pages(t: Texts, count: int, key: str, keys: bool = True) -> int:
    """The page that is chosen, from 1: by its number, or back and forth; ``keys`` as ``steps``."""
    if count < 2:
        return 1

    def go(number: int) -> None:
        st.session_state[key] = number + 1

    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.pagination(count, key=key)
    steps(t, row, f"step_{key}", place - 1, count, go, keys)
    return int(place)
