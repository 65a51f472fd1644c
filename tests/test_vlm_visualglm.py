"""VisualGLM in its published layout: key map, prompts, precisions, and what it does to answers."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.tiny_chatglm import train_tokenizer
from tests.tiny_checkpoints import noise_pictures
from tests.tiny_family import QUERIES, make_visualglm
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.blip.prompts import FRAME, visualglm
from vlm.chatglm import ChatGLMTokenizer
from vlm.delivery import looks

CPU = LoadOptions("cpu")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_visualglm(tmp_path_factory.mktemp("visualglm"))


@pytest.fixture(scope="module")
def model(made: Any) -> Any:
    return load_model(str(made[0]), CPU)


def test_the_published_file_has_the_published_shape(made: Any) -> None:
    folder = made[0]
    index = json.loads((folder / "pytorch_model.bin.index.json").read_text())
    assert len(set(index["weight_map"].values())) == 5
    state: dict[str, torch.Tensor] = {}
    for file in sorted(folder.glob("*.bin")):
        state |= torch.load(file, weights_only=True)
    assert state["lm_head.weight"].dtype == torch.float16
    assert state["transformer.layers.0.input_layernorm.weight"].dtype == torch.float32
    assert state["image_encoder.glm_proj.weight"].dtype == torch.float32
    assert "image_encoder.qformer.transformer.layers.1.cross_attention.query.weight" not in state


@torch.no_grad()
def test_what_sees_equals_the_model_its_weights_were_taken_from(made: Any, model: Any) -> None:
    source = made[1]
    source.vision_model.post_layernorm.eps = 1e-5  # VisualGLM's, not transformers'
    pixels = torch.randn(3, 3, 28, 28)
    ours = model.vision_encoder._read(model.vision_encoder._see(pixels), None)
    hidden = source.vision_model(pixels).last_hidden_state
    queries = source.query_tokens.expand(3, -1, -1)
    read = source.qformer(query_embeds=queries, encoder_hidden_states=hidden).last_hidden_state
    shards: dict[str, torch.Tensor] = {}
    for file in made[0].glob("*.bin"):
        shards |= torch.load(file, weights_only=True)
    theirs = torch.nn.functional.linear(
        read, shards["image_encoder.glm_proj.weight"], shards["image_encoder.glm_proj.bias"]
    )
    assert ours.shape == (3, QUERIES, 64)
    assert float((ours - theirs).abs().max()) <= 1e-5


def test_prompts_are_those_of_the_original() -> None:
    assert visualglm("图里有什么？", 1) == ("<img>", FRAME, "</img>问：图里有什么？\n答：")
    assert visualglm("what is it?", 1) == ("<img>", FRAME, "</img>Q:what is it?\nA:")
    assert visualglm("图", 3) == ("<img>", FRAME, FRAME, FRAME, "</img>问：图\n答：")
    assert visualglm("你好", 0) == ("问：你好\n答：",)


def test_the_prompts_segments_frames_and_closing_signs_stand_in_order(
    made: Any, model: Any
) -> None:
    tok = ChatGLMTokenizer(made[0] / "ice_text.model")
    table = model.network.language_model.get_input_embeddings()
    (look,) = looks(Query(noise_pictures(2), "图中是什么", (), "concat"))
    prefix, mask = model._prefix([look], [visualglm(look.text, 2)])
    before, after = tok.tokens("<img>"), tok.tokens("</img>问：图中是什么\n答：")
    n = len(before)
    assert torch.equal(prefix[0, :n], table(torch.tensor(before)))
    frames = torch.cat(model.vision_encoder.look(look.images, [look.text] * 2))
    assert torch.equal(prefix[0, n : n + 2 * QUERIES], frames)
    rest = torch.tensor([*after, tok.gmask, tok.bos])
    assert torch.equal(prefix[0, n + 2 * QUERIES :], table(rest))
    assert mask.all()


def test_an_english_answer_has_none_of_the_chinese_tokens(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The original's English demo forbids ids 63823 to 129999; here the first id that comes."""
    assert model.member.chinese_tokens == (63823, 130000)
    images = noise_pictures(1)
    asked = [Query(images, q, (), "concat", 12) for q in ("what is it ?", "图中是什么")]
    seen: list[list[int]] = []
    real = model.generator.cut
    monkeypatch.setattr(model.generator, "cut", lambda ids: seen.append(ids) or real(ids))
    free = [model.answer([q]) and seen.pop() for q in asked]
    first = free[0][0]
    forbidding = replace(model.member, chinese_tokens=(first, first + 1))
    monkeypatch.setattr(model.generator, "member", forbidding)
    english, chinese = [model.answer([q]) and seen.pop() for q in asked]
    assert first not in english
    assert chinese == free[1]


@pytest.mark.parametrize(
    ("dtype", "eyes", "speech"),
    [
        ("float32", torch.float32, torch.float32),
        ("float16", torch.float32, torch.float16),  # as published
        ("bfloat16", torch.bfloat16, torch.bfloat16),
    ],
)
def test_precisions(made: Any, dtype: str, eyes: torch.dtype, speech: torch.dtype) -> None:
    model: Any = load_model(str(made[0]), LoadOptions("cpu", dtype))
    net = model.network
    assert {p.dtype for p in net.vision_model.parameters()} == {eyes}
    assert {p.dtype for p in net.qformer.parameters()} == {eyes}
    assert {p.dtype for p in net.language_model.parameters()} == {speech}


def test_it_answers_in_half_precision_too(made: Any) -> None:
    model = load_model(str(made[0]), LoadOptions("cpu", "bfloat16"))
    answers = model.answer(
        [Query(noise_pictures(n), "图中是什么", ("猫", "狗"), "concat") for n in (1, 4)]
    )
    assert [a.error for a in answers] == [None, None]


def test_answers_are_shown_as_the_original_shows_them(model: Any) -> None:
    tidy = model.member.tidy
    assert tidy(" 这是猫,很可爱!\n", "图中是什么") == "这是猫，很可爱！"
    assert tidy("问：甲\n答：乙", "图中是什么") == "乙"
    assert tidy("[[训练时间]]的图", "何时") == "2023年的图"
    assert tidy("A cat, a dog", "what is it?") == "A cat, a dog"


def test_a_missing_tokenizer_is_one_clear_error(made: Any, tmp_path: Path) -> None:
    for file in made[0].iterdir():
        if file.name != "ice_text.model":
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelError, match=r"ice_text\.model"):
        load_model(str(tmp_path), CPU)
    train_tokenizer(tmp_path / "ice_text.model")
    model: Any = load_model(str(tmp_path), CPU)
    assert model.parameters > 1000
