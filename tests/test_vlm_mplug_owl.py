"""mPLUG-Owl 7B in its published layout, against its published code where that is at hand."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import torch
from PIL import Image

from tests.not_none import not_none
from tests.oracle_mplug_owl import FOLDER, RECORDED, STEPS, record
from tests.tiny_checkpoints import noise_pictures
from tests.tiny_mplug_owl import FULL_READER, FULL_VISION, QUERIES, make_mplug_owl, outlines
from vlm import MODELS, LoadOptions, ModelError, Query, load_model
from vlm.delivery import ModelInput, looks

CPU = LoadOptions("cpu")
QUESTION = "what is shown here ?"
SYSTEM = (
    "The following is a conversation between a curious human and AI assistant. The assistant gives "
    "helpful, detailed, and polite answers to the user's questions."
)
PROMPTS = {
    0: f"{SYSTEM}\nHuman: {QUESTION}\nAI: ",
    1: f"{SYSTEM}\nHuman: <image>\nHuman: {QUESTION}\nAI: ",
    2: f"{SYSTEM}\nHuman: <image>\nHuman: <image>\nHuman: {QUESTION}\nAI: ",
}
"""As the README shows them for so many pictures."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_mplug_owl(tmp_path_factory.mktemp("owl"))


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return load_model(str(folder), CPU)


def look(pictures: int) -> ModelInput:
    (made,) = looks(Query(noise_pictures(2)[:pictures], QUESTION, (), "concat", STEPS))
    return made


@pytest.fixture(scope="module")
def published(folder: Path) -> list[dict[str, Any]]:
    """What the published code makes of the prompts about none, one and two pictures."""
    root = os.environ.get("MEMEPROBE_ORACLES")
    if root is None or not (Path(root) / FOLDER).is_dir():
        pytest.skip(f"the oracle {FOLDER} is not here; docs/oracles.md says how to lay it out")
    np.savez(folder / "pictures.npz", *look(2).images)
    asked = [{"pictures": n, "prompt": prompt} for n, prompt in PROMPTS.items()]
    (folder / "asked.json").write_text(json.dumps(asked))
    command = [sys.executable, "-m", "tests.oracle_mplug_owl", str(folder)]
    command += ["--record"] if os.environ.get("MEMEPROBE_RECORD") else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = torch.load(folder / "oracle.pt", weights_only=True)
    return found


@torch.no_grad()
@pytest.mark.parametrize("pictures", PROMPTS)
def test_all_that_it_makes_equals_the_published_code(
    pictures: int, published: list[dict[str, Any]], model: Any
) -> None:
    theirs, shown = published[pictures], look(pictures)
    assert model.prompt_ids(shown) == theirs["ids"]
    if pictures:
        pixels = model.vision_encoder.pixels(shown.images)
        assert float((pixels - theirs["pixels"]).abs().max()) <= 1e-5
        soft = model.vision_encoder._read(model.vision_encoder._see(pixels), None)
        assert float(theirs["soft"].std()) > 0.1
        far = float((soft - theirs["soft"]).abs().max())
        print(f"soft tokens differ by {far:.1e} of {float(soft.abs().max()):.1f}")
        assert far <= 1e-4
    logits = model.first_logits(shown)
    far = float((logits - theirs["first"]).abs().max())
    print(f"logits differ by {far:.1e} of {float(logits.abs().max()):.1f}")
    assert far <= 1e-4
    (ours,) = model.look([shown])
    words = model.generator.tokenizer
    assert ours.text == words.decode(model.generator.cut(theirs["answer"])).strip()


@torch.no_grad()
@pytest.mark.parametrize("pictures", PROMPTS)
def test_it_equals_what_the_published_code_made_when_it_was_recorded(
    pictures: int, model: Any
) -> None:
    theirs, shown = json.loads(RECORDED.read_text())[pictures], look(pictures)
    soft = torch.stack(model.vision_encoder.look(shown.images, [QUESTION])) if pictures else None
    words = model.generator.tokenizer
    ours = record(model.prompt_ids(shown), soft, model.first_logits(shown), [])
    assert ours["ids"] == theirs["ids"]
    assert ours["soft"] == pytest.approx(theirs["soft"], abs=1e-4)
    assert ours["first"] == pytest.approx(theirs["first"], abs=1e-4)
    assert (
        model.look([shown])[0].text == words.decode(model.generator.cut(theirs["answer"])).strip()
    )


def test_a_prompt_is_cut_at_its_pictures_and_begins_with_bos_whatever_the_tokenizer_says(
    folder: Path, tmp_path: Path
) -> None:
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (tmp_path / "tokenizer_config.json").unlink()
    settings |= {"add_bos_token": False, "tokenizer_class": "MplugOwlTokenizer"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    model: Any = load_model(str(tmp_path), CPU)
    for n, prompt in PROMPTS.items():
        wanted = [pieces.bos_id()]
        for i, part in enumerate(prompt.split("<image>")):
            wanted += [-1] * (QUERIES + 1) * (i > 0) + pieces.encode(part)
        assert model.prompt_ids(look(n)) == wanted


def test_options_are_weighed_as_answers_that_were_tokenised_by_themselves(
    folder: Path, model: Any
) -> None:
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    (shown,) = looks(Query(noise_pictures(1), QUESTION, ("a cat", "red"), "concat"))
    prompt = model.member.template(QUESTION, 1)
    prefix, _ = model._prefix([shown], [prompt])
    lm, table = model.network.language_model, model.network.language_model.get_input_embeddings()
    for option, got in zip(
        shown.options, not_none(model.look([shown])[0].option_logprobs), strict=True
    ):
        ids = torch.tensor([*pieces.encode(option), pieces.eos_id()])
        with torch.no_grad():
            embeds = torch.cat([prefix[0], table(ids)])[None]
            logits = lm(inputs_embeds=embeds).logits[0, -len(ids) - 1 : -1]
        expected = logits.log_softmax(-1)[range(len(ids)), ids].sum()
        assert got == pytest.approx(float(expected), abs=1e-4)


def test_a_wide_picture_is_squeezed_and_nothing_of_it_is_cut(model: Any) -> None:
    wide = np.random.default_rng(5).integers(0, 255, (40, 160, 3), np.uint8)
    square = Image.fromarray(wide).resize((28, 28), Image.Resampling.BICUBIC)
    assert np.array_equal(model.shown(wide), np.asarray(square))


@pytest.mark.parametrize("size", [{"shortest_edge": 28}, {"height": 28, "width": 28}, None])
def test_every_way_to_write_the_size_of_a_picture_is_read(
    size: Any, folder: Path, model: Any, tmp_path: Path
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "preprocessor_config.json").unlink()
    if size is not None:
        told = json.loads((folder / "preprocessor_config.json").read_text()) | {"size": size}
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(told))
    other: Any = load_model(str(tmp_path), CPU)
    assert other.look([look(2)]) == model.look([look(2)])


@pytest.mark.parametrize("kind", ["bloom", "video"])
def test_the_other_mplug_owls_of_the_time_are_refused_in_one_line(
    kind: str, folder: Path, tmp_path: Path
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    if kind == "bloom":
        told = json.loads((folder / "config.json").read_text())
        told["text_config"] = {"model_type": "bloom", "hidden_size": 64}
        (tmp_path / "config.json").unlink()
        (tmp_path / "config.json").write_text(json.dumps(told))
    else:
        shard = tmp_path / "pytorch_model-00001-of-00002.bin"
        state = torch.load(shard, weights_only=True)
        shard.unlink()
        more = {"vision_model.encoder.layers.0.temporal.ln.weight": torch.ones(32)}
        torch.save(state | more, shard)
    with pytest.raises(ModelError, match=rf"mPLUG-Owl .*{kind}.*mplug-owl-llama-7b") as caught:
        load_model(str(tmp_path), CPU)
    assert "\n" not in str(caught.value)


def test_the_table_counts_the_weights_of_the_full_size_model() -> None:
    text = {"vocab_size": 32000}  # the rest are the defaults of LlamaConfig, which are 7B's
    whole = outlines(FULL_VISION, FULL_READER, text | {"hidden_size": 4096})
    entry = MODELS["mplug-owl-7b"]
    assert sum(t.numel() for t in whole.values()) == entry.parameters
    linear = [n for n in whole if n.startswith("language_model.model.layers.") and "norm" not in n]
    assert sum(whole[n].numel() for n in linear) == entry.language_parameters
