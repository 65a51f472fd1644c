"""``memeprobe look`` on captions: subtitles, the user's roles, frame 0, keyframes."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from frames import Limits, open_clip
from meme_sets import load_set
from memeprobe.auto_keyframes import keyframes_for
from memeprobe.cache.file import Cache
from memeprobe.fonts import font
from ocr import AUTO, keyframes
from ocr.caption_roles import RULES
from ocr.tracks import USER
from tests.command_line import CommandLine

TEXTS = ("", "第一句话", "第二句话", "第三句话", "第四句话", "第五句话")


def clip(path: Path, texts: tuple[str, ...] = TEXTS) -> Path:
    """A GIF whose frames show one text each for 800 ms; '' leaves the picture blank."""
    pictures = []
    for text in texts:
        picture = Image.new("RGB", (320, 200), "white")
        ImageDraw.Draw(picture).text((160, 160), text, "black", font(36), anchor="mm")
        pictures.append(picture)
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=800)
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return clip(tmp_path / "talk.gif")


@pytest.mark.slow
def test_as_many_keyframes_as_the_texts_need(
    memeprobe: CommandLine, talk: Path, tmp_path: Path
) -> None:
    code, out, _ = memeprobe(
        "look", "--no-model", "--json", "-k", "auto", "--vtt", tmp_path / "a.vtt", talk
    )
    assert code == 0
    found = json.loads(out)
    assert [f["index"] for f in found["keyframes"]] == [1, 2, 3, 4, 5]
    assert found["frame_0"] == {"state": "blank", "is_keyframe": False}
    assert (tmp_path / "a.vtt").read_text("utf-8").startswith("WEBVTT\n\n00:00:00.800 --> ")
    still = clip(tmp_path / "still.png", ("我错了",))
    assert len(keyframes(open_clip(still), AUTO)) == 1
    most = keyframes_for(load_set(tmp_path), Limits(), Cache(None))
    assert most == (5, 2)


@pytest.mark.slow
def test_a_role_is_the_users_to_decide(memeprobe: CommandLine, talk: Path) -> None:
    code, out, _ = memeprobe("look", "--no-model", "--json", "--other", "第二句话", talk)
    assert code == 0
    found = json.loads(out)
    assert [c["text"] for c in found["captions"]] == [TEXTS[1], *TEXTS[3:]]
    (line,) = [li for li in found["lines"] if li["text"] == "第二句话"]
    assert (line["role"], line["rule"]) == ("other", "user")


@pytest.mark.slow
def test_a_long_caption_leaves_the_time_axis_whole(
    memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = ("今天我们说一句\n相当长的话听听", "明天")
    _, out, _ = memeprobe("look", "--no-model", clip(tmp_path / "long.gif", said))
    axes = [[c for c in line if c in "·█▒░"] for line in out.splitlines() if "·" in line]
    assert [len(axis) for axis in axes] == [80 - 44] * 4  # two keyframes, two captions
    assert sum("█" in axis for axis in axes) == 2
    assert said[0].replace("\n", "/") in "".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("-k", "some"), "1 to 64 or 'auto'"), (("-k", "0"), "1 to 64 or 'auto'")],
)
def test_a_wrong_number_of_keyframes_is_refused(
    memeprobe: CommandLine, talk: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = memeprobe("look", "--no-model", *arguments, talk)
    assert code == 2
    assert said in " ".join(err.replace("│", " ").split())


def test_subtitles_are_of_one_file(memeprobe: CommandLine, talk: Path, tmp_path: Path) -> None:
    code, _, err = memeprobe("look", "--no-model", "--srt", tmp_path / "a.srt", talk, talk)
    assert code == 2
    assert "one file, got 2" in err


@pytest.mark.slow
def test_a_folder_is_looked_at_by_content_and_what_is_left_out_is_said(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    (folder / "deep").mkdir(parents=True)
    clip(folder / "deep" / "a.gif", ("快跑", "")).rename(folder / "deep" / "a.jpg")
    clip(folder / "b.png", ("我错了",))
    (folder / "notes.txt").write_text("x")
    (folder / "page.gif").write_text("<html>")
    (folder / "gone.gif").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe.gif")
    others = ["gone.gif", "notes.txt", "page.gif", "pipe.gif"]
    code, out, _ = memeprobe("look", "--no-model", "--json", folder)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [row.get("kind") for row in rows] == ["png", "gif", None]
    assert [c["text"] for row in rows[:2] for c in row["captions"]] == ["我错了", "快跑"]
    assert rows[2] == {"folder": str(folder), "left_out": others}
    code, _, err = memeprobe("look", "--no-model", folder)
    assert code == 0 and "left out, no media by their content: " + ", ".join(others) in err
    (tmp_path / "none").mkdir()
    code, _, err = memeprobe("look", "--no-model", tmp_path / "none")
    assert code == 2 and "there is no media file in this folder" in err


@pytest.mark.slow
def test_the_documentation_names_every_field_and_rule_of_the_json(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "formats.md").read_text("utf-8")
    page = page[page.index("## look --json") :]
    rows = [line.split(" | ")[0].strip("| ") for line in page.splitlines() if line[:3] == "| `"]
    named = {name.strip("` ") for row in rows for name in row.split(",")}
    code, out, _ = memeprobe("look", "--no-model", "--json", clip(tmp_path / "a.gif", ("快跑",)))
    found = json.loads(out)
    assert code == 0
    assert named == {*found, *RULES, "fleeting", USER}
    for part in (found["keyframes"][0], found["frame_0"], found["captions"][0], found["lines"][0]):
        assert all(f"`{field}`" in page for field in part)
