"""TOMATO (Shangguan et al., ICLR 2025): questions that need several frames in order.

Source: github.com/yale-nlp/TOMATO: ``data/{count,direction,rotation,shape&trend,
velocity&frequency,visual_cues}.json``, an object by number with question, options, answer (an
index), motion_type, demonstration_type, key, variation; videos/DEMONSTRATION_TYPE/KEY.mp4.
"""

from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import ANY_MEDIA, about, gold_of, one_of
from meme_sets.importers.entry import (
    ImportEntry,
    ImportSource,
    SourceRow,
    json_members,
    only_file,
)

TABLES = (
    "count",
    "direction",
    "rotation",
    "shape&trend",
    "velocity&frequency",
    "visual_cues",
)


def read(source: Path, *, videos: str | Path | None = None) -> ImportSource:
    """The questions of the tables in ``data`` (or of one); ``videos`` is the folder of the clips.

    Clips whose key differs in its last part only ('0731-00', '0731-01') share a cluster.
    """
    patterns = [f"{folder}{name}.json" for folder in ("data/", "") for name in TABLES]
    entries = []
    for path in only_file(source, patterns, "tables of questions"):
        beside = path.parent
        root = (
            Path(videos)
            if videos
            else next(
                (p / "videos" for p in (beside.parent, beside) if (p / "videos").is_dir()),
                beside.parent / "videos",
            )
        )
        for number, row in json_members(path):
            options = row.get("options")
            if not isinstance(options, list) or not all(isinstance(o, str) for o in options):
                raise SetError(f"{row.where}: options is {options!r:.60}; must be texts")
            key, shown = str(row.get("key")), str(row.get("demonstration_type"))
            fields = {
                "id": f"{path.stem}-{number}",
                "kind": f"tomato_{path.stem.replace('&', '_')}",
                "question": str(row.get("question")),
                "options": options,
                "gold": gold_of(row, "answer", row.values.get("answer"), options),
                "cluster": key.rpartition("-")[0] or key,
                "tags": [f"shown:{shown}", *_variations(row)],
            }
            media = one_of([root / shown, root], key, (".mp4", *ANY_MEDIA))
            entries.append(ImportEntry(row.where, media, fields))
    description = "Questions that need several frames in order (Shangguan et al., 2025)"
    return ImportSource(dict(about("tomato", "TOMATO", description, ["en"])), entries)


def _variations(row: SourceRow) -> list[str]:
    found: Any = row.values.get("variation")
    return [name for name, on in found.items() if on] if isinstance(found, dict) else []
