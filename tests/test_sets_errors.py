"""A broken set is refused with one line that names file, line, field and what was found."""

import errno
import json
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

import pytest

from meme_sets import SetError, load_set
from meme_sets.new_folder import new_folder
from tests.test_store_damage import nobody

GOOD = {
    "id": "a",
    "media": "a.gif",
    "kind": "action_end",
    "question": {"en": "What?", "zh": "什么？"},
    "options": [{"en": "x", "zh": "甲"}, {"en": "y", "zh": "乙"}, "z", "w"],
    "gold": 0,
    "lure": 2,
    "decisive": {"start_ms": 900, "end_ms": 1600},
    "caption": "OH NO",
    "counterfactual": {"caption": "YUMMY", "gold": 1},
    "order": True,
    "suggests": [{"start_ms": 0, "end_ms": 900, "option": 2}],
}


def changed(**fields: object) -> str:
    return json.dumps({**GOOD, **fields})


def without(field: str) -> str:
    return json.dumps({k: v for k, v in GOOD.items() if k != field})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    return tmp_path


def message(folder: Path, text: str, name: str = "items.jsonl") -> str:
    (folder / name).write_text(text, "utf-8")
    with pytest.raises(SetError) as caught:
        load_set(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


BROKEN = [
    (changed(gold=5), "gold is 5, but there are 4 options (0 to 3)"),
    (changed(lure=4), "lure is 4, but there are 4 options (0 to 3)"),
    (changed(lure=0), "lure is 0, the same option as gold"),
    (changed(gold=-1), "gold is -1; must be 0 or more"),
    (changed(gold="0"), "gold is '0'; must be a whole number"),
    (changed(gold=True), "gold is True; must be a whole number"),
    (changed(gold=0.5), "gold is 0.5; must be a whole number"),
    (changed(order="yes"), "order is 'yes'; must be true or false"),
    (changed(id=7), "id is 7; must be text"),
    (changed(id=""), "id is ''; must not be empty"),
    (without("id"), "id is missing"),
    (without("media"), "media is missing"),
    (without("kind"), "kind is missing"),
    (without("question"), "question is missing, but there are options"),
    (without("lure"), "order is true, but lure"),
    (without("caption"), "counterfactual is given, but caption"),
    (changed(question={"en": "What?"}), "question.zh is missing"),
    (changed(question={"en": "What?", "zh": 3}), "question.zh is 3; must be text"),
    (changed(golld=1), "unknown field 'golld'; did you mean 'gold'?"),
    (changed(decisive={"start_ms": 5, "end": 9}), "decisive.end_ms is missing"),
    (changed(decisive={"start_ms": 900, "end_ms": 900}), "end_ms is 900, but start_ms is 900"),
    (changed(options="x"), "options is 'x'; must be a list"),
    (changed(options=["x"], gold=0), "options has 1 entry"),
    (changed(options=["x", "y", "z", "x"]), "options has 'x' twice"),
    (changed(options=["x", {"en": "y", "zh": "x"}, "z", "w"]), "options has 'x' twice (zh)"),
    (changed(options=["x", {"en": "y"}, "z", "w"]), "options[1].zh is missing"),
    (changed(counterfactual={"caption": "OH NO", "gold": 1}), "the same as caption"),
    (changed(counterfactual={"caption": "HA", "gold": 0}), "counterfactual.gold is 0, the same"),
    (changed(counterfactual={"caption": "HA", "gold": 9}), "counterfactual.gold is 9, but there"),
    (changed(suggests=[{"start_ms": 0, "end_ms": 9, "option": 4}]), "suggests[0].option is 4"),
    (changed(control=True), "control is true, but a control has no lure"),
    (changed(media="gone.gif"), "media is 'gone.gif', but there is no such file"),
    (changed(media="../a.gif"), "media is '../a.gif'; must be a path inside"),
    (changed(media="/etc/passwd"), "media is '/etc/passwd'; must be a path inside"),
    ('{"id": "a", "media": }', "not JSON: Expecting value (column 22)"),
    ('{"id": "a", "id": "b"}', "field 'id' is given twice"),
    ("[1, 2]", "must be an item with fields in {}, found [1, 2]"),
    ('"a"', "must be an item with fields in {}, found 'a'"),
]


@pytest.mark.parametrize(("line", "expected"), BROKEN, ids=[e for _, e in BROKEN])
def test_broken_line_is_named(folder: Path, line: str, expected: str) -> None:
    good = changed(id="first")
    said = message(folder, f"{good}\n\n{line}\n")
    assert said.startswith(f"{folder / 'items.jsonl'} line 3: ")
    assert expected in said


def test_the_unbroken_line_is_accepted(folder: Path) -> None:
    (folder / "items.jsonl").write_text(changed(), "utf-8")
    item = load_set(folder).items[0]
    assert item.options[2].zh == "z" and item.cluster == "a" and item.gold == 0


def test_id_used_twice_names_both_lines(folder: Path) -> None:
    assert "line 3: id 'a' is already used in line 1" in message(
        folder, f"{changed()}\n{changed(id='b')}\n{changed()}\n"
    )


def test_errors_in_yaml_items_name_the_line_too(folder: Path) -> None:
    text = "- id: a\n  media: a.gif\n  kind: k\n\n- id: b\n  media: a.gif\n"
    assert "items.yaml line 5: kind is missing" in message(folder, text, "items.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- id: [\n", "items.yaml line 2: not YAML"),
        ("id: a\n", "must hold a list of items"),
        ("", "must hold a list of items"),
        ("[]\n", "holds no items"),
    ],
)
def test_broken_yaml_items(folder: Path, text: str, expected: str) -> None:
    assert expected in message(folder, text, "items.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: {en: A}\n", "title.zh is missing"),
        ("titel: A\n", "unknown field 'titel'; did you mean 'title'?"),
        ("languages: en\n", "languages is 'en'; must be a list"),
        ("- a\n", "must hold fields"),
        ("name: [\n", "line 2: not YAML"),
        ("items: []\n", "items belong in items.jsonl"),
    ],
)
def test_broken_set_yaml(folder: Path, text: str, expected: str) -> None:
    (folder / "set.yaml").write_text(text, "utf-8")
    said = message(folder, changed())
    assert said.startswith(f"{folder / 'set.yaml'}") and expected in said


def test_bytes_that_are_no_text(folder: Path) -> None:
    (folder / "items.jsonl").write_bytes(changed().encode() + b"\n{\xff\xfe}\n")
    with pytest.raises(SetError, match=r"items.jsonl line 2: not UTF-8"):
        load_set(folder)


def test_empty_items_file(folder: Path) -> None:
    assert "holds no items" in message(folder, "\n")


def test_two_item_files(folder: Path) -> None:
    (folder / "items.yaml").write_text("[]", "utf-8")
    assert "has both items.jsonl and items.yaml" in message(folder, changed())


@pytest.mark.parametrize(("name", "near"), [("revael", "reveal"), ("caption", "captions")])
def test_unknown_name_suggests_the_nearest(name: str, near: str) -> None:
    with pytest.raises(SetError, match=f"did you mean '{near}'\\?"):
        load_set(name)


def test_unknown_name_far_from_all_lists_them() -> None:
    with pytest.raises(SetError, match="Built-in sets: reveal, captions") as caught:
        load_set("zzz")
    assert "did you mean" not in str(caught.value)


def test_a_file_is_no_set(folder: Path) -> None:
    with pytest.raises(SetError, match="a set is a folder"):
        load_set(folder / "a.gif")


def test_a_description_without_items_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    (tmp_path / "set.yaml").write_text("name: mine")
    with pytest.raises(SetError, match=r"has a set\.yaml, but no items\.jsonl or items\.yaml"):
        load_set(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="setfsuid is a matter of Linux")
def test_items_that_may_not_be_read_are_told() -> None:
    folder = Path(mkdtemp(prefix="memeprobe-"))  # which strangers may enter, unlike pytest's
    folder.chmod(0o755)
    (folder / "items.jsonl").write_text("{}")
    (folder / "items.jsonl").chmod(0)
    with nobody(), pytest.raises(SetError, match=r"items\.jsonl: cannot be read: Permission"):
        load_set(folder)
    shutil.rmtree(folder)


def test_a_new_set_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        pytest.raises(SetError, match=r"out: cannot be written: No space left on device"),
        new_folder(tmp_path / "out"),
    ):
        raise full
    assert list(tmp_path.iterdir()) == []
