"""Sets of one's own: JSON lines, YAML, and a plain folder of media."""

import shutil
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from frames.kinds import KINDS
from meme_sets import BUILTIN, SetError, load_set
from meme_sets.format import Item, Span
from meme_sets.media_kinds import is_media

ITEM = """
- id: cat
  media: clips/cat.gif
  kind: action_end
  question: {en: "What does it do?", zh: "它做什么？"}
  options: [sleeps, {en: jumps, zh: 跳}]
  gold: 1
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "my set"
    (folder / "clips").mkdir(parents=True)
    (folder / "clips" / "cat.gif").write_bytes(b"GIF89a")
    (folder / "items.yaml").write_text(ITEM, "utf-8")
    return folder


def test_yaml_set_without_description(own: Path) -> None:
    loaded = load_set(str(own))
    (item,) = loaded.items
    assert loaded.name == "my set" and loaded.title.zh == "my set"
    assert loaded.media_path(item) == own / "clips" / "cat.gif"
    assert item.options[0].zh == "sleeps" and item.options[1].zh == "跳"
    assert (item.lure, item.caption, item.control, item.cluster) == (None, None, False, "cat")


def test_description_is_read(own: Path) -> None:
    about = {
        "name": "mine",
        "title": "Mine",
        "description": {"en": "d", "zh": "述"},
        "licence": "CC0-1.0",
        "languages": ["en"],
    }
    (own / "set.yaml").write_text(yaml.safe_dump(about), "utf-8")
    loaded = load_set(own)
    assert (loaded.name, loaded.licence, loaded.languages) == ("mine", "CC0-1.0", ("en",))
    assert loaded.description.zh == "述"


def test_a_text_file_with_byte_order_mark_and_windows_line_ends(own: Path) -> None:
    text = (own / "items.yaml").read_text("utf-8").replace("\n", "\r\n")
    (own / "items.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_set(own).items[0].id == "cat"


def test_plain_folder_of_media_told_by_content(tmp_path: Path) -> None:
    for name in ("b.GIF", "a.dat", "named.jpg"):
        (tmp_path / name).write_bytes(b"GIF89a...")
    for name in ("notes.txt", "page.gif", "empty.png", ".hidden.gif"):
        (tmp_path / name).write_bytes(b"<html>" if name == "page.gif" else b"")
    (tmp_path / "a.vtt").write_text("WEBVTT\n")
    (tmp_path / "deeper").mkdir()
    loaded = load_set(tmp_path)
    assert [i.id for i in loaded.items] == ["a.dat", "b.GIF", "named.jpg"]
    assert loaded.left_out == ("empty.png", "notes.txt", "page.gif")
    assert all(i.question is None for i in loaded.items)
    assert "left_out" not in loaded.model_dump()


def test_plain_folder_without_media(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SetError, match=r"no media file .* 1 other files, 'notes.txt' first"):
        load_set(tmp_path)


def test_plain_folder_of_real_clips(memes_dir: Path) -> None:
    files = [f for f in (memes_dir / "gif").iterdir() if f.is_file()]
    loaded = load_set(memes_dir / "gif")
    assert len(loaded.items) + len(loaded.left_out) == len(files) > len(loaded.left_out)


def test_a_folder_named_like_a_built_in_set_is_reached_by_its_path(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.rename(own.parent / "reveal")
    monkeypatch.chdir(own.parent)
    assert len(load_set("./reveal").items) == 1
    assert len(load_set("reveal").items) > 1


def test_content_hash_follows_items_and_media_and_not_the_place(own: Path, tmp_path: Path) -> None:
    before = load_set(own).content_sha256()
    copy = tmp_path / "copy"
    shutil.copytree(own, copy)
    assert load_set(copy).content_sha256() == before
    (copy / "clips" / "cat.gif").write_bytes(b"GIF89b")
    changed_media = load_set(copy).content_sha256()
    (own / "items.yaml").write_text(ITEM.replace("gold: 1", "gold: 0"), "utf-8")
    assert len({before, changed_media, load_set(own).content_sha256()}) == 3


def test_items_are_frozen() -> None:
    item = Item(id="a", media="a.gif", kind="k")
    with pytest.raises(ValidationError):
        item.gold = 1


@pytest.mark.parametrize(
    ("start", "duration", "inside"),
    [(0, 100, False), (50, 100, True), (100, 10, True), (199, 1, True), (200, 50, False)],
)
def test_span_overlap(start: int, duration: int, inside: bool) -> None:
    assert Span(start_ms=100, end_ms=200).overlaps(start, duration) is inside


def test_every_field_is_documented() -> None:
    docs = (Path(__file__).parent.parent / "docs" / "sets.md").read_text("utf-8")
    missing = [name for name in Item.model_fields if f"`{name}`" not in docs]
    assert not missing


def test_documented_counts_are_those_of_the_sets() -> None:
    docs = (Path(__file__).parent.parent / "docs" / "sets.md").read_text("utf-8")
    for name in BUILTIN:
        items = load_set(name).items
        for kind in {i.kind for i in items}:
            of_kind = [i.control for i in items if i.kind == kind]
            assert f"| {name} | {kind} | {len(of_kind)} | {sum(of_kind)} |" in docs
        assert f"| {name} | all | {len(items)} | {sum(i.control for i in items)} |" in docs
        assert f"**{name}** ({len(items)} " in docs


def test_what_is_media_is_told_here_as_where_it_is_opened(memes_dir: Path) -> None:
    files = [f for f in memes_dir.rglob("*") if f.is_file() and f.stat().st_size > 0]
    assert len(files) > 300
    for file in files:
        with file.open("rb") as opened:
            head = opened.read(2**16)
        assert is_media(file) == any(kind.matches(head) for kind in KINDS), file
