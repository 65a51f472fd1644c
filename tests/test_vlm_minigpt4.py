"""MiniGPT-4 and Ziya in their published layouts: pieces, key maps, prompt, stop sign."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import torch

from tests.not_none import not_none
from tests.oracle_minigpt4 import FOLDER
from tests.oracle_visualglm import pixels
from tests.tiny_checkpoints import noise_pictures
from tests.tiny_family import QUERIES
from tests.tiny_minigpt4 import make_minigpt4, make_ziya
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.blip.prompts import FRAME, minigpt4
from vlm.delivery import looks

CPU = LoadOptions("cpu")
SYSTEM = (
    "Give the following image: <Img>ImageContent</Img>. You will be able to see the image once I "
    "provide it to you. Please answer my questions."
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_minigpt4(tmp_path_factory.mktemp("minigpt4"))


@pytest.fixture(scope="module")
def model(made: Any) -> Any:
    return load_model(str(made[0]), CPU)


@torch.no_grad()
def test_what_sees_equals_the_model_its_pieces_were_taken_from(made: Any, model: Any) -> None:
    folder, source, _ = made
    for parameter in source.vision_model.embeddings.parameters():
        parameter.copy_(parameter.half())  # eva_vit_g.pth is float16
    for parameter in source.vision_model.encoder.parameters():
        parameter.copy_(parameter.half())
    source.vision_model.post_layernorm.eps = 1e-5  # LAVIS's
    pixels = torch.randn(2, 3, 28, 28)
    hidden = source.vision_model(pixels).last_hidden_state
    queries = source.query_tokens.expand(2, -1, -1)
    read = source.qformer(query_embeds=queries, encoder_hidden_states=hidden).last_hidden_state
    saved = torch.load(folder / "prerained_minigpt4_7b.pth", weights_only=True)["model"]
    theirs = torch.nn.functional.linear(read, saved["llama_proj.weight"], saved["llama_proj.bias"])
    ours = model.vision_encoder._read(model.vision_encoder._see(pixels), None)
    assert float((ours - theirs).abs().max()) <= 1e-5


@torch.no_grad()
def test_what_sees_equals_the_published_code(made: Any, model: Any) -> None:
    root = os.environ.get("MEMEPROBE_ORACLES")
    if root is None or not (Path(root) / FOLDER).is_dir():
        pytest.skip(f"the oracle {FOLDER} is not here; docs/oracles.md says how to lay it out")
    command = [sys.executable, "-m", "tests.oracle_minigpt4", str(made[0])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = torch.load(made[0] / "oracle.pt", weights_only=True)
    ours = model.vision_encoder._read(model.vision_encoder._see(pixels()), None)
    assert float(theirs.std()) > 0.1
    assert float((ours - theirs).abs().max()) <= 1e-5


@torch.no_grad()
def test_what_speaks_equals_the_llama_it_was_saved_from(made: Any, model: Any) -> None:
    ids = torch.tensor([[1, 5, 9, 40, 33]])
    assert torch.equal(model.network.language_model(ids).logits, made[2](ids).logits)


def test_the_key_bias_that_eva_lacks_is_zero(model: Any) -> None:
    for layer in model.network.vision_model.encoder.layers:
        query, key, value = layer.self_attn.qkv.bias.chunk(3)
        assert not key.any()
        assert query.any() and value.any()


def test_the_prompt_is_the_originals() -> None:
    assert minigpt4("what ?", 1) == (
        f"{SYSTEM}###Human: <Img>",
        FRAME,
        "</Img> what ?###Assistant: ",
    )
    assert minigpt4("what ?", 2)[2:4] == ("</Img> <Img>", FRAME)


def test_segments_are_tokenised_apart_and_only_the_first_begins_with_bos(
    made: Any, model: Any
) -> None:
    pieces = sentencepiece.SentencePieceProcessor(
        model_file=str(made[0] / "vicuna-7b" / "tokenizer.model")
    )
    (look,) = looks(Query(noise_pictures(1), "what is shown here ?", (), "concat"))
    prompt = minigpt4(look.text, 1)
    prefix, _ = model._prefix([look], [prompt])
    before, after = pieces.encode(not_none(prompt[0])), pieces.encode(not_none(prompt[2]))
    table = model.network.language_model.get_input_embeddings()
    n = 1 + len(before)
    assert torch.equal(prefix[0, :n], table(torch.tensor([1, *before])))
    assert torch.equal(prefix[0, n + QUERIES :], table(torch.tensor(after)))


def test_an_answer_stops_at_the_next_turn_however_that_is_cut_into_tokens(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = model.generator.tokenizer
    end = words.continuations("", "a cat ###", "", "apart")[0]
    assert len(end) > 3
    said = [*words._plain("Assistant: a red cat"), *end[2:], *words._plain("Human: more words")]
    steps: list[int] = []

    def scripted(input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        steps.append(len(steps))
        forced = torch.full_like(scores, -1e4)
        forced[:, said[len(steps) - 1]] = 0.0
        return forced

    monkeypatch.setattr("vlm.blip.generator.RepetitionPenaltyLogitsProcessor", lambda p: scripted)
    (answer,) = model.answer([Query(noise_pictures(1), "what ?", (), "concat", max_new_tokens=30)])
    assert answer.text.startswith("a red cat")
    assert "Human" not in answer.text and "#" not in answer.text
    assert len(steps) < len(said) - 2


def test_an_options_logprob_is_that_of_the_option_and_the_stop_sign(made: Any, model: Any) -> None:
    images = noise_pictures(2)
    (answer,) = model.answer([Query(images, "what ?", ("a cat", "red"), "concat")])
    (look,) = looks(Query(images, "what ?", (), "concat"))
    prefix, _ = model._prefix([look], [minigpt4("what ?", 2)])
    pieces = sentencepiece.SentencePieceProcessor(
        model_file=str(made[0] / "vicuna-7b" / "tokenizer.model")
    )
    table = model.network.language_model.get_input_embeddings()
    for option, got in zip(("a cat###", "red###"), answer.option_logprobs, strict=True):
        ids = torch.tensor(pieces.encode(option))
        with torch.no_grad():
            embeds = torch.cat([prefix[0], table(ids)])[None]
            logits = made[2](inputs_embeds=embeds).logits[0, -len(ids) - 1 : -1]
        expected = logits.log_softmax(-1)[range(len(ids)), ids].sum()
        assert got == pytest.approx(float(expected), abs=1e-4)


def test_a_missing_piece_says_which_and_where(made: Any, tmp_path: Path) -> None:
    for piece in made[0].iterdir():
        if "eva" not in piece.name:
            (tmp_path / piece.name).symlink_to(piece)
    with pytest.raises(ModelError, match=r"eva_vit_g\.pth.*'vision'"):
        load_model(str(tmp_path), CPU)
    (tmp_path / "memeprobe.json").write_text(
        json.dumps({"family": "minigpt4", "vision": str(made[0] / "eva_vit_g.pth")})
    )
    model: Any = load_model(str(tmp_path), CPU)
    assert model.member.name == "minigpt4"


def test_names_that_lavis_ignores_are_ignored_and_missing_ones_are_not(
    made: Any, tmp_path: Path
) -> None:
    """LAVIS loads both files with strict=False: what else is in them carries nothing."""
    for piece in made[0].iterdir():
        (tmp_path / piece.name).symlink_to(piece)
    eva = torch.load(made[0] / "eva_vit_g.pth", weights_only=True)
    reader = torch.load(made[0] / "blip2_pretrained_flant5xxl.pth", weights_only=True)
    plain: Any = load_model(str(made[0]), CPU)

    def save(eyes: Any, queries: Any) -> None:
        for name, state in (
            ("eva_vit_g.pth", eyes),
            ("blip2_pretrained_flant5xxl.pth", {"model": queries}),
        ):
            (tmp_path / name).unlink()
            torch.save(state, tmp_path / name)

    more = ("rel_pos_bias.relative_position_bias_table", "blocks.0.gamma_1", "lm_head.dense.weight")
    own = ("vision_proj.weight", "itm_head.bias", "prompt_tokens", "Qformer.pooler.dense.weight")
    save(
        eva | {name: torch.rand(3) for name in more},
        reader["model"] | {name: torch.rand(3) for name in own},
    )
    model: Any = load_model(str(tmp_path), CPU)
    theirs = plain.network.state_dict()
    assert all(torch.equal(w, theirs[name]) for name, w in model.network.state_dict().items())
    save({n: t for n, t in eva.items() if n != "blocks.1.mlp.fc1.weight"}, reader["model"])
    with pytest.raises(ModelError, match=r"missing keys: .*layers\.1\.mlp\.fc1\.weight"):
        load_model(str(tmp_path), CPU)


def test_ziya_answers_and_says_what_it_was_asked(tmp_path: Path) -> None:
    model = load_model(str(make_ziya(tmp_path / "ziya")), CPU)
    asked = [Query(noise_pictures(n), "图中是什么", ("猫", "狗"), "concat") for n in (1, 4)]
    answers = model.answer(asked)
    assert [a.error for a in answers] == [None, None]
    assert not_none(answers[0].receipt).prompt == "<frame 1><human>:图中是什么\n<bot>:"
