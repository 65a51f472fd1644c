"""Answers from other harnesses: the questions that are exported, and what is read back from files
in the layouts that VLMEvalKit and lmms-eval write."""

import ast
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pytest
import yaml
from PIL import Image

from meme_sets import load_set
from memeprobe.store.store import Store
from tests.batch_stand_in import Rule, RuleServer, as_url
from tests.command_line import CommandLine
from vlm import ModelError, Query, load_model
from vlm.server.batch import BatchModel
from vlm.server.batch_files import BatchFiles, Replies
from vlm.server.sheet import rows_of_xlsx

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CHOSEN = ("first", "last", "keyframes")


def write_xlsx(path: Path, rows: list[dict[str, Any]], inline: bool = False) -> None:
    """As openpyxl writes a table of pandas (shared texts), or with texts in their cells."""
    texts: list[str] = []

    def cell(column: int, row: int, value: Any) -> str:
        where = f'r="{chr(65 + column)}{row}"'
        if isinstance(value, int | float):
            return f"<c {where}><v>{value}</v></c>"
        if value is None:
            return ""
        if inline:
            return f'<c {where} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        texts.append(value)
        return f'<c {where} t="s"><v>{len(texts) - 1}</v></c>'

    table = [list(rows[0]), *(list(r.values()) for r in rows)]
    lines = [
        f'<row r="{n}">{"".join(cell(c, n, v) for c, v in enumerate(row))}</row>'
        for n, row in enumerate(table, 1)
    ]
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("xl/worksheets/sheet1.xml", sheet)
        if texts:
            own = "".join(f'<si><t xml:space="preserve">{escape(t)}</t></si>' for t in texts)
            packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEET}">{own}</sst>')


def write_tsv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]), delimiter="\t")
        table.writeheader()
        table.writerows(rows)


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows), "utf-8")


def write_columns(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = {name: {str(i): r[name] for i, r in enumerate(rows)} for name in rows[0]}
    path.write_text(json.dumps(columns), "utf-8")


WRITERS: dict[str, tuple[str, Callable[[Path, list[dict[str, Any]]], None]]] = {
    "xlsx": ("p.xlsx", write_xlsx),
    "tsv": ("p.tsv", write_tsv),
    "json": ("p.json", write_json),
    "columns": ("p.json", write_columns),
}


def body(question: str, images: list[Path]) -> dict[str, Any]:
    parts: list[Any] = [{"type": "image_url", "image_url": {"url": as_url(i)}} for i in images]
    return {"messages": [{"content": [*parts, {"type": "text", "text": question}]}]}


def said(rule: Rule, question: str, images: list[Path]) -> str:
    text: str = rule(body(question, images))["choices"][0]["message"]["content"]
    return text


def by_vlmevalkit(folder: Path, rule: Rule) -> list[dict[str, Any]]:
    """The table with predictions, as an inference of VLMEvalKit leaves it."""
    with (folder / "memeprobe.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert list(rows[0]) == ["index", "image_path", "question", "answer"]
    answers = []
    for row in rows:
        paths = row["image_path"]
        images = ast.literal_eval(paths) if paths.startswith("[") else [paths]
        text = said(rule, row["question"], [Path(p) for p in images])
        answers.append({"index": row["index"], "question": row["question"], "prediction": text})
    return answers


def by_lmms_eval(folder: Path, rule: Rule, to: Path) -> int:
    """Samples, as ``--log_samples`` leaves them."""
    task = (folder / "memeprobe.yaml").read_text("utf-8").replace("!function ", "")
    told = yaml.safe_load(task)
    assert told["output_type"] == "generate_until" and told["generation_kwargs"]["max_new_tokens"]
    docs = Path(told["dataset_kwargs"]["data_files"]["test"]).read_text("utf-8").splitlines()
    functions: dict[str, Any] = {"__file__": str(folder / "memeprobe_functions.py")}
    exec((folder / "memeprobe_functions.py").read_text("utf-8"), functions)
    lines = []
    for number, line in enumerate(docs):
        doc = json.loads(line)
        opened = functions["doc_to_visual"](doc)
        assert all(isinstance(i, Image.Image) and i.mode == "RGB" for i in opened)
        text = said(rule, functions["doc_to_text"](doc), [folder / i for i in doc["images"]])
        row = {"doc_id": number, "doc": doc, "target": "", "resps": [[text]]}
        lines.append(json.dumps({**row, "filtered_resps": [text], "doc_hash": "x"}))
    to.write_text("\n".join(lines), "utf-8")
    return len(lines)


def arguments(*more: object) -> list[object]:
    return ["run", "reveal", "--limit", 4, *(w for c in CHOSEN for w in ("-c", c)), *more]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["vlmevalkit", "lmms-eval"])
def test_a_harness_gives_the_verdict_of_the_direct_run(
    form: str, memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "0")
    rule = Rule(load_set("reveal"), "first-frame", logprobs=False)
    with RuleServer(rule) as server:
        direct = arguments("-m", f"server:{server.url}#toy", "--scoring", "listed", "--json")
        code, out, _ = memeprobe(*direct)
    assert code == 0
    want = json.loads(out)
    asked, folder = arguments("-m", f"batch:{form}#toy"), tmp_path / "ask"
    assert memeprobe(*asked, "--batch-out", folder)[0] == 0
    if form == "vlmevalkit":
        answers = by_vlmevalkit(folder, rule)
        write_xlsx(tmp_path / "toy_memeprobe.xlsx", answers)
        count, file = len(answers), tmp_path / "toy_memeprobe.xlsx"
    else:
        file = tmp_path / "20261129_samples_memeprobe.jsonl"
        count = by_lmms_eval(folder, rule, file)
    code, out, _ = memeprobe(*asked, "--batch-in", file, "--json")
    found = json.loads(out)
    assert code == 0 and found["batch"]["answered"] == count and found["batch"]["left"] == 0
    (result,) = found["results"]
    for name in ("conditions", "measures", "verdicts", "summary"):
        assert result[name] == want[name]
    with Store.existing(tmp_path / "store.sqlite") as store:
        rows = store.outcomes(result["run"])
    assert all(r.rotations is not None and r.receipt is not None for r in rows)
    # The folder of questions holds no answers.
    code, out, _ = memeprobe(*asked, "--batch-in", folder, "--json")
    assert code == 0 and json.loads(out)["batch"]["broken"] == []


def model(form: str = "vlmevalkit") -> BatchModel:
    loaded = load_model(f"batch:{form}#toy")
    assert isinstance(loaded, BatchModel)
    return loaded


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)


@pytest.mark.parametrize("kind", WRITERS)
def test_predictions_are_read_in_every_form(kind: str, tmp_path: Path) -> None:
    one = model()
    queries = [Query((noise(i),), f"What, {i}?\nA. x") for i in range(4)]
    one.files = BatchFiles()
    one.answer(queries)
    names: list[str] = []
    for query in queries:
        one.files = BatchFiles()
        one.answer([query])
        names += one.files.left
    texts = ["A", '<think>hm</think>B & "C"\n好', "Failed to obtain answer via API.", ""]
    rows = [{"index": n, "prediction": t} for n, t in zip(names, texts, strict=True)]
    file, write = WRITERS[kind]
    write(tmp_path / file, [*rows, {"index": "17", "prediction": "A"}])
    replies = Replies.of([tmp_path / file])
    assert replies.strangers == 1 and replies.broken == []
    one.files = BatchFiles(replies)
    answers = one.answer(queries)
    assert [a.text for a in answers] == ["A", 'B & "C"\n好', None, None]
    assert all("no answer in the table" in (a.error or "") for a in answers[2:])
    assert not any(a.later for a in answers)


@pytest.mark.parametrize("inline", [False, True])
def test_sheets_keep_places_numbers_and_empty_cells(inline: bool, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"a": "x<y", "b": 1.5, "c": None, "d": "末"},
        {"a": None, "b": 2, "c": " z ", "d": "_x"},
    ]
    write_xlsx(tmp_path / "t.xlsx", rows, inline)
    assert list(rows_of_xlsx(tmp_path / "t.xlsx")) == [
        {"a": "x<y", "b": "1.5", "c": "", "d": "末"},
        {"a": "", "b": "2", "c": " z ", "d": "_x"},
    ]


def odd_xlsx(before: int, method: int, flags: int = 0) -> bytes:
    """A sheet that says that it is packed by another method than it is, or by a password."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", before) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>" * 9)
    raw = bytearray(buffer.getvalue())
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.index(head) + at
        raw[place], raw[place + 2] = flags, method
    return bytes(raw)


def xlsx(**parts: str) -> bytes:
    """A file of these parts, their text in an element of the sheet's names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in parts.items():
            packed.writestr(f"xl/{name.replace('_', '/')}.xml", f'<x xmlns="{SHEET}">{text}</x>')
    return buffer.getvalue()


BAD: dict[str, tuple[str, bytes, str]] = {
    "no sheet": ("p.xlsx", xlsx(sharedStrings=""), "no sheet in it"),
    "no such text": (
        "p.xlsx",
        xlsx(worksheets_sheet1='<row><c t="s"><v>7</v></c></row>', sharedStrings="<si/>"),
        "a cell names a text that is not there",
    ),
    "no zip": ("p.xlsx", b"PK", "no xlsx file"),
    "no column": ("p.tsv", b"index\tanswer\n1\tA\n", "no column 'prediction'"),
    "no rows": ("p.json", b"[1]", "not a list of rows"),
    "no JSON": ("p.json", b"{", ""),
    "unknown packing": ("p.xlsx", odd_xlsx(8, 99), "no xlsx file"),
    "damaged packing": ("p.xlsx", odd_xlsx(0, 8), "no xlsx file"),
    "locked": ("p.xlsx", odd_xlsx(0, 0, 1), "no xlsx file"),
    "foreign sample": ("s.jsonl", b'{"doc": {}, "resps": [["A"]]}', "without doc.id"),
    "no answer": ("s.jsonl", b'{"doc": {"id": "x"}, "resps": [[]]}', "without an answer"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_none_is_told_and_answers_nothing(kind: str, tmp_path: Path) -> None:
    file, raw, why = BAD[kind]
    (tmp_path / file).write_bytes(raw)
    replies = Replies.of([tmp_path / file])
    assert len(replies.broken) == 1 and not replies.answered
    assert replies.broken[0].startswith(file) and why in replies.broken[0]


def test_a_document_type_in_a_sheet_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w") as packed:
        bomb = f'<!DOCTYPE x [<!ENTITY a "b">]><worksheet xmlns="{SHEET}">&a;</worksheet>'
        packed.writestr("xl/worksheets/sheet1.xml", bomb)
    assert "document type" in Replies.of([tmp_path / "p.xlsx"]).broken[0]


def test_a_sheet_is_not_unpacked_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vlm.server.sheet.MOST", 1000)
    write_xlsx(tmp_path / "p.xlsx", [{"index": "x" * 1000, "prediction": "A"}], inline=True)
    (told,) = Replies.of([tmp_path / "p.xlsx"]).broken
    assert re.search(r"sheet1\.xml has [\d,]+ bytes; 1,000 are accepted", told)


@pytest.mark.parametrize("form", ["vlmevalkit", "lmms-eval"])
def test_a_question_without_a_picture_fails_alone_and_a_picture_is_written_once(
    form: str, tmp_path: Path
) -> None:
    one = model(form)
    with one.form.writer(tmp_path / "ask", 9, 9) as writer:
        one.files = BatchFiles(writer=writer)
        blind, *rest = one.answer(
            [Query((), "What?"), *(Query((noise(0), noise(1)), f"What {i}?") for i in range(2))]
        )
    assert "no question without a picture" in (blind.error or "") and not blind.later
    assert all(r.later for r in rest) and len(writer) == 2
    images = sorted((tmp_path / "ask" / "images").iterdir())
    assert len(images) == 2 and all(i.suffix == ".png" for i in images)
    with pytest.raises(ModelError, match="holds questions already"):
        one.form.writer(tmp_path / "ask", 9, 9)
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"^cannot write to .*file.ask: Not a directory$"):
        one.form.writer(tmp_path / "file" / "ask", 9, 9)
