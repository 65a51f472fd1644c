"""The BLIP family does nothing twice: pictures, pictures with questions, prompts."""

from pathlib import Path
from typing import Any

import pytest

from tests.tiny_checkpoints import make_instructblip, noise_pictures
from vlm import LoadOptions, Query
from vlm.blip import Family

CPU = LoadOptions("cpu")
QUESTION = "what is shown here ?"


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_instructblip(tmp_path_factory.mktemp("vicuna"), "llama", seed=3)


def test_each_distinct_frame_is_encoded_once(llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Family(str(llama), None, CPU)
    encoded = []
    real = model.network.vision_model.forward

    def counting(pixels: Any, **more: Any) -> Any:
        encoded.append(len(pixels))
        return real(pixels, **more)

    monkeypatch.setattr(model.network.vision_model, "forward", counting)
    a, b, c = noise_pictures(3)
    model.answer([Query((a, b, a), QUESTION, (), "concat"), Query((b, a), QUESTION, (), "concat")])
    model.answer([Query((c, a), "is it a cat ?", (), "concat")])
    assert sum(encoded) == 3


def test_each_picture_is_read_once_with_each_question(
    llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = Family(str(llama), None, CPU)
    read = []
    real = model.network.qformer.forward

    def counting(*given: Any, **more: Any) -> Any:
        read.append(len(more["query_embeds"]))
        return real(*given, **more)

    monkeypatch.setattr(model.network.qformer, "forward", counting)
    a, b, c = noise_pictures(3)
    model.answer([Query((a, b, a), QUESTION, (), "concat"), Query((b, a), QUESTION, (), "concat")])
    model.answer([Query((c, a), "is it a cat ?", (), "concat"), Query((a,), QUESTION)])
    assert sum(read) == 4  # a and b with one question, c and a with the other


@pytest.mark.parametrize("beams", [1, 3])
def test_a_prompt_runs_once_for_its_answer_and_all_its_options(
    llama: Path, monkeypatch: pytest.MonkeyPatch, beams: int
) -> None:
    model = Family(str(llama), None, CPU)
    model.generation["num_beams"] = beams
    asked = [
        Query(noise_pictures(n), text, options, "concat", 6)
        for n, text, options in (
            (1, "yes", ("a cat", "red", "a")),
            (4, "what is the end ?", ("a cat",)),
            (2, "is it a cat ?", ()),
        )
    ]
    prompts = []

    def count(_: Any, __: Any, more: Any) -> None:
        if more.get("inputs_embeds") is not None:
            prompts.append(len(more["inputs_embeds"]))

    # A hook: generate() reads from the signature of forward which arguments to make.
    model.network.language_model.register_forward_pre_hook(count, with_kwargs=True)
    shared = model.answer(asked)
    assert prompts == [3 * beams]
    speak = model.generator.speak
    monkeypatch.setattr(model.generator, "speak", lambda *given: (speak(*given)[0], None))
    for one, plain in zip(shared, model.answer(asked), strict=True):
        assert one.text == plain.text
        assert one.option_logprobs == pytest.approx(plain.option_logprobs, abs=1e-5)
    assert sum(prompts) == 3 * beams + 3 * beams + 3
