"""Small checkpoints of the family's members, laid out as their authors published them.

Names, shards, entries and precisions are the published ones; weights are random and sizes small.
What stands here is written down from the originals, apart from ``vlm.blip.keymaps``.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import (
    Blip2Config,
    Blip2ForConditionalGeneration,
    BlipImageProcessorPil,
    OPTConfig,
    PreTrainedConfig,
)

from tests.tiny_chatglm import train_tokenizer
from tests.tiny_checkpoints import WORDS, t5_config, word_tokenizer

VIT = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 16,
    "image_size": 28,
    "patch_size": 14,
}
READER = {
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 12,
    "intermediate_size": 192,
    "encoder_hidden_size": 32,
    "vocab_size": 30,
}
QUERIES, WIDTH = 4, 32
State = dict[str, torch.Tensor]


def write_shards(folder: Path, state: State, shards: int, bins: bool = True) -> None:
    """Weights in so many files with an index, as .bin or safetensors."""
    stem, end = ("pytorch_model", "bin") if bins else ("model", "safetensors")
    names, files = sorted(state), dict[str, str]()
    for i in range(shards):
        file = f"{stem}-{i + 1:05d}-of-{shards:05d}.{end}"
        own = {n: state[n].contiguous() for n in names[i::shards]}
        files |= dict.fromkeys(own, file)
        torch.save(own, folder / file) if bins else save_file(own, folder / file)
    size = sum(t.numel() * t.element_size() for t in state.values())
    index = {"metadata": {"total_size": size}, "weight_map": files}
    (folder / f"{stem}.{end}.index.json").write_text(json.dumps(index))


def blip2(
    language_model: str, seed: int, size: int = len(WORDS) + 5, eos: int = 2, pad: int = 3
) -> Blip2ForConditionalGeneration:
    """transformers' own BLIP-2 with random weights that make clear choices."""
    torch.manual_seed(seed)
    if language_model == "opt":
        config: PreTrainedConfig = OPTConfig(
            vocab_size=size,
            hidden_size=WIDTH,
            ffn_dim=64,
            num_hidden_layers=2,
            bos_token_id=2,
            eos_token_id=eos,
            pad_token_id=pad,
            num_attention_heads=2,
            word_embed_proj_dim=WIDTH,
            max_position_embeddings=512,
        )
    else:
        config = t5_config(size)
    whole = Blip2Config(
        vision_config=VIT,
        qformer_config=READER,
        text_config=config.to_dict(),
        num_query_tokens=QUERIES,
        image_token_index=4,
    )
    net = Blip2ForConditionalGeneration(whole).eval()
    with torch.no_grad():
        net.query_tokens.normal_(0.0, 0.5)
        for name, parameter in net.named_parameters():
            if name.startswith("language_model"):
                parameter.mul_(6.0 if language_model == "opt" else 1.5)
            elif parameter.ndim == 1:  # LayerNorms and biases that are not all one and zero
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return net


def make_blip2(folder: Path, language_model: str = "opt", seed: int = 0) -> Path:
    """BLIP-2 as on the hub: OPT in .bin shards, Flan-T5 (whose output layer is not tied to its
    embeddings) in safetensors shards."""
    folder.mkdir(exist_ok=True)
    net = blip2(language_model, seed)
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    if language_model == "t5":
        state["language_model.lm_head.weight"] = torch.randn(len(WORDS) + 5, WIDTH)
        for name in ("encoder", "decoder"):  # safetensors keep one of several shared tensors
            del state[f"language_model.{name}.embed_tokens.weight"]
    write_shards(folder, state, 2, bins=language_model == "opt")
    net.config.architectures = ["Blip2ForConditionalGeneration"]
    net.config.save_pretrained(folder)
    word_tokenizer("</s>" if language_model == "opt" else None).save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 28, "width": 28}).save_pretrained(folder)
    return folder


EVA: dict[str, Any] = {
    "num_layers": 2,
    "hidden_size": 32,
    "num_attention_heads": 16,
    "vocab_size": 1,
    "inner_hidden_size": 64,
    "image_size": [28, 28],
    "layernorm_order": "pre",
    "layernorm_epsilon": 1e-06,
    "patch_size": 14,
    "max_sequence_length": 5,
    "use_final_layernorm": False,
    "pre_len": 1,
    "post_len": 0,
    "in_channels": 3,
    "num_classes": 0,
    "model_parallel_size": 1,
}
SAT_QFORMER: dict[str, Any] = {
    "num_layers": 3,
    "hidden_size": 48,
    "num_attention_heads": 12,
    "vocab_size": QUERIES,
    "layernorm_order": "post",
    "is_decoder": [True, False, True],
    "model_parallel_size": 1,
    "max_sequence_length": 0,
    "cross_attn_hidden_size": 32,
    "layernorm_epsilon": 1e-12,
}


def make_visualglm(folder: Path, seed: int = 0) -> tuple[Path, Blip2ForConditionalGeneration]:
    """VisualGLM-6B as on the hub; also the BLIP-2 whose eyes it has."""
    from vlm.chatglm import ChatGLMConfig, ChatGLMForConditionalGeneration, ChatGLMTokenizer

    folder.mkdir(exist_ok=True)
    tok = ChatGLMTokenizer(train_tokenizer(folder / "ice_text.model"))
    config = {
        "model_type": "chatglm",
        "architectures": ["ChatGLMModel"],
        "torch_dtype": "float16",
        "vocab_size": len(tok) + 6,
        "hidden_size": 64,
        "num_layers": 2,
        "num_attention_heads": 4,
        "inner_hidden_size": 96,
        "layernorm_epsilon": 1e-5,
        "max_sequence_length": 2048,
        "bos_token_id": tok.bos,
        "eos_token_id": tok.eos,
        "gmask_token_id": tok.gmask,
        "mask_token_id": tok.gmask - 1,
        "pad_token_id": tok.pad,
        "position_encoding_2d": True,
        "auto_map": {"AutoModel": "modeling_chatglm.ChatGLMForConditionalGenerationWithImage"},
        "transformers_version": "4.23.1",
        "use_cache": True,
        "image_length": QUERIES,
        "eva_config": EVA,
        "qformer_config": SAT_QFORMER,
    }
    eyes = blip2("opt", seed)
    torch.manual_seed(seed + 1)
    own = ("eva_config", "qformer_config", "auto_map", "architectures", "torch_dtype")
    lm = ChatGLMForConditionalGeneration(
        ChatGLMConfig(**{k: v for k, v in config.items() if k not in own})  # type: ignore[arg-type]
    )
    state = sat_names(eyes)
    state["image_encoder.glm_proj.weight"] = torch.randn(64, 48) * 0.2
    state["image_encoder.glm_proj.bias"] = torch.randn(64) * 0.1
    for name, tensor in lm.state_dict().items():
        scale = 4.0 if tensor.ndim == 2 else 1.0
        state[name] = tensor * scale if "layernorm" in name else (tensor * scale).half()
    for i in range(2):
        state[f"transformer.layers.{i}.attention.rotary_emb.inv_freq"] = torch.rand(4).half()
    write_shards(folder, state, 5)
    (folder / "config.json").write_text(json.dumps(config))
    return folder, eyes


def sat_names(net: Blip2ForConditionalGeneration) -> State:
    """Vision tower and Q-Former under SwissArmyTransformer's names."""
    vit, reader = "image_encoder.vit.", "image_encoder.qformer.transformer."
    eyes, state = net.vision_model, {}
    state[f"{vit}transformer.word_embeddings.weight"] = eyes.embeddings.class_embedding[0]
    state[f"{vit}transformer.position_embeddings.weight"] = eyes.embeddings.position_embedding[0]
    put(state, f"{vit}mixins.patch_embedding.proj", eyes.embeddings.patch_embedding)
    put(state, f"{vit}mixins.cls.ln_vision", eyes.post_layernorm)
    for i, layer in enumerate(eyes.encoder.layers):
        at = f"{vit}transformer.layers.{i}"
        put(state, f"{at}.input_layernorm", layer.layer_norm1)
        put(state, f"{at}.post_attention_layernorm", layer.layer_norm2)
        put(state, f"{at}.attention.query_key_value", layer.self_attn.qkv)
        put(state, f"{at}.attention.dense", layer.self_attn.projection)
        put(state, f"{at}.mlp.dense_h_to_4h", layer.mlp.fc1)
        put(state, f"{at}.mlp.dense_4h_to_h", layer.mlp.fc2)
    state[f"{reader}word_embeddings.weight"] = net.query_tokens[0]
    # A layer's closing LayerNorm is the next layer's opening one.
    opening = net.qformer.layernorm
    for i, layer in enumerate(net.qformer.encoder.layer):
        at = f"{reader}layers.{i}"
        put(state, f"{at}.input_layernorm", opening)
        opening = layer.output_query.LayerNorm
        inner = layer.attention.attention
        put(state, f"{at}.attention.query_key_value", inner.query, inner.key, inner.value)
        put(state, f"{at}.attention.dense", layer.attention.output.dense)
        put(state, f"{at}.post_attention_layernorm", layer.attention.output.LayerNorm)
        put(state, f"{at}.mlp.dense_h_to_4h", layer.intermediate_query.dense)
        put(state, f"{at}.mlp.dense_4h_to_h", layer.output_query.dense)
        if i % 2 == 0:
            cross = layer.crossattention
            put(state, f"{at}.cross_attention.query", cross.attention.query)
            put(
                state, f"{at}.cross_attention.key_value", cross.attention.key, cross.attention.value
            )
            put(state, f"{at}.cross_attention.dense", cross.output.dense)
            put(state, f"{at}.post_cross_attention_layernorm", cross.output.LayerNorm)
    put(state, f"{reader}final_layernorm", opening)
    return {name: tensor.detach().clone() for name, tensor in state.items()}


def put(state: dict[str, Any], name: str, *modules: torch.nn.Module) -> None:
    """Weight and bias of modules, several fused one under another."""
    for kind in ("weight", "bias"):
        state[f"{name}.{kind}"] = torch.cat([getattr(m, kind) for m in modules])
