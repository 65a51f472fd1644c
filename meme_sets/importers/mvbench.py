"""MVBench (Li et al., CVPR 2024) and TVBench (Cores et al., 2024), which has its layout.

Source: huggingface.co/datasets/OpenGVLab/MVBench and FunAILab/TVBench: ``json/TASK.json``, a list
of {video, question, candidates, answer} and in some tasks start and end in seconds, and the
videos in folders that differ by task. ``answer`` is the text of a candidate.
"""

import math
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import about, gold_of, one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, json_rows, only_file
from meme_sets.load import is_there


def read(
    source: Path, *, videos: str | Path | None = None, task: str | None = None
) -> ImportSource:
    """The questions of ``json/*.json`` (or of one file).

    ``videos`` is the folder above the videos (default: video or videos beside ``json``); files are
    found by the name in the table wherever they lie under it. ``task`` takes one table only. A
    stretch (start, end) becomes a tag: the whole clip is shown.
    """
    pattern = f"{task}.json" if task else "*.json"
    files = only_file(source, (f"json/{pattern}", pattern), "tables of questions")
    beside = files[0].parent
    above = beside.parent if beside.name == "json" else beside
    root = (
        Path(videos)
        if videos
        else next((above / n for n in ("video", "videos") if (above / n).is_dir()), above)
    )
    lying: dict[str, list[Path]] = {}
    for file in sorted(root.rglob("*")):
        if file.is_file():
            lying.setdefault(file.name, []).append(file)
    entries = []
    for path in files:
        for i, row in enumerate(json_rows(path)):
            options = row.get("candidates")
            if not isinstance(options, list) or not all(isinstance(o, str) for o in options):
                raise SetError(f"{row.where}: candidates is {options!r:.60}; must be texts")
            video = str(row.get("video"))
            fields: dict[str, Any] = {
                "id": f"{path.stem}-{i}",
                "kind": path.stem,
                "question": str(row.get("question")),
                "options": options,
                "gold": gold_of(row, "answer", row.get("answer"), options),
                "cluster": Path(video).stem,
                "tags": _stretch(row),
            }
            entries.append(ImportEntry(row.where, _video(root, path.stem, video, lying), fields))
    name = above.resolve().name.lower() or "mvbench"
    description = "Questions about videos in the layout of MVBench and TVBench"
    return ImportSource(dict(about(name, name, description, ["en"])), entries)


def _video(root: Path, task: str, video: str, lying: dict[str, list[Path]]) -> Path:
    """By its path under the root or the task's folder, else by its name, if only one has it."""
    place = one_of([root, root / task], video)
    alike = lying.get(Path(video).name, [])
    return alike[0] if len(alike) == 1 and not is_there(place) else place


def _stretch(row: SourceRow) -> list[str]:
    start, end = row.values.get("start"), row.values.get("end")
    for value in (start, end):
        if value is not None and (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            raise SetError(f"{row.where}: start and end must be seconds, found {value!r:.60}")
    return [] if start is None or end is None else [f"seconds:{start:g}-{end:g}"]
