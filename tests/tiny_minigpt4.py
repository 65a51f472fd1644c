"""Small MiniGPT-4 and Ziya checkpoints with random weights, in the files their authors published.

As ``tests.tiny_family``: the names are written down from the originals.
"""

import io
import json
from pathlib import Path

import torch
from transformers import Blip2ForConditionalGeneration, LlamaConfig, LlamaForCausalLM

from tests.tiny_checkpoints import WORDS
from tests.tiny_family import State, blip2, put, write_shards

LINES = (
    "Give the following image: <Img>ImageContent</Img>. You will be able to see the image once I "
    "provide it to you. Please answer my questions.",
    "###Human: <Img> </Img> what is shown here ?###Assistant: a cat throws the red ball###",
    "<human>:图中是什么\n<bot>:一只猫",
    " ".join(WORDS),
    "is it a cat ? boom red blue the end dog",
)
LM_WIDTH = 64


def sentencepiece_llama(folder: Path) -> int:
    """Write Llama's tokenizer.model (<unk> 0, <s> 1, </s> 2); returns the vocabulary's size."""
    import sentencepiece

    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(LINES),
        model_writer=out,
        vocab_size=400,
        model_type="bpe",
        hard_vocab_limit=False,
        minloglevel=2,
        num_threads=1,
        byte_fallback=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
    )
    (folder / "tokenizer.model").write_bytes(out.getvalue())
    settings = {
        "tokenizer_class": "LlamaTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "add_bos_token": True,
        "add_eos_token": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return int(sentencepiece.SentencePieceProcessor(model_proto=out.getvalue()).vocab_size())


def make_llama(folder: Path, seed: int) -> LlamaForCausalLM:
    """A Llama as Vicuna v0 came: float16 .bin shards that carry rotary frequencies too."""
    folder.mkdir(parents=True)
    size = sentencepiece_llama(folder)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=size,
        hidden_size=LM_WIDTH,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=None,
        architectures=["LlamaForCausalLM"],
    )
    lm = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in lm.parameters():
            parameter.mul_(5.0).copy_(parameter.half().float())
    state = {name: tensor.half() for name, tensor in lm.state_dict().items()}
    for i in range(2):
        state[f"model.layers.{i}.self_attn.rotary_emb.inv_freq"] = torch.rand(8)
    write_shards(folder, state, 2)
    config.save_pretrained(folder)
    return lm


def make_minigpt4(
    folder: Path, seed: int = 0
) -> tuple[Path, Blip2ForConditionalGeneration, LlamaForCausalLM]:
    """MiniGPT-4 (Vicuna v0 7B) in its four pieces; also what its eyes and its speech were."""
    lm = make_llama(folder / "vicuna-7b", seed)
    eyes = blip2("opt", seed + 1)
    torch.save(eva_names(eyes), folder / "eva_vit_g.pth")
    reader = qformer_names(eyes)
    reader |= {"t5_proj.weight": torch.rand(8, 48), "t5_proj.bias": torch.rand(8)}
    torch.save({"model": reader}, folder / "blip2_pretrained_flant5xxl.pth")
    projection = {
        "llama_proj.weight": torch.randn(LM_WIDTH, 48) * 0.2,
        "llama_proj.bias": torch.randn(LM_WIDTH) * 0.1,
        "Qformer.bert.embeddings.position_ids": torch.arange(8)[None],
        "llama_model.model.layers.0.self_attn.rotary_emb.inv_freq": torch.rand(8),
    }
    saved = {"model": projection, "optimizer": {"state": {}}, "config": {"run": {}}, "epoch": 4}
    torch.save(saved, folder / "prerained_minigpt4_7b.pth")  # as its authors spell it
    return folder, eyes, lm


def eva_names(net: Blip2ForConditionalGeneration) -> State:
    """EVA-ViT-g's own names: no bias for keys, one block more than is used, a head."""
    eyes, state = net.vision_model, {}
    state["cls_token"] = eyes.embeddings.class_embedding
    state["pos_embed"] = eyes.embeddings.position_embedding
    put(state, "patch_embed.proj", eyes.embeddings.patch_embedding)
    for at, layer in [*enumerate(eyes.encoder.layers), (39, eyes.encoder.layers[0])]:
        attention = layer.self_attn
        with torch.no_grad():
            query, key, value = attention.qkv.bias.chunk(3)
            key.zero_()
        put(state, f"blocks.{at}.norm1", layer.layer_norm1)
        put(state, f"blocks.{at}.norm2", layer.layer_norm2)
        state[f"blocks.{at}.attn.qkv.weight"] = attention.qkv.weight
        state[f"blocks.{at}.attn.q_bias"] = query
        state[f"blocks.{at}.attn.v_bias"] = value
        put(state, f"blocks.{at}.attn.proj", attention.projection)
        put(state, f"blocks.{at}.mlp.fc1", layer.mlp.fc1)
        put(state, f"blocks.{at}.mlp.fc2", layer.mlp.fc2)
    put(state, "norm", eyes.post_layernorm)
    put(state, "head", torch.nn.Linear(32, 3))
    return {name: tensor.detach().clone().half() for name, tensor in state.items()}


def qformer_names(net: Blip2ForConditionalGeneration) -> State:
    """Q-Former, queries and ln_vision as LAVIS saves them."""
    state = {"query_tokens": net.query_tokens}
    put(state, "ln_vision", net.vision_model.post_layernorm)
    put(state, "Qformer.bert.embeddings.LayerNorm", net.qformer.layernorm)
    for i, layer in enumerate(net.qformer.encoder.layer):
        at = f"Qformer.bert.encoder.layer.{i}"
        blocks = [("attention", layer.attention)]
        blocks += [("crossattention", layer.crossattention)] if i % 2 == 0 else []
        for name, block in blocks:
            for kind in ("query", "key", "value"):
                put(state, f"{at}.{name}.self.{kind}", getattr(block.attention, kind))
            put(state, f"{at}.{name}.output.dense", block.output.dense)
            put(state, f"{at}.{name}.output.LayerNorm", block.output.LayerNorm)
        put(state, f"{at}.intermediate_query.dense", layer.intermediate_query.dense)
        put(state, f"{at}.output_query.dense", layer.output_query.dense)
        put(state, f"{at}.output_query.LayerNorm", layer.output_query.LayerNorm)
    return {name: tensor.detach().clone() for name, tensor in state.items()}


def make_ziya(folder: Path, seed: int = 0) -> Path:
    """Ziya-BLIP2-14B: the published visual part, Ziya-LLaMA beside it, and a file that says so."""
    make_llama(folder / "Ziya-LLaMA-13B-v1", seed)
    net = blip2("opt", seed + 1)
    state = {n: t for n, t in net.state_dict().items() if not n.startswith("language_")}
    state["language_projection.weight"] = torch.randn(LM_WIDTH, 48) * 0.2
    state["language_projection.bias"] = torch.zeros(LM_WIDTH)
    torch.save(state, folder / "pytorch_model.bin")
    net.config.architectures = ["ZiyaBLIP2ForConditionalGeneration"]
    net.config.save_pretrained(folder)
    parts = {"family": "ziya-blip2", "language_model": "Ziya-LLaMA-13B-v1"}
    (folder / "memeprobe.json").write_text(json.dumps(parts))
    return folder
