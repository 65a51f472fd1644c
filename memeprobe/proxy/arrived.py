"""What a request brings: its pictures in order, in whatever form, and its words.

OpenAI's chat and Responses APIs, Anthropic's, Ollama's and Gemini's are read alike: whatever looks
like a picture is one. A link is noted and never fetched.
"""

import base64
import binascii
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from frames import MediaError, open_clip

DATA_URL = re.compile(r"data:(image|video)/([\w.+-]+);base64,(.*)", re.DOTALL)
MOST_PICTURES = 256
"""Pictures of one request that are looked at."""


@dataclass(frozen=True)
class Picture:
    """One picture, one frame of a video, or something that cannot be seen here."""

    pixels: np.ndarray | None
    """uint8 (height, width, 3); None where it cannot be seen."""
    form: str
    """``picture``, ``video`` (a frame of one), ``animation`` (a frame of an animated file that was
    sent whole), ``link`` or ``unreadable``."""
    kind: str
    """Format: 'jpeg', 'png', 'gif', 'mp4', ...; for a link its host."""
    part: int
    """Which part of the request it came in, from 0: the frames of one video share it."""


@dataclass(frozen=True)
class Request:
    """What one request brought."""

    pictures: tuple[Picture, ...]
    words: str
    """The text of the last message of the user."""
    model: str = ""


def read_request(body: Mapping[str, Any]) -> Request:
    """The pictures and words of a request's JSON body."""
    pictures: list[Picture] = []
    for part, (data, kind) in enumerate(_media(_asked(body))):
        pictures += _opened(data, kind, part)
        if len(pictures) >= MOST_PICTURES:
            break
    return Request(tuple(pictures[:MOST_PICTURES]), _words(body), str(body.get("model", "")))


def _asked(body: Mapping[str, Any]) -> Any:
    """What is asked now: the last turn of the user, and not the answers before it."""
    for name in ("messages", "input", "contents"):
        turns = body.get(name)
        if isinstance(turns, list) and turns:
            mine = [t for t in turns if not isinstance(t, dict) or t.get("role") != "assistant"]
            with_media = [t for t in mine if any(True for _ in _media(t))]
            return with_media[-1] if with_media else mine[-1:]
    return body


def _media(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(base64 or address, kind) of everything in a request that is a picture or a video."""
    if isinstance(node, str):
        if found := DATA_URL.match(node):
            yield node, f"{found[1]}/{found[2]}"
        elif name in ("url", "image_url", "video_url") and node.startswith(("http://", "https://")):
            yield node, "link"
        elif name == "images" and len(node) > 64:  # Ollama
            yield f"data:image/any;base64,{node}", "image/any"
    elif isinstance(node, Mapping):
        kind = node.get("media_type") or node.get("mime_type") or node.get("mimeType")
        if isinstance(kind, str) and isinstance(node.get("data"), str):  # Anthropic, Gemini
            yield f"data:{kind};base64,{node['data']}", kind
            return
        for key, value in node.items():
            yield from _media(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _media(value, name)


def _opened(data: str, kind: str, part: int) -> list[Picture]:
    if kind == "link":
        return [Picture(None, "link", data.split("/")[2], part)]
    found = DATA_URL.match(data)
    if found is None:
        return [Picture(None, "unreadable", kind, part)]
    if found[1] == "video" and found[2] == "jpeg":  # vLLM: the frames of a video, by commas
        return [p for one in found[3].split(",") for p in _picture(_bytes(one), part, "video")]
    return _picture(_bytes(found[3]), part, "video" if found[1] == "video" else "picture")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return b""


def _picture(raw: bytes, part: int, form: str) -> list[Picture]:
    """A still, or the frames of something that moves."""
    try:
        with Image.open(io.BytesIO(raw)) as opened:
            kind = str(opened.format).lower()
            if getattr(opened, "n_frames", 1) == 1:
                return [Picture(np.asarray(opened.convert("RGB")), form, kind, part)]
    except Exception:  # what Pillow throws at bytes that are no picture
        kind = "video"
    try:
        frames = [f.pixels for f in open_clip(raw, name="sent")]
    except MediaError:
        return [Picture(None, "unreadable", kind, part)]
    return [Picture(f, "video" if kind == "video" else "animation", kind, part) for f in frames]


def _words(body: Mapping[str, Any]) -> str:
    asked = _asked(body)
    return "\n".join(_texts(asked if isinstance(asked, list) else [asked]))


def _texts(node: Any, name: str = "") -> Iterator[str]:
    if isinstance(node, str) and name in ("text", "content", "prompt", "input"):
        if not DATA_URL.match(node):
            yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _texts(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, name)
