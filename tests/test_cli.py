"""The command line as a user meets it: help, JSON, and one clear line for every bad input."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from frames import Clip
from meme_sets import load_set
from memeprobe.first_picture import AGAIN
from tests.command_line import CommandLine
from tests.not_none import not_none


def gif(path: Path, frames: int = 4, size: int = 64) -> Path:
    rng = np.random.default_rng(0)
    pictures = [
        Image.fromarray(rng.integers(0, 255, (size, size, 3), np.uint8)) for _ in range(frames)
    ]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    return path


def huge_header() -> bytes:
    """A GIF that claims 50,000 x 50,000 pixels and has one tiny frame."""
    return (
        b"GIF89a"
        + struct.pack("<HH", 50_000, 50_000)
        + b"\x80\x00\x00"
        + b"\x00" * 6
        + b"\x2c"
        + struct.pack("<HHHH", 0, 0, 50_000, 50_000)
        + b"\x00\x02\x02\x44\x01\x00\x3b"
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("text.gif", b"this is no picture, whatever its name says", "text.gif"),
        ("empty.gif", b"", "empty"),
        ("huge.gif", huge_header(), "max"),
        ("missing.gif", None, "missing.gif"),
    ],
)
def test_a_bad_file_is_one_clear_line(
    memeprobe: CommandLine, tmp_path: Path, name: str, content: Any, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    code, out, err = memeprobe("look", "--no-model", path)
    assert code == 2
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.slow
def test_a_good_file_is_still_shown_beside_a_bad_one(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.gif"
    bad.write_bytes(b"no")
    code, out, _ = memeprobe("look", "--no-model", "--json", bad, gif(tmp_path / "good.gif"))
    first, second = map(json.loads, out.splitlines())
    assert code == 2
    assert set(first) == {"file", "error"}
    assert second["frames"] == 4


@pytest.mark.slow
def test_a_truncated_gif_keeps_its_frames_with_a_warning(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    whole = gif(tmp_path / "whole.gif").read_bytes()
    cut = tmp_path / "cut.gif"
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    code, out, _ = memeprobe("look", "--no-model", "--json", cut)
    found = json.loads(out)
    assert code == 0
    assert 1 <= found["frames"] < 4
    assert found["warnings"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("look", "x.gif", "-m", "blip-nanno"), "did you mean 'blip-nano'"),
        (("run", "revel"), "did you mean 'reveal'"),
        (("run", "reveal", "-m", "known:fiar"), "did you mean 'known:fair'"),
        (("run", "reveal", "-m", "./nowhere"), "config.json is missing"),
        (("run", "reveal", "-m", "known:fair", "-d", "concat"), "does not support the delivery"),
        (("run", "reveal", "-m", "known:fair", "--policy", "best"), "unknown keyframe policy"),
        (("run", "reveal", "-m", "known:fair", "-c", "revesed"), "did you mean 'reversed'"),
        (("run", "reveal", "-m", "known:fair", "-l", "fr"), "no questions in 'fr'"),
        (("report", "123456"), "there is no store"),
        (("look", "--nonsense", "x.gif"), "No such option"),
    ],
)
def test_a_bad_argument_is_a_clear_message_and_exit_code_2(
    memeprobe: CommandLine, args: tuple[str, ...], says: str
) -> None:
    code, out, err = memeprobe(*args)
    assert code == 2
    assert says in err
    assert "Traceback" not in out + err


def test_a_set_with_a_broken_line_names_file_and_line(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "items.jsonl").write_text('{"id": "a", "media": "a.gif", "kind": \n', "utf-8")
    code, _, err = memeprobe("run", tmp_path / "s", "-m", "known:fair")
    assert code == 2
    assert "items.jsonl" in err
    assert "line 1" in err


def test_a_checkpoint_without_weights_is_one_clear_line(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    from tests.tiny_checkpoints import make_instructblip

    folder = make_instructblip(tmp_path / "m")
    (folder / "model.safetensors").unlink()
    code, _, err = memeprobe("run", "reveal", "-m", folder)
    assert code == 2
    assert "has no weights" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_look_json_says_what_was_found(memeprobe: CommandLine, tmp_path: Path) -> None:
    item = next(i for i in load_set("reveal").items if i.kind == "action_end")
    path = load_set("reveal").media_path(item)
    code, out, _ = memeprobe("look", "--json", "-q", not_none(item.question).en, path)
    found = json.loads(out)
    assert code == 0
    assert found["duration_ms"] == sum(f.duration_ms for f in cli_clip(path))
    assert len(found["keyframes"]) == 4
    assert {"index", "start_ms", "duration_ms"} == set(found["keyframes"][0])
    conditions = [a["condition"] for a in found["answers"]]
    assert conditions[:8] == [
        *(f"single@{i}" for i in (1, 2, 3, 4)),
        "keyframes",
        "reversed",
        "first_repeated",
        "last_repeated",
    ]
    assert all(name.endswith(AGAIN) for name in conditions[8:])
    single = {
        a["frames"][0]: a["text"] for a in found["answers"] if a["condition"].startswith("single")
    }
    whole = next(a["text"] for a in found["answers"] if a["condition"] == "keyframes")
    assert found["follows"] == [i for i, text in single.items() if text == whole]
    assert found["notes"] == []  # the file belongs to the rendered world


def cli_clip(path: Path) -> Clip:
    from frames import open_clip

    return open_clip(path)


@pytest.mark.slow
def test_the_embedded_model_says_that_it_does_not_know_real_pictures(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    code, out, _ = memeprobe("look", gif(tmp_path / "real.gif"))
    assert code == 0
    assert "means nothing" in out


def test_lists_are_there_for_people_and_machines(memeprobe: CommandLine) -> None:
    code, out, _ = memeprobe("models", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["blip-nano"]["available"] is True
    assert {"family", "parameters", "deliveries"} <= set(rows["blip-nano"])
    code, out, _ = memeprobe("sets", "--json")
    assert {"reveal", "captions"} <= {row["name"]: row["items"] for row in json.loads(out)}.keys()
    for listing in ("models", "sets"):
        code, out, _ = memeprobe(listing)
        assert code == 0
        assert "reveal" in out or "blip-nano" in out


def test_help_teaches_every_command(memeprobe: CommandLine) -> None:
    code, out, _ = memeprobe("--help")
    assert code == 0
    for command in ("look", "run", "report", "models", "sets", "demo"):
        assert command in out
    code, out, _ = memeprobe("run", "--help")
    assert code == 0
    assert "Examples" in out


@pytest.mark.slow
def test_run_json_report_and_resume(memeprobe: CommandLine, tmp_path: Path) -> None:
    args = ("run", "reveal", "-m", "known:first-frame", "-c", "frames", "--limit", 24, "--json")
    code, out, _ = memeprobe(*args)
    result = json.loads(out)
    assert code == 0
    assert result["conditions"]["first"]["n"] == 24
    assert result["measures"]["lure_rate"]["value"] > 0.5
    assert result["verdicts"]["first_frame"]["key"] in ("first_frame_biased", "not_enough_items")
    assert json.loads(memeprobe(*args)[1]) == result
    html = tmp_path / "r.html"
    code, out, _ = memeprobe("report", result["run"][:6], "--html", html)
    page = html.read_text("utf-8")
    assert code == 0
    assert str(html) in out
    assert result["verdicts"]["first_frame"]["text"].split(":")[0] in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)  # self-contained
