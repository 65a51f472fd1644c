"""Family members at full size with random weights: memory and speed through the public path.

    python -m benchmarks.gpu_models [--only visualglm-6b] [--kinds bf16,int8,int4] [--folder /data]
    python -m benchmarks.gpu_models --tiny          # a check of this file on a CPU

Each checkpoint is written in its published layout (files, names, precisions; about 16 GB each, one
at a time), loaded with load_model and asked about four frames. Speed is that of one answer, greedy,
nothing else in the batch; memory is the peak of what torch allocates on the device, loading and
answering included. Prints a table for docs/models.md; the published figures stand beside.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    Blip2Config,
    Blip2ForConditionalGeneration,
    BlipImageProcessorPil,
    InstructBlipConfig,
    InstructBlipForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    OPTConfig,
)

import tests.tiny_mplug_owl as owl
from tests.tiny_chatglm import train_tokenizer
from tests.tiny_checkpoints import word_tokenizer
from tests.tiny_family import READER, VIT, sat_names
from tests.tiny_minigpt4 import eva_names, qformer_names, sentencepiece_llama
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.loading import without_memory

State = dict[str, torch.Tensor]
NEW_TOKENS = 64
PUBLISHED = {
    ("visualglm-6b", "bf16"): "FP16 about 15 GB; ChatGLM-6B 20 to 30 token/s on an A100",
    ("visualglm-6b", "int4"): "INT4 6.3 to 8.7 GB",
    ("minigpt4-7b", "int8"): "8-bit 11.5 GB",
}
KINDS = {
    "fp32": ("float32", None),
    "bf16": ("bfloat16", None),
    "int8": ("bfloat16", "int8"),
    "int4": ("bfloat16", "int4"),
}


def llama(tiny: bool, vocabulary: int) -> LlamaConfig:
    """Vicuna 7B's sizes."""
    sizes = (64, 96, 2, 4) if tiny else (4096, 11008, 32, 32)
    names = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    shape: dict[str, Any] = dict(zip(names, sizes, strict=True))
    return LlamaConfig(
        **shape,
        vocab_size=vocabulary,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=None,
    )


def eyes(tiny: bool) -> Blip2ForConditionalGeneration:
    """Vision tower and Q-Former of every member, without memory."""
    speech = OPTConfig(
        hidden_size=8,
        ffn_dim=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        word_embed_proj_dim=8,
        vocab_size=8,
    )
    config = Blip2Config(
        vision_config=VIT if tiny else {},
        qformer_config=READER if tiny else {},
        text_config=speech.to_dict(),
        num_query_tokens=32,
    )
    with without_memory():
        return Blip2ForConditionalGeneration(config)


def written(
    folder: Path,
    outlines: State,
    files: int,
    stem: str,
    device: torch.device,
    dtype_of: Callable[[str], torch.dtype],
) -> None:
    """Random weights for outlines without memory, made on the device, in so many .bin files."""
    folder.mkdir(parents=True, exist_ok=True)
    names, places = sorted(outlines), dict[str, str]()
    for i in range(files):
        name = f"{stem}-{i + 1:05d}-of-{files:05d}.bin" if files > 1 else stem
        state = {n: random(n, outlines[n], dtype_of(n), device) for n in names[i::files]}
        torch.save({"model": state} if stem.endswith(".pth") else state, folder / name)
        places |= dict.fromkeys(state, name)
    if not stem.endswith(".pth"):
        index = {"metadata": {}, "weight_map": places}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))


def random(
    name: str, outline: torch.Tensor, dtype: torch.dtype, device: torch.device
) -> torch.Tensor:
    """Weights as at the start of training: small, LayerNorms one."""
    if outline.ndim == 1:
        make = torch.ones if name.endswith("weight") else torch.zeros
        return make(outline.shape, dtype=dtype)
    made = torch.empty(outline.shape, dtype=dtype, device=device)
    return made.normal_(0.0, 0.02).cpu()


def instructblip(folder: Path, tiny: bool, device: torch.device) -> None:
    """InstructBLIP over Vicuna 7B, here in float16 (the hub has float32: twice the download)."""
    base: Any = eyes(tiny).config
    reader = {**base.qformer_config.to_dict(), "vocab_size": 30523}
    config = InstructBlipConfig(
        vision_config=base.vision_config.to_dict(),
        qformer_config=reader,
        text_config=llama(tiny, 32001).to_dict(),
        num_query_tokens=32,
        image_token_index=32000,
    )
    with without_memory():
        state = InstructBlipForConditionalGeneration(config).state_dict()
    written(folder, state, 4, "pytorch_model", device, lambda name: torch.float16)
    config.save_pretrained(folder)
    word_tokenizer("</s>").save_pretrained(folder)
    word_tokenizer("<s>").save_pretrained(folder / "qformer_tokenizer")
    side = base.vision_config.image_size
    BlipImageProcessorPil(size={"height": side, "width": side}).save_pretrained(folder)


def visualglm(folder: Path, tiny: bool, device: torch.device) -> None:
    """VisualGLM-6B: float16 language model, float32 image encoder, five shards."""
    from vlm.chatglm import ChatGLMConfig, ChatGLMForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    train_tokenizer(folder / "ice_text.model")
    seen: Any = eyes(tiny)
    vision, reader = seen.config.vision_config, seen.config.qformer_config
    sizes: dict[str, Any] = dict(
        hidden_size=64, num_layers=2, num_attention_heads=4, inner_hidden_size=96
    )
    text = ChatGLMConfig(**(sizes if tiny else {}))
    with without_memory():
        state = ChatGLMForConditionalGeneration(text).state_dict()
        state |= sat_names(seen)
        state["image_encoder.glm_proj.weight"] = torch.empty(
            text.hidden_size, reader.hidden_size, device="meta"
        )
        state["image_encoder.glm_proj.bias"] = torch.empty(text.hidden_size, device="meta")
    written(
        folder,
        state,
        5,
        "pytorch_model",
        device,
        lambda n: torch.float32 if "image_encoder" in n else torch.float16,
    )
    config = text.to_dict() | {
        "model_type": "chatglm",
        "architectures": ["ChatGLMModel"],
        "image_length": 32,
        "eva_config": {
            "num_layers": vision.num_hidden_layers,
            "hidden_size": vision.hidden_size,
            "num_attention_heads": vision.num_attention_heads,
            "patch_size": 14,
            "inner_hidden_size": vision.intermediate_size,
            "image_size": [vision.image_size] * 2,
            "layernorm_epsilon": 1e-6,
        },
        "qformer_config": {
            "num_layers": reader.num_hidden_layers,
            "layernorm_epsilon": 1e-12,
            "hidden_size": reader.hidden_size,
            "num_attention_heads": reader.num_attention_heads,
            "cross_attn_hidden_size": reader.encoder_hidden_size,
        },
    }
    (folder / "config.json").write_text(json.dumps(config))


def minigpt4(folder: Path, tiny: bool, device: torch.device) -> None:
    """MiniGPT-4 over Vicuna v0 7B in its four pieces."""
    seen: Any = eyes(tiny)
    half, single = (lambda name: torch.float16), (lambda name: torch.float32)
    written(folder, eva_names(seen), 1, "eva_vit_g.pth", device, half)
    written(folder, qformer_names(seen), 1, "blip2_pretrained_flant5xxl.pth", device, single)
    text = llama(tiny, 32000)
    width = seen.config.qformer_config.hidden_size
    projection = {
        "llama_proj.weight": torch.empty(text.hidden_size, width, device="meta"),
        "llama_proj.bias": torch.empty(text.hidden_size, device="meta"),
    }
    written(folder, projection, 1, "prerained_minigpt4_7b.pth", device, single)
    vicuna = folder / "vicuna-7b"
    with without_memory():
        state = LlamaForCausalLM(text).state_dict()
    written(vicuna, state, 2, "pytorch_model", device, half)
    sentencepiece_llama(vicuna)
    text.save_pretrained(vicuna)


def mplug_owl(folder: Path, tiny: bool, device: torch.device) -> None:
    """mPLUG-Owl over Llama 7B: bfloat16, two shards."""
    text = llama(tiny, 32000).to_dict()
    vision, reader = (owl.VISION, owl.READER) if tiny else (owl.FULL_VISION, owl.FULL_READER)
    outlines = owl.outlines(vision, reader, text)
    written(folder, outlines, 2, "pytorch_model", device, lambda name: torch.bfloat16)
    sentencepiece_llama(folder)
    owl.write_settings(folder, vision, reader, text)


WRITERS = {
    "instructblip-vicuna-7b": instructblip,
    "visualglm-6b": visualglm,
    "minigpt4-7b": minigpt4,
    "mplug-owl-7b": mplug_owl,
}


def measured(folder: Path, name: str, kind: str, device: torch.device, tiny: bool) -> list[str]:
    """A row of the table. A kind that cannot be had here says why."""
    dtype, quantise = KINDS[kind]
    cuda = device.type == "cuda"
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    start = time.perf_counter()
    try:
        model = load_model(str(folder), LoadOptions(str(device), dtype, quantise))
    except ModelError as error:
        return [name, kind, "", "", "", str(error)]
    loaded = time.perf_counter() - start
    model.generation |= {"num_beams": 1, "min_new_tokens": NEW_TOKENS}  # type: ignore[attr-defined]
    rng = np.random.default_rng(0)
    frames = tuple(rng.integers(0, 255, (240, 320, 3), np.uint8) for _ in range(4))
    ask = Query(frames, "what is shown here ?", (), "concat", NEW_TOKENS)
    for _ in range(2):  # the first one warms up
        start = time.perf_counter()
        (answer,) = model.answer([ask])
        took = time.perf_counter() - start
        if answer.error:
            return [name, kind, "", "", "", answer.error]
    peak = f"{torch.cuda.max_memory_allocated(device) / 1e9:.1f} GB" if cuda else "not measured"
    return [
        name,
        kind,
        peak,
        f"{NEW_TOKENS / took:.1f}",
        f"{loaded:.0f} s",
        "" if tiny else PUBLISHED.get((name, kind), ""),
    ]


def rows(args: argparse.Namespace, device: torch.device) -> Iterator[list[str]]:
    """One row per model and kind; a checkpoint is deleted before the next is written."""
    for name in args.only.split(",") if args.only else WRITERS:
        folder = Path(tempfile.mkdtemp(dir=args.folder)) / name
        try:
            WRITERS[name](folder, args.tiny, device)
            for kind in args.kinds.split(","):
                yield measured(folder, name, kind, device, args.tiny)
        finally:
            shutil.rmtree(folder.parent)


def main() -> None:
    """Print the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help=f"of {', '.join(WRITERS)}")
    parser.add_argument("--kinds", default="bf16,int4", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--folder", help="where checkpoints are written; default: the system's")
    parser.add_argument("--tiny", action="store_true", help="small sizes, to check this file")
    args = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu" and not args.tiny:
        parser.error("no GPU here; --tiny checks this file on a CPU")
    named = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"{named}, torch {torch.__version__}{', TINY sizes' if args.tiny else ''}\n")
    print("| model | weights | peak memory | token/s | loading | published |")
    print("|---|---|---|---|---|---|")
    for row in rows(args, device):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
