"""The ChatGLM port against the published code, and against numbers recorded from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests import tiny_chatglm as glm
from tests.oracles import GLM, oracle, published_chatglm
from tests.record_oracles import glm_answer, glm_greedy, glm_positions
from tests.tiny_weights import fill
from vlm import options as scoring
from vlm.chatglm import ChatGLMConfig, ChatGLMForConditionalGeneration
from vlm.chatglm.positions import attention_bias, position_rows, rotary_turn

RECORDED = json.loads((Path(__file__).parent / "data" / "chatglm.json").read_text())
CONTEXT, ANSWER = glm.CONTEXTS[0], glm.ANSWER


@pytest.fixture(scope="module")
def net() -> Any:
    return fill(ChatGLMForConditionalGeneration(ChatGLMConfig(**glm.CONFIG)))


@pytest.fixture(scope="module")
def published() -> Any:
    return published_chatglm(glm.CONFIG)


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def embedded(net: Any, ids: torch.Tensor) -> torch.Tensor:
    return net.get_input_embeddings()(ids)


def whole(net: Any, context: Any, answer: Any = ()) -> torch.Tensor:
    """Our logits over prompt and answer in one pass without a cache."""
    return net(torch.tensor([[*glm.prompt(context), *answer]]), use_cache=False).logits[0]


# Against the published code


def test_parameters_have_the_published_names_and_shapes(net: Any, published: Any) -> None:
    ours = {k: v.shape for k, v in net.state_dict().items()}
    theirs = {k: v.shape for k, v in published.state_dict().items() if "inv_freq" not in k}
    assert ours == theirs


@pytest.mark.parametrize("context", [*glm.CONTEXTS, glm.LONG], ids=len)
def test_prefill_equals_the_published_code(net: Any, published: Any, context: Any) -> None:
    ours, theirs = whole(net, context, ANSWER), glm_answer(published, context, ANSWER)
    assert torch.allclose(ours, theirs, rtol=0, atol=1e-4)


def test_left_padded_batches_equal_the_published_code(net: Any, published: Any) -> None:
    contexts = (*glm.CONTEXTS, glm.LONG)
    ids, mask = glm.batch(contexts)
    theirs = published(
        ids,
        attention_mask=mask,
        position_ids=glm_positions(contexts),
        use_cache=True,
        return_dict=True,
    ).logits
    real = mask.bool()
    for given in ({"input_ids": ids}, {"inputs_embeds": embedded(net, ids)}):
        ours = net(**given, attention_mask=mask).logits
        assert torch.allclose(ours[real], theirs[real], rtol=0, atol=1e-4)


def test_cached_decoding_gives_the_published_codes_greedy_tokens(net: Any, published: Any) -> None:
    ids, mask = glm.batch()
    made = net.generate(
        inputs_embeds=embedded(net, ids),
        attention_mask=mask,
        max_new_tokens=30,
        do_sample=False,
        eos_token_id=None,
    )
    assert made.tolist() == glm_greedy(published, glm.CONTEXTS, 30)


def test_half_precision_uses_the_published_rotary_table() -> None:
    width, length = 8, 2048
    theirs = oracle(GLM, "modeling_chatglm", {"requests": {}}).RotaryEmbedding(width)
    for table, module in (("float16", theirs), ("float32", None)):
        dtype = getattr(torch, table)
        module = module or oracle(GLM, "modeling_chatglm").RotaryEmbedding(width).float()
        cos, sin = module(torch.zeros(1, dtype=dtype), seq_len=length)
        rows = torch.arange(length).expand(1, 2, -1)
        got = rotary_turn(rows, width, table, dtype)
        assert torch.equal(got[0][0, 1, 0], cos[:, 0])
        assert torch.equal(got[1][0, 0, 0], sin[:, 0])


def test_in_half_precision_the_model_stays_with_the_published_one(net: Any) -> None:
    theirs = glm_answer(published_chatglm(glm.CONFIG).half(), glm.LONG, ANSWER).float()
    ours = fill(ChatGLMForConditionalGeneration(ChatGLMConfig(**glm.CONFIG))).half()
    difference = (whole(ours, glm.LONG, ANSWER).float() - theirs).abs().max()
    # As far as the published code itself is from its float32 run (0.008), not more.
    assert difference < 0.02


# Against recorded numbers and definitions


def test_logits_equal_the_recorded_ones(net: Any) -> None:
    rows = whole(net, CONTEXT, ANSWER)[-len(ANSWER) - 1 :, :12]
    assert torch.allclose(rows, torch.tensor(RECORDED["answer_logits"]), rtol=0, atol=1e-4)
    last = whole(net, glm.LONG)[-1, :24]
    assert torch.allclose(last, torch.tensor(RECORDED["long_logits"]), rtol=0, atol=1e-4)


@pytest.mark.parametrize("form", ["input_ids", "inputs_embeds"])
def test_greedy_tokens_equal_the_recorded_ones(net: Any, form: str) -> None:
    ids, mask = glm.batch()
    given = {"input_ids": ids} if form == "input_ids" else {"inputs_embeds": embedded(net, ids)}
    made = net.generate(**given, attention_mask=mask, max_new_tokens=12, do_sample=False)
    assert made[:, -12:].tolist() == RECORDED["greedy"]


def test_options_after_a_cached_prompt_get_the_recorded_logprobs(net: Any) -> None:
    ids, mask = glm.batch()
    several = [[list(ANSWER), list(ANSWER[:2]), [9]], [[50, 51, 52]], [list(ANSWER), [7, 8]]]
    scores = scoring.decoder_only(net, embedded(net, ids), mask, several)
    recorded = RECORDED["answer_logprobs"]
    assert scores[0][0][:2] == pytest.approx([sum(recorded), sum(recorded[:2])], abs=1e-4)
    for context, options, (logprobs, tokens) in zip(glm.CONTEXTS, several, scores, strict=True):
        for option, got in zip(options, logprobs, strict=True):
            rows = whole(net, context, option)[-len(option) - 1 : -1].log_softmax(-1)
            assert got == pytest.approx(float(rows[range(len(option)), option].sum()), abs=1e-4)
        assert tokens == tuple(map(len, options))


def test_beam_search_does_not_depend_on_the_batch(net: Any) -> None:
    ids, mask = glm.batch()
    settings = {"max_new_tokens": 8, "num_beams": 3, "do_sample": False, "eos_token_id": None}
    together = net.generate(inputs_embeds=embedded(net, ids), attention_mask=mask, **settings)
    for row, context in enumerate(glm.CONTEXTS):
        one = embedded(net, torch.tensor([glm.prompt(context)]))
        assert net.generate(inputs_embeds=one, **settings)[0].tolist() == together[row].tolist()


def test_positions_are_those_of_the_published_tokenizer() -> None:
    # A context of 3, [gMASK], <sop>, two answer tokens; and one of 1, padded by two columns.
    real = torch.tensor([[1, 1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1, 1]])
    rows = position_rows(real, torch.tensor([4, 4]), 7)
    assert rows[0].tolist() == [[0, 1, 2, 3, 3, 3, 3], [0, 0, 0, 0, 1, 2, 3]]
    assert rows[1, :, 2:].tolist() == [[0, 1, 1, 1, 1], [0, 0, 1, 2, 3]]
    index = torch.tensor([[5, 6], [3, 4]])
    assert torch.equal(position_rows(real, torch.tensor([4, 4]), 2, index), rows[..., -2:])


def test_everything_sees_the_context_and_answers_see_what_stands_before() -> None:
    real = torch.tensor([[0, 1, 1, 1, 1]])
    seen = (attention_bias(real, torch.tensor([3]), 5, torch.float32) == 0)[0, 0].int()
    assert seen[1:].tolist() == [[0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 1]]
    assert seen[0].any()  # padding sees something, or its softmax would be NaN


def test_all_forms_of_positions_and_masks_mean_the_same(net: Any) -> None:
    ids = torch.tensor([glm.prompt(CONTEXT)])
    told = whole(net, CONTEXT)
    rows = glm_positions((CONTEXT,))
    plain = torch.arange(ids.shape[1])[None]
    for positions in (rows, plain):
        for mask in (None, torch.ones_like(ids)):
            got = net(ids, attention_mask=mask, position_ids=positions).logits[0]
            assert torch.equal(got, told)
    assert torch.allclose(net(ids, logits_to_keep=1).logits[0], told[-1:], atol=1e-5)


def test_misuse_is_refused_with_the_reason(net: Any) -> None:
    with pytest.raises(ValueError, match=r"row 1 has no <sop> \(id 144\)"):
        net(torch.tensor([[5, 141, 144], [5, 6, 7]]))
    with pytest.raises(ValueError, match="same column in every row"):
        net(torch.tensor([[5, 141, 144, 9], [5, 6, 141, 144]]))
    with pytest.raises(ValueError, match="either input_ids or inputs_embeds"):
        net()
    with pytest.raises(ValueError, match=r"attention_mask must be .* = \(1, 3\)"):
        net(torch.tensor([[5, 141, 144]]), attention_mask=torch.ones(1, 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 36}, "multiple of 4"),
        ({"rotary_dtype": "int8"}, "rotary_dtype is 'int8'"),
        ({"quantization_bit": 4}, "published quantised"),
        ({"position_encoding_2d": False}, "two-dimensional"),
        ({"pre_seq_len": 4}, "P-tuning"),
    ],
)
def test_unknown_variants_are_refused(change: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ChatGLMConfig(**(glm.CONFIG | change))


def test_the_default_configuration_is_the_published_6b_model() -> None:
    with torch.device("meta"):
        net = ChatGLMForConditionalGeneration(ChatGLMConfig())
    matrices = sum(v.numel() for k, v in net.named_parameters() if "layernorm" not in k)
    norms = sum(v.numel() for k, v in net.named_parameters() if "layernorm" in k)
    tables = 28 * 32  # rotary frequencies, which the files carry too
    image_encoder = 985_952_256 + 105_137_664 + 32 * 768 + 769 * 4096
    # total_size of VisualGLM's published index: matrices in half precision, the rest in full.
    assert 2 * (matrices + tables) + 4 * (norms + image_encoder) == 17_793_851_136
    assert net.config.rotary_dtype == "auto"


def test_a_checkpoint_in_the_published_format_loads(net: Any, tmp_path: Path) -> None:
    """Two .bin shards, half-precision matrices, full-precision norms, and a rotary table."""
    state = {k: v.half() if v.ndim > 1 else v for k, v in net.state_dict().items()}
    state["transformer.layers.0.attention.rotary_emb.inv_freq"] = torch.ones(4).half()
    names = sorted(state)
    shards = {"a.bin": names[: len(names) // 2], "b.bin": names[len(names) // 2 :]}
    for file, held in shards.items():
        torch.save({k: state[k] for k in held}, tmp_path / file)
    index = {"metadata": {}, "weight_map": {k: f for f, held in shards.items() for k in held}}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    published = glm.CONFIG | {
        "model_type": "chatglm",
        "torch_dtype": "float16",
        "architectures": ["ChatGLMModel"],
        "image_length": 32,
    }
    (tmp_path / "config.json").write_text(json.dumps(published))
    load: Any = ChatGLMForConditionalGeneration.from_pretrained
    loaded, told = load(tmp_path, dtype=torch.float32, output_loading_info=True)
    assert not any(told[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    close = whole(loaded.eval(), CONTEXT) - whole(net, CONTEXT)
    assert close.abs().max() < 0.05  # the matrices went through half precision
