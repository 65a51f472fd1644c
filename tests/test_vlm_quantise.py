"""Quantising: memory goes down as the numbers say, outputs stay near, the eyes stay as they are."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration
from typer.testing import CliRunner

from memeprobe.cli.app import app
from tests.tiny_chat import make_chat
from vlm import LoadOptions, ModelError, load_model
from vlm.device import choose_dtype
from vlm.memory import memory_bytes
from vlm.quantise import language_model, measured_bytes

SIZE: dict[str, Any] = {"vocab_size": 100, "num_hidden_layers": 2}


@pytest.mark.parametrize(
    ("capability", "dtype"),
    [
        ((7, 0), torch.float16),  # V100
        ((7, 5), torch.float16),  # T4
        ((8, 0), torch.bfloat16),  # A100
        ((8, 9), torch.bfloat16),  # L4
        ((9, 0), torch.bfloat16),  # H100, H200
        ((12, 0), torch.bfloat16),
    ],
)
def test_bfloat16_is_for_gpus_that_compute_in_it(
    capability: tuple[int, int], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``is_bf16_supported`` says yes of a T4 too, which emulates it."""
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *_, **__: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda *_: capability)
    assert choose_dtype(torch.device("cuda")) == dtype
    assert choose_dtype(torch.device("cuda"), "float32") == torch.float32
    assert choose_dtype(torch.device("cpu")) == torch.float32


@pytest.fixture
def bitsandbytes() -> Any:
    return pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed")


def llama(dtype: torch.dtype = torch.float32) -> Any:
    torch.manual_seed(0)
    config = LlamaConfig(hidden_size=256, intermediate_size=512, num_attention_heads=4, **SIZE)
    net: Any = LlamaForCausalLM(config)
    return net.to(dtype).eval()


def blocks(net: Any) -> int:
    """Number of weights in the transformer's linear layers."""
    return sum(m.weight.numel() for m in net.model.modules() if isinstance(m, torch.nn.Linear))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(("kind", "near"), [("int8", 0.999), ("int4", 0.97)])
def test_memory_falls_as_estimated_and_outputs_stay_near(
    bitsandbytes: Any, kind: str, near: float, dtype: str
) -> None:
    net = llama(getattr(torch, dtype))
    shrinks = blocks(net)
    others = sum(p.numel() for p in net.parameters()) - shrinks
    ids = torch.arange(40).reshape(2, 20)
    with torch.inference_mode():
        exact = net(ids).logits.float()
        assert language_model(net, kind) is net
        rounded = net(ids).logits.float()
    assert not torch.equal(exact, rounded)
    assert torch.cosine_similarity(exact.flatten(), rounded.flatten(), 0) > near
    # The rest is scales, and tables of 16 and 256 values a layer that only count in a model as
    # small as this.
    tables = 14 * (16 + 256) * 4 if kind == "int4" else 0
    estimate = memory_bytes(shrinks, others, kind, dtype)
    assert measured_bytes(net) - tables == pytest.approx(estimate, rel=0.02)


@pytest.mark.parametrize("size", [(64, 32), (32, 16), (64, 17), (96, 64)])
def test_int4_takes_layers_of_every_size(bitsandbytes: Any, size: tuple[int, int]) -> None:
    """A CPU with AVX512-BF16 packs whole blocks of 64 inputs and 32 outputs, and no others."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(*size)
    seen = torch.randn(3, size[0])
    with torch.inference_mode():
        exact = layer(seen)
        rounded = language_model(torch.nn.Sequential(layer), "int4")(seen)
    assert torch.cosine_similarity(exact.flatten(), rounded.flatten(), 0) > 0.97


def test_embeddings_and_output_layer_are_kept(bitsandbytes: Any) -> None:
    net: Any = language_model(llama(), "int4")
    assert type(net.lm_head) is torch.nn.Linear
    assert net.lm_head.weight.dtype == net.model.embed_tokens.weight.dtype == torch.float32
    assert net.model.layers[0].mlp.down_proj.weight.dtype == torch.uint8


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_t5_is_quantised_but_for_what_it_computes_exactly(bitsandbytes: Any, kind: str) -> None:
    config = T5Config(d_model=128, d_kv=32, d_ff=256, num_heads=4, is_gated_act=True, **SIZE)  # type: ignore[call-arg]
    torch.manual_seed(0)
    net = T5ForConditionalGeneration(config).eval()
    ids = torch.arange(10)[None]
    with torch.inference_mode():
        exact = net(input_ids=ids, decoder_input_ids=ids).logits
        language_model(net, kind)
        rounded = net(input_ids=ids, decoder_input_ids=ids).logits
    assert torch.cosine_similarity(exact.flatten(), rounded.flatten(), 0) > 0.95
    assert net.encoder.block[0].layer[1].DenseReluDense.wo.weight.dtype == torch.float32


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_only_the_language_model_of_a_chat_model_is_quantised(
    bitsandbytes: Any, kind: str, tmp_path: Path
) -> None:
    source = str(make_chat("llava", tmp_path))
    plain: Any = load_model(source, LoadOptions("cpu"))
    small: Any = load_model(source, LoadOptions("cpu", quantise=kind))
    assert small.revision != plain.revision
    seeing = dict(plain.network.model.vision_tower.named_parameters())
    for name, weight in small.network.model.vision_tower.named_parameters():
        assert torch.equal(weight, seeing[name])
    shrunk = [p.dtype for p in small.network.get_decoder().parameters()]
    assert shrunk.count(torch.int8 if kind == "int8" else torch.uint8) == 14


def test_a_missing_library_names_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(ModelError, match=r"pip install memeprobe\[quantise\]"):
        language_model(llama(), "int4")


def test_it_is_told_in_one_line_before_weights_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_chat("llava", tmp_path)
    (folder / "model.safetensors").write_bytes(b"no weights at all")
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    Image.new("RGB", (40, 30)).save(tmp_path / "x.png")
    words = ["look", str(tmp_path / "x.png"), "--model", str(folder), "--quantise", "int4"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code != 0
    told = str(done.exception)
    assert "int4 needs the package bitsandbytes" in told and "\n" not in told.strip()


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_int8_needs_no_package_and_says_nothing(
    dtype: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder, caplog: Any
) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    net = language_model(llama(getattr(torch, dtype)), "int8")
    with torch.inference_mode():
        logits = net(torch.arange(12)[None]).logits
    assert logits.dtype == getattr(torch, dtype) and bool(logits.isfinite().all())
    assert not recwarn.list and not caplog.records


def test_int8_computes_in_the_models_own_precision() -> None:
    """What float16 cannot hold (beyond 65,504, and weights below 6e-8) goes through in bfloat16;
    against the rounding written out by hand."""
    torch.manual_seed(1)
    layer = torch.nn.Linear(48, 20).bfloat16().requires_grad_(False)
    layer.weight[3] *= 1e-9
    layer.weight[4] = 0
    step = layer.weight.float().abs().amax(1, keepdim=True) / 127
    whole = torch.where(step > 0, (layer.weight.float() / step).round(), 0) * step
    seen = (torch.randn(5, 48) * 1e6).bfloat16()
    small: Any = language_model(torch.nn.Sequential(layer), "int8")
    made = small(seen)
    assert made.dtype == torch.bfloat16 and made.abs().max() > 65_504
    want = seen.float() @ whole.T + layer.bias.float()
    assert torch.allclose(made.float(), want, rtol=0.02, atol=0.01 * float(want.abs().max()))
    assert torch.allclose(made[:, 3].float(), want[:, 3], rtol=0.02, atol=1e-2)
    assert torch.equal(made[:, 4], layer.bias[4].expand(5))


@pytest.mark.slow
@pytest.mark.parametrize("rows", [2, 5])
def test_int8_answers_do_not_depend_on_the_batch(rows: int) -> None:
    net = language_model(llama(), "int8")
    ids = torch.randint(0, 100, (rows, 9), generator=torch.Generator().manual_seed(rows))
    with torch.inference_mode():
        together = net(ids).logits
        alone = torch.cat([net(row[None]).logits for row in ids])
    assert torch.allclose(together, alone, atol=1e-5)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ModelError, match="unknown quantisation 'int3'; must be one of int8, int4"):
        language_model(llama(), "int3")


def test_the_estimate_of_visualglm() -> None:
    """28 layers of 201.3 M weights each are shrunk; 1.07 B of embeddings and output layer and
    1.09 B of vision stay: 2.9 GB + 4.3 GB."""
    assert memory_bytes(5_637_000_000, 2_165_000_000, "int4") / 1e9 == pytest.approx(7.24, abs=0.01)
