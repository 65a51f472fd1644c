"""Servers with the OpenAI chat API: the contract, faults, limits, and a key that stays secret."""

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.not_none import not_none
from tests.stand_in_server import StandIn
from tests.test_vlm_contract import (
    picture,
    query,
    test_a_batch_answers_as_one_by_one_and_in_order,  # noqa: F401
    test_a_failing_query_fails_alone,  # noqa: F401
    test_an_empty_batch_has_no_answers,  # noqa: F401
    test_an_unsupported_delivery_fails_alone,  # noqa: F401
    test_option_logprobs_are_probabilities_of_different_answers,  # noqa: F401
    test_option_order_does_not_change_an_options_logprob,  # noqa: F401
    test_receipts_say_what_was_delivered,  # noqa: F401
)
from vlm import Answer, LoadOptions, ModelError, Query, load_model
from vlm.server.settings import Address, ServerSettings, api_key

PREFIX = "MEMEPROBE_SERVER_"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setenv(PREFIX + "LONGEST_WAIT", "0.05")
    with StandIn() as running:
        yield running


@pytest.fixture
def state(server: StandIn) -> Any:
    return server.state


@pytest.fixture
def model(server: StandIn) -> Any:
    return load_model(f"server:{server.url}#stand-in")


def ask(model: Any, text: str, *options: str) -> Answer:
    return model.answer([Query((picture(1),), text, options)])[0]


def test_pictures_arrive_in_order_and_unchanged(model: Any, state: Any) -> None:
    images = tuple(picture(i) for i in range(4))
    assert model.answer([Query(images, "what ?")])[0].error is None
    assert [np.array_equal(a, b) for a, b in zip(state.shown, images, strict=True)] == [True] * 4
    assert state.bodies[0]["max_tokens"] == 20
    assert state.bodies[0]["temperature"] == 0


def test_options_are_weighed_under_every_letter(model: Any, state: Any) -> None:
    """By hand: weights are an option's length, and 5 more under the letter A."""
    answer = ask(model, "what ?", "aa", "b", "cccc")
    orders = [("aa", "b", "cccc"), ("b", "cccc", "aa"), ("cccc", "aa", "b")]
    for option, logprob in zip(("aa", "b", "cccc"), not_none(answer.option_logprobs), strict=True):
        chances = [0.9 * (len(option) + 5 * (order[0] == option)) / 12 for order in orders]
        assert logprob == pytest.approx(math.log(sum(chances) / 3))
    assert answer.option_tokens == (1, 1, 1)
    assert "A. aa\nB. b\nC. cccc\nAnswer with the letter only." in not_none(answer.receipt).prompt
    assert [b["max_tokens"] for b in state.bodies] == [20, 1, 1, 1]


def test_a_server_without_logprobs_is_asked_for_them_once(model: Any, state: Any) -> None:
    state.logprobs = False
    for text in ("what ?", "is it a cat ?"):
        answer = ask(model, text, "a cat", "a dog")
        assert (answer.option_logprobs, answer.error) == (None, None)
        assert not_none(answer.receipt).prompt == text
    assert len(state.bodies) == 3


def test_a_server_that_passes_over_the_wish_for_logprobs(
    model: Any, state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "letters", lambda text: [])
    assert ask(model, "what ?", "a cat", "a dog").option_logprobs is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_is_tried_again(model: Any, state: Any, status: int) -> None:
    state.faults["busy"] = lambda h, met: met < 2 and not h.reply(status, {"error": "busy"})
    assert not_none(ask(model, "busy ?").text).startswith("answer ")
    assert len(state.bodies) == 3


def test_retry_after_is_waited_for(
    server: StandIn, state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "LONGEST_WAIT", "5")
    model = load_model(f"server:{server.url}#stand-in")
    state.faults["busy"] = lambda h, met: met < 1 and not h.reply(429, {}, {"retry-after": "1.2"})
    assert ask(model, "busy ?").error is None
    assert state.times[1] - state.times[0] >= 1.2


@pytest.mark.parametrize(("status", "tries"), [(429, 6), (503, 7)])
def test_a_fault_that_stays_is_given_up_with_the_reason(
    model: Any, state: Any, status: int, tries: int
) -> None:
    """503 may come from a gateway: one more try once the server is known to be there."""
    state.faults["busy"] = lambda h, met: not h.reply(status, {"error": {"message": "overloaded"}})
    answer = ask(model, "busy ?")
    assert answer.text is None
    said = f"answered {status}: overloaded (given up after {tries} tries)"
    assert said in not_none(answer.error)
    assert len(state.bodies) == tries


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda h, met: not h.reply(400, {"error": {"message": "too long"}}), "400: too long"),
        (lambda h, met: not h.reply(429, {"error": {"code": "insufficient_quota"}}), "429"),
        (lambda h, met: not h.reply(401, {"error": "who?"}), "Set MEMEPROBE_API_KEY"),
        (
            lambda h, met: not h.reply(500, {"error": {"message": "image input is not supported"}}),
            "500: image input is not supported",
        ),
        (lambda h, met: not h.reply(302, {}, {"location": "http://127.0.0.1:9"}), "302"),
        (lambda h, met: not h.reply(200, {"choices": []}), "without choices"),
    ],
    ids=["400", "quota", "401", "no eyes", "redirect", "no choices"],
)
def test_a_lasting_fault_fails_at_once_and_alone(
    model: Any, state: Any, fault: Any, said: str
) -> None:
    state.faults["boom"] = fault
    asked = [Query((picture(i),), f"{'boom' if i == 1 else 'what'} ?") for i in range(3)]
    first, second, third = model.answer(asked)
    assert (first.error, third.error) == (None, None)
    with pytest.raises(ModelError, match=said):
        raise ModelError(second.error)
    assert sum("boom" in b["messages"][0]["content"][-1]["text"] for b in state.bodies) == 1


def test_a_slow_answer_is_given_up_and_says_so(
    server: StandIn, state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "TIMEOUT", "0.3")
    monkeypatch.setenv(PREFIX + "ATTEMPTS", "2")
    model = load_model(f"server:{server.url}#stand-in")
    state.slow = 1.0
    begin = time.monotonic()
    answer = ask(model, "what ?")
    assert "no answer within 0.3 s; MEMEPROBE_SERVER_TIMEOUT sets more" in not_none(answer.error)
    assert "2 tries" in not_none(answer.error)
    assert time.monotonic() - begin < 30


def _cut(handler: Any, met: Any) -> bool:
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    handler.connection.close()
    return True


@pytest.mark.parametrize(
    ("fault", "said"),
    [(_cut, "broke off"), (lambda h, met: not h.reply(200, b"<html>proxy"), "no JSON but '<html>")],
    ids=["cut", "bad JSON"],
)
def test_a_broken_answer_is_tried_again_and_then_named(
    model: Any, state: Any, fault: Any, said: str
) -> None:
    state.faults["once"] = lambda h, met: met < 1 and fault(h, met)
    state.faults["always"] = fault
    assert ask(model, "once ?").error is None
    assert said in not_none(ask(model, "always ?").error)


def test_a_wrong_model_name_lists_the_right_ones(server: StandIn, state: Any) -> None:
    state.models = ["qwen2.5-vl-7b", "llava:latest"]
    with pytest.raises(ModelError, match=r"no model 'qwen-vl'.*It has: qwen2.5-vl-7b, llava:lat"):
        load_model(f"server:{server.url}#qwen-vl")
    chosen: Any = load_model(f"server:{server.url}#llava")
    assert chosen.model == "llava"
    with pytest.raises(ModelError, match=r"names no model; write server:http.*#NAME\. It has"):
        load_model(f"server:{server.url}")
    state.models = ["only"]
    assert load_model(f"server:{server.url}").name == f"server:{server.url}#only"


def test_nobody_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "LONGEST_WAIT", "0.05")
    with pytest.raises(ModelError, match=r"cannot connect to http://127.0.0.1:9/v1; is the server"):
        load_model("server:http://127.0.0.1:9/v1#m")


def test_reasoning_models_are_asked_in_their_own_form(model: Any, state: Any) -> None:
    def strict(handler: Any, met: Any) -> bool:
        body = state.bodies[-1]
        for word, hint in (("max_tokens", "use max_completion_tokens"), ("temperature", "")):
            if word in body:
                return not handler.reply(400, {"error": {"message": f"no {word}: {hint}"}})
        return False

    state.faults["what"] = strict
    assert ask(model, "what ?").error is None
    assert state.bodies[-1]["max_completion_tokens"] == 20
    ask(model, "what now ?")
    assert len(state.bodies) == 4


def test_no_more_requests_at_once_and_a_minute_than_allowed(
    server: StandIn, state: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + "CONCURRENCY", "2")
    model = load_model(f"server:{server.url}#stand-in")
    state.slow = 0.1
    asked = [query(i, 1, "native") for i in range(6)]
    free = [Query(q.images, f"{q.text} {i}") for i, q in enumerate(asked)]
    model.answer(free)
    assert state.most_busy == 2
    monkeypatch.setenv(PREFIX + "PER_MINUTE", "600")
    model = load_model(f"server:{server.url}#stand-in")
    state.times.clear()
    state.slow = 0.0
    begun = time.monotonic()
    model.answer(free)
    # Each arrives no sooner than it may begin, however late a busy machine lets it arrive.
    assert all(t - begun >= 0.1 * k - 1e-3 for k, t in enumerate(sorted(state.times)))
    assert state.times[-1] - state.times[0] >= 0.45


def test_the_key_is_sent_and_never_shown(
    server: StandIn, state: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "sk-very-secret-123"
    caplog.set_level("DEBUG")
    monkeypatch.setenv("MEMEPROBE_API_KEY", secret)
    model: Any = load_model(f"server:{server.url}#stand-in")
    assert state.keys == [f"Bearer {secret}"]
    quoted = {"error": {"message": f"Incorrect API key provided: {secret}"}}
    state.faults["boom"] = lambda h, met: not h.reply(401, quoted)
    state.faults["html"] = lambda h, met: not h.reply(200, f"<p>{secret}".encode())
    answers = [ask(model, "boom ?"), ask(model, "html ?"), ask(model, "what ?", "a", "b")]
    seen = [repr(answers), repr(model), repr(vars(model)), model.name, model.revision, caplog.text]
    assert not any(secret in text for text in seen)
    with pytest.raises(TypeError, match="never written"):
        __import__("pickle").dumps(model._client)


def test_keys_go_to_whom_they_belong() -> None:
    both = {"MEMEPROBE_API_KEY": "own", "OPENAI_API_KEY": "openai"}
    only = {"OPENAI_API_KEY": "openai"}
    assert api_key("http://10.0.0.1/v1", both) == "own"
    assert api_key("https://api.openai.com/v1", only) == "openai"
    assert api_key("http://10.0.0.1/v1", only) is None
    base = {**only, "OPENAI_BASE_URL": "http://10.0.0.1/v1"}
    assert api_key("http://10.0.0.1/v1", base) == "openai"


@pytest.mark.parametrize(
    "spec", ["http://me:secret@host/v1#m", "http://host/v1?key=secret#m", "host:80#m", "ftp://h#m"]
)
def test_bad_addresses_are_refused_without_repeating_secrets(spec: str) -> None:
    with pytest.raises(ModelError) as error:
        Address.parse(spec)
    assert "secret" not in str(error.value)


def test_bad_settings_name_their_variable(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="MEMEPROBE_SERVER_TIMEOUT is 'soon', not a number"):
        ServerSettings.from_environment({"MEMEPROBE_SERVER_TIMEOUT": "soon"})
    with pytest.raises(ModelError, match="MEMEPROBE_SERVER_CONCURRENCY is 0; it must be more"):
        ServerSettings.from_environment({"MEMEPROBE_SERVER_CONCURRENCY": "0"})
    with pytest.raises(ModelError, match="--quantise has no meaning for a server"):
        load_model(f"server:{server.url}#stand-in", LoadOptions(quantise="int4"))
