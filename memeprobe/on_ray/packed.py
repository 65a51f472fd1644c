"""Calls and what comes of them as bytes: who passes them on need not know what they are about."""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

from memeprobe.errors import JobError


def packed(function: Callable[..., Any], *arguments: Any) -> bytes:
    """A call, to be made elsewhere. ``function`` is found there by its name."""
    return pickle.dumps((function, arguments))


def called(call: bytes) -> bytes:
    """Make a packed call; what it returned or raised, for ``unpacked``."""
    return _outcome(partial(_made, call))


def unpacked(outcome: bytes) -> Any:
    """What a call returned. Raises what it raised."""
    raised, found = pickle.loads(outcome)
    if raised:
        raise found
    return found


class ModelHolder:
    """Ray's actor: one object, made by a packed call, whose methods are called."""

    def __init__(self, call: bytes) -> None:
        self._held = _made(call)

    def call(self, method: str, arguments: bytes) -> bytes:
        """What the method returned or raised, for ``unpacked``; ``arguments``: a pickled tuple."""
        return _outcome(lambda: getattr(self._held, method)(*pickle.loads(arguments)))


def _made(call: bytes) -> Any:
    function, arguments = pickle.loads(call)
    return function(*arguments)


def _outcome(call: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps((False, call()))
    except Exception as error:
        raised = error
    try:
        outcome = pickle.dumps((True, raised))
        pickle.loads(outcome)  # an error may be packed and not unpacked
    except Exception:
        return pickle.dumps((True, JobError(f"{type(raised).__name__}: {raised}")))
    return outcome
