"""Lists of what there is: what they say is what loading it shows."""

import importlib
import inspect
from pathlib import Path

import pytest

import meme_sets
import vlm
from meme_sets import BUILTIN, load_set
from meme_sets.catalog import builtin_head
from memeprobe.set_listing import describe_builtin, describe_set
from vlm.models import MODELS, available


@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_set_is_listed_as_it_loads(name: str) -> None:
    assert describe_builtin(name) == describe_set(load_set(name))


def test_a_set_that_is_not_built_in_has_no_head() -> None:
    with pytest.raises(KeyError):
        builtin_head("revel")


def test_a_model_is_here_once_the_hub_s_cache_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.delenv("MEMEPROBE_MODELS", raising=False)
    name = "instructblip-flan-t5-xl"
    assert not available(name, MODELS[name])
    repository = tmp_path / "models--Salesforce--instructblip-flan-t5-xl"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    snapshot = repository / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    assert not available(name, MODELS[name])  # its weights are not there yet
    (snapshot / "model.safetensors").write_bytes(b"")
    assert available(name, MODELS[name])


@pytest.mark.parametrize("package", [vlm, meme_sets])
def test_every_public_name_is_there_and_known_to_type_checkers(package: object) -> None:
    module = importlib.import_module(package.__name__)  # type: ignore[attr-defined]
    stub = (Path(inspect.getfile(module)).parent / "__init__.pyi").read_text("utf-8")
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert f"import {name} as {name}\n" in stub
    assert stub.count(" as ") == len(module.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        module.nothing  # noqa: B018
