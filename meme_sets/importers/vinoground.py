"""Vinoground (Zhang et al., 2024) and its like: two videos, two captions in the same words.

Source: huggingface.co/datasets/HanSolo9682/Vinoground: vinoground.csv with columns pos_cap and
neg_cap (and major and minor categories), videos vinoground_videos/N_pos.mp4 and N_neg.mp4, N
counting rows from 0 (or the column index).
"""

from pathlib import Path

from meme_sets.errors import SetError
from meme_sets.importers.choices import one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, csv_rows, only_file
from meme_sets.load import MEDIA_SUFFIXES

QUESTION = {"en": "Which sentence describes the clip?", "zh": "哪句话描述了这段动图？"}
SIDES = ("pos", "neg")


def read(source: Path, *, videos: str | Path | None = None) -> ImportSource:
    """Two items a pair: each video with both captions; the order of options goes by turns.

    ``videos`` is the folder of the videos (default: vinoground_videos or videos beside the table).
    Both items of a pair share a cluster; both right is the published text score.
    """
    found = only_file(source, ("vinoground*.csv", "pairs.csv"), "table of pairs")
    if len(found) > 1:
        raise SetError(
            f"{source}: has several tables ({', '.join(f.name for f in found)}); "
            "name one as the source"
        )
    (path,) = found
    entries = []
    for i, row in enumerate(csv_rows(path, ["pos_cap", "neg_cap"])):
        number = row.number("index", 0, 10**9) if "index" in row.values else i
        order = SIDES if i % 2 == 0 else SIDES[::-1]
        options = [str(row.get(f"{side}_cap")).strip() for side in order]
        for side in SIDES:
            entries.append(
                ImportEntry(
                    row.where,
                    _video(row, f"{number}_{side}", videos),
                    {
                        "id": f"{path.stem}-{number}-{side}",
                        "kind": "vinoground",
                        "question": QUESTION,
                        "options": options,
                        "gold": order.index(side),
                        "cluster": f"{path.stem}-{number}",
                        "tags": _tags(row),
                    },
                )
            )
    about = {
        "name": path.stem,
        "title": path.stem,
        "description": "Pairs of clips whose captions use the same words, imported.",
        "languages": ["en"],
    }
    return ImportSource(about, entries)


def _tags(row: SourceRow) -> list[str]:
    tags = [f"major:{row.values['major']}"] if row.values.get("major") else []
    return tags + [f"minor:{m}" for m in str(row.values.get("minor") or "").split(";") if m]


def _video(row: SourceRow, stem: str, videos: str | Path | None) -> Path:
    beside = row.file.parent
    folders = (
        [Path(videos)] if videos else [beside / "vinoground_videos", beside / "videos", beside]
    )
    return one_of(folders, stem, (".mp4", *MEDIA_SUFFIXES))
