"""InstructBLIP through our adapter against transformers' own classes, and its known traps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    InstructBlipForConditionalGeneration,
    InstructBlipProcessor,
    InstructBlipVideoConfig,
    InstructBlipVideoForConditionalGeneration,
)

from tests.not_none import not_none
from tests.tiny_checkpoints import QUERIES, make_instructblip, noise_pictures
from vlm import LoadOptions, ModelError, Query, load_model
from vlm.blip import Family
from vlm.delivery import looks

CPU = LoadOptions("cpu")
QUESTION = "what is shown here ?"


@pytest.fixture(scope="module", params=["llama", "t5"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_instructblip(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # This seed's weights do not end their answers at once.
    return make_instructblip(tmp_path_factory.mktemp("vicuna"), "llama", seed=3)


def oracle_logprobs(folder: Path, images: Any, option_ids: list[int]) -> float:
    """Sum of log-probabilities of an option by transformers' InstructBLIP Video class."""
    net = InstructBlipForConditionalGeneration.from_pretrained(folder).eval()
    processor = InstructBlipProcessor.from_pretrained(folder)
    config = InstructBlipVideoConfig(
        **{
            k: v
            for k, v in net.config.to_dict().items()
            if k.endswith("_config") or k == "num_query_tokens"
        },
        video_token_index=4,
    )
    video = InstructBlipVideoForConditionalGeneration(config).eval()
    video.load_state_dict(net.state_dict())
    pixels = processor.image_processor([Image.fromarray(i) for i in images], return_tensors="pt")
    tok = processor.tokenizer
    words = tok(QUESTION, return_tensors="pt").input_ids
    slots = torch.full((1, QUERIES * len(images)), 4)
    reader = processor.qformer_tokenizer(  # type: ignore[attr-defined]
        QUESTION, return_tensors="pt"
    ).input_ids
    prompt = torch.cat([slots, words], 1)
    inputs = {
        "pixel_values": pixels.pixel_values[None],
        "qformer_input_ids": reader,
        "qformer_attention_mask": torch.ones_like(reader),
    }
    with torch.no_grad():
        if net.config.text_config.is_encoder_decoder:
            start = [net.language_model.config.decoder_start_token_id, *option_ids[:-1]]
            logits = video(
                **inputs,
                input_ids=prompt,
                attention_mask=torch.ones_like(prompt),
                decoder_input_ids=torch.tensor([start]),
            ).logits[0]
        else:
            ids = torch.cat([prompt, torch.tensor([option_ids[:-1]])], 1)
            logits = video(**inputs, input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
            logits = logits[-len(option_ids) :]
    return float(logits.log_softmax(-1)[range(len(option_ids)), option_ids].sum())


@pytest.mark.slow
@pytest.mark.parametrize("frames", [1, 2, 4, 6])
def test_option_logprobs_equal_transformers_own_class(folder: Path, frames: int) -> None:
    model: Any = load_model(str(folder), CPU)
    options = ("a cat", "red")
    images = noise_pictures(frames)
    (answer,) = model.answer([Query(images, QUESTION, options, "concat")])
    tok = model.generator.tokenizer.tokenizer
    for option, got in zip(options, not_none(answer.option_logprobs), strict=True):
        ids = [*tok(option, add_special_tokens=False).input_ids, tok.eos_token_id]
        assert got == pytest.approx(oracle_logprobs(folder, images, ids), abs=1e-4)


@pytest.mark.slow
def test_greedy_answer_equals_transformers_generate(llama: Path) -> None:
    model = Family(str(llama), None, CPU)
    model.generation |= {"num_beams": 1, "repetition_penalty": 1.0}
    (image,) = noise_pictures(1)
    (answer,) = model.answer([Query((image,), QUESTION, (), "concat", max_new_tokens=7)])
    net = InstructBlipForConditionalGeneration.from_pretrained(llama).eval()
    processor = InstructBlipProcessor.from_pretrained(llama)
    inputs = processor(images=Image.fromarray(image), text=QUESTION, return_tensors="pt")
    ids = net.generate(**inputs, max_new_tokens=7, num_beams=1, do_sample=False)
    new = ids[:, inputs.input_ids.shape[1] :]
    assert answer.text == processor.batch_decode(new, skip_special_tokens=True)[0].strip()
    assert answer.text


def test_the_prompt_begins_with_vicunas_id_2_and_pads_on_the_left(llama: Path) -> None:
    model = Family(str(llama), None, CPU)
    short, long = (looks(Query((), t, ("a",), "concat"))[0] for t in ("yes", "what is the end ?"))
    prefix, mask = model._prefix([short, long], [(look.text,) for look in (short, long)])
    embed = model.network.language_model.get_input_embeddings()
    assert torch.equal(prefix[1, 0], embed(torch.tensor(2)))
    assert mask[0].tolist() == [0, 0, 0, 0, 1, 1]
    assert torch.equal(prefix[0, 4], embed(torch.tensor(2)))


@pytest.mark.slow
def test_pad_id_0_of_the_hubs_config_does_not_break_batches(llama: Path, tmp_path: Path) -> None:
    """The published config pads with 0, which is <unk> (transformers issue 25426)."""
    for file in llama.iterdir():
        (tmp_path / file.name).symlink_to(file)
    for name in ("config.json", "generation_config.json"):
        settings = json.loads((llama / name).read_text())
        settings.get("text_config", settings)["pad_token_id"] = 0
        (tmp_path / name).unlink()
        (tmp_path / name).write_text(json.dumps(settings))
    published: Any
    published, ours = (load_model(str(f), CPU) for f in (tmp_path, llama))
    assert published.network.language_model.config.pad_token_id == 0
    asked = [
        Query(noise_pictures(n), text, ("a cat",), "concat", 6)
        for n, text in ((1, "yes"), (4, "what is the end ?"), (2, "is it a cat ?"))
    ]
    together = published.answer(asked)
    for query, got in zip(asked, together, strict=True):
        for (alone,) in (published.answer([query]), ours.answer([query])):
            assert got.text == alone.text
            assert got.option_logprobs == pytest.approx(alone.option_logprobs, abs=1e-4)


def test_an_old_config_with_every_default_spelled_out_is_read(llama: Path, tmp_path: Path) -> None:
    """Configs on the hub were written by transformers 4.2x to 4.5x."""
    for file in llama.iterdir():
        (tmp_path / file.name).symlink_to(file)
    config = json.loads((llama / "config.json").read_text())
    old = {
        "_name_or_path": "",
        "add_cross_attention": False,
        "bad_words_ids": None,
        "chunk_size_feed_forward": 0,
        "diversity_penalty": 0.0,
        "do_sample": False,
        "early_stopping": False,
        "id2label": {"0": "LABEL_0"},
        "is_decoder": False,
        "label2id": {"LABEL_0": 0},
        "length_penalty": 1.0,
        "max_length": 20,
        "min_length": 0,
        "num_beams": 1,
        "output_scores": False,
        "pruned_heads": {},
        "return_dict": True,
        "torch_dtype": "float32",
        "torchscript": False,
        "transformers_version": "4.31.0.dev0",
        "typical_p": 1.0,
        "use_bfloat16": False,
    }
    for part in ("text_config", "vision_config", "qformer_config"):
        config[part] = old | config[part]
    del config["dtype"]
    config["torch_dtype"] = "float32"
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text(json.dumps(config))
    ask = Query(noise_pictures(2), QUESTION, ("a cat",), "concat", 6)
    (old_answer,), (answer,) = (load_model(str(f), CPU).answer([ask]) for f in (tmp_path, llama))
    assert old_answer == answer


def test_max_new_tokens_does_not_count_the_prompt(llama: Path) -> None:
    model = Family(str(llama), None, CPU)
    model.generation |= {"num_beams": 1, "suppress_tokens": [0, 1, 2, 3, 4]}  # words only
    long = " ".join(["what is shown here ?"] * 30)
    (answer,) = model.answer([Query(noise_pictures(4), long, (), "concat", max_new_tokens=5)])
    (same,) = model.answer([Query(noise_pictures(4), long, (), "concat", max_new_tokens=9)])
    assert (len(not_none(answer.text).split()), len(not_none(same.text).split())) == (5, 9)


def test_the_repetition_penalty_ignores_the_prompt(llama: Path) -> None:
    model = Family(str(llama), None, CPU)
    model.generation |= {"num_beams": 1, "repetition_penalty": 1.0}
    ask = Query(noise_pictures(1), "what is the end ?", (), "concat", max_new_tokens=1)
    word = model.answer([ask])[0].text
    repeat = Query(ask.images, f"{word} {word} {word} ?", (), "concat", max_new_tokens=1)
    free = model.answer([repeat])[0].text
    model.generation["repetition_penalty"] = 50.0
    assert model.answer([repeat])[0].text == free


def test_frame_order_reaches_the_language_model(llama: Path) -> None:
    model = Family(str(llama), None, CPU)
    images = noise_pictures(3)
    ask = [Query(i, QUESTION, ("a cat",), "concat") for i in (images, images[::-1])]
    forward, reverse = model.answer(ask)
    assert forward.option_logprobs != pytest.approx(reverse.option_logprobs, abs=1e-3)


@pytest.mark.slow
def test_revision_changes_with_the_weights(tmp_path: Path) -> None:
    one = load_model(str(make_instructblip(tmp_path / "a", seed=1)), CPU).revision
    two = load_model(str(make_instructblip(tmp_path / "b", seed=2)), CPU).revision
    again = load_model(str(make_instructblip(tmp_path / "c", seed=1)), CPU).revision
    assert one == again != two


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("no weights", "has no weights"),
        ("no config", "config.json is missing"),
        ("broken config", "no valid JSON"),
        ("other model", "model_type 'bert'"),
        ("missing key", "missing keys: language_projection.weight"),
    ],
)
def test_a_damaged_checkpoint_is_one_clear_error(tmp_path: Path, damage: str, message: str) -> None:
    folder = make_instructblip(tmp_path / "m")
    if damage == "no weights":
        (folder / "model.safetensors").unlink()
    elif damage == "no config":
        (folder / "config.json").unlink()
    elif damage == "broken config":
        (folder / "config.json").write_text("{")
    elif damage == "other model":
        (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    else:
        from safetensors.torch import load_file, save_file

        weights = load_file(folder / "model.safetensors")
        del weights["language_projection.weight"]
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=message) as caught:
        load_model(str(folder), CPU)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("blip-nanno", "did you mean 'blip-nano'"),
        ("known:fiar", "did you mean 'known:fair'"),
        ("instructblip-vicuna7b", "did you mean 'instructblip-vicuna-7b'"),
        ("./nowhere", "config.json is missing"),
    ],
)
def test_an_unknown_model_suggests_the_nearest(spec: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load_model(spec)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_only_the_language_model_is_quantised(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="the package bitsandbytes is not installed")
    folder = make_instructblip(tmp_path / "m", "llama", seed=3)
    whole: Any = load_model(str(folder), CPU)
    small: Any = load_model(str(folder), LoadOptions("cpu", quantise=kind))
    assert small.revision.startswith(f"{whole.revision}-{kind}")
    for part in ("vision_model", "qformer", "language_projection"):
        ours, theirs = (getattr(m.network, part).state_dict() for m in (small, whole))
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    kinds = ("Linear4bit", "RoundedLinear")
    shrunk = [n for n, m in small.network.named_modules() if type(m).__name__ in kinds]
    assert len(shrunk) == 2 * 7  # two layers of Llama: four projections, three of the MLP
    assert all(name.startswith("language_model.model.layers.") for name in shrunk)
    ask = Query(noise_pictures(2), QUESTION, ("a cat", "red"), "concat")
    (exact,), (rounded,) = whole.answer([ask]), small.answer([ask])
    assert rounded.error is None
    near = np.subtract(not_none(exact.option_logprobs), not_none(rounded.option_logprobs))
    assert 0 < np.abs(near).max() < 0.5 * np.abs(not_none(exact.option_logprobs)).max()
