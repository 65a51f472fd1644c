"""The published modelling files that ports are held against; never part of this repository.

MEMEPROBE_ORACLES names a folder laid out as docs/oracles.md says. Where it is absent the tests
that need it skip; numbers recorded from it under tests/data stand in for them.
"""

import importlib
import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_weights import fill

GLM = "chatglm-6b"
DELTALM = "Fengshenbang-LM/fengshen/models/deltalm"


def oracle(folder: str, module: str, stubs: dict[str, dict[str, object]] | None = None) -> Any:
    """A module of a published repository. Skips the test where the repository is absent.

    ``stubs``: module names that the file imports and that are no longer there -> their members.
    """
    root = os.environ.get("MEMEPROBE_ORACLES")
    if root is None or not (Path(root) / folder).is_dir():
        pytest.skip(f"the oracle {folder} is not here; docs/oracles.md says how to lay it out")
    name = "oracle_" + "".join(c if c.isalnum() else "_" for c in folder)
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(Path(root) / folder)]
        sys.modules[name] = package
    standing = {k: v for k, v in (stubs or {}).items() if k not in sys.modules}
    for stubbed, members in standing.items():
        sys.modules[stubbed] = types.ModuleType(stubbed)
        sys.modules[stubbed].__dict__.update(members)
    try:
        return importlib.import_module(f"{name}.{module}")
    finally:
        for stubbed in standing:
            del sys.modules[stubbed]


def published_chatglm(config: dict[str, Any]) -> Any:
    """The published ChatGLM with weights from the formula, in float32."""
    modeling = oracle(GLM, "modeling_chatglm", {"requests": {}})  # for pictures from the web
    sizes = oracle(GLM, "configuration_chatglm").ChatGLMConfig(**config)
    return fill(modeling.ChatGLMForConditionalGeneration(sizes, empty_init=False))


def published_deltalm(config: dict[str, Any]) -> Any:
    """The published DeltaLM with weights from the formula, in float32, its head tied as there."""
    sizes = oracle(DELTALM, "configuration_deltalm").DeltalmConfig
    sizes.forced_bos_token_id = None  # every configuration had it when the file was written
    net = oracle(DELTALM, "modeling_deltalm").DeltalmForConditionalGeneration(sizes(**config))
    net.lm_head.weight = net.model.shared.weight
    return fill(net)
