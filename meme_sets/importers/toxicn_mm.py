"""ToxiCN MM (Lu et al., NeurIPS 2024): harmful Chinese memes, with the words on them.

Source: github.com/DUT-lujunyu/ToxiCN_MM: ``data/{train,test}_data_discription*.json``, a list
with path (or new_path), text, label (or new_label) and type (or new_type); pictures on request.
Where both versions of a split lie there, the newer one (2.0) counts.
"""

from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.choices import about, one_of
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, json_rows, only_file

HARMFUL = {"en": "Is this meme harmful?", "zh": "这张梗图有害吗？"}
YES_NO = ({"en": "no", "zh": "无害"}, {"en": "yes", "zh": "有害"})
"""By label."""
SORT = {"en": "In what way is this meme harmful?", "zh": "这张梗图属于哪一类有害内容？"}
SORTS = (
    {"en": "not harmful", "zh": "无害"},
    {"en": "attacks a certain group or person", "zh": "针对性攻击"},
    {"en": "sexual innuendo", "zh": "性暗示"},
    {"en": "general offence", "zh": "一般冒犯"},
    {"en": "dispirited culture", "zh": "消极颓废"},
)
"""By type."""
TASKS = ("harmful", "sort")


def read(source: Path, *, images: str | Path | None = None, task: str = "harmful") -> ImportSource:
    """Each meme as one question: ``task`` 'harmful' (yes or no) or 'sort' (which kind of harm).

    ``images`` is the folder of the pictures (default: images, memes or img beside or above data).
    """
    if task not in TASKS:
        raise SetError(f"task is {task!r}; must be one of {', '.join(TASKS)}")
    patterns = [f"{f}*_data_discription*.json" for f in ("data/", "")]
    found = only_file(source, patterns, "tables of memes")
    newest = {path.name.split("_data_")[0]: path for path in sorted(found, key=_version)}
    entries = []
    for split, path in newest.items():
        folders = [Path(images)] if images else _folders(path.parent)
        for row in json_rows(path):
            name = str(_either(row, "path"))
            question, options = (HARMFUL, YES_NO) if task == "harmful" else (SORT, SORTS)
            column = "label" if task == "harmful" else "type"
            label = SourceRow(row.file, row.line, {column: _either(row, column)})
            fields: dict[str, Any] = {
                "id": f"{split}-{name}",
                "kind": f"toxicn_{task}",
                "question": question,
                "options": list(options),
                "gold": label.number(column, 0, len(options) - 1),
                "tags": [f"split:{split}"],
            }
            if isinstance(row.values.get("text"), str):
                fields["caption"] = row.values["text"].strip()
            entries.append(ImportEntry(row.where, one_of(folders, name), fields))
    told_of = "Harmful Chinese memes (Lu et al., NeurIPS 2024)"
    return ImportSource(dict(about("toxicn-mm", "ToxiCN MM", told_of, ["en", "zh"])), entries)


def _version(path: Path) -> tuple[bool, str]:
    return "2.0" in path.name, path.name


def _folders(beside: Path) -> list[Path]:
    names = ("images", "memes", "meme", "img", ".")
    return [above / name for above in (beside, beside.parent) for name in names]


def _either(row: SourceRow, column: str) -> Any:
    """A column by its name, or by that of the re-annotated version."""
    new = row.values.get(f"new_{column}")
    return row.get(column) if new in (None, "") else new
