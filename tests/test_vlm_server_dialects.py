"""What servers are asked beyond OpenAI's API, against a strict stand-in for vLLM, and models that
think aloud."""

import json
import re
import time
from typing import Any

import numpy as np
import pytest

from tests.stand_in_server import StandIn
from tests.test_vlm_contract import picture
from tests.vllm_stand_in import END, VllmStandIn, logprob
from vlm import ModelError, Query, load_model
from vlm.query import Answer, Seen, pixel_sha256
from vlm.server.talk import merged
from vlm.settings import LoadOptions

OPTIONS = ("throws it", "jumps")


def load(server: VllmStandIn, **options: Any) -> Any:
    return load_model(f"server:{server.url}", LoadOptions(**options))


def seen(answer: Answer) -> Seen:
    assert answer.error is None and answer.receipt is not None
    assert answer.receipt.seen is not None
    return answer.receipt.seen


def asked(text: str = "What ?", images: int = 2, **more: Any) -> Query:
    return Query(tuple(map(picture, range(images))), text, **more)


def test_whole_answers_are_weighed_where_the_server_tells_the_chance_of_each_token() -> None:
    """As local models do: the sum over the option's tokens behind the prompt, end sign included."""
    with VllmStandIn() as server:
        model = load(server)
        (answer,) = model.answer([asked(options=OPTIONS)])
        query = server.bodies[1]
        before = server.prompt({"messages": query["messages"]})
    for i, option in enumerate(OPTIONS):
        ids = [*map(ord, option), END]
        want = sum(logprob([*before, *ids[:k]], t) for k, t in enumerate(ids))
        assert answer.option_logprobs[i] == pytest.approx(want)
    assert answer.option_tokens == tuple(len(o) + 1 for o in OPTIONS)
    assert seen(answer).scoring == "options" and seen(answer).prompt_tokens == len(before)
    # One request finds out what the server can do, one is the answer, one weighs each option.
    assert len(server.bodies) == 2 + len(OPTIONS)


def test_a_template_that_does_not_go_on_is_scored_by_letters_with_the_label_mass() -> None:
    with VllmStandIn(continues=False) as server:
        model = load(server)
        first, second = model.answer([asked(options=OPTIONS), asked("Who ?", options=OPTIONS)])
    for answer in (first, second):
        assert seen(answer).scoring == "letters"
        assert seen(answer).notes[0].startswith("label mass 0.")
        assert answer.receipt.prompt.endswith("Answer with the letter only.")


@pytest.mark.parametrize(("continues", "way"), [(True, "options"), (False, "letters")])
def test_questions_that_are_asked_at_once_find_one_way(continues: bool, way: str) -> None:
    class Slow(VllmStandIn):
        """Every second question's options are a while on their way."""

        def answer(self, body: dict[str, Any]) -> dict[str, Any]:
            if "continue_final_message" in body and re.search(r"[13579] \?", json.dumps(body)):
                time.sleep(0.05)
            return super().answer(body)

    with Slow(continues=continues) as server:
        answers = load(server).answer([asked(f"{i} ?", options=OPTIONS) for i in range(12)])
    assert [a.error for a in answers] == [None] * 12
    assert {seen(a).scoring for a in answers} == {way}


def test_a_picture_is_sent_once_and_again_when_the_server_has_lost_it() -> None:
    with VllmStandIn() as server:
        model = load(server)
        model.answer([asked()])
        model.answer([asked("Again ?")])
        named = server.bodies[-1]["messages"][0]["content"]
        assert [p["image_url"] for p in named[:2]] == [None, None]
        assert named[0]["uuid"] == pixel_sha256(picture(0))
        server.cache.clear()
        (answer,) = model.answer([asked("And again ?")])
        assert answer.error is None
        whole = server.bodies[-1]["messages"][0]["content"]
        assert whole[0]["image_url"]["url"].startswith("data:image/png")


def test_a_video_is_sent_as_just_its_frames_with_their_times() -> None:
    frames = tuple(np.full((32, 48, 3), 60 * i, np.uint8) for i in range(4))
    with VllmStandIn() as server:
        model = load(server)
        assert "video" in model.deliveries
        query = Query(frames, "What ?", (), "video", times=(0.0, 0.5, 1.0, 2.0))
        (answer,) = model.answer([query])
        body = server.bodies[-1]
    told = body["media_io_kwargs"]["video"]
    assert told["frames_indices"] == [0, 1, 2, 4] and told["fps"] == 2.0
    assert told["do_sample_frames"] is False and told["num_frames"] == -1
    assert body["messages"][0]["content"][0]["type"] == "video_url"
    assert answer.receipt.frames_shown == 4 and answer.receipt.n_images == 4


def test_thinking_is_switched_off_where_there_is_a_switch() -> None:
    with VllmStandIn(thinks="switch") as server:
        model = load(server)
        answers = model.answer([asked(f"What {i} ?", options=OPTIONS) for i in range(8)])
    assert [a.text for a in answers] == ["yes"] * 8
    assert all(seen(a).thinking == "off" and not seen(a).thought for a in answers)
    assert all(seen(a).scoring == "options" for a in answers)


def test_a_model_that_must_think_is_given_room_and_its_thoughts_are_never_scored() -> None:
    with VllmStandIn(thinks="always") as server:
        model = load(server)
        answers = model.answer([asked(f"What {i} ?", options=OPTIONS) for i in range(8)])
    assert [a.text for a in answers] == ["yes"] * 8
    assert all(seen(a).thought.startswith("hm. hm.") for a in answers)
    assert all(seen(a).thinking == "thought" and a.option_logprobs is None for a in answers)
    assert {seen(a).notes for a in answers} == {("given 2,048 tokens for thought and answer",)}
    with VllmStandIn(thinks="always") as server:
        (short,) = load(server, max_new_tokens=30).answer([asked()])
    assert short.error is not None and "need more room: --max-new-tokens" in short.error


@pytest.mark.parametrize(
    ("message", "text", "thought"),
    [
        ({"content": "<think>a cat?</think>\n\na dog"}, "a dog", "a cat?"),
        ({"content": "a cat? yes</think>a dog"}, "a dog", "a cat? yes"),
        ({"content": "a dog", "reasoning_content": "a cat?"}, "a dog", "a cat?"),
        ({"content": "a dog", "reasoning": "a cat?"}, "a dog", "a cat?"),
    ],
    ids=["tags", "closing tag", "reasoning_content", "reasoning"],
)
def test_thoughts_are_kept_apart_in_every_form(message: Any, text: str, thought: str) -> None:
    with StandIn() as server:
        model = load_model(f"server:{server.url}#stand-in")
        reply = {"choices": [{"message": message, "finish_reason": "stop"}]}
        server.state.faults["What"] = lambda h, met: not h.reply(200, reply)
        (answer,) = model.answer([asked()])
    assert (answer.text, seen(answer).thought) == (text, thought)


def test_an_answer_that_never_comes_is_one_clear_error() -> None:
    with StandIn() as server:
        model = load_model(f"server:{server.url}#stand-in")
        reply = {"choices": [{"message": {"content": None}, "finish_reason": "length"}]}
        server.state.faults["What"] = lambda h, met: not h.reply(200, reply)
        (answer,) = model.answer([asked()])
        assert answer.error is not None and "without text (length)" in answer.error
        # Asked not to think in four ways, and then given room.
        assert len(server.state.bodies) == 6
        assert server.state.bodies[-1]["max_tokens"] == 2048


@pytest.mark.parametrize("value", [0.5, "12", {"a": 1}, [None], [1.5], [10**400], [[1]]])
@pytest.mark.parametrize("field", ["prompt_token_ids", "token_ids", "prompt_logprobs", "usage"])
def test_tokens_that_are_none_are_not_weighed(field: str, value: Any) -> None:
    class Odd(VllmStandIn):
        def answer(self, body: dict[str, Any]) -> dict[str, Any]:
            reply = super().answer(body)
            (reply["choices"][0] if field == "token_ids" else reply)[field] = value
            return reply

    with Odd() as server:
        (answer,) = load(server).answer([asked(options=OPTIONS)])
    whole = field == "usage"  # which says how much was read, and is not what is weighed
    assert seen(answer).scoring == ("options" if whole else "letters")
    assert (seen(answer).prompt_tokens is None) == whole


@pytest.mark.parametrize("value", [None, [None], {"a": 1}, [0.5], [float("inf")], [[1]]])
def test_letters_are_not_asked_by_tokens_that_are_none(value: Any) -> None:
    class Odd(VllmStandIn):
        def tokenize(self, body: dict[str, Any]) -> dict[str, Any]:
            return {"tokens": value, "token_strs": ["A"]}

    with Odd(continues=False) as server:
        (answer,) = load(server).answer([asked(options=OPTIONS)])
        assert not any("logprob_token_ids" in body for body in server.bodies[-2:])
    assert seen(answer).scoring == "letters"


def test_an_answer_is_held_to_the_options_where_there_are_no_log_probabilities(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_LOGPROBS", "0")
    with VllmStandIn() as server:
        (answer,) = load(server).answer([asked(options=OPTIONS)])
    assert (answer.text, seen(answer).scoring) == ("jumps", "choice")
    assert answer.option_logprobs is None


def test_more_is_merged_into_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "MEMEPROBE_SERVER_BODY", json.dumps({"seed": 7, "chat_template_kwargs": {"style": "x"}})
    )
    with VllmStandIn() as server:
        model = load(server)
        model.answer([asked()])
        body = server.bodies[-1]
    assert body["seed"] == 7
    assert body["chat_template_kwargs"] == {"enable_thinking": False, "style": "x"}
    with VllmStandIn() as server:
        monkeypatch.delenv("MEMEPROBE_SERVER_BODY")
        assert load(server).revision != model.revision
    assert merged({"a": {"b": 1}, "c": 1}, {"a": {"d": 2}, "c": {}}) == {
        "a": {"b": 1, "d": 2},
        "c": {},
    }


@pytest.mark.parametrize(
    ("body", "said"),
    [("[1]", "must be a JSON object"), ("{", "is no JSON"), ('{"model": "x"}', "not set 'model'")],
)
def test_a_bad_body_is_refused(body: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_BODY", body)
    with VllmStandIn() as server, pytest.raises(ModelError, match=said):
        load(server)
