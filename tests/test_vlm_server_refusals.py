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
