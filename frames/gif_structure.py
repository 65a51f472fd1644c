"""The block structure of a GIF file: what it holds and where it is broken, without decoding.

Follows the GIF89a specification (W3C, https://www.w3.org/Graphics/GIF/spec-gif89a.txt). Only
lengths and headers are read here; the pixels stay compressed until ``gif.frames`` wants them.
"""

from dataclasses import dataclass, field
from struct import unpack_from

KEEP, TO_BACKGROUND, TO_PREVIOUS = 1, 2, 3
OLD_TO_PREVIOUS = 4
"""What some writers put for 3: the third bit, counted from 1. Chromium and Firefox read it so."""


@dataclass(frozen=True)
class Image:
    """One image of a GIF: where it goes, how long it stays and where its data lies."""

    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    palette: bytes | None
    """RGB triples; None if the file gives neither a local nor a global colour table."""
    code_size: int
    """LZW minimum code size in bits."""
    data: tuple[int, int]
    """[start, end) of the sub-blocks in the file, with their length bytes."""
    complete: bool
    """False if the file ends inside this image."""
    delay_ms: int = 0
    """As written in the file, not as browsers read it."""
    disposal: int = KEEP
    transparent: int | None = None


@dataclass
class Structure:
    """Everything that a walk over the blocks finds. ``warnings`` say what is broken or odd."""

    width: int
    height: int
    images: list[Image] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _End(Exception):
    """The file ends before the block does."""


class _Walker:
    """A reading position that refuses to run over the end of the data."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            self.at = len(self.data)
            raise _End
        self.at += count
        return self.data[self.at - count : self.at]

    def skip_sub_blocks(self) -> None:
        data, at, end = self.data, self.at, len(self.data)
        while at < end and (length := data[at]):
            at += length + 1
        self.at = min(at + 1, end)
        if at >= end:
            raise _End

    def colours(self, flags: int) -> bytes | None:
        return self.take(3 << ((flags & 7) + 1)) if flags & 0x80 else None


def walk(data: bytes, max_images: int) -> Structure:
    """Read the blocks of a GIF file. Stops after ``max_images`` + 1 images.

    Raises ValueError if even the header is cut off. Damage behind it becomes a warning.
    """
    file = _Walker(data)
    try:
        file.take(6)
        width, height, flags, _, _ = unpack_from("<HHBBB", file.take(7))
        palette = file.colours(flags)
    except _End:
        raise ValueError("the file ends inside the GIF header") from None
    found = _walked(file, Structure(width, height), palette, max_images)
    if found.images:
        # Browsers let the first image widen the canvas, which some programs write as 0x0 or 1x1.
        first = found.images[0]
        found.width = max(found.width, first.left + first.width)
        found.height = max(found.height, first.top + first.height)
    return found


def _walked(file: _Walker, found: Structure, palette: bytes | None, max_images: int) -> Structure:
    control: dict[str, int | None] = {}
    try:
        while (block := file.take(1)[0]) != 0x3B:
            if block == 0x21:
                control = _extension(file, control, found)
            elif block == 0x2C:
                found.images.append(_image(file, palette, control))
                control = {}
                if not found.images[-1].complete:
                    raise _End
                if len(found.images) > max_images:
                    return found
            elif block != 0:  # lone zero bytes between blocks are padding that all readers skip
                found.warnings.append(
                    f"byte {file.at - 1} starts no GIF block (0x{block:02x}); "
                    f"what follows image {len(found.images)} is lost"
                )
                return found
    except _End:
        found.warnings.append(
            f"the file breaks off: it ends inside or after image {len(found.images)} "
            "without the end mark"
        )
    return found


def _extension(
    file: _Walker, control: dict[str, int | None], found: Structure
) -> dict[str, int | None]:
    label = file.take(1)[0]
    if label == 0xF9:
        body = file.take(file.take(1)[0])
        file.skip_sub_blocks()
        if len(body) < 4:
            found.warnings.append(f"a graphic control block of {len(body)} bytes is ignored")
            return control
        flags, delay, transparent = unpack_from("<BHB", body)
        disposal = flags >> 2 & 7
        return {
            "delay_ms": delay * 10,
            "disposal": TO_PREVIOUS if disposal == OLD_TO_PREVIOUS else disposal,
            "transparent": transparent if flags & 1 else None,
        }
    if label == 0x01:
        found.warnings.append("a plain text block is not drawn (no browser draws it)")
        control = {}
    file.skip_sub_blocks()
    return control


def _image(file: _Walker, palette: bytes | None, control: dict[str, int | None]) -> Image:
    left, top, width, height, flags = unpack_from("<HHHHB", file.take(9))
    palette = file.colours(flags) or palette
    code_size = file.take(1)[0]
    start, complete = file.at, True
    try:
        file.skip_sub_blocks()
    except _End:
        complete = False
    return Image(
        left,
        top,
        width,
        height,
        bool(flags & 0x40),
        palette,
        code_size,
        (start, file.at),
        complete,
        **control,  # type: ignore[arg-type]
    )
