"""Checkpoints that strangers made: one clear error before memory is spent, and no code is run."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.hostile_checkpoints import MAKERS, mutants
from tests.test_vlm_loading import Bomb
from tests.tiny_chat import make_chat
from tests.tiny_checkpoints import make_instructblip
from tests.tiny_minigpt4 import make_minigpt4
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.detect import LARGEST, read_json
from vlm.loading import WeightSet, read_weights, shapes

CPU = LoadOptions("cpu")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("sound")
    return {
        "llava": make_chat("llava", place / "llava"),
        "instructblip": make_instructblip(place / "instructblip"),
    }


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    change(told)
    path.write_text(json.dumps(told), encoding="utf-8")


def weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        state = load_file(folder / "model.safetensors")
        change(state)
        save_file(state, folder / "model.safetensors", {"format": "pt"})

    return done


def config(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    return lambda folder: edit(folder / "config.json", change)


def pipe(name: str) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        os.mkfifo(folder / name)

    return done


def bomb(folder: Path) -> None:
    grow = {"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}
    steps = {"type": "Sequence", "normalizers": [grow] * 40}
    edit(folder / "tokenizer.json", lambda told: told.update(normalizer=steps))


def deep(folder: Path) -> None:
    (folder / "config.json").write_text('{"a":' * 100_000 + "1" + "}" * 100_000)


def null(folder: Path) -> None:
    (folder / "config.json").write_text("null")


def index(value: Any) -> Callable[[Path], None]:
    def done(folder: Path) -> None:
        (folder / "model.safetensors").rename(folder / "part.safetensors")
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": value}))

    return done


def code(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save(
        {"model": Bomb(folder / "ran"), "more": torch.ones(20_000)}, folder / "pytorch_model.bin"
    )


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-500])


def first_matrix(state: dict[str, torch.Tensor]) -> torch.Tensor:
    return next(t for n, t in sorted(state.items()) if n.endswith("proj.weight"))


CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pipe for an index": (pipe("model.safetensors.index.json"), "no file but a pipe"),
    "a pipe for a config": (pipe("config.json"), "no file but a pipe"),
    "a pipe that nobody reads": (pipe("notes.txt"), "no file but a pipe"),
    "a part that is no object": (
        config(lambda c: c.update(text_config="x")),
        "text_config is str, not a JSON object",
    ),
    "a link to its own folder": (
        lambda f: (f / "sub").symlink_to(f),
        "is a link to the directory that it lies in",
    ),
    "a link to itself": (
        lambda f: (f / "x.json").symlink_to(f / "x.json"),
        "a link that leads nowhere",
    ),
    "deep JSON": (deep, "too many levels"),
    "a config that is null": (null, "holds NoneType"),
    "a million layers": (
        config(lambda c: c["text_config"].update(num_hidden_layers=10**6)),
        r"text_config.num_hidden_layers is 1000000; it must be a whole number from 1 to 1,024",
    ),
    "sizes left out, so that those of a 7B model count": (
        config(lambda c: [c["text_config"].pop(n) for n in tuple(c["text_config"]) if "size" in n]),
        "weights, but the weight files|lacks|another shape|missing|makes no model",
    ),
    "layers that no file holds": (
        config(lambda c: c["text_config"].update(num_hidden_layers=900, hidden_size=65536)),
        r"describes about [\d,]+ weights, but the weight files beside it have [\d,]+ bytes",
    ),
    "a negative size": (
        config(lambda c: c["vision_config"].update(hidden_size=-32)),
        "vision_config.hidden_size is -32",
    ),
    "a size of zero": (
        config(lambda c: c["vision_config"].update(patch_size=0)),
        "vision_config.patch_size is 0",
    ),
    "a size in words": (
        config(lambda c: c["text_config"].update(vocab_size="many")),
        "text_config.vocab_size is 'many'",
    ),
    "a kernel from the hub": (
        config(lambda c: c.update(attn_implementation="someone/kernel")),
        "asks for the attention kernel 'someone/kernel'",
    ),
    "a tokenizer that doubles": (bomb, "its normalizer makes a text too many times longer"),
    "NaN": (weights(lambda s: first_matrix(s)[0].fill_(torch.nan)), "infinite or no numbers"),
    "infinite": (weights(lambda s: first_matrix(s)[1, 1].fill_(torch.inf)), "infinite or no numb"),
    "nothing but zeros": (
        weights(lambda s: [t.zero_() for t in s.values()]),
        "is empty: .* are nothing but zeros",
    ),
    "an index of files elsewhere": (index({"a": "../other.safetensors"}), "not beside it"),
    "an index of missing files": (index({"a": "gone.safetensors"}), "lacks gone.safetensors"),
    "an index of numbers": (index({"a": 3}), "no weight_map of names"),
    "an index that is a list": (index([1]), "no weight_map of names"),
    "code for weights": (code, "code"),
    "a truncated file": (cut, "damaged|makes no model|cannot load"),
}


@pytest.mark.parametrize("family", ["llava", "instructblip"])
@pytest.mark.parametrize("case", CASES)
def test_a_broken_checkpoint_is_one_clear_error(
    sound: dict[str, Path], tmp_path: Path, family: str, case: str
) -> None:
    damage, message = CASES[case]
    folder = shutil.copytree(sound[family], tmp_path / "m")
    damage(folder)
    began = time.perf_counter()
    with pytest.raises(ModelError, match=message) as caught:
        load_model(str(folder), CPU)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value) or family in str(caught.value)
    assert time.perf_counter() - began < 60
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("family", ["llava", "instructblip"])
def test_code_beside_a_config_is_not_run(
    sound: dict[str, Path], tmp_path: Path, family: str
) -> None:
    """Every file of settings names classes of a module that lies there."""
    folder = shutil.copytree(sound[family], tmp_path / "m")
    ran = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(ran)!r}, 'w')\n")
    kinds = ["AutoConfig", "AutoModelForImageTextToText", "AutoProcessor", "AutoTokenizer"]
    kinds += ["AutoImageProcessor", "AutoModel"]
    named: dict[str, Any] = dict.fromkeys(kinds, "evil.Evil")
    named["AutoTokenizer"] = ["evil.Evil", "evil.Evil"]
    for path in folder.rglob("*config.json"):
        edit(path, lambda told: told.update(auto_map=named))
    (answer,) = load_model(str(folder), CPU).answer([Query((), "what is it ?")])
    assert answer.text is not None or answer.error is not None
    assert not ran.exists()


def too_large(folder: Path) -> Path:
    with (folder / "config.json").open("r+b") as file:
        file.truncate(LARGEST + 1)  # holes, no bytes
    return folder / "config.json"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (too_large, r"config.json has more than 256 MiB"),
        (lambda folder: folder / "gone.json", "gone.json cannot be read: No such file"),
    ],
)
def test_settings_that_cannot_be_read_are_one_clear_error(
    sound: dict[str, Path], tmp_path: Path, made: Callable[[Path], Path], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        read_json(made(shutil.copytree(sound["llava"], tmp_path / "m")))


def test_weight_files_that_hold_none_are_one_clear_error(tmp_path: Path) -> None:
    torch.save([torch.ones(2)], tmp_path / "list.bin")
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    for name, said in (("gone.bin", "is missing"), ("list.bin", "holds list, not named weights")):
        with pytest.raises(ModelError, match=rf"{name} {said}"):
            list(read_weights(tmp_path / name))
    with pytest.raises(ModelError, match=r"cut\.safetensors is damaged"):
        shapes([WeightSet((tmp_path / "cut.safetensors",))])


def test_beams_without_bound_are_refused(sound: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(sound["llava"], tmp_path / "m")
    edit(folder / "generation_config.json", lambda told: told.update(num_beams=100_000))
    with pytest.raises(ModelError, match="asks for 100000 beams; 1 to 16"):
        load_model(str(folder), CPU)


def test_delta_weights_are_refused_with_the_cure(tmp_path: Path) -> None:
    """MiniGPT-4 over a Vicuna whose files hold the difference to LLaMA."""
    folder, _, lm = make_minigpt4(tmp_path / "m")
    state = {n: (t * 0.001).half() for n, t in lm.state_dict().items()}
    shards = sorted((folder / "vicuna-7b").glob("*.bin"))
    for shard in shards:
        held = torch.load(shard, weights_only=True)
        torch.save({n: state.get(n, t) for n, t in held.items()}, shard)
    with pytest.raises(ModelError, match=r"delta weights.*memeprobe convert delta BASE DELTA OUT"):
        load_model(str(folder), CPU)


def test_the_sound_ones_load(sound: dict[str, Path]) -> None:
    for folder in sound.values():
        load_model(str(folder), CPU)


@pytest.mark.slow
def test_mutated_settings_end_in_a_model_or_in_one_clear_error() -> None:
    """More of them, under a limit of memory: python -m tests.hostile_checkpoints SEED COUNT."""
    rows = mutants(seed=int(time.time()) % 1000 if os.environ.get("MEMEPROBE_FUZZ") else 7, count=6)
    assert {family for family, *_ in rows} == set(MAKERS)
    assert [r for r in rows if r[2] not in ("model", "refused")] == []
    assert any(r[2] == "model" for r in rows) and any(r[2] == "refused" for r in rows)


def test_a_folder_without_a_checkpoint_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(ModelError, match=r"no checkpoint in the Hugging Face format: config\.json"):
        load_model(str(tmp_path), CPU)
