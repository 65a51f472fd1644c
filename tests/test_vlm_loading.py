"""Reading published weight files: every format, no code from a file, and errors that list names."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from tests.tiny_checkpoints import make_instructblip
from tests.tiny_family import make_blip2, make_visualglm
from tests.tiny_minigpt4 import make_minigpt4
from vlm import LoadOptions, ModelError, load_model
from vlm.detect import INSTEAD, detect
from vlm.keymap import Block, KeyMap, Rule
from vlm.loading import WeightSet, fill, find_weights, read_weights, shapes, without_memory

CPU = LoadOptions("cpu")


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.path, "the checkpoint's code ran")


class Small(nn.Module):
    computed: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(6, 4)
        self.fused = nn.Linear(4, 12)
        self.head = nn.Linear(4, 6, bias=False)
        self.head.weight = self.table.weight
        self.register_buffer("computed", torch.arange(3.0), persistent=False)


def filled(
    state: dict[str, torch.Tensor], folder: Path, keymap: KeyMap, dtype: torch.dtype = torch.float32
) -> Small:
    save_file(state, folder / "model.safetensors")
    with without_memory():
        net = Small()
    assert all(p.is_meta for p in net.parameters())
    sets = [WeightSet(find_weights(folder), keymap)]
    fill(net, sets, lambda name: dtype, lambda name: torch.device("cpu"), "here")
    return net


def test_a_key_map_renames_splits_joins_and_ignores(tmp_path: Path) -> None:
    rows = torch.arange(24.0).view(6, 4)
    query, value = torch.full((4,), 2.0), torch.full((4,), 3.0)
    state = {"words": rows, "q": query, "v": value, "qkv": torch.ones(12, 4), "junk.inv": value + 1}
    keymap = KeyMap(
        (
            Rule("words", ("table.weight",)),
            Rule("q", ("fused.bias",), Block(0, 3, 2)),
            Rule("v", ("fused.bias",), Block(2, 3, 2)),
            Rule("qkv", ("fused.weight",)),
        ),
        ignore=(r"junk\..*",),
    )
    net = filled(state, tmp_path, keymap)
    assert torch.equal(net.table.weight, rows)
    assert net.head.weight is net.table.weight  # tied, and the file has it once
    assert net.fused.bias.tolist() == [2.0] * 4 + [0.0] * 4 + [3.0] * 4
    assert net.computed.tolist() == [0.0, 1.0, 2.0]  # no file has it
    assert shapes([WeightSet(find_weights(tmp_path), keymap)])["fused.bias"] == (12,)


def test_a_split_gives_equal_blocks_in_order() -> None:
    rule = Rule(r"l(\d+)\.kv", (r"a.\1.key", r"a.\1.value"), lead=0)
    tensor = torch.arange(8.0).view(4, 2)
    pieces = list(KeyMap((rule,)).pieces("l7.kv", tensor))
    assert [p.name for p in pieces] == ["a.7.key", "a.7.value"]
    assert torch.equal(torch.cat([p.tensor for p in pieces]), tensor)


def test_tied_weights_that_a_file_gives_twice_and_differently_are_not_tied(tmp_path: Path) -> None:
    state = {
        "table.weight": torch.zeros(6, 4),
        "head.weight": torch.ones(6, 4),
        "fused.weight": torch.ones(12, 4),
        "fused.bias": torch.ones(12),
    }
    net = filled(state, tmp_path, KeyMap(), torch.bfloat16)
    assert not net.table.weight.any() and net.head.weight.all()
    assert net.table.weight.dtype == torch.bfloat16


def test_missing_unexpected_and_misshapen_names_are_listed(tmp_path: Path) -> None:
    state = {
        "table.weight": torch.zeros(6, 4),
        "fused.weight": torch.ones(12, 5),
        "what.is.this": torch.ones(1),
    }
    with pytest.raises(ModelError) as caught:
        filled(state, tmp_path, KeyMap())
    message = str(caught.value)
    assert "missing keys: fused.bias" in message
    assert "unexpected keys: what.is.this" in message
    assert "keys of another shape: fused.weight (12, 5)" in message


def test_a_bias_of_which_a_block_is_missing_is_missing(tmp_path: Path) -> None:
    state = {
        "table.weight": torch.zeros(6, 4),
        "fused.weight": torch.ones(12, 4),
        "q": torch.ones(4),
    }
    keymap = KeyMap((Rule("q", ("fused.bias",), Block(0, 3, 2)),))
    with pytest.raises(ModelError, match=r"missing keys: fused\.bias$"):
        filled(state, tmp_path, keymap)


@pytest.mark.parametrize("place", ["shard", "projection"])
def test_code_in_a_checkpoint_does_not_run(tmp_path: Path, place: str) -> None:
    proof = tmp_path / "ran"
    if place == "shard":
        folder = make_blip2(tmp_path / "m", "opt")
        victim = folder / "pytorch_model-00002-of-00002.bin"
    else:
        folder = make_minigpt4(tmp_path / "m")[0]
        victim = folder / "prerained_minigpt4_7b.pth"
    torch.save({"model": {"llama_proj.weight": Bomb(proof)}}, victim)
    with pytest.raises(ModelError, match=r"running code from a file is refused"):
        load_model(str(folder), CPU)
    assert not proof.exists()
    pickle.loads(pickle.dumps(Bomb(proof)))  # the bomb itself works
    assert proof.exists()


@pytest.mark.parametrize("old", [False, True])
def test_pth_files_of_both_formats_are_read(tmp_path: Path, old: bool) -> None:
    path = tmp_path / "x.pth"
    state = {"model": {"a": torch.arange(3.0)}, "epoch": 4}
    torch.save(state, path, _use_new_zipfile_serialization=not old)
    ((name, tensor),) = read_weights(path, "model")
    assert (name, tensor.tolist()) == ("a", [0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("shard gone", r"lacks pytorch_model-00001-of-00002\.bin, which .*index\.json names"),
        ("shard cut", r"pytorch_model-00001-of-00002\.bin is damaged|refused \(or"),
        ("shard empty", r"pytorch_model-00001-of-00002\.bin is damaged"),
        ("index broken", "no valid JSON"),
        ("index elsewhere", r"names files that are not beside it: \.\./other\.bin"),
        ("shard is text", r"pytorch_model-00001-of-00002\.bin (is damaged|holds more)"),
    ],
)
def test_damaged_shards_are_one_clear_error(tmp_path: Path, damage: str, message: str) -> None:
    folder = make_blip2(tmp_path / "m", "opt")
    shard = folder / "pytorch_model-00001-of-00002.bin"
    if damage == "shard gone":
        shard.unlink()
    elif damage == "shard cut":
        shard.write_bytes(shard.read_bytes()[:5000])
    elif damage == "shard empty":
        shard.write_bytes(b"")
    elif damage == "shard is text":
        shard.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    else:
        index = '{"weight_map": {"a": "../other.bin"}}' if "else" in damage else "{"
        (folder / "pytorch_model.bin.index.json").write_text(index)
    with pytest.raises(ModelError, match=message) as caught:
        load_model(str(folder), CPU)
    assert "\n" not in str(caught.value)


def test_a_cut_safetensors_shard_is_one_clear_error(tmp_path: Path) -> None:
    folder = make_blip2(tmp_path / "m", "t5")
    shard = folder / "model-00002-of-00002.safetensors"
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is damaged"):
        load_model(str(folder), CPU)


def test_unexpected_weights_of_a_whole_model_are_listed(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    folder = make_instructblip(tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    save_file(weights | {"adapter.lora_A": torch.ones(2)}, folder / "model.safetensors")
    with pytest.raises(ModelError, match=r"unexpected keys: adapter\.lora_A"):
        load_model(str(folder), CPU)


def test_each_layout_is_recognised_by_what_lies_in_it(tmp_path: Path) -> None:
    made = {
        "instructblip": make_instructblip(tmp_path / "a"),
        "blip-2": make_blip2(tmp_path / "b", "opt"),
        "visualglm": make_visualglm(tmp_path / "c")[0],
        "minigpt4": make_minigpt4(tmp_path / "d")[0],
    }
    assert {name: detect(str(folder)).name for name, folder in made.items()} == {
        name: name for name in made
    }
    plain = tmp_path / "e"
    plain.mkdir()
    (plain / "config.json").write_text(json.dumps({"model_type": "qwen2_5_vl"}))
    assert detect(str(plain)).name == "chat"
    # A ChatGLM that sees nothing is no VisualGLM.
    (plain / "config.json").write_text(
        json.dumps({"model_type": "chatglm", "architectures": ["ChatGLMModel"]})
    )
    with pytest.raises(ModelError, match="model_type 'chatglm'"):
        detect(str(plain))


@pytest.mark.parametrize("kind", INSTEAD)
def test_what_cannot_be_asked_names_what_can(tmp_path: Path, kind: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(ModelError, match=f"is a {kind}: .*(take|serve) "):
        load_model(str(tmp_path), CPU)


MEASURE = """
import re, sys, torch
from pathlib import Path
from torch import nn
from vlm.loading import WeightSet, fill, without_memory
def memory(kind):
    status = Path("/proc/self/status").read_text()
    return int(re.search(kind + r":\\s+(\\d+) kB", status)[1]) * 1024
cpu = torch.device("cpu")
before = memory("VmRSS")
with without_memory():
    net = nn.ParameterDict({f"layer{i}": torch.empty(4_000_000) for i in range(8)})
files = tuple(sorted(Path(sys.argv[1]).glob("part*")))
fill(net, [WeightSet(files)], lambda n: torch.float32, lambda n: cpu, "big")
assert all(not p.is_meta for p in net.values())
print((memory("VmHWM") - before) / (8 * 4_000_000 * 4))
"""


@pytest.mark.slow
@pytest.mark.parametrize("end", ["safetensors", "bin"])
def test_loading_never_holds_the_model_twice(tmp_path: Path, end: str) -> None:
    """128 MB of weights in eight files: at the peak hardly more than the model and one file."""
    for i in range(8):
        state, path = {f"layer{i}": torch.rand(4_000_000)}, tmp_path / f"part{i}.{end}"
        save_file(state, path) if end == "safetensors" else torch.save(state, path)
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 0.95 < float(done.stdout) < 1.4
