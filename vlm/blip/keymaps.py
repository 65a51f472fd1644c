"""Key maps: the names in each published file -> the names of ``vlm.blip.modeling.BlipModel``.

The names of ``BlipModel`` are those of transformers' BLIP-2 and InstructBLIP.
Sources: LAVIS 506965b, THUDM/SwissArmyTransformer d849534, the weight index of THUDM/visualglm-6b
at 11f77d9, Vision-CAIR/MiniGPT-4 d94738a.
"""

import re

from vlm.keymap import Block, KeyMap, Rule
from vlm.loading import ROTARY

W = r"(weight|bias)"
_VIT = "vision_model.encoder.layers"
_QF = "qformer.encoder.layer"

# Old T5 files have a bias for cross-attention, which no T5 uses; transformers ignores it too.
_T5_EXTRA = r"language_model\..*EncDecAttention\.relative_attention_bias\.weight"

HUGGING_FACE = KeyMap(ignore=(ROTARY, _T5_EXTRA))
"""BLIP-2 and InstructBLIP as transformers writes them."""

MPLUG_OWL = KeyMap(ignore=(ROTARY,))
"""mPLUG-Owl as published: the names are those of ``vlm.blip.modeling.MplugOwlModel``."""

LANGUAGE_MODEL = KeyMap((Rule(r"(.*)", (r"language_model.\1",)),), (ROTARY,))
"""A language model in a directory of its own."""

VISUAL_PART = KeyMap(ignore=(ROTARY, r"language_model\..*", r"language_projection\..*"))
"""Vision tower and Q-Former of a BLIP-2 in the Hugging Face format, without what follows them."""

LAVIS = KeyMap(
    (
        Rule(r"(?:visual_encoder\.)?cls_token", ("vision_model.embeddings.class_embedding",)),
        Rule(r"(?:visual_encoder\.)?pos_embed", ("vision_model.embeddings.position_embedding",)),
        Rule(
            rf"(?:visual_encoder\.)?patch_embed\.proj\.{W}",
            (r"vision_model.embeddings.patch_embedding.\1",),
        ),
        Rule(
            rf"(?:visual_encoder\.)?blocks\.(\d+)\.norm([12])\.{W}",
            (rf"{_VIT}.\1.layer_norm\2.\3",),
        ),
        Rule(
            r"(?:visual_encoder\.)?blocks\.(\d+)\.attn\.qkv\.weight",
            (rf"{_VIT}.\1.self_attn.qkv.weight",),
        ),
        # EVA has no bias for the keys: the middle block stays zero.
        Rule(
            r"(?:visual_encoder\.)?blocks\.(\d+)\.attn\.q_bias",
            (rf"{_VIT}.\1.self_attn.qkv.bias",),
            Block(0, 3, 2),
        ),
        Rule(
            r"(?:visual_encoder\.)?blocks\.(\d+)\.attn\.v_bias",
            (rf"{_VIT}.\1.self_attn.qkv.bias",),
            Block(2, 3, 2),
        ),
        Rule(
            rf"(?:visual_encoder\.)?blocks\.(\d+)\.attn\.proj\.{W}",
            (rf"{_VIT}.\1.self_attn.projection.\2",),
        ),
        Rule(
            rf"(?:visual_encoder\.)?blocks\.(\d+)\.mlp\.(fc[12])\.{W}", (rf"{_VIT}.\1.mlp.\2.\3",)
        ),
        Rule("query_tokens", ("query_tokens",)),
        Rule(rf"ln_vision\.{W}", (r"vision_model.post_layernorm.\1",)),
        Rule(rf"Qformer\.bert\.embeddings\.LayerNorm\.{W}", (r"qformer.layernorm.\1",)),
        Rule(
            rf"Qformer\.bert\.encoder\.layer\.(\d+)\.(cross)?attention\.self\.(\w+)\.{W}",
            lambda m: (f"{_QF}.{m[1]}.{m[2] or ''}attention.attention.{m[3]}.{m[4]}",),
        ),
        Rule(r"Qformer\.bert\.(encoder\..*)", (r"qformer.\1",)),
    ),
    ignore=(
        ROTARY,
        # LAVIS builds 39 of the file's 40 blocks, and nothing of what follows them.
        r"(visual_encoder\.)?blocks\.39\..*",
        r"(visual_encoder\.)?(norm|fc_norm|head|lm_head|mask_token)(\..*)?",
        # The halves of the Q-Former that read text, and the language side of the file.
        r"Qformer\.cls\..*",
        r"Qformer\.bert\.embeddings\.(word|position)_embeddings\..*",
        r"Qformer\.bert\.encoder\.layer\.\d+\.(output|intermediate)\..*",
        r"(t5|opt|llm|vision|text|itm)_(proj|model|head)\..*",
        "temp",
    ),
    rules_only=True,
)
"""EVA-ViT-g (eva_vit_g.pth) and a BLIP-2 without text in its Q-Former (blip2_pretrained_*.pth)."""

MINIGPT4_PROJECTION = KeyMap(
    (Rule(rf"llama_proj\.{W}", (r"language_projection.\1",)),),
    # The first 13B file carries some of the language model's own entries.
    ignore=(ROTARY, r"llama_model\..*"),
)


def visualglm(qformer_layers: int) -> KeyMap:
    """VisualGLM-6B: SwissArmyTransformer's names for what sees, ChatGLM's for what speaks."""
    vit, reader = r"image_encoder\.vit\.", r"image_encoder\.qformer\.transformer\."
    layer = rf"{reader}layers\.(\d+)\."
    # SAT keeps a layer's closing LayerNorm as the next layer's opening one.
    last = qformer_layers - 1
    return KeyMap(
        (
            Rule(
                rf"{vit}transformer\.word_embeddings\.weight",
                ("vision_model.embeddings.class_embedding",),
                lead=1,
            ),
            Rule(
                rf"{vit}transformer\.position_embeddings\.weight",
                ("vision_model.embeddings.position_embedding",),
                lead=1,
            ),
            Rule(
                rf"{vit}mixins\.patch_embedding\.proj\.{W}",
                (r"vision_model.embeddings.patch_embedding.\1",),
            ),
            Rule(rf"{vit}mixins\.cls\.ln_vision\.{W}", (r"vision_model.post_layernorm.\1",)),
            *(
                Rule(rf"{vit}transformer\.layers\.(\d+)\.{old}\.{W}", (rf"{_VIT}.\1.{new}.\2",))
                for old, new in _SAT_VIT
            ),
            Rule(rf"{reader}word_embeddings\.weight", ("query_tokens",), lead=1),
            Rule(rf"{reader}layers\.0\.input_layernorm\.{W}", (r"qformer.layernorm.\1",)),
            Rule(rf"{layer}input_layernorm\.{W}", _previous_layer),
            Rule(rf"{reader}final_layernorm\.{W}", (rf"{_QF}.{last}.output_query.LayerNorm.\1",)),
            Rule(
                rf"{layer}attention\.query_key_value\.{W}",
                tuple(rf"{_QF}.\1.attention.attention.{n}.\2" for n in ("query", "key", "value")),
            ),
            Rule(
                rf"{layer}cross_attention\.key_value\.{W}",
                tuple(rf"{_QF}.\1.crossattention.attention.{n}.\2" for n in ("key", "value")),
            ),
            *(Rule(rf"{layer}{old}\.{W}", (rf"{_QF}.\1.{new}.\2",)) for old, new in _SAT_QFORMER),
            Rule(rf"image_encoder\.glm_proj\.{W}", (r"language_projection.\1",)),
            Rule(r"((?:transformer|lm_head)\..*)", (r"language_model.\1",)),
        ),
        ignore=(ROTARY,),
    )


_SAT_VIT = (
    (r"input_layernorm", "layer_norm1"),
    (r"post_attention_layernorm", "layer_norm2"),
    (r"attention\.query_key_value", "self_attn.qkv"),
    (r"attention\.dense", "self_attn.projection"),
    (r"mlp\.dense_h_to_4h", "mlp.fc1"),
    (r"mlp\.dense_4h_to_h", "mlp.fc2"),
)
_SAT_QFORMER = (
    (r"post_attention_layernorm", "attention.output.LayerNorm"),
    (r"post_cross_attention_layernorm", "crossattention.output.LayerNorm"),
    (r"attention\.dense", "attention.output.dense"),
    (r"cross_attention\.query", "crossattention.attention.query"),
    (r"cross_attention\.dense", "crossattention.output.dense"),
    (r"mlp\.dense_h_to_4h", "intermediate_query.dense"),
    (r"mlp\.dense_4h_to_h", "output_query.dense"),
)


def _previous_layer(match: re.Match[str]) -> tuple[str, ...]:
    return (f"{_QF}.{int(match[1]) - 1}.output_query.LayerNorm.{match[2]}",)
