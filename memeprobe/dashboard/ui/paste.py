"""A field that takes a picture from the clipboard: click or tab into it, then Ctrl+V."""

import base64
import binascii

import streamlit as st

from memeprobe.dashboard.ui.texts import Texts

_HTML = '<div class="mp-paste" tabindex="0" role="button" contenteditable="false"></div>'
_CSS = """
.mp-paste { border: 1px dashed color-mix(in srgb, currentColor 45%, transparent);
  border-radius: .5rem; padding: .45rem .8rem; min-height: 1.4rem; cursor: text;
  color: var(--st-text-color); font-family: var(--st-font); font-size: .9rem; }
.mp-paste:focus { outline: 2px solid var(--st-primary-color); }
"""
_JS = """
export default function ({ parentElement, data, setTriggerValue }) {
  const field = parentElement.querySelector(".mp-paste");
  field.textContent = data.label;
  field.setAttribute("aria-label", data.label);
  field.onpaste = (event) => {
    event.preventDefault();
    const file = [...(event.clipboardData?.files || [])][0];
    if (!file) { field.textContent = data.none; return; }
    if (file.size > data.most) { field.textContent = data.none; return; }
    const reader = new FileReader();
    reader.onload = () => setTriggerValue("picture",
      { name: file.name || "pasted", data: reader.result.split(",")[1] });
    reader.readAsDataURL(file);
  };
}
"""
MOST = 32 * 2**20


@st.cache_resource(show_spinner=False)
def _component() -> object:
    return st.components.v2.component("memeprobe_paste", html=_HTML, css=_CSS, js=_JS)


def paste_field(t: Texts) -> tuple[str, bytes] | None:
    """The picture that was pasted just now: (name, bytes), or None."""
    mount = _component()
    found = mount(  # type: ignore[operator]
        key="paste",
        data={"label": t("paste"), "none": t("paste_none"), "most": MOST},
        on_picture_change=lambda: None,
    )
    picture = getattr(found, "picture", None)
    if not picture:
        return None
    try:
        return str(picture["name"])[:100], base64.b64decode(picture["data"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        return None
