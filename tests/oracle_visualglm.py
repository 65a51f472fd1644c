"""What the published VisualGLM computes from a checkpoint, in a process of its own.

MEMEPROBE_ORACLES=/path python -m tests.oracle_visualglm FOLDER writes FOLDER/oracle.pt. The folder
is a checkpoint in the published layout with asked.json beside it: token ids of a prompt and the
place of the picture. Needs the repositories chatglm-6b (branch visual) and SwissArmyTransformer.
With --record the numbers for the tests that run without it are written too.
"""

import json
import os
import sys
import types
from pathlib import Path
from typing import Any

import torch

from tests.oracles import GLM, oracle
from tests.tiny_weights import noise

SAT = "SwissArmyTransformer"
RECORDED = Path(__file__).parent / "data" / "visualglm.json"


def pixels(pictures: int = 2, side: int = 28) -> torch.Tensor:
    """Pixel values (pictures, 3, side, side) from a formula."""
    return noise("pixels", pictures * 3 * side**2).view(pictures, 3, side, side).float()


def sample(tokens: torch.Tensor) -> list[float]:
    """The numbers of soft tokens (pictures, queries, width) that are kept as a record."""
    return [round(v, 6) for v in tokens[:, :3].flatten().tolist()]


def published(folder: Path) -> Any:
    """The published model with a checkpoint's weights, in float32."""
    modeling = oracle(GLM, "modeling_chatglm", {"requests": {}})
    root = Path(os.environ["MEMEPROBE_ORACLES"]) / SAT
    sys.path.insert(0, str(root))
    for name, at in {"sat": "sat", "sat.model": "sat/model"}.items():
        package = types.ModuleType(name)  # without its __init__, which imports every model
        package.__path__ = [str(root / at)]
        sys.modules[name] = package
    sys.modules["sat.model.official"] = official = types.ModuleType("sat.model.official")
    official.__path__ = [str(root / "sat/model/official")]
    from importlib import import_module

    base, vit = map(import_module, ("sat.model.base_model", "sat.model.official.vit_model"))
    vars(sys.modules["sat.model"]).update(
        BaseModel=base.BaseModel, BaseMixin=base.BaseMixin, ViTModel=vit.ViTModel
    )
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        sys.modules[name] = types.ModuleType(name)  # only for pictures from files
    vars(sys.modules["torchvision"])["transforms"] = sys.modules["torchvision.transforms"]
    vars(sys.modules["torchvision.transforms.functional"])["InterpolationMode"] = None
    config = json.loads((folder / "config.json").read_text())
    sizes = oracle(GLM, "configuration_chatglm").ChatGLMConfig(**config)
    net = modeling.ChatGLMForConditionalGenerationWithImage(sizes, empty_init=False)
    width = config["qformer_config"]["hidden_size"]  # fixed at 768 to 4096 in the original
    net.image_encoder.glm_proj = torch.nn.Linear(width, config["hidden_size"])
    state: dict[str, torch.Tensor] = {}
    for shard in sorted(folder.glob("pytorch_model-*.bin")):
        state |= torch.load(shard, weights_only=True)
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not missing and all(n.endswith("inv_freq") for n in unexpected), (missing, unexpected)
    return net.float().eval()


@torch.no_grad()
def main(folder: Path, record: bool) -> None:
    """Write what the published model computes."""
    net = published(folder)
    asked = json.loads((folder / "asked.json").read_text())
    out = {
        "eyes": net.image_encoder(pixels()),
        "logits": net(
            torch.tensor([asked["ids"]]),
            images=pixels(1),
            return_dict=True,
            pre_image_length=asked["before"],
            use_cache=False,
        ).logits,
    }
    torch.save(out, folder / "oracle.pt")
    if record:
        RECORDED.write_text(json.dumps({"eyes": sample(out["eyes"])}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--record" in sys.argv)
