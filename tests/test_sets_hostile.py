"""Sets, archives and results that somebody wrote to do harm: refused in one line, or inert."""

import contextlib
import io
import json
import os
import random
import time
import zipfile
from pathlib import Path

import pytest

from meme_sets import SetError, load_set
from meme_sets.importers import import_set
from memeprobe.dashboard.sets.archives import ArchiveError, unpack
from tests.fresh import FRESH
from tests.import_samples import EVERY

LINE = {
    "id": "a",
    "media": "a.gif",
    "kind": "k",
    "question": "Q?",
    "options": ["x", "y"],
    "gold": 0,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.gif").write_bytes(b"GIF89a")
    return tmp_path / "set"


def refused(folder: Path, name: str, text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    (folder / name).write_bytes(data)
    began = time.process_time()
    with pytest.raises(SetError) as caught:
        load_set(folder)
    said = str(caught.value)
    assert "\n" not in said and len(said) < 900 and time.process_time() - began < 10
    (folder / name).unlink()
    return said


def changed(**fields: object) -> str:
    return json.dumps({**LINE, **fields})


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
)
MERGES = "\n".join(
    ["a0: &a0 {k0: x, k1: y}"]
    + [f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]
)
ODD = [
    ("items.jsonl", '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ("items.jsonl", changed(gold=0)[:-1] + ', "tags": ' + "9" * 10_000 + "}", "too long to be one"),
    ("items.jsonl", changed(gold=10**4000), "gold is 1000"),
    ("items.jsonl", changed(id="\ud800"), "half a character"),
    ("items.jsonl", changed(media="x" * 5_000), "longer than"),
    ("items.jsonl", changed(media="x" * 400 + ".gif"), "there is no such file"),
    ("items.jsonl", changed(media="a\0.gif"), "there is no such file"),
    ("items.jsonl", changed(question="q" * 200_000), "longer than"),
    ("items.jsonl", changed(options=[str(i) for i in range(5_000)]), "more entries"),
    ("items.jsonl", changed(decisive={"start_ms": 0, "end_ms": 10**30}), "larger than"),
    ("items.jsonl", '{"id": NaN}', "id is nan; must be text"),
    ("items.jsonl", "\ufffe" + changed(), "not JSON"),
    ("items.jsonl", changed().encode("utf-16"), "not UTF-8"),
    ("items.jsonl", b"\xc4\xe3\xba\xc3", "not UTF-8"),
    ("items.yaml", "&a [*a]", "refers to itself"),
    ("items.yaml", "- &a {id: x, more: *a}", "refers to itself"),
    ("items.yaml", BOMB, "unfold to more than"),
    ("items.yaml", MERGES, "unfold to more than"),
    ("items.yaml", "- " * 5_000 + "x", "nested too deeply"),
    ("items.yaml", "[" * 3_000 + "]" * 3_000, "nested too deeply"),
    (
        "items.yaml",
        "- {id: a, media: a.gif, kind: k, tags: " + "[" * 60 + "]" * 60 + "}",
        "nested too deeply",
    ),
    ("items.yaml", "- {id: " + "9" * 10_000 + "}", "not YAML"),
    ("items.yaml", "- {id: 2001-13-45, media: a.gif, kind: k}", None),
    ("items.yaml", "- {id: !!python/object/apply:os.system [ls]}", "not YAML"),
    ("items.yaml", "- {id: !!binary '=', media: a}", "must be text"),
    ("items.yaml", "- {? [a, b] : c}", "not YAML"),
    ("items.yaml", "- {1: 2}", "id is missing"),
    ("items.yaml", "- {id: a\u0007}", "not YAML"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text", "said"), ODD, ids=[f"{i}" for i in range(len(ODD))])
def test_an_odd_set_ends_in_one_clear_line(
    folder: Path, name: str, text: str | bytes, said: str | None
) -> None:
    if said is None:  # a date stays the text that it is
        (folder / name).write_text(str(text))
        assert load_set(folder).items[0].id == "2001-13-45"
        return
    assert said in refused(folder, name, text)


@pytest.mark.parametrize("text", [BOMB, "name: &n [*n]", "name: 2001-01-01", "title: \ud800"])
def test_odd_descriptions_too(folder: Path, text: str) -> None:
    (folder / "items.jsonl").write_text(changed())
    if text == "name: 2001-01-01":
        (folder / "set.yaml").write_text(text)
        assert load_set(folder).name == "2001-01-01"
        return
    refused(folder, "set.yaml", text)


def mutated(text: str, rng: random.Random) -> str:
    pieces = ["[", "]", "{", "}", ":", ",", '"', "\\", "*a", "&a ", "- ", "<<: ", "\t", "\0", "é"]
    pieces += ["\ud800", "\u202e", "9" * 50, "null", "1e999", "\\ud83d", "!!set ", "? ", "|\n", "#"]
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(text) + 1)
        cut = rng.choice((0, 0, 1, 5))
        text = text[:at] + rng.choice(pieces) + text[at + cut :]
    return text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["items.jsonl", "items.yaml", "set.yaml"])
def test_no_mutated_set_raises_anything_else(folder: Path, name: str) -> None:
    rng = random.Random(FRESH)
    if name == "set.yaml":
        (folder / "items.jsonl").write_text(changed())
    good = {
        "items.jsonl": changed() + "\n" + changed(id="b"),
        "items.yaml": "- &a {id: a, media: a.gif, kind: k}\n- id: b\n  media: a.gif\n  kind: k\n",
        "set.yaml": "name: mine\ntitle: {en: T, zh: 题}\nlanguages: [en, zh]\n",
    }[name]
    for i in range(300):
        text = mutated(good, rng)
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            load_set(folder)
        except SetError as error:
            assert "\n" not in str(error), (FRESH, i, text)
        except Exception as error:  # pragma: no cover
            pytest.fail(f"{error!r} of {text!r} (seed {FRESH}, {i})")


def test_names_that_no_unicode_and_no_file_can_hold(tmp_path: Path) -> None:
    gbk = os.fsencode(tmp_path) + b"/" + "你好.gif".encode("gbk")
    Path(os.fsdecode(gbk)).write_bytes(b"GIF89a")
    with pytest.raises(SetError, match="is no Unicode text; rename the file"):
        load_set(tmp_path)
    with pytest.raises(SetError, match="cannot be read"):
        load_set("x" * 5_000)
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "labels.csv").write_text(f"file\n{'x' * 400}.gif\n")
    with pytest.raises(SetError, match="there is no media file"):
        import_set("labels", tmp_path / "t", tmp_path / "out")
    (tmp_path / "t" / "labels.csv").write_text(f"file\n{'x' * 200_000}.gif\n")
    with pytest.raises(SetError, match=r"field larger than|a cell has more than"):
        import_set("labels", tmp_path / "t", tmp_path / "out")


@pytest.mark.parametrize("name", list(EVERY))
def test_no_mutated_source_makes_an_importer_raise_anything_else(name: str, tmp_path: Path) -> None:
    rng = random.Random(f"{FRESH}-{name}")
    (tmp_path / "s").mkdir()
    source, options = EVERY[name](tmp_path / "s", rng, 4)
    tables = [
        f for f in source.parent.rglob("*") if f.suffix in (".json", ".jsonl", ".csv", ".tsv")
    ]
    for i in range(25 if tables else 0):
        path = rng.choice(tables)
        good = path.read_bytes()
        path.write_bytes(mutated(good.decode(), rng).encode("utf-8", "surrogatepass"))
        try:
            import_set(name, source, tmp_path / str(i), **options)
        except SetError as error:
            assert "\n" not in str(error), (FRESH, i)
        except Exception as error:  # pragma: no cover
            pytest.fail(f"{error!r} (seed {FRESH}, {i}, {path.name})")
        path.write_bytes(good)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize("absolute", [False, True], ids=["above", "absolute"])
@pytest.mark.parametrize("name", list(EVERY))
def test_no_table_brings_a_file_from_outside_its_folders(
    name: str, absolute: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "a" / "b" / "c" / "d" / "s"
    folder.mkdir(parents=True)
    source, options = EVERY[name](folder, random.Random(name), 4)
    media = [f for f in folder.rglob("*") if f.suffix in (".gif", ".mp4", ".png", ".jpg")]
    for suffix in ("", ".gif", ".mp4", ".png", ".jpg"):
        (tmp_path / f"private{suffix}").write_bytes(b"GIF89a private")
    way = str(tmp_path / "private") if absolute else "../" * 5 + "private"
    tables = {
        table: table.read_text("utf-8")
        for table in folder.rglob("*")
        if table.suffix in (".json", ".jsonl", ".csv", ".tsv")
    }
    for deeper in ("", "../", "../../"):  # media may lie in folders of the table's own
        for table, good in tables.items():
            bad = good
            for file in media:
                for known in (file.relative_to(folder).as_posix(), file.name, file.stem):
                    if len(known) > 3:  # a number may be anything
                        bad = bad.replace(known, way if absolute else deeper + way)
            table.write_text(bad, "utf-8")
        out = tmp_path / f"out{len(deeper)}"
        with contextlib.suppress(SetError):
            import_set(name, source, out, **options)
        taken = [f for f in out.rglob("*") if f.is_file()] if out.exists() else []
        assert not [f for f in taken if f.read_bytes() == b"GIF89a private"]


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my/items.jsonl", changed())
        archive.writestr("my/a.gif", b"GIF89a" + bytes(300))
        archive.writestr("my/你好.gif", b"GIF89a")
    return buffer.getvalue()


@pytest.mark.slow
def test_a_zip_with_damaged_bytes_leaves_nothing_behind(tmp_path: Path) -> None:
    rng, whole = random.Random(FRESH), zipped()
    for i in range(600):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2, 8))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        target = tmp_path / str(i)
        try:
            unpack(io.BytesIO(bytes(data)), target)
        except ArchiveError as error:
            assert not target.exists(), (FRESH, i)
            assert "\n" not in str(error)
        except Exception as error:  # pragma: no cover
            pytest.fail(f"{error!r} (seed {FRESH}, {i})")
