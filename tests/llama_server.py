"""A llama.cpp server on loopback with a small random LLaVA in GGUF, for tests only.

    PYTHON tests/llama_server.py FOLDER [--blind] [--port PORT]

needs a Python with ``xllamacpp`` and ``gguf`` (docs/servers.md), imports nothing of the project,
prints the server's address in one line and serves until it is killed. ``--blind`` leaves the
picture tower out. The words mean nothing; what counts is that the server computes them.
"""

import argparse
import string
import time
from pathlib import Path

import gguf
import numpy as np
import xllamacpp

WIDTH, HEADS, LAYERS, WIDE, CONTEXT = 32, 2, 2, 64, 32768
SIDE, PATCH = 28, 14
NEVER, OFTEN = -20.0, 4.0
"""What signs and bytes, and A, B and C, gain in the output layer's constant part."""
CONSTANT, SIGNS = 3.0, 259
NORMS = ("attn", "ffn")
WORDS = "what is shown here a cat dog throws holds it yes no red blue the end user assistant in"
TEMPLATE = (
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)


def vocabulary() -> tuple[list[str], list[int]]:
    """Tokens of a SentencePiece model and their kinds: three signs, every byte, letters, words."""
    kind = gguf.TokenType
    signs = [("<unk>", kind.UNKNOWN), ("<s>", kind.CONTROL), ("</s>", kind.CONTROL)]
    raw = [(f"<0x{byte:02X}>", kind.BYTE) for byte in range(256)]
    letters = ["▁", *string.ascii_letters, *string.digits, *".,:?!()"]
    words = [f"▁{word}" for word in [*WORDS.split(), *"ABC"]]
    # SentencePiece joins pairs, so that a word can only be reached over its beginnings.
    starts = {word[:end] for word in words for end in range(2, len(word) + 1)}
    known = [(token, kind.NORMAL) for token in [*letters, *sorted(starts)]]
    tokens, kinds = zip(*signs, *raw, *known, strict=True)
    return list(tokens), [int(k) for k in kinds]


def write_language(path: Path, random: np.random.Generator) -> None:
    """A Llama whose hidden state keeps one part constant, through which the output layer makes
    A, B and C likely and the signs and bytes impossible, so that no answer ends by itself."""
    tokens, kinds = vocabulary()
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("tiny")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(WIDTH)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(WIDE)
    out.add_head_count(HEADS)
    out.add_head_count_kv(HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(WIDTH // HEADS)
    out.add_vocab_size(len(tokens))
    out.add_tokenizer_model("llama")
    out.add_token_list(tokens)
    out.add_token_scores([float(len(token)) for token in tokens])
    out.add_token_types(kinds)
    out.add_unk_token_id(0)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_add_bos_token(True)
    out.add_chat_template(TEMPLATE)

    def put(name: str, *shape: int, scale: float = 0.3, keep: bool = False) -> None:
        weight = random.normal(0, scale, shape).astype(np.float32)
        if keep:
            weight[0] = 0  # adds nothing to the constant part
        out.add_tensor(name, weight)

    embedded = random.normal(0, 1, (len(tokens), WIDTH)).astype(np.float32)
    embedded[:, 0] = CONSTANT
    head = random.normal(0, 0.4, (len(tokens), WIDTH)).astype(np.float32)
    often = np.array([token.strip("▁") in {"A", "B", "C"} for token in tokens])
    head[often] *= 0.5  # none of the three far ahead of the others
    head[:, 0] = OFTEN * often
    head[:SIGNS, 0] = NEVER
    out.add_tensor("token_embd.weight", embedded)
    out.add_tensor("output.weight", head)
    for norm in ["output_norm", *(f"blk.{i}.{n}_norm" for i in range(LAYERS) for n in NORMS)]:
        out.add_tensor(f"{norm}.weight", np.ones(WIDTH, np.float32))
    for i in range(LAYERS):
        for part in ("q", "k", "v"):
            put(f"blk.{i}.attn_{part}.weight", WIDTH, WIDTH)
        put(f"blk.{i}.attn_output.weight", WIDTH, WIDTH, keep=True)
        put(f"blk.{i}.ffn_gate.weight", WIDE, WIDTH)
        put(f"blk.{i}.ffn_up.weight", WIDE, WIDTH)
        put(f"blk.{i}.ffn_down.weight", WIDTH, WIDE, scale=0.1, keep=True)
    _finish(out)


def write_sight(path: Path, random: np.random.Generator) -> None:
    """A CLIP tower of two layers and LLaVA's projection of two."""
    out = gguf.GGUFWriter(path, "clip")
    out.add_bool("clip.has_vision_encoder", True)
    out.add_string("clip.projector_type", "mlp")
    out.add_bool("clip.use_gelu", True)
    for key, value in {
        "image_size": SIDE,
        "patch_size": PATCH,
        "embedding_length": WIDTH,
        "feed_forward_length": WIDE,
        "projection_dim": WIDTH,
        "block_count": LAYERS,
        "attention.head_count": HEADS,
    }.items():
        out.add_uint32(f"clip.vision.{key}", value)
    out.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    out.add_array("clip.vision.image_mean", [0.5] * 3)
    out.add_array("clip.vision.image_std", [0.5] * 3)

    def put(name: str, *shape: int) -> None:
        out.add_tensor(name, random.normal(0, 0.3, shape).astype(np.float32))

    def layer(name: str, wide: int, narrow: int) -> None:
        put(f"{name}.weight", wide, narrow)
        put(f"{name}.bias", wide)

    def norm(name: str) -> None:
        out.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
        out.add_tensor(f"{name}.bias", np.zeros(WIDTH, np.float32))

    put("v.class_embd", WIDTH)
    put("v.patch_embd.weight", WIDTH, 3, PATCH, PATCH)
    put("v.position_embd.weight", (SIDE // PATCH) ** 2 + 1, WIDTH)
    norm("v.pre_ln")
    for i in range(LAYERS):
        for part in ("q", "k", "v", "out"):
            layer(f"v.blk.{i}.attn_{part}", WIDTH, WIDTH)
        norm(f"v.blk.{i}.ln1")
        norm(f"v.blk.{i}.ln2")
        layer(f"v.blk.{i}.ffn_up", WIDE, WIDTH)
        layer(f"v.blk.{i}.ffn_down", WIDTH, WIDE)
    layer("mm.0", WIDTH, WIDTH)
    into = random.normal(0, 0.3, (WIDTH, WIDTH)).astype(np.float32)
    into[0] = 0
    out.add_tensor("mm.2.weight", into)
    out.add_tensor("mm.2.bias", np.eye(1, WIDTH, dtype=np.float32)[0] * CONSTANT)
    _finish(out)


def _finish(out: gguf.GGUFWriter) -> None:
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def serve(folder: Path, blind: bool, port: int) -> None:
    """Write the model into the folder and serve it on this machine; port 0 takes a free one."""
    random = np.random.default_rng(0)
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = str(folder / "tiny.gguf"), {"tiny"}
    write_language(folder / "tiny.gguf", random)
    if not blind:
        params.mmproj.path = str(folder / "sight.gguf")
        write_sight(folder / "sight.gguf", random)
    params.n_ctx, params.n_parallel, params.n_gpu_layers = CONTEXT, 2, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.port, params.n_threads_http = port, 4
    params.fit_params = params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--blind", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    serve(given.folder, given.blind, given.port)
