"""Whether a video file ends before its container says: a download that was cut off."""

from struct import unpack_from

EBML, SEGMENT = b"\x1aE\xdf\xa3", b"\x18S\x80g"
BOXES = b"ftyp moov mdat moof mfra free skip wide meta uuid sidx ssix styp udta emsg pdin".split()


def breaks_off(data: bytes) -> bool:
    """Whether the last box (MP4, MOV) or the segment (WebM, Matroska) is longer than the file."""
    return _matroska(data) if data.startswith(EBML) else _iso(data)


def _iso(data: bytes) -> bool:
    """Walks the boxes of the file's top level (ISO/IEC 14496-12, 4.2)."""
    at = 0
    while at + 16 <= len(data):
        size, name = unpack_from(">I4s", data, at)
        if name not in BOXES:  # bytes behind the last box
            return False
        if size == 1:
            (size,) = unpack_from(">Q", data, at + 8)
        if size < 8:  # 0: up to the end of the file
            return False
        at += size
    return at > len(data)


def _matroska(data: bytes) -> bool:
    """Compares the segment's size (RFC 8794, 4 and 5), which a live recording leaves open."""
    size, at = _size(data, len(EBML))
    at += size
    if data[at : at + 4] != SEGMENT:
        return False
    size, at = _size(data, at + 4)
    return at + size > len(data)


def _size(data: bytes, at: int) -> tuple[int, int]:
    """(value, place behind it) of a number of variable length; 0 for one that is not known."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    value = int.from_bytes(data[at : at + length], "big") & (1 << 7 * length) - 1
    return (0 if value == (1 << 7 * length) - 1 else value), at + length
