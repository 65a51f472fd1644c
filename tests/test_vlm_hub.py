"""Hub ids: which commit was loaded stands in the revision, and one can be pinned."""

import json
import shutil
from pathlib import Path
from typing import Any

import huggingface_hub.constants as constants
import pytest

from tests.test_vlm_contract import query
from tests.tiny_chat import make_chat
from tests.tiny_checkpoints import make_instructblip
from vlm import LoadOptions, ModelError, load_model
from vlm.hub import by_name, pinned, split

CPU = LoadOptions("cpu")
OLD, NEW = "a" * 40, "b" * 40
ID = "someone/toy"


def publish(cache: Path, folder: Path, commit: str) -> None:
    """Lay a checkpoint down as the hub's cache keeps it; ``main`` is this commit from now on."""
    root = cache / f"models--{ID.replace('/', '--')}"
    shutil.copytree(folder, root / "snapshots" / commit)
    (root / "refs").mkdir(exist_ok=True)
    (root / "refs" / "main").write_text(commit)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and no network."""
    place = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(place))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return place


def answer(model: Any) -> Any:
    return model.answer([query(1, 2, model.deliveries[0])])[0].option_logprobs


@pytest.mark.slow
@pytest.mark.parametrize("family", ["llava", "instructblip"])
def test_other_weights_under_the_same_id_are_another_model(
    cache: Path, tmp_path: Path, family: str
) -> None:
    folders = [
        make_instructblip(tmp_path / str(seed), seed=seed)
        if family == "instructblip"
        else make_chat(family, tmp_path / str(seed), seed)
        for seed in (0, 1)
    ]
    publish(cache, folders[0], OLD)
    first = load_model(ID, CPU)
    publish(cache, folders[1], NEW)
    second = load_model(ID, CPU)
    assert first.name == second.name == ID
    assert first.revision != second.revision
    assert answer(first) != answer(second)
    for again in (
        load_model(f"{ID}@{OLD}", CPU),
        load_model(ID, LoadOptions("cpu", revision=OLD)),
    ):
        assert again.revision == first.revision
        assert answer(again) == pytest.approx(answer(first))


def test_the_revision_of_a_chat_model_names_id_and_commit(cache: Path, tmp_path: Path) -> None:
    publish(cache, make_chat("llava", tmp_path / "m"), OLD)
    assert load_model(ID, CPU).revision.startswith(f"{ID}@{OLD[:12]}-chat")


def test_a_revision_that_is_not_there_says_so(cache: Path, tmp_path: Path) -> None:
    publish(cache, make_chat("llava", tmp_path / "m"), OLD)
    with pytest.raises(ModelError, match=rf"cannot get {ID} \(revision v9\) from the hub"):
        load_model(f"{ID}@v9", CPU)
    with pytest.raises(ModelError, match="is for hub ids"):
        load_model(str(tmp_path / "m"), LoadOptions("cpu", revision=OLD))
    with pytest.raises(ModelError, match="name two revisions"):
        load_model(f"{ID}@{OLD}", LoadOptions("cpu", revision=NEW))


def test_a_directory_with_an_at_sign_is_a_directory(tmp_path: Path) -> None:
    assert split(str(tmp_path / "me@home")) == (str(tmp_path / "me@home"), None)
    assert pinned(str(tmp_path / "me@home")) == str(tmp_path / "me@home")


def test_a_snapshot_is_told_to_transformers_by_its_id(tmp_path: Path) -> None:
    """Its mends for single repositories go by the name; a path would pass them over."""
    snapshot = tmp_path / f"models--mistralai--Pix-12B/snapshots/{OLD}"
    where = {"revision": OLD, "cache_dir": str(tmp_path)}
    assert by_name(snapshot) == ("mistralai/Pix-12B", where)
    assert by_name(snapshot / "qformer_tokenizer") == (
        "mistralai/Pix-12B",
        where | {"subfolder": "qformer_tokenizer"},
    )
    assert by_name(tmp_path) == (str(tmp_path), {})


def test_tokenizers_of_a_hub_id_are_asked_for_by_that_id(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoTokenizer

    publish(cache, make_instructblip(tmp_path / "m"), OLD)
    asked = []
    real = AutoTokenizer.from_pretrained.__func__  # type: ignore[attr-defined]

    def note(cls: Any, name: Any, *more: Any, **named: Any) -> Any:
        asked.append((name, named.get("revision"), named.get("subfolder")))
        return real(cls, name, *more, **named)

    monkeypatch.setattr(AutoTokenizer, "from_pretrained", classmethod(note))
    load_model(ID, CPU)
    assert asked[:2] == [(ID, OLD, None), (ID, OLD, "qformer_tokenizer")]


@pytest.mark.parametrize("family", ["llava", "instructblip"])
def test_a_snapshot_is_checked_as_a_directory_is(cache: Path, tmp_path: Path, family: str) -> None:
    """As the hub's cache has it: links to blobs, and a config that its files cannot fill."""
    make = make_instructblip if family == "instructblip" else lambda f: make_chat(family, f)
    folder = make(tmp_path / "m")
    publish(cache, folder, OLD)
    snapshot = cache / "models--someone--toy" / "snapshots" / OLD
    blobs = snapshot.parents[1] / "blobs"
    blobs.mkdir()
    for path in [p for p in snapshot.iterdir() if p.is_file()]:
        path.rename(blobs / path.name)
        path.symlink_to(blobs / path.name)
    assert load_model(ID, CPU).revision
    told = json.loads((blobs / "config.json").read_text())
    told["text_config"]["hidden_size"] = 900_000
    (blobs / "config.json").write_text(json.dumps(told))
    with pytest.raises(ModelError, match=r"describes about [\d,]+ weights, but the weight files"):
        load_model(ID, CPU)
    (snapshot / "config.json").unlink()
    (snapshot / "config.json").write_bytes((folder / "config.json").read_bytes())
    (snapshot / "generation_config.json").unlink(missing_ok=True)
    (snapshot / "generation_config.json").symlink_to(blobs / "gone")
    with pytest.raises(ModelError, match="is a link that leads nowhere"):
        load_model(ID, CPU)
