"""Chat checkpoints whose template or tokenizer cannot be meant so: one clear error each."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.tiny_chat import make_chat
from tests.tiny_chat_parts import END, TEMPLATE, TURN
from vlm import LoadOptions, ModelError, load_model
from vlm.chat.answer_tokens import AnswerTokens
from vlm.chat.conversation import Conversation
from vlm.chat.processor import load_processor
from vlm.chat.video import FrameVideos

CPU = LoadOptions("cpu")
PLAIN = TEMPLATE.replace("IMAGE", "<image>")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_chat("llava", tmp_path_factory.mktemp("sound"))


def test_a_template_that_shows_no_picture_is_refused(tmp_path: Path) -> None:
    folder = make_chat("llava", tmp_path, template="{{ messages[0].role }}")
    said = (
        "cannot write a question about a picture: the question or the picture does not appear "
        "in what it writes; as plain text: the question or the picture does not appear"
    )
    with pytest.raises(ModelError, match=said):
        load_model(str(folder), CPU)


def test_a_template_may_refuse_a_second_picture(tmp_path: Path) -> None:
    """Frames are then put beside each other; the template's own words come with the error."""
    refusing = (
        "{% if messages[0].content | length > 2 %}{{ raise_exception('one\nonly') }}{% endif %}"
    )
    model = load_model(str(make_chat("llava", tmp_path, template=refusing + PLAIN)), CPU)
    assert "native" not in model.deliveries and "grid" in model.deliveries
    with pytest.raises(ModelError, match=r"refuses a question with 2 pictures: one$"):
        model.conversation.prompt("what is this?", 2)  # type: ignore[attr-defined]


@pytest.fixture
def bare(sound: Path) -> Conversation:
    """A template that writes no sign of its own around what is said."""
    processor = load_processor(str(sound))
    processor.chat_template = PLAIN.replace(END, "").replace(TURN, "")
    return Conversation("toy", processor)


def test_an_answer_must_have_an_end(bare: Conversation) -> None:
    assert AnswerTokens(bare, ()).stops == [bare.processor.tokenizer.convert_tokens_to_ids(END)]
    bare.processor.tokenizer.eos_token = None
    with pytest.raises(ModelError, match=r"toy names no end sign \(eos_token\)"):
        AnswerTokens(bare, ())


def test_an_option_that_the_tokenizer_does_not_know_is_refused(bare: Conversation) -> None:
    """Behind a prompt whose last word it would join: both would be the sign of unknown words."""
    tokens, words = AnswerTokens(bare, ()), bare.processor.tokenizer
    (known,) = tokens.forms("what is a", "cat", thought=True)
    assert known == words.convert_tokens_to_ids(["cat", END])
    with pytest.raises(ModelError, match="the option 'zyx' does not survive the tokenizer"):
        tokens.forms("what is a", "zyx", thought=True)


def changed(folder: Path, file: str, **entries: str) -> None:
    told = json.loads((folder / file).read_text(encoding="utf-8"))
    (folder / file).write_text(json.dumps({**told, **entries}), encoding="utf-8")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{" * 2000)


def no_eye(folder: Path) -> None:
    changed(folder, "preprocessor_config.json", image_processor_type="Nobodys")


def with_sound(folder: Path) -> None:
    changed(folder, "processor_config.json", processor_class="Phi4MultimodalProcessor")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (no_eye, "makes no model: .*image processor"),
        (no_weights, "makes no model: SafetensorError: .*header"),
        (with_sound, "its audio_processor takes something other than pictures and text"),
    ],
)
def test_files_of_another_kind_are_one_line(
    tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    folder = make_chat("llava", tmp_path)
    damage(folder)
    with pytest.raises(ModelError, match=said) as told:
        load_model(str(folder), CPU)
    assert "\n" not in str(told.value)


def test_weights_without_memory_for_them_name_the_cure(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr("vlm.chat.loading.AutoModelForImageTextToText.from_pretrained", full)
    with pytest.raises(ModelError, match=r"does not fit into memory .* try --quantise int4"):
        load_model(str(sound), CPU)


def test_what_stands_for_videos_can_be_copied() -> None:
    """A copy is asked for its parts before it has any."""
    assert copy.deepcopy(FrameVideos(object(), None)).merge_size == 1
