"""OCRBench v2 (Fu et al., 2024): reading text in pictures, in English and Chinese.

Source: github.com/Yuliang-Liu/MultimodalOCR: ``OCRBench_v2.json``, a list of {dataset_name, type,
id, image_path (or image), question, answers, eval}, pictures under EN_part and CN_part. Of its
31 tasks those become items that this project can score: text recognition (the caption is known,
so it is transcribed), and questions with one short answer (three answers of the same type become
the other options). Layout, formulae, tables, spotting and the like are left out.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

from meme_sets.importers.choices import about, among, one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, json_rows, only_file

READING = ("text recognition en", "full-page OCR en", "full-page OCR cn", "text recognition cn")
ASKED = (
    "cognition VQA en",
    "cognition VQA cn",
    "reasoning VQA en",
    "reasoning VQA cn",
    "diagram QA en",
    "APP agent en",
    "ASCII art classification en",
    "VQA with position en",
)
LONGEST = 60
"""Characters of an answer that still makes an option."""


def read(
    source: Path, *, images: str | Path | None = None, task: str | None = None
) -> ImportSource:
    """The readable tasks; ``task`` takes one of their names, ``images`` is the pictures' folder."""
    files = only_file(source, ("OCRBench_v2*.json", "*/OCRBench_v2*.json"), "table of questions")
    entries = []
    for path in files:
        rows = [row for row in json_rows(path) if task is None or row.values.get("type") == task]
        pools: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            pools[str(row.values.get("type"))].update(_answers(row)[:1])
        folders = [Path(images)] if images else [path.parent, path.parent.parent]
        for row in rows:
            fields = _fields(row, pools)
            if fields is not None:
                picture = str(row.values.get("image_path") or row.get("image"))
                entries.append(ImportEntry(row.where, one_of(folders, picture), fields))
    about_it = "Reading text in pictures (Fu et al., 2024)"
    return ImportSource(dict(about("ocrbench-v2", "OCRBench v2", about_it, ["en", "zh"])), entries)


def _answers(row: SourceRow) -> list[str]:
    """The right answers, if they are plain texts."""
    found = row.values.get("answers")
    found = found if isinstance(found, list) else [found]
    return [a.strip() for a in found if isinstance(a, str) and a.strip()]


def _fields(row: SourceRow, pools: dict[str, set[str]]) -> dict[str, Any] | None:
    sort, right = str(row.values.get("type")), _answers(row)
    fields: dict[str, Any] = {
        "id": str(row.get("id")),
        "kind": sort.replace(" ", "_"),
        "tags": [f"from:{row.values.get('dataset_name', '')}"],
    }
    if sort in READING and right:
        return {**fields, "caption": right[0]}
    if sort not in ASKED or not right or len(right[0]) > LONGEST:
        return None
    others = {a for a in pools[sort] if len(a) <= LONGEST} - set(right)
    if not others:
        return None
    options, gold = among(right[0], others, 4, "ocrbench", row.get("id"))
    return {**fields, "question": str(row.get("question")), "options": options, "gold": gold}
