"""The boxes of an ISO base media file (MP4, MOV, HEIC, AVIF), as far as stills need them.

Follows ISO/IEC 14496-12 (boxes, items) and 23008-12 (HEIF item properties). Nothing is decoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error as StructError
from struct import unpack_from

MAX_ITEMS = 10_000
MAX_ENTRIES = 100_000
"""Places of data, and links to properties, in the tables of one file. A row of such a table may
take no byte of the file, so that its length bounds nothing."""


@dataclass
class Item:
    """One picture or other thing of a HEIF file."""

    kind: str = ""
    """Four characters: 'hvc1', 'grid', 'av01', 'Exif', ..."""
    extents: list[tuple[int, int]] = field(default_factory=list)
    """[start, end) of its data in the file, in order."""
    properties: list[tuple[str, bytes]] = field(default_factory=list)
    """(name, body) in the order in which they apply."""
    references: list[tuple[str, list[int]]] = field(default_factory=list)
    """(kind, ids of other items): 'dimg' tiles of a grid, 'auxl' what it is auxiliary to, ..."""

    def get(self, name: str) -> bytes | None:
        """The body of the first property with that name."""
        return next((body for kind, body in self.properties if kind == name), None)

    def refers(self, name: str) -> list[int]:
        """The items that it refers to by references of that kind."""
        return [target for kind, targets in self.references for target in targets if kind == name]


@dataclass
class Items:
    """The items of a HEIF file."""

    primary: int
    by_id: dict[int, Item]


def brands(data: bytes) -> list[bytes]:
    """The major brand and the compatible ones; empty if it is no such file."""
    if data[4:8] != b"ftyp":
        return []
    (size,) = unpack_from(">I", data)
    body = data[8 : min(size, 8 + 4 * 64)]
    return [body[:4]] + [body[at : at + 4] for at in range(8, len(body) - 3, 4)]


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of the body of each box in [start, end); cut off at ``end``."""
    while start + 8 <= end:
        size, name = unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and start + 16 <= end:
            (size,) = unpack_from(">Q", data, body)
            body += 8
        if size == 0:
            size = end - start
        if size < body - start:
            return
        yield name, body, min(start + size, end)
        start += size


def find(data: bytes, start: int, end: int, *path: bytes) -> tuple[int, int] | None:
    """[start, end) of the body of the first box at ``path``; None if there is none."""
    for name, body, stop in boxes(data, start, end):
        if name == path[0]:
            return (body, stop) if len(path) == 1 else find(data, body, stop, *path[1:])
    return None


def read_items(data: bytes) -> Items | None:
    """The items of a file; None if it has none (a plain video). Raises ValueError if broken."""
    meta = find(data, 0, len(data), b"meta")
    if meta is None:
        return None
    try:
        return _items(data, meta[0] + 4, meta[1])
    except (StructError, IndexError):
        raise ValueError("its table of items breaks off") from None


def _items(data: bytes, start: int, end: int) -> Items:
    primary, known = 0, dict[int, Item]()
    inner = {name: (body, stop) for name, body, stop in boxes(data, start, end)}
    if b"pitm" in inner:
        at = inner[b"pitm"][0]
        primary = _number(data, at + 4, 4 if data[at] else 2)
    if b"iinf" in inner:
        _read_kinds(data, *inner[b"iinf"], known)
    if b"iloc" in inner:
        _read_places(data, inner[b"iloc"][0], inner.get(b"idat"), known)
    if b"iprp" in inner:
        _read_properties(data, *inner[b"iprp"], known)
    if b"iref" in inner:
        _read_references(data, *inner[b"iref"], known)
    return Items(primary, known)


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big")


def _read_kinds(data: bytes, start: int, end: int, known: dict[int, Item]) -> None:
    wide = 4 if data[start] else 2
    for name, body, _ in boxes(data, start + 4 + wide, end):
        if name == b"infe" and data[body] >= 2 and len(known) < MAX_ITEMS:
            size = 4 if data[body] >= 3 else 2
            at = body + 4 + size + 2
            item = known.setdefault(_number(data, body + 4, size), Item())
            item.kind = data[at : at + 4].decode("latin-1")


def _read_places(
    data: bytes, at: int, idat: tuple[int, int] | None, known: dict[int, Item]
) -> None:
    version, sizes = data[at], _number(data, at + 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    count, at = _number(data, at + 6, wide), at + 6 + wide
    total = 0
    for _ in range(min(count, MAX_ITEMS)):
        number, at = _number(data, at, wide), at + wide
        method = 0
        if version:
            method, at = _number(data, at, 2) & 15, at + 2
        at += 2
        base, at = _number(data, at, base_size), at + base_size
        extents, at = _number(data, at, 2), at + 2
        if method == 1 and idat is not None:
            base += idat[0]
        total = _counted(total + extents)
        item = known.setdefault(number, Item())
        for _ in range(extents):
            at += index_size
            begin = base + _number(data, at, offset_size)
            length, at = _number(data, at + offset_size, length_size), at + offset_size
            at += length_size
            if method < 2:
                item.extents.append((begin, begin + length if length else len(data)))


def _read_properties(data: bytes, start: int, end: int, known: dict[int, Item]) -> None:
    listed: list[tuple[str, bytes]] = []
    for name, body, stop in boxes(data, start, end):
        if name == b"ipco":
            listed = [(n.decode("latin-1"), data[b:s]) for n, b, s in boxes(data, body, stop)]
        elif name == b"ipma":
            wide = 4 if data[body] else 2
            two = bool(data[body + 3] & 1)
            count, at, total = _number(data, body + 4, 4), body + 8, 0
            for _ in range(min(count, MAX_ITEMS)):
                item = known.setdefault(_number(data, at, wide), Item())
                links, at = data[at + wide], at + wide + 1
                total = _counted(total + links)
                for _ in range(links):
                    index = _number(data, at, 2) & 0x7FFF if two else data[at] & 0x7F
                    at += 2 if two else 1
                    if 0 < index <= len(listed):
                        item.properties.append(listed[index - 1])


def _counted(entries: int) -> int:
    if entries > MAX_ENTRIES:
        raise ValueError(f"a table in it has more than {MAX_ENTRIES:,} entries")
    return entries


def _read_references(data: bytes, start: int, end: int, known: dict[int, Item]) -> None:
    wide = 4 if data[start] else 2
    for name, body, stop in boxes(data, start + 4, end):
        source = known.setdefault(_number(data, body, wide), Item())
        count = _number(data, body + wide, 2)
        first = body + wide + 2
        targets = [_number(data, at, wide) for at in range(first, stop, wide)][:count]
        source.references.append((name.decode("latin-1"), targets))


def orientations(item: Item) -> list[int]:
    """The turns and mirrorings of an item in order, each as an EXIF orientation."""
    found = []
    for name, body in item.properties:
        if name == "irot" and body:  # quarter turns against the clock
            found.append((1, 8, 3, 6)[body[0] & 3])
        elif name == "imir" and body:  # 0: top and bottom change places, 1: left and right do
            found.append(2 if body[0] & 1 else 4)
    return found
