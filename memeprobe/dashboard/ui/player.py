"""The file itself, played by the browser."""

import base64
import hashlib
from html import escape

import streamlit as st
from streamlit import runtime


def player(name: str, data: bytes, kind: str, alt: str) -> str:
    """The file itself, played by the browser; '' if too large to send, or of a kind not shown."""
    if len(data) > 6 * 2**20:
        return ""
    if kind in ("mp4", "webm"):
        return (
            f'<video class="mp-player" autoplay loop muted playsinline controls '
            f'aria-label="{escape(alt)}" src="{_served(data, f"video/{kind}")}"></video>'
        )
    mime = {"apng": "png"}.get(kind, kind)
    if mime not in ("gif", "webp", "png", "jpeg", "bmp"):
        return ""
    return f'<img class="mp-player" alt="{escape(alt)}" src="{_served(data, f"image/{mime}")}">'


def _served(data: bytes, mime: str) -> str:
    """An address of the bytes: of this server, which a browser takes in much faster than
    megabytes in the page itself; in the page where there is no server (tests of one script)."""
    if not runtime.exists():
        return f"data:{mime};base64,{base64.b64encode(data).decode()}"
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = runtime.get_instance().media_file_mgr.add(data, mime, hashlib.sha256(data).hexdigest())
    return f"/{base}{path}" if base else path
