"""What the published mPLUG-Owl makes of a checkpoint, in a process of its own.

MEMEPROBE_ORACLES=/path python -m tests.oracle_mplug_owl FOLDER writes FOLDER/oracle.pt. The folder
is a checkpoint in the published layout with asked.json (prompts) and pictures.npz beside it. What
the files import of transformers 4.28 and is not there any more is put in its place here. With
--record the numbers for the test that runs without it are written too.
"""

import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image

from tests.oracles import oracle

FOLDER = "mPLUG-Owl/mPLUG-Owl/mplug_owl"
STEPS = 8
RECORDED = Path(__file__).parent / "data" / "mplug_owl.json"


def record(
    ids: list[int], soft: torch.Tensor | None, first: torch.Tensor, answer: list[int]
) -> dict[str, Any]:
    """The numbers of one prompt that are kept: of its soft tokens (pictures, tokens, width) those
    of the first two and the last, and the first logits."""
    seen = [] if soft is None else soft[:, (0, 1, -1)].flatten().tolist()
    return {
        "ids": ids,
        "soft": [round(v, 5) for v in seen],
        "first": [round(v, 5) for v in first[:64].tolist()],
        "answer": answer,
    }


def modules() -> tuple[Any, Any, Any]:
    """The published modeling, configuration and processing."""
    plain = lambda *_, **__: lambda f: f  # noqa: E731 - decorators of docstrings
    vars(transformers.utils).update(
        add_start_docstrings=plain,
        add_start_docstrings_to_model_forward=plain,
        replace_return_docstrings=plain,
    )
    vars(transformers.pytorch_utils).update(
        find_pruneable_heads_and_indices=None, prune_linear_layer=None
    )
    clip = "transformers.models.clip.image_processing_clip"
    sys.modules[clip] = types.ModuleType(clip)
    vars(sys.modules[clip])["CLIPImageProcessor"] = transformers.CLIPImageProcessorPil
    names = ("modeling_mplug_owl", "configuration_mplug_owl", "processing_mplug_owl")
    modeling, configuration, processing = (oracle(FOLDER, name) for name in names)
    base = modeling.MplugOwlPreTrainedModel
    base.post_init = lambda self: None  # weights come from the files
    base.get_head_mask = lambda self, mask, layers, *_: [None] * layers
    base.invert_attention_mask = lambda self, mask: (1.0 - mask[:, None, None, :]) * -1e4
    return modeling, configuration, processing


def published(folder: Path) -> tuple[Any, Any]:
    """The published model with a checkpoint's weights, in float32, and its processor."""
    modeling, configuration, processing = modules()
    config = configuration.MplugOwlConfig(**json.loads((folder / "config.json").read_text()))
    net = modeling.MplugOwlForConditionalGeneration(config)
    state: dict[str, torch.Tensor] = {}
    for shard in sorted(folder.glob("pytorch_model-*.bin")):
        state |= torch.load(shard, weights_only=True)
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not missing and all(n.endswith("inv_freq") for n in unexpected), (missing, unexpected)
    words = transformers.LlamaTokenizer.from_pretrained(folder)
    pictures = processing.MplugOwlImageProcessor.from_pretrained(folder)
    processor = processing.MplugOwlProcessor.__new__(processing.MplugOwlProcessor)
    processor.tokens_to_generate, processor.add_BOS = 0, True
    processor.tokenizer, processor.image_processor = words, pictures
    processor.size = pictures.size["shortest_edge"]
    return net.float().eval(), processor


@torch.no_grad()
def main(folder: Path, keep: bool) -> None:
    """Write soft tokens, token ids and greedy answers, as the published code makes them."""
    net, processor = published(folder)
    shown = np.load(folder / "pictures.npz")
    pictures = [Image.fromarray(shown[name]) for name in sorted(shown)]
    out = []
    for asked in json.loads((folder / "asked.json").read_text()):
        images = pictures[: asked["pictures"]] or None
        made = processor(text=[asked["prompt"]], images=images, return_tensors="pt")
        said = net.generate(
            **made,
            do_sample=False,
            max_new_tokens=STEPS,
            output_logits=True,
            return_dict_in_generate=True,
        )
        soft = None
        if images:
            seen = net.vision_model(made["pixel_values"], return_dict=True).last_hidden_state
            soft = net.abstractor(
                query_embeds=net.query_tokens.expand(len(images), -1, -1),
                encoder_hidden_states=seen,
                encoder_attention_mask=torch.ones(seen.shape[:-1], dtype=torch.long),
            ).last_hidden_state
        out.append(
            {
                "ids": made["input_ids"][0].tolist(),
                "pixels": made["pixel_values"] if images else None,
                "soft": soft,
                "first": said.logits[0][0],
                "answer": said.sequences[0].tolist(),
            }
        )
    torch.save(out, folder / "oracle.pt")
    if keep:
        kept = [record(o["ids"], o["soft"], o["first"], o["answer"]) for o in out]
        RECORDED.write_text(json.dumps(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--record" in sys.argv)
