"""Subtitle files beside clips: captions with times, as WebVTT or SubRip."""

import html
import re
from pathlib import Path
from typing import Any

import webvtt

from meme_sets.errors import SetError

SUFFIXES = (".vtt", ".srt")
_TAG = re.compile(r"</?[a-z][^>\n]*>", re.IGNORECASE)


def subtitles_of(media: Path) -> tuple[dict[str, Any], ...] | None:
    """The cues of the subtitle file beside a media file ('cat.vtt' or 'cat.srt' beside 'cat.gif').

    In order of time, as fields of ``format.TimedCaption``; None if there is no such file. Tags
    are left out. Raises SetError: there are both, or the file is broken.
    """
    try:
        there = [media.with_suffix(suffix) for suffix in SUFFIXES]
        there = [path for path in there if path.is_file()]
    except (OSError, ValueError):  # a name that no file can have
        return None
    if not there:
        return None
    if len(there) > 1:
        raise SetError(f"{media} has both {there[0].name} and {there[1].name} beside it; keep one")
    (path,) = there
    try:
        read = webvtt.read if path.suffix == ".vtt" else webvtt.from_srt
        cues = read(str(path), encoding="utf-8").captions
        found = [_cue(cue, path.suffix) for cue in cues]
    except (webvtt.errors.MalformedFileError, webvtt.errors.MalformedCaptionError) as error:
        kind = "WebVTT" if path.suffix == ".vtt" else "SubRip"
        raise SetError(f"{path}: not {kind}: {error}") from None
    except UnicodeDecodeError:
        raise SetError(f"{path}: not UTF-8; save it as UTF-8") from None
    return tuple(sorted(found, key=lambda cue: int(cue["start_ms"])))


def _cue(cue: webvtt.Caption, suffix: str) -> dict[str, Any]:
    text = _TAG.sub("", cue.raw_text)
    return {
        "text": html.unescape(text) if suffix == ".vtt" else text,
        "start_ms": _ms(cue.start),
        "end_ms": _ms(cue.end),
    }


def _ms(stamp: str) -> int:
    """Milliseconds of 'HH:MM:SS.mmm' or 'MM:SS.mmm'."""
    *hours, minutes, seconds = stamp.replace(",", ".").split(":")
    whole, _, part = seconds.partition(".")
    total = int(hours[0] if hours else 0) * 3600 + int(minutes) * 60 + int(whole)
    return 1000 * total + int(part[:3].ljust(3, "0"))
