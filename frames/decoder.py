"""The process in which files nobody vouches for are decoded: ``python -m frames.decoder``.

It knows no file and no secret, only the bytes that ``frames.isolated`` sends. Before each request
it asks the system to end it when that takes too long, which also ends a native decoder that
never comes back. Requests and replies: ``frames.wire``.
"""

import contextlib
import os
import resource
import signal
import sys
import time
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from frames.clip import Clip, Frame, open_clip
from frames.errors import Limits, MediaError
from frames.kinds import load_decoder
from frames.wire import WireError, receive, send

CLIPS_KEPT, PASSES_KEPT = 4, 16
PATIENCE = 10
"""Times the processor time that a request may take by the clock: other work runs beside it."""


class Decoder:
    """The clips of one client, and its passes over them."""

    def __init__(self) -> None:
        self._clips: OrderedDict[str, Clip] = OrderedDict()
        self._passes: OrderedDict[int, tuple[Iterator[Frame], int]] = OrderedDict()

    def open(self, data: bytes, key: str, name: str, limits: Mapping[str, int]) -> dict[str, Any]:
        """Open a file; it is kept under ``key``."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they stand in the clip too
            clip = open_clip(data, name=name, limits=Limits(**limits))
        _keep(self._clips, key, clip, CLIPS_KEPT)
        return {
            "kind": clip.kind,
            "width": clip.width,
            "height": clip.height,
            "delays_ms": [delay for _, delay in clip.timings],
            "warnings": list(clip.warnings),
        }

    def frame(self, key: str, number: int, index: int) -> np.ndarray | None:
        """The picture ``index`` of a pass; None if the file is not known (any more)."""
        if key not in self._clips:
            return None
        stream, at = self._passes.pop(number, (iter(self._clips[key]), 0))
        for frame in stream:
            at += 1
            if frame.index == index:
                _keep(self._passes, number, (stream, at), PASSES_KEPT)
                return frame.pixels
        raise MediaError(f"{self._clips[key].name}: frame {index} cannot be decoded")


def _keep(memory: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    memory[key] = value
    while len(memory) > most:
        memory.popitem(last=False)


def bound(seconds: int) -> None:
    """Let the system end this process once it has taken so much processor time from now on."""
    used = int(time.process_time())
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):  # a hard limit may be lower already
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds + 1, hard))
    signal.alarm(seconds * PATIENCE)


def answer(decoder: Decoder, request: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], Any]:
    """(reply, pictures) to one request."""
    try:
        if request["do"] == "open":
            return decoder.open(data, request["key"], request["name"], request["limits"]), ()
        pixels = decoder.frame(request["key"], request["pass"], request["index"])
        return ({}, (pixels,)) if pixels is not None else ({"unknown": True}, ())
    except MediaError as refusal:
        return {"error": str(refusal)}, ()


def main() -> None:
    """Serve until the client hangs up. Its first argument bounds the memory, in bytes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's business
    memory = int(sys.argv[1])
    with contextlib.suppress(ValueError, OSError):  # not every system has every limit
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the messages
    decoder = Decoder()
    while True:
        try:
            request, _, data = receive(inbox)
        except WireError:
            return
        if request["do"] == "open":
            load_decoder(data)
        bound(request["seconds"])
        reply, pictures = answer(decoder, request, data)
        signal.alarm(0)
        send(outbox, reply, pictures)


if __name__ == "__main__":
    main()
