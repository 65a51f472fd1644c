"""``memeprobe verify``: agrees with transformers' own code, and notices what differs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from memeprobe.cli.app import app
from tests.tiny_chat import FAMILIES, make_chat
from tests.tiny_checkpoints import make_instructblip
from tests.tiny_family import make_blip2, make_visualglm

BLIP: dict[str, Callable[[Path], Path]] = {
    "instructblip-llama": lambda f: make_instructblip(f, "llama"),
    "instructblip-t5": lambda f: make_instructblip(f, "t5"),
    "blip2-opt": lambda f: make_blip2(f, "opt"),
    "blip2-t5": lambda f: make_blip2(f, "t5"),
}


def verify(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["verify", *words])
    return done.exit_code, done.stdout + str(done.exception or "")


def make(family: str, folder: Path, seed: int = 0) -> Path:
    return make_chat(family, folder, seed) if family in FAMILIES else BLIP[family](folder)


@pytest.mark.parametrize("family", [*FAMILIES, *BLIP])
def test_it_agrees_with_transformers(family: str, tmp_path: Path) -> None:
    code, told = verify(str(make(family, tmp_path / "m")))
    assert code == 0, told
    assert told.count("the same") == (3 if family in FAMILIES else 2)


def test_other_weights_are_noticed(tmp_path: Path) -> None:
    folder = make_chat("llava", tmp_path / "m")
    kept = tmp_path / "record.json"
    assert verify(str(folder), "--record", str(kept))[0] == 0
    assert verify(str(folder), "--against", str(kept))[0] == 0
    state = load_file(folder / "model.safetensors")
    name = next(n for n in state if n.endswith("lm_head.weight"))
    state[name] = state[name] + 0.05 * torch.randn_like(state[name])
    save_file(state, folder / "model.safetensors", {"format": "pt"})
    code, told = verify(str(folder), "--against", str(kept))
    assert code == 2 and "nats apart" in told


def test_another_prompt_is_noticed(tmp_path: Path) -> None:
    folder = make_chat("llava", tmp_path / "m")
    kept = tmp_path / "record.json"
    verify(str(folder), "--record", str(kept))
    rows = json.loads(kept.read_text())
    rows[0]["ids"].insert(1, 7)
    kept.write_text(json.dumps(rows))
    code, told = verify(str(folder), "--against", str(kept))
    assert code == 2 and "prompts differ from token 1 on" in told


def test_a_model_that_transformers_lacks_says_so(tmp_path: Path) -> None:
    code, told = verify(str(make_visualglm(tmp_path / "m")[0]))
    assert code == 2 and "transformers has no code for this; see --against" in told
    kept = tmp_path / "record.json"
    verify(str(tmp_path / "m"), "--record", str(kept))
    assert verify(str(tmp_path / "m"), "--against", str(kept))[0] == 0


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"ids": 3}]')
    code, told = verify(
        str(make_chat("llava", tmp_path / "m")), "--against", str(tmp_path / "x.json")
    )
    assert code != 0 and "no recorded expectations" in told
