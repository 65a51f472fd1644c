"""What MiniGPT-4's published vision side computes from a checkpoint, in a process of its own.

MEMEPROBE_ORACLES=/path python -m tests.oracle_minigpt4 FOLDER writes FOLDER/oracle.pt. Needs the
repository MiniGPT-4; its vision tower and Q-Former are LAVIS's. What the files import and is not
there any more is put in its place here.
"""

import importlib
import os
import sys
import types
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn
from transformers.utils.generic import ModelOutput

from tests.oracle_visualglm import pixels

FOLDER = "MiniGPT-4"


def stub(name: str, **members: object) -> None:
    """A module with these members."""
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(members)


def modules() -> tuple[Any, Any]:
    """The published eva_vit.py and Qformer.py."""
    import transformers.modeling_utils as old
    from transformers.pytorch_utils import apply_chunking_to_forward

    vars(old).update(
        apply_chunking_to_forward=apply_chunking_to_forward,
        find_pruneable_heads_and_indices=None,
        prune_linear_layer=None,
    )
    stub("transformers.file_utils", ModelOutput=ModelOutput)
    stub("timm")
    stub("timm.models")
    stub(
        "timm.models.layers",
        drop_path=lambda x, *_: x,
        to_2tuple=lambda x: (x, x),
        trunc_normal_=nn.init.trunc_normal_,
    )
    stub("timm.models.registry", register_model=lambda f: f)
    stub("minigpt4.common")
    stub("minigpt4.common.dist_utils", download_cached_file=None)
    for name in ("minigpt4", "minigpt4.models"):
        stub(name)
        at = Path(os.environ["MEMEPROBE_ORACLES"]) / FOLDER / name.replace(".", "/")
        sys.modules[name].__path__ = [str(at)]
    eva, qformer = (importlib.import_module(f"minigpt4.models.{m}") for m in ("eva_vit", "Qformer"))
    base = qformer.BertPreTrainedModel
    base.init_weights = lambda self: None  # weights come from the files
    base.get_head_mask = lambda self, mask, layers, *_: [None] * layers
    base.invert_attention_mask = lambda self, mask: (1.0 - mask[:, None, None, :]) * -1e4
    return eva, qformer


@torch.no_grad()
def main(folder: Path) -> None:
    """Write the soft tokens of two pictures, as MiniGPT-4's encode_img makes them."""
    eva, qformer = modules()
    load = partial(torch.load, weights_only=True)
    tower = eva.VisionTransformer(
        img_size=28,
        patch_size=14,
        use_mean_pooling=False,
        embed_dim=32,
        depth=2,
        num_heads=16,
        mlp_ratio=2,
        qkv_bias=True,
        norm_layer=partial(nn.LayerNorm, eps=1e-6),
    ).eval()
    missing, _ = tower.load_state_dict(load(folder / "eva_vit_g.pth"), strict=False)
    assert not missing, missing
    config = transformers.BertConfig(  # type: ignore[call-arg]
        hidden_size=48,
        num_hidden_layers=3,
        num_attention_heads=12,
        intermediate_size=192,
        vocab_size=30,
        encoder_width=32,
        cross_attention_freq=2,
        query_length=4,
        add_cross_attention=True,
        is_decoder=False,
    )
    reader = qformer.BertModel(config, add_pooling_layer=False).eval()
    reader.embeddings.word_embeddings = reader.embeddings.position_embeddings = None
    for layer in reader.encoder.layer:
        layer.output = layer.intermediate = None
    saved = load(folder / "blip2_pretrained_flant5xxl.pth")["model"]
    own = {k.removeprefix("Qformer.bert."): v for k, v in saved.items() if k.startswith("Qformer")}
    missing, unexpected = reader.load_state_dict(own, strict=False)
    assert not unexpected and all("position_ids" in n for n in missing), (missing, unexpected)
    weight, bias = saved["ln_vision.weight"], saved["ln_vision.bias"]
    seen = nn.functional.layer_norm(tower(pixels()), (32,), weight, bias)
    queries = saved["query_tokens"].expand(len(seen), -1, -1)
    read = reader(
        query_embeds=queries,
        encoder_hidden_states=seen,
        return_dict=True,
        encoder_attention_mask=torch.ones(seen.shape[:-1], dtype=torch.long),
    ).last_hidden_state
    last = load(folder / "prerained_minigpt4_7b.pth")["model"]
    out = nn.functional.linear(read, last["llama_proj.weight"], last["llama_proj.bias"])
    torch.save(out, folder / "oracle.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
