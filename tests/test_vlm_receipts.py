"""Receipts of four kinds of model for a clip of 640x360 at four frames: what arrived inside."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from tests.tiny_chat import make_chat
from tests.tiny_checkpoints import QUERIES, make_instructblip
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.chat.pictures import cut_share, cuts, padded
from vlm.query import Seen

CPU = LoadOptions("cpu")
K = 4
FAMILIES = ("llava", "qwen2_5_vl", "smolvlm", "internvl", "gemma3", "llava_next", "qwen3_vl")


def clip(seed: int = 0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return tuple(rng.integers(0, 255, (360, 640, 3), np.uint8) for _ in range(K))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made = {f: load_model(str(make_chat(f, tmp_path_factory.mktemp(f))), CPU) for f in FAMILIES}
    made["instructblip"] = load_model(
        str(make_instructblip(tmp_path_factory.mktemp("instructblip"))), CPU
    )
    return made


def seen(
    model: Any, images: tuple[np.ndarray, ...] | None = None, text: str = "what is shown here ?"
) -> Seen:
    delivery = model.deliveries[0]
    images = clip() if images is None else images
    (answer,) = model.answer([Query(images, text, ("yes", "no"), delivery)])
    assert answer.error is None, answer.error
    assert isinstance(answer.receipt.seen, Seen)
    return answer.receipt.seen


def facts(arrived: Seen) -> set[tuple[int, int, int, int, float]]:
    return {(p.width, p.height, p.tiles, p.tokens, p.cut) for p in arrived.pictures}


@pytest.mark.slow
def test_llava_sees_the_whole_picture(models: dict[str, Any]) -> None:
    """The checkpoint's own processor keeps 56 % of the width; here it is padded to a square."""
    model = models["llava"]
    arrived = seen(model)
    assert facts(arrived) == {(28, 28, 1, 4, 0.0)}
    assert len(arrived.pictures) == K
    assert any("padded to a square" in note for note in arrived.notes)
    wide = np.full((360, 640, 3), 128, np.uint8)
    marked = wide.copy()
    marked[:, :30] = (255, 0, 0)
    own = model.processor.image_processor
    cropped = [own(Image.fromarray(p), return_tensors="pt").pixel_values for p in (wide, marked)]
    assert torch.equal(*cropped)  # the crop itself loses the mark
    ours = [
        model.vision.inputs([("?", (p,))], torch.float32)["pixel_values"] for p in (wide, marked)
    ]
    assert not torch.allclose(*ours)
    assert abs(float(ours[0][0, :, 0].mean())) < 0.05  # above it the mean colour, which is zero


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(360, 640), (640, 360), (300, 330), (90, 400)])
def test_the_share_that_a_crop_cuts_is_measured(shape: tuple[int, int]) -> None:
    """LLaVA-1.5's own processor, against the arithmetic of a square out of the middle."""
    own = CLIPImageProcessorPil(
        size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}
    )
    process = lambda p: dict(own(Image.fromarray(p), return_tensors="pt"))  # noqa: E731
    assert cuts(process)
    assert cut_share(process, shape) == pytest.approx(1 - min(shape) / max(shape), abs=0.03)
    assert cut_share(lambda p: process(padded(p, np.array([122, 116, 104]))), shape) < 0.02


def test_qwen_counts_patches_of_its_own_size(models: dict[str, Any]) -> None:
    arrived = seen(models["qwen2_5_vl"])
    high, wide = smart_resize(360, 640, 28, 28 * 28, 28 * 28 * 4)
    assert facts(arrived) == {(wide, high, 1, (wide // 28) * (high // 28), 0.0)}
    assert not arrived.notes


def test_smolvlm_counts_tiles(models: dict[str, Any]) -> None:
    """56 pixels of longest edge in tiles of 28: two by two, and the whole."""
    assert facts(seen(models["smolvlm"])) == {(28, 28, 5, 20, 0.0)}


def test_internvl_counts_tiles(models: dict[str, Any]) -> None:
    arrived = seen(models["internvl"])
    (found,) = facts(arrived)
    assert found[:2] == (28, 28) and found[2] == found[3] > 1 and found[4] == 0.0


def test_instructblip_counts_queries(models: dict[str, Any]) -> None:
    assert facts(seen(models["instructblip"])) == {(28, 28, 1, QUERIES, 0.0)}


@pytest.mark.parametrize("family", FAMILIES)
def test_prompt_tokens_are_what_the_processor_makes(models: dict[str, Any], family: str) -> None:
    model = models[family]
    text = model.conversation.prompt("what is shown here ?", K)
    square = [Image.fromarray(p[:, 140:500]) for p in clip()]
    made = model.processor(text=[text], images=[square], return_tensors="pt")
    shown = tuple(np.asarray(p) for p in square)
    arrived = seen(model, images=shown)
    assert arrived.prompt_tokens == made["input_ids"].shape[1]
    table = model.network.get_input_embeddings().num_embeddings
    assert 0 <= int(made["input_ids"].max()) < table
    visual = int((made["input_ids"] == model.vision.image_token).sum())
    assert sum(p.tokens for p in arrived.pictures) == visual


@pytest.mark.parametrize("family", [*FAMILIES, "instructblip"])
def test_unknown_words_and_options_are_told(models: dict[str, Any], family: str) -> None:
    """Chinese on a vocabulary that has none: both options are one token, and their scores equal."""
    model = models[family]
    images = clip()[:1]
    (answer,) = model.answer(
        [Query(images, "图中是什么 ?", ("猫", "狗"), model.deliveries[0], max_new_tokens=3)]
    )
    arrived = answer.receipt.seen
    assert arrived.unknown_tokens == 1
    assert any("unknown to this model's vocabulary" in note for note in arrived.notes)
    assert any("are the same tokens to this model" in note for note in arrived.notes)
    assert answer.option_logprobs[0] == pytest.approx(answer.option_logprobs[1])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prompt_beyond_the_positions_is_refused_before_it_is_asked(
    models: dict[str, Any], family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = models[family]
    length = seen(model).prompt_tokens or 0
    config = model.network.config.get_text_config(decoder=True)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(config, "max_position_embeddings", length + 5)
    handle = model.network.register_forward_pre_hook(
        lambda _, __, given: asked.append(given), with_kwargs=True
    )
    long, short = model.answer(
        [
            Query(clip(), "what is shown here ?", ("yes", "no"), max_new_tokens=6),
            Query((), "what ?", max_new_tokens=6),
        ]
    )
    handle.remove()
    assert f"positions for {length + 5} tokens; this prompt has {length}" in long.error
    assert short.error is None
    assert asked and all(given["input_ids"].shape[1] < 20 for given in asked)  # the short one


@pytest.mark.slow
def test_every_distinct_picture_is_encoded_once(models: dict[str, Any]) -> None:
    for family in FAMILIES:
        model = models[family]
        pictures = clip(7)
        asked = [
            Query(pictures[:n], text, ("yes", "no"), max_new_tokens=4)
            for n in (2, 3, 4)
            for text in ("what is shown here ?", "is it a cat ?")
        ]
        model.answer(asked)  # the first time each way is compared with the plain one
        before = model.vision.memory.encoded
        fresh = clip(8)
        again = [
            Query(tuple(fresh[: len(q.images)]), q.text, q.options, max_new_tokens=4) for q in asked
        ]
        answers = model.answer(again)
        assert all(a.error is None for a in answers)
        assert model.vision.memory.works
        assert model.vision.memory.encoded - before == K, family


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "most"), [("qwen2_5_vl", 1), ("smolvlm", 8), ("smolvlm", 4), ("internvl", 1)]
)
def test_visual_tokens_can_be_bounded(family: str, most: int, tmp_path: Path) -> None:
    folder = str(make_chat(family, tmp_path))
    bounded = load_model(folder, LoadOptions("cpu", max_visual_tokens=most))
    free = load_model(folder, CPU)
    assert max(p.tokens for p in seen(free).pictures) > most
    assert 0 < max(p.tokens for p in seen(bounded).pictures) <= most
    assert bounded.revision != free.revision


def test_a_bound_that_a_processor_cannot_keep_is_an_error(tmp_path: Path) -> None:
    folder = str(make_chat("llava", tmp_path))
    with pytest.raises(ModelError, match=r"--max-visual-tokens 3 cannot be kept.* makes 4 tokens"):
        load_model(folder, LoadOptions("cpu", max_visual_tokens=3))
