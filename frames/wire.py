"""What a program and the process that decodes for it send each other.

A message is one line of JSON, then the pictures it counts, as bytes.

No pickle: a worker that a hostile file has taken over can send nothing but numbers and text.
"""

import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np

MOST_HEADER = 64 * 2**20
MOST_PICTURES = 2**30
"""Bounds on one message, in bytes."""


class WireError(RuntimeError):
    """The other side is gone, or what it sent is no message."""


def send(
    stream: IO[bytes],
    header: Mapping[str, Any],
    pictures: Sequence[np.ndarray] = (),
    data: bytes = b"",
) -> None:
    """Write one message: plain values, pictures uint8 (height, width, 3), and raw bytes."""
    shapes = [list(p.shape[:2]) for p in pictures]
    head = json.dumps({**header, "shapes": shapes, "data": len(data)}, ensure_ascii=False)
    stream.write(head.encode() + b"\n")
    for picture in pictures:
        stream.write(np.ascontiguousarray(picture).tobytes())
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], list[np.ndarray], bytes]:
    """Read one message. Raises WireError: end of stream, or no message."""
    line = stream.readline(MOST_HEADER)
    if not line.endswith(b"\n"):
        raise WireError("the stream ended")
    try:
        header = json.loads(line)
        shapes = [(int(h), int(w)) for h, w in header.pop("shapes")]
        size = int(header.pop("data"))
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(f"no message: {error}") from None
    if min([size, *(side for shape in shapes for side in shape)]) < 0 or (
        size + sum(3 * h * w for h, w in shapes) > MOST_PICTURES
    ):
        raise WireError("a message of an impossible size")
    pictures = [
        np.frombuffer(_exactly(stream, 3 * h * w), np.uint8).reshape(h, w, 3) for h, w in shapes
    ]
    return header, pictures, _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size) if size else b""
    if len(data) != size:
        raise WireError("the stream ended inside a message")
    return data
