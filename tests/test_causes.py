"""Causes of errors on Chinese pages: each that people meet often is made to happen, and told."""

import io
import re
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frames import Limits, MediaError, open_clip
from meme_sets import load_set
from memeprobe.dashboard.sets.archives import unpack
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.experiment.spec import RunSpec
from memeprobe.messages.causes import CAUSES, in_chinese
from memeprobe.store.store import Store
from memeprobe.workers import sandbox
from memeprobe.workers.run_request import plan
from vlm import check_spec, deliveries_of, load_model

ENGLISH = re.compile(r"\b(?:the|is|are|was|not|has|have|it|this|that|there|cannot|over|and|or)\b")


def png(width: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path


def newer(path: Path) -> Path:
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 9999")
    return path


def model(folder: Path, config: str) -> str:
    folder.mkdir()
    (folder / "config.json").write_text(config)
    return str(folder)


HAPPEN: dict[str, Callable[[Path], object]] = {
    "no format": lambda d: open_clip(written(d / "a.gif", b"no picture at all")),
    "empty": lambda d: open_clip(written(d / "a.gif", b"")),
    "not there": lambda d: open_clip(d / "a.gif"),
    "a folder": open_clip,
    "too large": lambda d: open_clip(written(d / "a.png", png()), limits=Limits(file_bytes=40)),
    "too wide": lambda d: open_clip(written(d / "a.png", png(30)), limits=Limits(frame_pixels=40)),
    "zip": lambda d: unpack(io.BytesIO(b"no zip"), d / "out"),
    "empty zip": lambda d: unpack(zipped(d / "a.zip").open("rb"), d / "out"),
    "outside": lambda d: unpack(zipped(d / "a.zip", "../a.gif").open("rb"), d / "out"),
    "no media": lambda d: unpack(zipped(d / "a.zip", "a.exe").open("rb"), d / "out"),
    "no set": lambda d: load_set("reveel"),
    "nothing in it": lambda d: load_set(model(d / "set", "{}")),
    "no such model": lambda d: deliveries_of("blip-nan"),
    "no checkpoint": lambda d: deliveries_of(str(d)),
    "no JSON": lambda d: deliveries_of(model(d / "m", "{")),
    "no address": lambda d: check_spec("server:somewhere"),
    "a password": lambda d: check_spec("server:http://me:secret@127.0.0.1/v1#m"),
    "no server": lambda d: load_model("server:http://127.0.0.1:9/v1#nobody"),
    "not ours": lambda d: Store(written(d / "a.sqlite", b"no SQLite file" * 99)),
    "newer": lambda d: Store(newer(d / "a.sqlite")),
    "language": lambda d: plan(
        RunSpec("captions", "blip-nano", language="fr"), load_set("captions")
    ),
}


def moving(kind: str) -> bytes:
    """Six frames of noise, or one where a kind has no more."""
    noise = np.random.default_rng(5).integers(0, 255, (6, 24, 24, 3), np.uint8)
    frames = [Image.fromarray(frame) for frame in noise]
    more = {} if kind == "JPEG" else {"save_all": True, "append_images": frames[1:], "duration": 90}
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, **more)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "JPEG"])
@pytest.mark.filterwarnings("ignore::frames.MediaWarning")
def test_what_damage_does_to_a_file_is_told_in_chinese(kind: str, tmp_path: Path) -> None:
    """Cut off, and overwritten in the middle, at every thirtieth: errors and warnings alike.
    What a library says in its own words is quoted (Pillow, zlib)."""
    whole = moving(kind)
    said = set()
    for part in range(1, 30):
        at = len(whole) * part // 30
        for data in (whole[:at], whole[:at] + b"\xff\x07" * 8 + whole[at + 16 :]):
            try:
                clip = open_clip(written(tmp_path / "a.gif", data))
                said |= set(clip.warnings)
                list(clip)
            except MediaError as error:
                said.add(str(error))
    told = {in_chinese(one) for one in said}
    left = [one for one in told if ENGLISH.search(QUOTED.sub("", one))]
    assert said and left == []


QUOTED = re.compile(
    r"(?:image file is truncated|broken data stream|decoder error|unrecognized data stream"
    r"|buffer overrun|not enough image data).*|Error -?\d+.*"
)


@pytest.mark.parametrize("cause", HAPPEN)
def test_a_cause_is_told_in_chinese(
    cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_ATTEMPTS", "1")
    with pytest.raises((ValueError, RuntimeError)) as caught:
        HAPPEN[cause](tmp_path)
    said = in_chinese(str(caught.value))
    assert re.search("[\u4e00-\u9fff]", said), said
    assert not ENGLISH.search(said.replace(str(tmp_path), "")), said


def test_causes_that_workers_tell_and_names_within_causes_stay() -> None:
    for told in (sandbox._late(), sandbox._died(), sandbox._said({"kind": "memory"})):
        assert not ENGLISH.search(in_chinese(told)), told
    assert in_chinese("the cat.gif: the file is empty") == "the cat.gif：文件是空的"
    assert in_chinese("nobody knows why") == "nobody knows why"
    long = "a: " * 5000
    assert in_chinese(long) == long
    zh, en = Texts("zh"), Texts("en")
    assert (
        zh.inert("broken", why="*a*.gif: the file is empty") == r"无法使用：\*a\*\.gif：文件是空的"
    )
    assert en("failed", why="the file is empty") == "failed: the file is empty"


def test_every_form_is_one_and_names_what_its_sentence_says() -> None:
    for form, said in CAUSES:
        named = set(re.compile(form).groupindex)
        assert set(re.findall(r"{(\w+)}", said)) <= named, form
