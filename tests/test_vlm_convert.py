"""Delta weights and their base make the model that they were taken from."""

import json
from pathlib import Path

import pytest
import torch

from tests.tiny_family import write_shards
from tests.tiny_minigpt4 import make_llama, make_minigpt4
from vlm import LoadOptions, ModelError, load_model
from vlm.convert import convert_delta
from vlm.loading import find_weights, read_weights


def state_of(folder: Path) -> dict[str, torch.Tensor]:
    return {n: t for file in find_weights(folder) for n, t in read_weights(file)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_base_and_delta_make_the_model_again(tmp_path: Path, seed: int) -> None:
    """The delta has a row more (a padding token), and its shards are cut elsewhere."""
    whole = {n: t for n, t in make_llama(tmp_path / "whole", seed).state_dict().items()}
    base_lm = make_llama(tmp_path / "base", seed + 100)
    base = base_lm.state_dict()
    rng = torch.Generator().manual_seed(seed)
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        whole[name] = torch.cat([whole[name], torch.randn(1, whole[name].shape[1], generator=rng)])
    delta = {}
    for name, tensor in whole.items():
        before = torch.zeros_like(tensor)
        before[: len(base[name])] = base[name].half().float()
        delta[name] = tensor - before
    folder = tmp_path / "delta"
    folder.mkdir()
    write_shards(folder, dict(reversed(delta.items())), 3)
    config = json.loads((tmp_path / "base" / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"vocab_size": len(whole[name])}))
    count = convert_delta(str(tmp_path / "base"), str(folder), tmp_path / "out", shard=20_000)
    made = state_of(tmp_path / "out")
    assert count == len(made) == len(whole)
    assert len(list((tmp_path / "out").glob("*.safetensors"))) > 2
    for name, tensor in whole.items():
        torch.testing.assert_close(made[name].float(), tensor, atol=1e-6, rtol=1e-5)
    assert json.loads((tmp_path / "out" / "config.json").read_text())["vocab_size"] == len(tensor)


def test_a_converted_vicuna_is_loaded(tmp_path: Path) -> None:
    folder, _, lm = make_minigpt4(tmp_path / "m")
    base = make_llama(tmp_path / "base", 50)
    delta = tmp_path / "delta"
    (folder / "vicuna-7b").rename(delta)
    own = {n: t.float() - base.state_dict()[n].half().float() for n, t in lm.state_dict().items()}
    for file in (*delta.glob("*.bin"), *delta.glob("*.index.json")):
        file.unlink()
    write_shards(delta, own, 2)
    convert_delta(str(tmp_path / "base"), str(delta), folder / "vicuna-7b")
    model = load_model(str(folder), LoadOptions("cpu"))
    ids = torch.tensor([[1, 5, 9, 40, 33]])
    with torch.no_grad():
        ours = model.network.language_model(ids).logits  # type: ignore[attr-defined]
        torch.testing.assert_close(ours, lm(ids).logits, atol=1e-4, rtol=1e-4)


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    make_llama(tmp_path / "base", 1)
    make_llama(tmp_path / "delta", 2)
    (tmp_path / "there").mkdir()
    with pytest.raises(ModelError, match="is there already"):
        convert_delta(str(tmp_path / "base"), str(tmp_path / "delta"), tmp_path / "there")
    other = tmp_path / "other"
    other.mkdir()
    torch.save({"model.norm.weight": torch.ones(9)}, other / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"model.norm.weight is \(64,\) in the base and \(9,\)"):
        convert_delta(str(tmp_path / "base"), str(other), tmp_path / "out")
    torch.save({"strange": torch.ones(9)}, other / "pytorch_model.bin")
    with pytest.raises(ModelError, match="which lacks strange"):
        convert_delta(str(tmp_path / "base"), str(other), tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / "out.part").exists()
