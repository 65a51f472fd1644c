"""Receipts of every adapter against what its network really got: a count of its own, taken at the
entrance of the network and of its vision tower."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.test_vlm_trained import MAKERS
from tests.tiny_chat import FAMILIES, make_chat
from vlm import LoadOptions, Query, load_model

CPU = LoadOptions("cpu")
SHAPES = ((360, 640), (50, 40), (28, 28), (90, 400))
"""Heights and widths of the pictures that are shown together."""
QUESTION = "what is shown here ?"
NO_WORDS = {"qwen3_5"}
"""Families whose own kind of tokenizer knows every byte."""


def shown(count: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(count)
    return tuple(rng.integers(0, 255, (*SHAPES[i % 4], 3), np.uint8) for i in range(count))


@contextmanager
def entering(module: Any) -> Iterator[list[dict[Any, Any]]]:
    """What a module is called with inside, by the names or places of its arguments."""
    caught: list[dict[Any, Any]] = []
    handle = module.register_forward_pre_hook(
        lambda _, values, named: caught.append({**dict(enumerate(values)), **named}),
        with_kwargs=True,
    )
    try:
        yield caught
    finally:
        handle.remove()


def pixels_of(given: dict[str, Any]) -> int:
    """How many pixels a chat network got, without what only fills up."""
    values = given["pixel_values"]
    if "image_position_ids" in given:  # Gemma 4: patches, and -1 where none is
        real = (given["image_position_ids"][..., 0] >= 0).sum()
        return int(real) * values.shape[-1] // 3
    if "aspect_ratio_mask" in given:  # Mllama: tiles
        return int(given["aspect_ratio_mask"].sum()) * values.shape[-1] * values.shape[-2]
    if "image_sizes" in given and values.ndim == 4:  # Pixtral: filled up to the largest
        return int(given["image_sizes"].prod(1).sum())
    if "image_sizes" in given and values.shape[1] > 1:  # LLaVA-NeXT
        return int(values.flatten(2).any(-1).sum()) * values.shape[-1] * values.shape[-2]
    if "pixel_attention_mask" in given:  # Idefics: pictures of a row are filled up to one size
        return int(given["pixel_attention_mask"].sum())
    repeated = 2 if values.ndim == 2 and values.shape[1] == 3 * 2 * 14 * 14 else 1  # Qwen-VL
    return values.numel() // 3 // repeated


@pytest.fixture(scope="module", params=FAMILIES)
def chat(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_model(str(make_chat(request.param, tmp_path_factory.mktemp("chat"))), CPU)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 4])
def test_a_chat_model_got_what_its_receipt_says(chat: Any, count: int) -> None:
    ask = Query(shown(count), QUESTION, ("yes", "no"), max_new_tokens=2)
    with entering(chat.network) as caught:
        (answer,) = chat.answer([ask])
    assert answer.error is None, answer.error
    seen = answer.receipt.seen
    given = next(g for g in caught if "pixel_values" in g)
    ids = given["input_ids"]
    assert seen.prompt_tokens == ids.shape[1]
    token = chat.network.config.image_token_id
    assert sum(p.tokens for p in seen.pictures) == int((ids == token).sum())
    assert len(seen.pictures) == count
    grids = given.get("target_sizes", given.get("spatial_shapes"))
    if grids is not None:  # MiniCPM-V, LFM2-VL: slices may have another shape than the whole
        assert sum(p.tiles for p in seen.pictures) == len(grids)
        assert seen.pictures[0].height == 14 * int(grids[0, 0])
    else:
        assert sum(p.width * p.height * p.tiles for p in seen.pictures) == pixels_of(given)
    assert all(p.cut == 0.0 for p in seen.pictures)
    assert seen.unknown_tokens == int((ids == chat.processor.tokenizer.unk_token_id).sum())


@pytest.mark.slow
def test_a_chat_model_says_what_it_could_not_read(chat: Any) -> None:
    if chat.network.config.model_type in NO_WORDS:
        pytest.skip("its own kind of tokenizer knows every byte")
    plain, other = (
        chat.answer([Query(shown(1), text, ("yes", "no"), max_new_tokens=2)])[0].receipt.seen
        for text in ("what is shown here", "what is 图 here")
    )
    assert other.unknown_tokens == plain.unknown_tokens + 1
    assert any("unknown to this model's vocabulary" in note for note in other.notes)


@pytest.mark.slow
@pytest.mark.parametrize("ends", [False, True])
def test_a_chat_model_says_whether_its_answer_was_cut_off(
    chat: Any, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end sign is forced, or forbidden."""
    stops, config = chat.generator.stops, chat.network.generation_config
    if ends:
        monkeypatch.setattr(config, "forced_eos_token_id", stops[0])
    else:
        monkeypatch.setattr(config, "suppress_tokens", list(stops))
    (answer,) = chat.answer([Query(shown(1), QUESTION, (), max_new_tokens=2)])
    assert answer.receipt.seen.truncated is not ends


@pytest.fixture(scope="module", params=MAKERS)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_model(str(MAKERS[request.param](tmp_path_factory.mktemp("family") / "m")), CPU)


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_member_of_the_family_got_what_its_receipt_says(family: Any, count: int) -> None:
    ask = Query(shown(count), QUESTION, (), "concat", max_new_tokens=1)
    net, speaks = family.network, family.network.language_model
    entrance = speaks.get_encoder() if speaks.config.is_encoder_decoder else speaks
    table = speaks.get_input_embeddings()
    with entering(net.vision_model) as looked, entering(entrance) as asked, entering(table) as read:
        (answer,) = family.answer([ask])
    assert answer.error is None, answer.error
    seen = answer.receipt.seen
    prompt = asked[0]["inputs_embeds"]
    assert seen.prompt_tokens == prompt.shape[1]
    # One call of the table for each stretch of the prompt's text, before the first of the answer.
    stretches = sum(one is not None for one in family.member.template(QUESTION, count))
    words = sum(given[0].numel() for given in read[:stretches])
    assert sum(p.tokens for p in seen.pictures) == prompt.shape[1] - words
    pixels = [given["pixel_values"] if "pixel_values" in given else given[0] for given in looked]
    assert sum(map(len, pixels)) == len(seen.pictures) == count
    for p in seen.pictures:
        assert all(tuple(given.shape[-2:]) == (p.height, p.width) for given in pixels)
        assert (p.tiles, p.cut) == (1, 0.0)


@pytest.mark.slow
def test_a_member_of_the_family_says_what_it_could_not_read(family: Any) -> None:
    tokenizer = family.generator.tokenizer
    if tokenizer.unknown is None or not tokenizer.segments(["\u4e00"])[0].count(tokenizer.unknown):
        pytest.skip("its vocabulary has bytes")
    plain, other = (
        family.answer([Query(shown(1), text, (), "concat", 1)])[0].receipt.seen
        for text in ("what is shown here", "what is \u4e00 here")
    )
    assert other.unknown_tokens == plain.unknown_tokens + 1
    assert any("unknown to this model's vocabulary" in note for note in other.notes)


@pytest.mark.slow
@pytest.mark.parametrize("ends", [False, True])
def test_a_member_of_the_family_says_whether_its_answer_was_cut_off(
    family: Any, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs = family.generator.ends
    how = {"forced_eos_token_id": signs[0]} if ends else {"suppress_tokens": [0, *signs]}
    for name, value in how.items():
        monkeypatch.setitem(family.generation, name, value)
    (answer,) = family.answer([Query(shown(1), QUESTION, (), "concat", 3)])
    assert answer.receipt.seen.truncated is not ends
