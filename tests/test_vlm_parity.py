"""InstructBLIP and BLIP-2 through the family against transformers' own classes, in float32."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    AutoTokenizer,
    Blip2ForConditionalGeneration,
    BlipImageProcessorPil,
    InstructBlipForConditionalGeneration,
)

from tests.tiny_checkpoints import QUERIES, make_instructblip
from tests.tiny_family import make_blip2
from vlm import LoadOptions, Query, load_model
from vlm.blip.prompts import FRAME
from vlm.delivery import looks

QUESTION = "what is shown here ?"
ASKED = {"instructblip": QUESTION, "blip2": f"Question: {QUESTION} Answer:"}
NEW = 8
# No special tokens in answers: some random models say nothing else.
GREEDY = {"num_beams": 1, "repetition_penalty": 1.0, "suppress_tokens": [0, 1, 2, 3, 4]}


def picture(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (37, 52, 3), np.uint8)


@pytest.fixture(
    scope="module", params=["instructblip-llama", "instructblip-t5", "blip2-opt", "blip2-t5"]
)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Our model, transformers' model, and what transformers' processor would give the latter."""
    family, lm = request.param.split("-")
    make = {"instructblip": make_instructblip, "blip2": make_blip2}[family]
    folder = make(tmp_path_factory.mktemp(request.param), lm, seed=3)
    cls: Any = {
        "instructblip": InstructBlipForConditionalGeneration,
        "blip2": Blip2ForConditionalGeneration,
    }[family]
    net = cls.from_pretrained(folder).eval()
    size = {"height": 28, "width": 28}
    pixels = BlipImageProcessorPil(size=size)(Image.fromarray(picture()), return_tensors="pt")
    words = AutoTokenizer.from_pretrained(folder)(ASKED[family], return_tensors="pt").input_ids
    ids = torch.cat([torch.full((1, QUERIES), 4), words], 1)
    given = {
        "pixel_values": pixels.pixel_values,
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
    }
    if family == "instructblip":
        reader = AutoTokenizer.from_pretrained(folder / "qformer_tokenizer")
        given["qformer_input_ids"] = reader(QUESTION, return_tensors="pt").input_ids
        given["qformer_attention_mask"] = torch.ones_like(given["qformer_input_ids"])
    model: Any = load_model(str(folder), LoadOptions("cpu"))
    model.generation |= GREEDY
    return model, net, given, folder


def ask() -> Query:
    return Query((picture(),), QUESTION, (), "concat", max_new_tokens=NEW)


@pytest.mark.slow
@torch.no_grad()
def test_logits_equal_those_of_transformers(pair: Any) -> None:
    model, net, given, _ = pair
    look = looks(ask())[0]
    prefix, mask = model._prefix([look], [model.member.template(QUESTION, 1)])
    more = {}
    if net.language_model.config.is_encoder_decoder:
        more = {"decoder_input_ids": torch.tensor([[3, 7, 9, 11]])}
    ours = model.network.language_model(inputs_embeds=prefix, attention_mask=mask, **more).logits
    theirs = net(**given, **more).logits
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max()) <= 1e-4


def test_greedy_tokens_equal_those_of_transformers(pair: Any) -> None:
    model, net, given, folder = pair
    (answer,) = model.answer([ask()])
    ids = net.generate(**given, max_new_tokens=NEW, do_sample=False, **GREEDY)
    if not net.language_model.config.is_encoder_decoder:
        ids = ids[:, given["input_ids"].shape[1] :]
    tok = AutoTokenizer.from_pretrained(folder)
    assert answer.text == tok.batch_decode(ids, skip_special_tokens=True)[0].strip()
    assert len(answer.text.split()) == NEW


def test_every_weight_equals_what_transformers_loads(pair: Any) -> None:
    model, net, _, folder = pair
    theirs = net.state_dict()
    ours = {k: v for k, v in model.network.state_dict().items() if k in theirs}
    assert set(theirs) == set(ours)
    assert all(torch.equal(theirs[name], tensor) for name, tensor in ours.items())
    kind = json.loads((folder / "config.json").read_text())["model_type"]
    assert kind.replace("-", "") in model.member.name.replace("-", "")


def test_blip2_asks_as_lavis_does(pair: Any) -> None:
    model = pair[0]
    if model.member.name != "blip-2":
        pytest.skip("the wording is BLIP-2's")
    assert model.member.template("why ?", 2) == (FRAME, FRAME, "Question: why ? Answer:")
    assert model.answer([ask()])[0].receipt.prompt == f"<frame 1>Question: {QUESTION} Answer:"
