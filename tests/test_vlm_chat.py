"""Chat models: the contract over several families, and option scores against a plain softmax."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers.utils.import_utils import is_torchvision_available

from tests.test_vlm_contract import (
    picture,
    query,
    test_a_batch_answers_as_one_by_one_and_in_order,  # noqa: F401
    test_a_failing_query_fails_alone,  # noqa: F401
    test_an_empty_batch_has_no_answers,  # noqa: F401
    test_an_unsupported_delivery_fails_alone,  # noqa: F401
    test_answers_are_the_same_under_any_budget,  # noqa: F401
    test_option_logprobs_are_probabilities_of_different_answers,  # noqa: F401
    test_option_order_does_not_change_an_options_logprob,  # noqa: F401
    test_receipts_say_what_was_delivered,  # noqa: F401
)
from tests.tiny_chat import FAMILIES, make_chat
from vlm import LoadOptions, ModelError, Query, load_model

CPU = LoadOptions("cpu")
CACHE_IS_NOT_CUT = {"mllama"}
"""Families whose options are weighed by runs of their own, for the cache also holds pictures."""
ORDERLESS = {"mllama"}
"""Families whose pictures, one right behind another, have no order: it looks at both at once."""


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_model(str(make_chat(request.param, tmp_path_factory.mktemp(request.param))), CPU)


def test_option_logprobs_are_those_of_the_whole_answer_alone(model: Any) -> None:
    """Against one forward pass for each option, written out here, without batch or cache."""
    # Square, for what LLaVA's processor would cut off is kept by padding.
    images = tuple(picture(seed)[:40, :40] for seed in (1, 25))
    options = ("a cat", "no", "red dog ?")
    answer = model.answer([Query(images, "what is shown here ?", options)])[0]
    for option, got, tokens in zip(
        options, answer.option_logprobs, answer.option_tokens, strict=True
    ):
        made = model.processor(
            text=[answer.receipt.prompt],
            images=[[Image.fromarray(i) for i in images]],
            return_tensors="pt",
            add_special_tokens=False,
        )
        said = model.processor.tokenizer(f"{option}<|end|>", add_special_tokens=False).input_ids
        width = made["input_ids"].shape[1]
        for name, behind in (
            ("input_ids", said),
            ("attention_mask", [1] * len(said)),
            ("mm_token_type_ids", [0] * len(said)),
        ):
            if name in made:
                made[name] = torch.cat([made[name], torch.tensor([behind])], 1)
        if "cross_attention_mask" in made:  # Mllama: what follows sees what the last token sees
            sees = made["cross_attention_mask"]
            made["cross_attention_mask"] = torch.cat([sees, *[sees[:, -1:]] * len(said)], 1)
        made["pixel_values"] = made["pixel_values"].float()  # Llama 4's are bfloat16
        for module in model.network.modules():
            if hasattr(module, "rope_deltas"):
                module.rope_deltas = None
        with torch.inference_mode():
            logits = model.network(**made).logits[0, width - 1 : -1].double()
        want = sum(logits.log_softmax(-1)[i, t].item() for i, t in enumerate(said))
        assert got == pytest.approx(want, abs=1e-4)
        assert tokens == len(said)


def test_the_prompt_is_run_once_for_all_options(model: Any) -> None:
    model.answer([query(1, 2, "native")])
    if model.network.config.model_type in CACHE_IS_NOT_CUT:
        assert not any(same for (n, _), same in model.scorer.shares.items() if n)
        return
    assert model.scorer.shares[2, False] is True
    assert all(model.scorer.shares.values())


def test_a_wrong_cache_is_noticed_and_not_used(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A family whose cache cannot be cut back still gets right scores, only slower."""
    right = model.answer([query(1, 2, "native")])[0].option_logprobs
    real = model.scorer._shared

    def broken(*given: Any) -> list[Any]:
        return [(tuple(p + 0.5 for p in logprobs), n) for logprobs, n in real(*given)]

    monkeypatch.setattr(model.scorer, "_shared", broken)
    monkeypatch.setattr(model.scorer, "shares", {})
    again = model.answer([query(1, 2, "native")])[0].option_logprobs
    assert model.scorer.shares == {(2, False): False}
    assert again == pytest.approx(right, abs=1e-4)


def test_pictures_their_order_and_their_number_reach_the_model(model: Any) -> None:
    one, two = picture(1), picture(2)
    ask = [(one,), (two,), (one, two), (two, one), ()]
    answers = model.answer([Query(i, "what is shown ?", ("a cat", "a dog")) for i in ask])
    scores = [a.option_logprobs for a in answers]
    if model.network.config.model_type in ORDERLESS:
        assert scores.pop(3) == pytest.approx(scores[2], abs=1e-4)
    for i, first in enumerate(scores):
        for second in scores[i + 1 :]:
            assert not np.allclose(first, second, atol=1e-5)


def test_the_repetition_penalty_does_not_count_padding(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model.generator, "penalty", 5.0)
    tok = model.processor.tokenizer
    padding = tok.pad_token
    tok.pad_token = tok.eos_token
    long = Query((picture(1),), "what is it ? is it a cat ? is it a dog ? is it the end ?")
    short = Query((picture(1),), "what ?")
    together, alone = model.answer([long, short]), model.answer([short])
    tok.pad_token = padding
    assert together[1].text == alone[0].text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_chat("llava", tmp_path_factory.mktemp("broken"))


def without(folder: Path, tmp_path: Path, *names: str) -> str:
    for path in folder.iterdir():
        if path.name not in names:
            (tmp_path / path.name).symlink_to(path)
    return str(tmp_path)


def test_a_checkpoint_without_chat_template_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no chat template"):
        load_model(without(folder, tmp_path, "chat_template.jinja"), CPU)


def test_a_checkpoint_without_weights_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no weights: neither model\.safetensors"):
        load_model(without(folder, tmp_path, "model.safetensors"), CPU)


def test_a_checkpoint_with_code_of_its_own_is_not_run(folder: Path, tmp_path: Path) -> None:
    source = without(folder, tmp_path, "processor_config.json")
    (tmp_path / "processor_config.json").write_text('{"processor_class": "MyProcessor"}')
    with pytest.raises(ModelError, match="code that comes with a checkpoint is never run"):
        load_model(source, CPU)


def test_missing_weights_are_an_error_that_lists_them(folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    source = without(folder, tmp_path, "model.safetensors")
    weights = load_file(folder / "model.safetensors")
    gone = next(k for k in weights if k.endswith("layers.1.mlp.down_proj.weight"))
    save_file(
        {k: v for k, v in weights.items() if k != gone},
        tmp_path / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(ModelError, match=r"missing keys: .*layers\.1\.mlp\.down_proj"):
        load_model(source, CPU)


def test_a_family_that_needs_torchvision_says_so(tmp_path: Path) -> None:
    if is_torchvision_available():
        pytest.skip("torchvision is installed here")
    with pytest.raises(ModelError, match=r"PixtralProcessor needs torchvision.*pip install"):
        load_model(str(make_chat("pixtral", tmp_path)), CPU)
