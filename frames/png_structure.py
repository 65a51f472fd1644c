"""The chunks of a PNG file: what it holds and where it is broken, without decoding.

Follows the PNG specification, third edition (W3C, https://www.w3.org/TR/png-3/), which includes
animation. Only headers are read here; the pixels stay compressed.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import pack, unpack_from

from frames.orientation import UPRIGHT, exif_orientation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DISPOSE_KEEP, DISPOSE_CLEAR, DISPOSE_PREVIOUS = 0, 1, 2


@dataclass
class Piece:
    """One picture of the file: where it goes, how, how long, and its compressed data."""

    left: int
    top: int
    width: int
    height: int
    delay_ms: int = 0
    dispose: int = DISPOSE_KEEP
    over: bool = False
    """Whether transparent pixels let what is below show; else they replace it."""
    data: list[tuple[int, int]] = field(default_factory=list)
    """[start, end) of the parts of the zlib stream in the file."""


@dataclass
class Structure:
    """All that a walk over the chunks finds. ``warnings`` say what is broken or odd."""

    width: int
    height: int
    header: bytes
    """The body of IHDR."""
    palette: bytes = b""
    """The body of PLTE."""
    transparency: bytes = b""
    """The body of tRNS."""
    profile: bytes = b""
    """The body of iCCP: in which colours it is."""
    orientation: int = UPRIGHT
    promised: int = 0
    """Frames that acTL promises; 0 for a picture that does not move."""
    still: Piece | None = None
    """The picture that programs without animation show."""
    pieces: list[Piece] = field(default_factory=list)
    """The frames of the animation."""
    complete: bool = False
    """Whether the end chunk was reached."""
    warnings: list[str] = field(default_factory=list)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of the whole width, with its filter byte."""
        return row_bytes(self.header, self.width)


def row_bytes(header: bytes, width: int) -> int:
    """Bytes of one row of ``width`` pixels after decompression, with its filter byte."""
    depth, colour = header[8], header[9]
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 4)
    return 1 + (width * depth * channels + 7) // 8


def is_animated(data: bytes) -> bool:
    """Whether a PNG file announces an animation: acTL before the picture's data."""
    for name, start, end in chunks(data):
        if name == b"acTL":
            return end - start >= 8 and data[start : start + 4] != bytes(4)
        if name in (b"IDAT", b"IEND"):
            return False
    return False


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of the body of each chunk; the last end may lie behind the file's."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        size, name = unpack_from(">I4s", data, at)
        yield name, at + 8, at + 8 + size
        at += 12 + size


def walk(data: bytes, max_frames: int) -> Structure:
    """Read the chunks of a PNG file. Stops after ``max_frames`` + 1 frames.

    Chunks that only comment (text, times) are not looked at, so that damage in
    them does no harm. Raises ValueError if the header is broken.
    """
    found: Structure | None = None
    current: Piece | None = None
    for name, start, end in chunks(data):
        body = data[start:end]
        if found is None:
            found = _header(name, body)
        elif name in (b"IDAT", b"fdAT"):
            current = _add_data(found, current, name, start, min(end, len(data)))
        elif end > len(data):
            pass  # said below
        elif name == b"PLTE":
            found.palette = body
        elif name == b"tRNS":
            found.transparency = body
        elif name == b"iCCP" and found.still is None and _is_sound(data, start, end):
            found.profile = body
        elif name == b"eXIf" and found.still is None and _is_sound(data, start, end):
            # As in Chromium: behind the picture's data, or damaged, it does not turn the picture.
            found.orientation = exif_orientation(body)
        elif name == b"acTL" and found.still is None and len(body) >= 8:
            (found.promised,) = unpack_from(">I", body)
        elif name == b"fcTL" and found.promised:
            if len(found.pieces) >= min(found.promised, max_frames + 1):
                break
            piece = _frame(body, found)
            if piece is None:
                break
            found.pieces.append(piece)
            current = piece
        elif name == b"IEND":
            found.complete = True
            break
        if end > len(data):
            break
    if found is None:
        raise ValueError("the file ends inside the PNG header")
    return found


def _is_sound(data: bytes, start: int, end: int) -> bool:
    """Whether the checksum of the chunk with the body [start, end) is right."""
    return data[end : end + 4] == pack(">I", zlib.crc32(data[start - 4 : end]))


def _header(name: bytes, body: bytes) -> Structure:
    if name != b"IHDR" or len(body) < 13:
        raise ValueError("it does not begin with a PNG header")
    width, height = unpack_from(">II", body)
    return Structure(width, height, body[:13])


def _add_data(
    found: Structure, current: Piece | None, name: bytes, start: int, end: int
) -> Piece | None:
    if name == b"IDAT":
        if found.still is None:
            # With a frame control before it, the default picture is the first frame.
            found.still = current or Piece(0, 0, found.width, found.height)
        found.still.data.append((start, end))
        return current
    if current is not None and current is not found.still:
        current.data.append((start + 4, max(end, start + 4)))  # behind the sequence number
    return current


def _frame(body: bytes, found: Structure) -> Piece | None:
    """A frame from its control chunk; None, with a warning, if it is impossible."""
    number = len(found.pieces)
    if len(body) < 26:
        found.warnings.append(f"the control chunk of frame {number} is cut off; the rest is lost")
        return None
    width, height, left, top, numerator, denominator, dispose, blend = unpack_from(
        ">IIIIHHBB", body, 4
    )
    outside = left + width > found.width or top + height > found.height
    partial_first = (
        not number
        and found.still is None
        and (width, height)
        != (
            found.width,
            found.height,
        )
    )
    if not width or not height or outside or partial_first or dispose > 2 or blend > 1:
        found.warnings.append(
            f"frame {number} is {width}x{height} pixels at ({left}, {top}) with dispose {dispose} "
            f"and blend {blend}, which is not allowed on a canvas of "
            f"{found.width}x{found.height}; it and the rest are lost"
        )
        return None
    if not number and dispose == DISPOSE_PREVIOUS:
        dispose = DISPOSE_CLEAR  # so the specification: before the first frame there is nothing
    delay_ms = round(1000 * numerator / (denominator or 100))
    return Piece(left, top, width, height, delay_ms, dispose, bool(blend))


def standalone(data: bytes, found: Structure, piece: Piece) -> bytes:
    """A PNG file of one piece alone, with all that its colours need and nothing else."""
    header = pack(">II", piece.width, piece.height) + found.header[8:13]
    parts = [SIGNATURE, chunk(b"IHDR", header)]
    if found.palette:
        parts.append(chunk(b"PLTE", found.palette))
    if found.transparency:
        parts.append(chunk(b"tRNS", found.transparency))
    parts.append(chunk(b"IDAT", compressed(data, piece)))
    parts.append(chunk(b"IEND", b""))
    return b"".join(parts)


def compressed(data: bytes, piece: Piece) -> bytes:
    """The zlib stream of a piece."""
    return b"".join(data[start:end] for start, end in piece.data)


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body))
