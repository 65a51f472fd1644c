"""The delivery ``video`` of chat models: exactly the chosen frames, their times, and how many of
them the processor keeps apart, on small random checkpoints."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.not_none import not_none
from tests.tiny_chat import make_chat
from tests.tiny_chat_parts import TEMPLATE
from vlm import LoadOptions, Query, load_model
from vlm.chat.model import ChatModel
from vlm.delivery import looks
from vlm.query import Answer, Seen

pytestmark = pytest.mark.slow
QWEN = "<|vision_start|><|video_pad|><|vision_end|>"
MARKS = {
    "qwen2_5_vl": QWEN,
    "qwen3_vl": QWEN,
    "llava_onevision": "<video>",
    "internvl": "<video>",
    "smolvlm": "<video>",
}
"""What the chat template writes for a video."""
OPTIONS = ("a cat", "a dog", "red")
TIMES = (0.0, 0.64, 1.28, 2.5)


def with_videos(mark: str, image: str) -> str:
    picture = TEMPLATE.replace("IMAGE", image)
    return picture.replace("{% else %}", "{% elif part.type == 'video' %}" + mark + "{% else %}", 1)


IMAGES = {
    "qwen2_5_vl": "<|vision_start|><|image_pad|><|vision_end|>",
    "qwen3_vl": "<|vision_start|><|image_pad|><|vision_end|>",
    "internvl": "<IMG_CONTEXT>",
}


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ChatModel]:
    made: dict[str, ChatModel] = {}

    def of(family: str) -> ChatModel:
        if family not in made:
            template = with_videos(MARKS[family], IMAGES.get(family, "<image>"))
            folder = make_chat(family, tmp_path_factory.mktemp(family), template=template)
            model = load_model(str(folder), LoadOptions("cpu"))
            assert isinstance(model, ChatModel)
            made[family] = model
        return made[family]

    return of


def frames(count: int, seed: int = 0, size: tuple[int, int] = (56, 56)) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return tuple(rng.integers(0, 255, (*size, 3), np.uint8) for _ in range(count))


def asked(images: tuple[np.ndarray, ...], **more: Any) -> Query:
    times = more.pop("times", TIMES[: len(images)])
    return Query(images, "what is shown here ?", OPTIONS, "video", 6, times=times, **more)


def seen(answer: Answer) -> Seen:
    assert answer.error is None
    return not_none(not_none(answer.receipt).seen)


@pytest.mark.parametrize("family", MARKS)
@pytest.mark.parametrize("count", [1, 3, 4])
def test_frames_shown_are_those_that_the_processor_keeps_apart(
    family: str, count: int, load: Callable[[str], ChatModel]
) -> None:
    model = load(family)
    assert "video" in model.deliveries and model.deliveries[0] != "video"
    (answer,) = model.answer([asked(frames(count))])
    places = -(-count // 2) if family.startswith("qwen") else count
    assert seen(answer).frames == places
    receipt = not_none(answer.receipt)
    assert (receipt.frames_shown, receipt.n_images) == (places, count)
    shared = f"{count} frames share {places} places of the video's grid"
    assert (shared in seen(answer).notes) is (places < count)
    ids = model.prompt_ids(looks(asked(frames(count)))[0])
    assert seen(answer).prompt_tokens == len(ids)
    # Fewer tokens stand for the same frames than as pictures, or as many, but never none.
    signs = not_none(model.processor.tokenizer.convert_tokens_to_ids(MARKED.get(family, "<image>")))
    assert (
        ids.count(signs)
        == {
            "qwen2_5_vl": 4 * places,  # 56x56 pixels are 4x4 patches, of which 2x2 are one token
            "qwen3_vl": 4 * places,
            "llava_onevision": count + 1,
            "internvl": count,
            "smolvlm": 4 * count,
        }[family]
    )


MARKED = {
    "qwen2_5_vl": "<|video_pad|>",
    "qwen3_vl": "<|video_pad|>",
    "llava_onevision": "<video>",
    "internvl": "<IMG_CONTEXT>",
}


@pytest.mark.parametrize("family", MARKS)
def test_every_frame_counts_in_its_place(family: str, load: Callable[[str], ChatModel]) -> None:
    model = load(family)
    one = frames(4)

    def logits(images: tuple[np.ndarray, ...]) -> torch.Tensor:
        return model.first_logits(looks(asked(images))[0])

    base = logits(one)
    assert torch.equal(base, logits(one))
    for place in range(4):
        other = [*one]
        other[place] = frames(1, seed=9)[0]
        assert not torch.allclose(base, logits(tuple(other)), atol=1e-5), place
    assert not torch.allclose(base, logits(one[::-1]), atol=1e-5)


@pytest.mark.parametrize("family", MARKS)
def test_options_are_weighed_as_by_a_plain_run(
    family: str, load: Callable[[str], ChatModel]
) -> None:
    model = load(family)
    queries = [asked(frames(4)), asked(frames(4, seed=1)), asked(frames(2))]
    together, alone = model.answer(queries), [model.answer([q])[0] for q in queries]
    for one, other in zip(together, alone, strict=True):
        assert one.text == other.text
        assert one.option_logprobs == pytest.approx(other.option_logprobs, abs=2e-3)
    look = looks(queries[0])[0]
    inputs = model._inputs([look])
    for option, score in zip(OPTIONS, not_none(together[0].option_logprobs), strict=True):
        chances = []
        for ids in model.answers.forms(model.conversation.video_prompt(look.text), option):
            more = torch.tensor([list(ids)])
            whole = {**inputs, "input_ids": torch.cat([inputs["input_ids"], more], 1)}
            whole["attention_mask"] = torch.ones_like(whole["input_ids"])
            for name in ("mm_token_type_ids", "token_type_ids"):
                if name in whole:
                    whole[name] = torch.cat([whole[name], torch.zeros_like(more)], 1)
            model.scorer.forget()
            with torch.inference_mode():
                out = model.network(**whole).logits[0, -len(ids) - 1 : -1].log_softmax(-1)
            chances.append(out.gather(1, more.T).sum().exp())
        assert score == pytest.approx(torch.stack(chances).sum().log().item(), abs=2e-3)


def test_times_are_told_to_models_that_are_told_them(load: Callable[[str], ChatModel]) -> None:
    qwen = load("qwen3_vl")
    text = qwen.processor.tokenizer.decode(qwen.prompt_ids(looks(asked(frames(4)))[0]))
    made = qwen.conversation.video_inputs([("what ?", list(frames(4)), TIMES)])
    assert made["video_grid_thw"].tolist() == [[2, 4, 4]] and text
    # Two frames stand at one place, at the middle of their times.
    videos = {"video_grid_thw": torch.tensor([[2, 4, 4]])}
    from vlm.chat.video import metadata

    told = qwen.processor.replace_video_token({**videos, "video_metadata": [metadata(TIMES)]}, 0)
    assert "<0.3 seconds>" in told and "<1.9 seconds>" in told
    smol = load("smolvlm")
    pixels = torch.zeros(1, 4, 3, 28, 28)
    told = smol.processor.replace_video_token(
        {"pixel_values": pixels, "video_metadata": [metadata((0.0, 0.5, 61.0, 62.0))]}, 0
    )
    assert [f"00:0{i}" in told for i in (0, 2)] == [True, False] and "01:01" in told
    older = load("qwen2_5_vl")
    made = older.conversation.video_inputs([("what ?", list(frames(4)), (0.0, 0.5, 1.0, 1.5))])
    assert made["second_per_grid_ts"][0] == pytest.approx(1.0)  # two frames, half a second each


def test_qwen_patches_are_those_of_its_video_processor(load: Callable[[str], ChatModel]) -> None:
    """By the layout of transformers' ``Qwen2VLVideoProcessor``, written out here for 4 frames of
    56x56 pixels: (time, two frames, colour, rows, 2, 14, columns, 2, 14), blocks of 2x2 patches."""
    model = load("qwen2_5_vl")
    images = frames(4)
    processor = model.processor.image_processor
    mean, std = (np.array(v) for v in (processor.image_mean, processor.image_std))
    video = (np.stack(images) / 255 - mean) / std
    parts = video.transpose(0, 3, 1, 2).reshape(2, 2, 3, 2, 2, 14, 2, 2, 14)
    want = parts.transpose(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(2 * 16, -1)
    made = model.conversation.video_inputs([("what ?", list(images), TIMES)])
    np.testing.assert_allclose(made["pixel_values_videos"].numpy(), want, atol=1e-5)
    # An odd number of frames: the last one stands twice.
    odd = model.conversation.video_inputs([("what ?", list(images[:3]), TIMES[:3])])
    twice = model.conversation.video_inputs(
        [("what ?", [*images[:3], images[2]], (*TIMES[:3], TIMES[2]))]
    )
    assert torch.equal(odd["pixel_values_videos"], twice["pixel_values_videos"])


def test_frames_of_other_sizes_are_resized_and_that_is_said(
    load: Callable[[str], ChatModel],
) -> None:
    images = (*frames(2), *frames(2, size=(40, 60)))
    (answer,) = load("internvl").answer([asked(images)])
    assert any("were resized to the size of the first one" in n for n in seen(answer).notes)


def test_a_template_without_a_place_for_videos_has_no_such_delivery(tmp_path: Path) -> None:
    model = load_model(str(make_chat("qwen2_5_vl", tmp_path)), LoadOptions("cpu"))
    assert "video" not in model.deliveries
    (answer,) = model.answer([asked(frames(2))])
    assert "does not support the delivery 'video'" in (answer.error or "")
