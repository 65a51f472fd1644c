"""Questions as other evaluation harnesses take them, and the answers that they write.

VLMEvalKit: a TSV with ``index``, ``image_path`` and ``question``; its predictions are the same
table with a column ``prediction``, as xlsx, tsv or json. lmms-eval: a task (YAML, two functions, a
JSONL of questions); its samples are JSONL with ``doc`` and ``filtered_resps``. Pictures lie beside
as files, each once, named by their pixels; both harnesses open them as they are.
"""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from vlm.errors import ModelError
from vlm.server.sheet import rows_of_xlsx

FAILED = "Failed to obtain answer via API"
"""What VLMEvalKit writes where there is no answer."""
TABLE, TASK, DOCS = "memeprobe.tsv", "memeprobe.yaml", "memeprobe.jsonl"
IMAGES = "images"
FUNCTIONS = '''"""Written by memeprobe: what lmms-eval asks of a row."""

from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parent


def doc_to_visual(doc):
    return [Image.open(FOLDER / name).convert("RGB") for name in doc["images"]]


def doc_to_text(doc, lmms_eval_specific_kwargs=None):
    return doc["question"]
'''


class HarnessWriter:
    """Questions in one folder. A context; each is written once, and the tables have their names
    only when they are whole."""

    def __init__(self, folder: Path, lines: int, size: int) -> None:
        """``lines`` and ``size`` bound nothing: a harness takes one table. Raises ModelError: the
        folder holds questions already, or cannot be written to."""
        self.folder, self.files = folder, list[Path]()
        self._rows: dict[str, tuple[str, list[str]]] = {}
        self.longest = 0
        try:
            (folder / IMAGES).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(f"cannot write to {folder}: {error.strerror}") from error
        if any((folder / name).exists() for name in (TABLE, TASK, DOCS)):
            raise ModelError(f"{folder} holds questions already; name another folder")

    def __len__(self) -> int:
        """How many questions were written."""
        return len(self._rows)

    def add(self, request: Mapping[str, Any]) -> None:
        """Write a question, unless it was. Raises ModelError: it has no picture."""
        name = str(request["custom_id"])
        if name in self._rows:
            return
        *parts, text = request["body"]["messages"][0]["content"]
        if not parts:
            raise ModelError(
                "a harness asks no question without a picture; leave out the condition blind"
            )
        images = [self._image(part["image_url"]["url"]) for part in parts]
        self._rows[name] = text["text"], images
        self.longest = max(self.longest, int(request["body"].get("max_tokens", 0)))

    def _image(self, url: str) -> str:
        """A data URL's file, by its path in the folder."""
        head, _, data = url.partition(";base64,")
        raw = base64.b64decode(data)
        name = f"{IMAGES}/{hashlib.sha256(raw).hexdigest()[:32]}.{head.rpartition('/')[2]}"
        path = self.folder / name
        if not path.exists():
            path.write_bytes(raw)
        return name

    def _write(self) -> None:
        raise NotImplementedError

    def _put(self, name: str, text: str) -> None:
        path = self.folder / name
        part = path.with_name(f"{name}.part")
        part.write_text(text, encoding="utf-8", newline="")
        part.rename(path)
        self.files.append(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._rows:
            self._write()


class VlmEvalKitWriter(HarnessWriter):
    """A table for ``python run.py --data memeprobe --mode infer``, from the folder ``LMUData``."""

    def _write(self) -> None:
        text = io.StringIO(newline="")
        table = csv.writer(text, delimiter="\t", lineterminator="\n")
        table.writerow(("index", "image_path", "question", "answer"))
        root = self.folder.resolve()
        for name, (question, images) in self._rows.items():
            paths = [str(root / image) for image in images]
            table.writerow((name, paths[0] if len(paths) == 1 else str(paths), question, ""))
        self._put(TABLE, text.getvalue())


class LmmsEvalWriter(HarnessWriter):
    """A task for ``lmms_eval --include_path FOLDER --tasks memeprobe --log_samples``."""

    def _write(self) -> None:
        docs = (
            {"id": name, "question": question, "images": images, "answer": ""}
            for name, (question, images) in self._rows.items()
        )
        self._put(DOCS, "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in docs))
        self._put("memeprobe_functions.py", FUNCTIONS)
        where = json.dumps(str((self.folder / DOCS).resolve()))  # JSON's texts are YAML's
        self._put(
            TASK,
            "task: memeprobe\ndataset_path: json\n"
            f"dataset_kwargs:\n  data_files:\n    test: {where}\n"
            "test_split: test\noutput_type: generate_until\n"
            "doc_to_visual: !function memeprobe_functions.doc_to_visual\n"
            "doc_to_text: !function memeprobe_functions.doc_to_text\n"
            "doc_to_target: answer\n"
            f"generation_kwargs:\n  max_new_tokens: {self.longest}\n  temperature: 0\n"
            "  do_sample: false\nmetric_list:\n  - metric: bypass\n",
        )


def sample(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """(id, answer) of a line of lmms-eval's samples; None: it is none. Raises ValueError: it is
    one, but not of a task that memeprobe wrote, or without an answer."""
    if "resps" not in row and "filtered_resps" not in row:
        return None
    doc = row.get("doc")
    name = doc.get("id") if isinstance(doc, dict) else None
    if not isinstance(name, str):
        raise ValueError("a sample without doc.id; its task was not written by memeprobe")
    text = row.get("filtered_resps") or row.get("resps")
    while isinstance(text, list) and text:
        text = text[0]
    if not isinstance(text, str):
        raise ValueError("a sample without an answer in filtered_resps")
    return name, text


def predictions(path: Path) -> Iterator[tuple[str, str | None]]:
    """(id, answer) of each row of VLMEvalKit's predictions; None where it says that there is none.
    Nothing from the table of questions itself.

    Raises ValueError: the file is no such table; OSError: it cannot be read.
    """
    for row in _rows(path):
        if "prediction" not in row:
            if "question" in row:
                return  # the questions
            raise ValueError("no column 'prediction'")
        text = str(row["prediction"] or "")
        yield str(row.get("index", "")), None if not text.strip() or FAILED in text else text


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".xlsx":
        yield from rows_of_xlsx(path)
        return
    text = path.read_text("utf-8-sig")
    if path.suffix == ".tsv":
        csv.field_size_limit(2**28)
        yield from csv.DictReader(text.splitlines(keepends=True), delimiter="\t")
        return
    found = json.loads(text)
    if isinstance(found, dict):  # column -> row -> value, as pandas writes a table
        columns = {name: list(c.values()) for name, c in found.items() if isinstance(c, dict)}
        found = [dict(zip(columns, v, strict=True)) for v in zip(*columns.values(), strict=True)]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError("not a list of rows")
    yield from found
