"""The table of models, where they are looked for, and how a spec becomes a model."""

import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from memeprobe.model_listing import describe_model
from tests.not_none import not_none
from tests.tiny_checkpoints import make_instructblip
from tests.tiny_minigpt4 import make_minigpt4
from vlm import (
    DELIVERIES,
    MODELS,
    LoadOptions,
    ModelError,
    available,
    deliveries_of,
    load_model,
    may_vary,
)
from vlm.blip import VARIANTS
from vlm.models import MODELS_FOLDER
from vlm.scripted import Scripted
from vlm.server import ServerModel

CPU = LoadOptions("cpu")
MISSION = {
    "blip-nano",
    "instructblip-vicuna-7b",
    "instructblip-vicuna-13b",
    "instructblip-flan-t5-xl",
    "instructblip-flan-t5-xxl",
    "instructblip-zh",
    "blip2-opt-2.7b",
    "blip2-opt-6.7b",
    "blip2-flan-t5-xl",
    "blip2-flan-t5-xxl",
    "visualglm-6b",
    "minigpt4-7b",
    "minigpt4-13b",
    "ziya-blip2-14b",
}


def test_every_model_of_the_mission_has_a_row() -> None:
    assert set(MODELS) >= MISSION
    assert MODELS["instructblip-zh"].translators is not None


@pytest.mark.parametrize("name", MODELS)
def test_a_row_can_be_described(name: Any) -> None:
    row = describe_model(name, MODELS[name])
    assert row["family"] in {*VARIANTS, "chat"}
    assert set(row["deliveries"]) <= set(DELIVERIES)
    memory = row["memory"]
    assert memory["bfloat16"] == 2 * row["parameters"]
    assert memory["bfloat16"] > memory["int8"] > memory["int4"] > row["parameters"] / 2
    assert bool(row["downloads"]) == (name != "blip-nano")
    assert row["licence"] and row["about"]
    assert json.loads(json.dumps(row)) == row


def test_numbers_of_weights_are_the_published_ones() -> None:
    """Facts counted elsewhere: the hub's total_size of VisualGLM, sums in the papers."""
    assert MODELS["visualglm-6b"].parameters == 7_802_193_408
    assert round(MODELS["instructblip-vicuna-7b"].parameters / 1e9, 3) == 7.913
    assert round(MODELS["blip2-opt-2.7b"].parameters / 1e9, 3) == 3.745
    nano: Any = load_model("blip-nano", CPU)
    assert nano.parameters == MODELS["blip-nano"].parameters


@pytest.mark.slow
def test_a_directory_of_ones_own_comes_before_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_minigpt4(tmp_path / "minigpt4-7b")
    make_instructblip(tmp_path / "instructblip-vicuna-7b")
    assert not available("minigpt4-7b", MODELS["minigpt4-7b"])
    monkeypatch.setenv(MODELS_FOLDER, str(tmp_path))
    assert available("minigpt4-7b", MODELS["minigpt4-7b"])
    for name in ("minigpt4-7b", "instructblip-vicuna-7b"):
        model: Any = load_model(name, CPU)
        assert model.name == name
        assert model.member.name == MODELS[name].family


def test_a_model_in_pieces_says_which_and_where_they_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MODELS_FOLDER, raising=False)
    with pytest.raises(ModelError, match=r"eva_vit_g\.pth.*\$MEMEPROBE_MODELS/minigpt4-7b"):
        load_model("minigpt4-7b", CPU)


def test_the_sandwich_is_available_only_with_its_translators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MODELS_FOLDER, str(tmp_path))
    entry = MODELS["instructblip-zh"]
    (tmp_path / "instructblip-zh").mkdir()
    assert not available("instructblip-zh", entry)
    for translator in not_none(entry.translators):
        (tmp_path / translator.split("/")[-1]).mkdir()
    assert available("instructblip-zh", entry)


def test_translators_wrap_the_model_and_schemes_get_the_rest_of_the_spec(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = types.ModuleType("vlm_fake")
    vars(fake)["wrap"] = lambda model, *rest: ("sandwich", model.name, rest)
    vars(fake)["Far"] = type("Far", (), {"load": lambda rest, options: (rest, options.dtype)})
    monkeypatch.setitem(sys.modules, "vlm_fake", fake)
    monkeypatch.setattr("vlm.registry.WRAP", "vlm_fake:wrap")
    monkeypatch.setitem(sys.modules["vlm.registry"].SCHEMES, "fake:", "vlm_fake:Far")
    pair = ("some/zh-en", "some/en-zh")
    made: Any = load_model("blip-nano", LoadOptions("cpu", translators=pair))
    assert made == ("sandwich", "blip-nano", (*pair, "cpu"))
    far: Any = load_model("fake:a#b", LoadOptions(dtype="float16"))
    assert far == ("a#b", "float16")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "half"}, "unknown dtype 'half'"),
        ({"quantise": "int2"}, "unknown quantisation 'int2'; must be one of int8, int4"),
        ({"translators": ("one",)}, "a pair"),
    ],
)
def test_bad_options_are_refused_with_the_reason(options: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        LoadOptions(**options)


def test_the_table_fits_a_hundred_columns(monkeypatch: pytest.MonkeyPatch) -> None:

    from memeprobe.cli import console, lists

    monkeypatch.setattr(console.out, "_width", 100)
    with console.out.capture() as shown:
        lists.models()
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= 100
    for name in MISSION:
        (line,) = [row for row in lines if row.split()[:1] == [name]]
        assert MODELS[name].licence in line


def test_deliveries_are_known_before_loading_as_the_loaded_model_has_them(tmp_path: Path) -> None:
    folder = str(make_instructblip(tmp_path / "m"))
    for spec in ("blip-nano", folder):
        assert deliveries_of(spec) == load_model(spec).deliveries
    assert deliveries_of("known:fair") == Scripted.deliveries
    assert not any(map(may_vary, ("blip-nano", "known:fair", "Salesforce/blip2-opt-2.7b", "./a")))
    assert may_vary("server:http://127.0.0.1:9/v1#nobody") and may_vary("batch:openai#nobody")
    assert deliveries_of("server:http://127.0.0.1:9/v1#nobody") == ServerModel.deliveries
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        deliveries_of(str(tmp_path))
    with pytest.raises(ModelError, match="unknown model"):
        deliveries_of("fair")
