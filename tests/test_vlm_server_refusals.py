"""What is refused of a server and of its settings: one line each that says what to do."""

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from httpcore2 import ReadTimeout

from tests.not_none import not_none
from tests.stand_in_server import StandIn
from vlm import ModelError, Query, load_model
from vlm.server.bounded import _Clock, _Stream
from vlm.server.decisions import probabilities
from vlm.server.silence import SILENT, Silence
from vlm.server.talk import prompt_logprobs
from vlm.server.values import count, token_ids

PREFIX = "MEMEPROBE_SERVER_"


@pytest.mark.parametrize(
    ("body", "headers", "said"),
    [
        (b"[1]", {}, " answered with no JSON object (given up after 2 tries)"),
        (b"no gzip", {"content-encoding": "gzip"}, ": the reply cannot be unpacked (Error -3"),
    ],
)
def test_a_reply_of_another_form_is_one_line(
    body: bytes, headers: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "LONGEST_WAIT", "0.01")
    monkeypatch.setenv(PREFIX + "ATTEMPTS", "2")
    with StandIn() as server:
        server.state.faults["odd"] = lambda h, met: not h.reply(200, body, headers)
        (answer,) = load_model(f"server:{server.url}").answer([Query((), "an odd one ?")])
    assert not_none(answer.error).startswith(server.url + said)


def test_a_server_whose_list_of_models_cannot_be_had_is_no_model() -> None:
    with StandIn() as server:
        server.state.models = ["m" * 400] * 20_000
        with pytest.raises(ModelError, match=r"/v1: the reply has more than 4,194,304 bytes"):
            load_model(f"server:{server.url}#m")
    with pytest.raises(ModelError, match=r"is the server running\? \(given up after 2 tries\)$"):
        load_model(f"server:{server.url}#m")


def test_a_server_that_loses_pictures_again_and_again_fails_the_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other questions may bring a picture back between any two tries of this one."""
    with StandIn() as server:
        model: Any = load_model(f"server:{server.url}")
        monkeypatch.setattr(model._pictures, "forget", lambda hashes: True)
        server.state.faults["odd"] = lambda h, met: not h.reply(404, {"error": "no picture"})
        (answer,) = model.answer([Query((), "an odd one ?")])
    assert "refuses every form of the question" in not_none(answer.error)
    assert len(server.state.bodies) == 4


def test_a_question_that_is_not_scored_as_the_others_fails_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with StandIn() as server:
        model = load_model(f"server:{server.url}")
        query = Query((), "what ?", ("a cat", "a dog"))
        assert model.answer([query])[0].option_logprobs is not None
        with monkeypatch.context() as odd:
            odd.setattr(server.state, "letters", lambda text: [{"token": "A", "logprob": 3.0}])
            assert "did not score an answer" in not_none(model.answer([query])[0].error)
        assert model.answer([query])[0].option_logprobs is not None


@pytest.mark.parametrize("odd", [float("-inf"), float("nan"), 3.0, 10**400, "-1", None, True])
def test_the_chance_of_a_prompt_is_that_of_all_its_tokens(odd: object) -> None:
    def found(value: object) -> list[float] | None:
        return prompt_logprobs({"prompt_logprobs": [None, {"5": {"logprob": value}}]}, [4, 5])

    assert found(-1.5) == [0.0, -1.5] and found(odd) is None


def test_silence_is_counted_from_the_last_reply_on() -> None:
    silence = Silence(0.0)
    for _ in range(3):
        for _ in range(SILENT - 1):
            silence.went_on()
        assert not silence.long
        silence.ended()
    for _ in range(SILENT):
        silence.went_on()
    assert silence.long


def test_nothing_is_read_once_the_time_is_over() -> None:
    """However much lies there already, so that no read would have to wait for it."""
    clock, inner = _Clock(), SimpleNamespace(read=lambda size, timeout: b"x" * size)
    stream = _Stream(cast(Any, inner), clock)
    with clock.until(time.monotonic() + 60):
        assert stream.read(3, 5.0) == b"xxx"
    with clock.until(time.monotonic()), pytest.raises(ReadTimeout, match="whole reply"):
        stream.read(3, 5.0)


@pytest.mark.parametrize(
    "wrong", [float("nan"), float("inf"), -0.5, 2.0, 10**400, "much", None, [0.5], {}]
)
@pytest.mark.parametrize("place", ["label_mass", "chance"])
def test_chances_that_are_none_weigh_nothing(place: str, wrong: object) -> None:
    """SGLang's chances are of the options among themselves; the label mass is theirs in all."""
    chances: dict[str, object] = {"a cat": 0.75, "a dog": 0.25}
    told: dict[str, object] = {"label_mass": 0.8, "probabilities": chances}
    orders = [("a cat", "a dog")]
    rows, mass = not_none(probabilities({"answers": {"turn-0": told}}, orders))
    assert rows == [pytest.approx([0.6, 0.2])] and mass == 0.8
    if place == "label_mass":
        told[place] = wrong
    else:
        chances["a dog"] = wrong
    assert probabilities({"answers": {"turn-0": told}}, orders) is None


@pytest.mark.parametrize("value", [-1, 2**31, 10**400, True, 7.0, "7", None, [7]])
def test_a_number_of_tokens_is_a_whole_number_that_can_be_stored(value: object) -> None:
    assert count(7) == 7 and count(0) == 0 and token_ids([7, 0]) == [7, 0]
    assert count(value) is None and token_ids([7, value]) == []
