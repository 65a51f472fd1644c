"""Answers held to the options, where a server gives no log-probabilities."""

import re
import threading
from collections.abc import Sequence
from typing import Any

WAYS = {"vLLM": ("structured_outputs", "guided_choice"), "SGLang": ("regex",)}
"""Kind of server -> the fields that hold an answer, newest first. A server that does not know one
may refuse it, or pass over it and answer freely."""


class Held:
    """The one field by which a server holds answers, found out by the first answers."""

    def __init__(self, kind: str) -> None:
        self._ways = WAYS.get(kind, ())
        self._lock = threading.Lock()

    @property
    def way(self) -> str | None:
        """The field that is sent; None: the server knows none."""
        return self._ways[0] if self._ways else None

    def fields(self, options: Sequence[str], way: str) -> dict[str, Any]:
        """What is sent beside a question."""
        if way == "structured_outputs":
            return {way: {"choice": list(options)}}
        if way == "guided_choice":
            return {way: list(options)}
        return {way: f"({'|'.join(map(re.escape, options))})"}

    def failed(self, way: str) -> None:
        """An answer was not held by this field, or it was refused: the next one is used."""
        with self._lock:
            if self.way == way:
                self._ways = self._ways[1:]
