"""The page on the Python API, made of the notebook's cells and of the public names' docstrings."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import memeprobe

_MEMBERS = ("Clip", "Look", "Run", "Comparison", "Client", "MemeSet", "Adapter")
"""Classes whose public methods are listed as well."""
_HEADS = {
    "en": (
        "Every public name",
        "Signatures without types; `memeprobe/__init__.pyi` has the types.",
    ),
    "zh": ("全部公开的名字", "签名不含类型，类型见 `memeprobe/__init__.pyi`。文档字符串为英文。"),
}


def api_page(notebook: Path, language: str) -> str:
    """The Markdown of the page in one language, 'en' or 'zh'.

    A Markdown cell of the notebook has its Chinese text in its metadata, under ``zh``.
    """
    parts = []
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            parts.append(f"```python\n{text}\n```")
        else:
            parts.append(text if language == "en" else cell["metadata"][language])
    title, about = _HEADS[language]
    return "\n\n".join([*parts, f"## {title}", about, *_names()]) + "\n"


def _names() -> list[str]:
    return [
        _entry(name, getattr(memeprobe, name))
        for name in memeprobe.__all__
        if inspect.isroutine(getattr(memeprobe, name)) or inspect.isclass(getattr(memeprobe, name))
    ]


def _entry(name: str, thing: Any) -> str:
    """Heading, call and docstring of a function or class, and the methods of some classes."""
    parts = [f"### {name}", f"```python\nmp.{name}{_call(thing)}\n```", _told(thing)]
    if name in _MEMBERS:
        methods = [
            f"- `{method}{_call(value)}`: {_told(value).splitlines()[0]}"
            for method, value in vars(thing).items()
            if method[0] != "_" and inspect.isfunction(value) and value.__doc__
        ]
        parts.append("\n".join(methods))
    return "\n\n".join(parts)


def _call(thing: Any) -> str:
    """Its parameters with their defaults; nothing for a class that is not called."""
    if inspect.isclass(thing) and (
        issubclass(thing, BaseException)
        or inspect.isabstract(thing)
        or thing.__init__ is object.__init__
    ):
        return ""
    signature = inspect.signature(thing)
    kept = [
        each.replace(annotation=inspect.Parameter.empty)
        for each in signature.parameters.values()
        if each.name != "self"
    ]
    return str(inspect.Signature(kept))


def _told(thing: Any) -> str:
    """Its docstring as Markdown: what stands between two backticks as code."""
    return re.sub(r"``(.+?)``", r"`\1`", inspect.getdoc(thing) or "")
