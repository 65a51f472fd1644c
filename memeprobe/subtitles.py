"""Captions with their times as subtitle files, for players and for sets of one's own."""

import html
import io
from collections.abc import Sequence
from pathlib import Path

from memeprobe.errors import JobError
from ocr import Track

WIDE = str.maketrans("<>", "＜＞")


def subtitles(tracks: Sequence[Track], form: str) -> str:
    """The captions as the text of a WebVTT ('vtt') or SubRip ('srt') file.

    One cue a caption; those of a still last 0 ms, which no cue may: they get 1 ms. SubRip knows no
    way to write `<` as itself, players take it for a tag: it gets angle brackets of full width.
    """
    import webvtt  # only where something is written: it takes long to load

    file = webvtt.WebVTT()
    for track in tracks:
        text = html.escape(track.text, quote=False) if form == "vtt" else track.text.translate(WIDE)
        end = max(track.end_ms, track.start_ms + 1)
        file.captions.append(webvtt.Caption(_stamp(track.start_ms), _stamp(end), text))
    written = io.StringIO()
    file.write(written, format=form)
    return written.getvalue().rstrip("\n") + "\n"


def write_subtitles(path: Path, tracks: Sequence[Track], form: str) -> None:
    """Write the captions to a file in UTF-8. Raises JobError if it cannot be written."""
    try:
        path.write_text(subtitles(tracks, form), encoding="utf-8")
    except OSError as error:
        raise JobError(f"{path}: cannot be written: {error.strerror}") from None


def _stamp(ms: int) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
