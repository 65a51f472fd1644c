"""VisualGLM against its published code: what it sees, and its logits over a whole prompt."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.oracle_visualglm import RECORDED, SAT, pixels, sample
from tests.oracles import GLM
from tests.tiny_family import make_visualglm, write_shards
from tests.tiny_weights import noise
from vlm import LoadOptions, load_model
from vlm.blip.checkpoint_layout import plan
from vlm.blip.modeling import BlipModel
from vlm.blip.prompts import visualglm
from vlm.blip.variants import VARIANTS
from vlm.loading import without_memory

QUESTION = "图中是什么"
QUERIES = 32
"""Fixed in the published code."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint whose eyes have weights from the formula, and the original's 32 queries."""
    folder, _ = make_visualglm(tmp_path_factory.mktemp("visualglm"))
    state: dict[str, torch.Tensor] = {}
    for shard in folder.glob("*.bin"):
        state |= torch.load(shard, weights_only=True)
        shard.unlink()
    state["image_encoder.qformer.transformer.word_embeddings.weight"] = torch.empty(QUERIES, 48)
    for name, old in state.items():
        if name.startswith("image_encoder."):
            made = noise(name, old.numel()).view(old.shape).float()
            scale = 2.5 / old.shape[-1] ** 0.5 if old.ndim > 1 else 0.3
            state[name] = made * scale + (old.ndim == 1 and name.endswith("weight"))
    write_shards(folder, state, 5)
    config = json.loads((folder / "config.json").read_text())
    config |= {"image_length": QUERIES}
    config["qformer_config"]["vocab_size"] = QUERIES
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return load_model(str(folder), LoadOptions("cpu"))


@torch.no_grad()
def test_what_it_sees_equals_what_the_published_code_saw(model: Any) -> None:
    recorded = torch.tensor(json.loads(RECORDED.read_text())["eyes"])
    ours = torch.tensor(
        sample(model.vision_encoder._read(model.vision_encoder._see(pixels()), None))
    )
    assert recorded.std() > 0.1
    assert float((ours - recorded).abs().max()) <= 2e-5


@torch.no_grad()
def test_eyes_and_logits_equal_those_of_the_published_code(folder: Path, model: Any) -> None:
    root = os.environ.get("MEMEPROBE_ORACLES")
    if root is None or not all((Path(root) / name).is_dir() for name in (GLM, SAT)):
        pytest.skip(f"the oracles {GLM} and {SAT} are not here; docs/oracles.md has their layout")
    before, _, after = visualglm(QUESTION, 1)
    words = model.generator.tokenizer
    ids = words.segments([before, after])
    whole = [*ids[0], *[words.pad] * QUERIES, *ids[1], *words.closing]
    (folder / "asked.json").write_text(json.dumps({"ids": whole, "before": len(ids[0])}))
    command = [sys.executable, "-m", "tests.oracle_visualglm", str(folder)]
    record = ["--record"] if os.environ.get("MEMEPROBE_RECORD") else []
    done = subprocess.run([*command, *record], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = torch.load(folder / "oracle.pt", weights_only=True)
    ours = model.vision_encoder._read(model.vision_encoder._see(pixels()), None)
    assert float((ours - theirs["eyes"]).abs().max()) <= 2e-5
    parts = [*model.generator.embed([before, after])]
    prefix = torch.cat([parts[0], ours[0], parts[1]])[None]
    mask = torch.ones(prefix.shape[:2], dtype=torch.long)
    logits = model.network.language_model(inputs_embeds=prefix, attention_mask=mask).logits
    worst = float((logits - theirs["logits"]).abs().max())
    print(
        f"largest difference: eyes {float((ours - theirs['eyes']).abs().max()):.1e}, "
        f"logits {worst:.1e} of {float(logits.abs().max()):.1f}"
    )
    assert worst <= 1e-4


def test_the_published_index_names_every_weight_of_the_full_size_model(tmp_path: Path) -> None:
    """1039 published names onto the real sizes, and the published number of bytes."""
    root = Path(os.environ.get("MEMEPROBE_ORACLES", "/nowhere")) / GLM
    if not (root / "pytorch_model.bin.index.json").is_file():
        pytest.skip(f"the oracle {GLM} is not here; docs/oracles.md says how to lay it out")
    index = json.loads((root / "pytorch_model.bin.index.json").read_text())
    for name in ("config.json", "pytorch_model.bin.index.json"):
        (tmp_path / name).write_text((root / name).read_text())
    for shard in set(index["weight_map"].values()):
        (tmp_path / shard).touch()
    found = plan("visualglm", tmp_path)
    with without_memory():
        net = BlipModel(found, VARIANTS["visualglm"])
    (weights,) = found.weights
    rows = torch.empty(6, device="meta")  # splits into two and into three
    named = [p.name for key in index["weight_map"] for p in weights.keymap.pieces(key, rows)]
    assert len(index["weight_map"]) == 1039
    assert sorted(named) == sorted(dict(net.named_parameters()))

    def width(name: str) -> int:
        half = name.startswith("language_model.") and "layernorm" not in name
        return 2 if half else 4

    size = sum(p.numel() * width(name) for name, p in net.named_parameters())
    frequencies = 28 * 32 * 2  # inv_freq of each layer, float16
    assert size + frequencies == index["metadata"]["total_size"]
