"""In which precision each part of the family runs, and what docs/models.md says of memory."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.test_vlm_trained import MAKERS
from vlm import MODELS, LoadOptions, load_model
from vlm.memory import memory_bytes

DOCS = Path(__file__).parents[1] / "docs" / "models.md"
SEEING = {"visualglm": torch.float32}
"""Precision of the vision tower in a float16 model, where it is not float16."""
READING = {"mplug-owl": torch.float16}
"""Precision of the Q-Former (or abstractor) in a float16 model, where it is not float32."""


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("family", MAKERS)
def test_each_part_has_the_precision_that_the_docs_say(
    family: str, dtype: str, tmp_path: Path
) -> None:
    model: Any = load_model(str(MAKERS[family](tmp_path / "m")), LoadOptions("cpu", dtype))
    net, asked = model.network, getattr(torch, dtype)
    half = dtype == "float16"
    assert {p.dtype for p in net.vision_model.parameters()} == {
        SEEING.get(family, asked) if half else asked
    }
    reader = READING.get(family, torch.float32) if half else asked
    speaks, sees = ("language_model.", "vision_model.")
    reads = [p.dtype for n, p in net.named_parameters() if not n.startswith((speaks, sees))]
    assert set(reads) == {reader}
    said = [p.dtype for n, p in net.language_model.named_parameters() if ".wo." not in n]
    assert set(said) == {asked}


def test_the_table_of_memory_is_the_arithmetic_of_the_models() -> None:
    rows = re.findall(
        r"^\| `(\S+)` \| ([^|]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$",
        DOCS.read_text(encoding="utf-8"),
        re.M,
    )
    told = {name: tuple(map(float, figures)) for name, _, *figures in rows}
    assert set(told) == set(MODELS)
    for name, entry in MODELS.items():
        rest = entry.parameters - entry.language_parameters
        for figure, kind in zip(told[name], (None, "int8", "int4"), strict=True):
            needed = memory_bytes(entry.language_parameters, rest, kind) / 1e9
            assert figure == pytest.approx(needed, abs=0.0501), (name, kind)
