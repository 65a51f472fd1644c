"""``memeprobe doctor``: what a model will get, and exit code 2 where a run would be untrue."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file
from typer.testing import CliRunner

from memeprobe.cli.app import app
from memeprobe.doctor.model import known_picture
from tests.tiny_chat import make_chat


def doctor(*words: str) -> tuple[int, list[dict[str, str]], str]:
    done = CliRunner().invoke(app, ["doctor", *words, "--json"])
    line = next((n for n in done.stdout.splitlines() if n.startswith("[{")), "[]")
    return done.exit_code, json.loads(line), done.output + str(done.exception or "")


def found(rows: list[dict[str, str]], name: str) -> list[dict[str, str]]:
    return [row for row in rows if row["name"] == name]


def test_the_installation_is_sound(tmp_path: Path) -> None:
    code, rows, _ = doctor("--workspace", str(tmp_path / "w.sqlite"))
    assert code == 0, rows
    assert {"Python", "OCR", "font", "device", "models", "store"} <= {r["name"] for r in rows}
    assert not (tmp_path / "w.sqlite").exists()


def test_a_broken_ocr_engine_is_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise ImportError("no onnxruntime")

    monkeypatch.setattr("ocr.engines.load_engine", gone)
    code, rows, _ = doctor("--workspace", str(tmp_path / "w.sqlite"))
    assert code == 2
    assert found(rows, "OCR")[0]["state"] == "wrong" and found(rows, "OCR")[0]["cure"]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_embedded_model_is_sound(language: str) -> None:
    code, rows, _ = doctor("blip-nano", "--language", language)
    assert code == 0, rows
    assert found(rows, "picture")[0]["text"] == "1 of 96x96, 8 visual tokens"
    assert found(rows, "ids")[0]["text"].startswith("-1 x32 ")  # four frames of eight
    assert found(rows, "options")[0]["text"] == "weighed by log-probability"


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llava", "qwen2_5_vl", "smolvlm"])
def test_a_known_picture_comes_out_as_the_model_sees_it(family: str, tmp_path: Path) -> None:
    """Compared with the picture squeezed to the same size by Pillow."""
    folder, png = make_chat(family, tmp_path / "m"), tmp_path / "seen.png"
    code, rows, _ = doctor(str(folder), "--picture", str(png))
    assert code == 2  # this toy's vocabulary has no fish
    assert "unknown" in found(rows, "text")[0]["text"]
    seen = Image.open(png)
    (facts,) = found(rows, "picture")
    size = facts["text"].split(" of ")[1].split(",")[0]
    wide, high = map(int, size.split("x"))
    assert seen.size == (wide * int(facts["text"].split()[0]), high)
    whole = Image.fromarray(known_picture(1))
    if family == "llava":
        square = Image.new("RGB", (640, 640), (127, 127, 127))
        square.paste(whole, (0, 140))
        whole = square
    tile = np.asarray(seen.crop((seen.width - wide, 0, seen.width, high)), float)
    want = np.asarray(whole.resize((wide, high), Image.Resampling.BICUBIC), float)
    assert abs(tile - want).mean() < 12  # SmolVLM shrinks with another filter first


def test_too_many_pictures_are_code_2_with_the_cure(tmp_path: Path) -> None:
    folder = make_chat("smolvlm", tmp_path / "m")
    told = json.loads((folder / "config.json").read_text())
    told["text_config"]["max_position_embeddings"] = 100
    (folder / "config.json").write_text(json.dumps(told))
    code, rows, _ = doctor(str(folder), "-k", "8")
    assert code == 2
    (answer,) = found(rows, "answer")
    assert "positions for 100 tokens" in answer["text"] and "--delivery grid" in answer["text"]


@pytest.mark.parametrize(
    ("gigabytes", "code", "state"),
    [(1.0, 0, "fine"), (0.0000135, 0, "note"), (0.00001, 2, "wrong")],
)
def test_the_memory_needed_is_held_against_the_devices(
    gigabytes: float, code: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """blip-nano's 3,118,816 weights take 12,475,264 bytes in float32."""
    monkeypatch.setattr("memeprobe.doctor.memory.device_bytes", lambda _: round(gigabytes * 1e12))
    done, rows, _ = doctor("blip-nano", "--device", "cpu")
    assert done == code, rows
    (room,) = found(rows, "room")
    assert room["state"] == state and "0.01 GB of weights in float32; cpu has" in room["text"]
    assert bool(found(rows, "answer")) == (code == 0)  # what does not fit is not loaded


def test_what_does_not_fit_is_told_how_it_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_MODELS", str(tmp_path))
    (tmp_path / "visualglm-6b").mkdir()
    (tmp_path / "visualglm-6b" / "config.json").write_text('{"model_type": "chatglm"}')
    monkeypatch.setattr("memeprobe.doctor.memory.device_bytes", lambda _: 12_500_000_000)
    done, rows, _ = doctor("visualglm-6b", "--device", "cpu", "--dtype", "float16")
    (room,) = rows
    assert done == 2 and room["text"].startswith("15.60 GB of weights in float16; cpu has 12.5 GB")
    assert room["cure"].startswith("--quantise int8 (9.97 GB)")


def test_a_directorys_weights_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_chat("llava", tmp_path / "m")
    count = sum(t.numel() for t in load_file(folder / "model.safetensors").values())
    monkeypatch.setattr("memeprobe.doctor.memory.device_bytes", lambda _: 2 * count - 1)
    done, rows, _ = doctor(str(folder), "--device", "cpu", "--dtype", "bfloat16")
    assert done == 2 and found(rows, "room")[0]["state"] == "wrong"
    monkeypatch.setattr("memeprobe.doctor.memory.device_bytes", lambda _: 3 * count)
    assert found(doctor(str(folder), "--device", "cpu", "--dtype", "bfloat16")[1], "room")[0][
        "state"
    ] == ("fine")


def test_an_unknown_model_or_language_is_refused() -> None:
    assert "did you mean 'blip-nano'" in doctor("blip-nanno")[2]
    assert "unknown language 'fr'" in doctor("blip-nano", "-l", "fr")[2]
