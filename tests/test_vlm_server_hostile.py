"""Servers that drip, flood, pack or talk nonsense: bounded, and the next question is answered."""

import contextlib
import gzip
import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from memeprobe.store.schema import Trial
from memeprobe.store.store import Store
from tests.not_none import not_none
from tests.stand_in_server import Handler, StandIn
from tests.test_vlm_contract import picture
from vlm import Answer, ModelError, Query, load_model
from vlm.server.bounded import Reply, TooMuchError, _unpacked
from vlm.server.client import Client
from vlm.server.settings import Address, ServerSettings

KEY = "sk-planted/mid4711dle-never-to-be-seen"
PREFIX = "MEMEPROBE_SERVER_"
Send = Callable[[Handler], None]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    settings = {"LONGEST_WAIT": "0.01", "TIMEOUT": "2", "ATTEMPTS": "2"}
    for name, value in settings.items():
        monkeypatch.setenv(PREFIX + name, value)
    monkeypatch.setenv("MEMEPROBE_API_KEY", KEY)
    with StandIn() as running:
        yield running


@pytest.fixture
def model(server: StandIn) -> Any:
    return load_model(f"server:{server.url}#stand-in")


def ask(model: Any, text: str, *options: str) -> Answer:
    return model.answer([Query((picture(1),), text, options)])[0]


def head(handler: Handler, *lines: str) -> None:
    sent = ["HTTP/1.1 200 OK", "content-type: application/json", *lines, "", ""]
    handler.wfile.write("\r\n".join(sent).encode())


def drip(handler: Handler, data: bytes) -> None:
    for byte in data:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def drips_its_body(handler: Handler) -> None:
    head(handler, "content-length: 100000")
    drip(handler, b" " * 200)


def drips_its_head(handler: Handler) -> None:
    drip(handler, b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200)


def never_ends(handler: Handler) -> None:
    head(handler)
    for _ in range(4000):
        handler.wfile.write(b" " * 65536)


def is_huge(handler: Handler) -> None:
    handler.reply(200, b"[" + b" " * 50_000_000)


def is_a_gzip_bomb(handler: Handler) -> None:
    handler.reply(200, gzip.compress(b" " * 50_000_000, 1), {"content-encoding": "gzip"})


def is_packed_oddly(handler: Handler) -> None:
    handler.reply(200, b"\x1b\x03", {"content-encoding": "br"})


def is_long(handler: Handler) -> None:
    handler.reply(200, {"choices": [{"message": {"content": "a" * 1_000_000}}]})


def is_deep(handler: Handler) -> None:
    handler.reply(200, b"[" * 100_000)


def breaks_off(handler: Handler) -> None:
    head(handler, "content-length: 100000")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("send", "said"),
    [
        (drips_its_body, "gave no answer within 2 s"),
        (drips_its_head, "gave no answer within 2 s"),
        (never_ends, "more than 4,194,304 bytes"),
        (is_huge, "more than 4,194,304 bytes"),
        (is_a_gzip_bomb, "more than 4,194,304 bytes"),
        (is_packed_oddly, "packed as 'br', which was not asked for"),
        (is_long, "an answer of 1,000,000 characters"),
        (is_deep, "answered with no JSON"),
        (breaks_off, "broke off"),
    ],
)
def test_a_reply_is_bounded_in_time_and_size(
    server: StandIn, model: Any, send: Send, said: str
) -> None:
    def fault(handler: Handler, met: int) -> bool:
        handler.close_connection = True
        with contextlib.suppress(OSError):  # the client has hung up
            send(handler)
        return True

    server.state.faults["odd"] = fault
    began = time.monotonic()
    answer = ask(model, "an odd one ?")
    assert answer.text is None and said in not_none(answer.error)
    assert time.monotonic() - began < 40
    assert not_none(ask(model, "what ?").text).startswith("answer ")


def test_a_packed_reply_is_unpacked(server: StandIn, model: Any) -> None:
    body = json.dumps({"choices": [{"message": {"content": "a cat"}}]}).encode()
    packed = {"content-encoding": "gzip"}
    server.state.faults["what"] = lambda h, met: not h.reply(200, gzip.compress(body), packed)
    assert ask(model, "what ?").text == "a cat"


def test_a_gzip_bomb_is_never_whole_in_memory() -> None:
    """64 MB of blanks in one piece of 300 kB."""
    packed = gzip.compress(b" " * (64 * 2**20), 1)
    tracemalloc.start()
    with pytest.raises(TooMuchError, match="more than 4,194,304 bytes"):
        list(_unpacked([packed], "gzip"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * 2**20


def said(server: StandIn, content: Any, **logprobs: Any) -> None:
    choice = {"message": {"content": content}, **logprobs}
    raw = json.dumps({"choices": [choice]}).encode()
    server.state.faults["what"] = lambda h, met: not h.reply(200, raw)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3.0, 10**400, "-1", None, True])
def test_log_probabilities_that_are_none_weigh_nothing(
    server: StandIn, model: Any, value: float
) -> None:
    rows = [{"token": "A", "logprob": value}, {"token": "B", "logprob": -1.0}]
    said(server, "A", logprobs={"content": [{"top_logprobs": rows}]})
    answer = ask(model, "what ?", "a cat", "a dog")
    assert answer.option_logprobs is None and answer.error is None


@pytest.mark.parametrize("refusal", ["no\nnever\n", ["no", {"a": "\u2028" * 9_000}]])
def test_a_refusal_is_quoted_in_one_line(server: StandIn, model: Any, refusal: Any) -> None:
    body = {"choices": [{"message": {"content": None, "refusal": refusal}}]}
    server.state.faults["what"] = lambda h, met: not h.reply(200, body)
    said = not_none(ask(model, "what ?").error)
    assert "without text (" in said and len(said.splitlines()) == 1 and len(said) < 700


def test_only_names_that_a_model_can_have_are_listed(server: StandIn) -> None:
    odd: Any = ["a\nb", "x" * 5_000, "", None, {"id": 1}, 7, "\x1b[31m"]
    server.state.models = [*odd, "stand-in"]
    assert load_model(f"server:{server.url}").name == f"server:{server.url}#stand-in"
    with pytest.raises(ModelError, match=r"has no model 'other' It has: stand-in$"):
        load_model(f"server:{server.url}#other")


def test_one_reply_without_log_probabilities_does_not_end_them(
    server: StandIn, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = server.state.letters
    assert ask(model, "what ?", "a cat", "a dog").option_logprobs is not None
    left_out = iter([True, False, False, True, True, True])
    monkeypatch.setattr(
        server.state, "letters", lambda text: [] if next(left_out, False) else letters(text)
    )
    # ``letters`` gives an empty list, which is a reply with them; a reply without has no content.
    plain = Handler.reply

    def reply(self: Handler, status: int, body: Any, headers: Any = None) -> None:
        if isinstance(body, dict) and body.get("choices"):
            content = body["choices"][0].get("logprobs", {}).get("content")
            if content and not content[0]["top_logprobs"]:
                del body["choices"][0]["logprobs"]
        plain(self, status, body, headers)

    monkeypatch.setattr(Handler, "reply", reply)
    assert ask(model, "where ?", "a cat", "a dog").option_logprobs is not None, "asked again"
    failed = ask(model, "who ?", "a cat", "a dog")
    assert "left out the log-probabilities" in not_none(failed.error)
    assert ask(model, "how ?", "a cat", "a dog").option_logprobs is not None


def test_half_a_surrogate_pair_is_stored_as_a_replacement(
    server: StandIn, model: Any, tmp_path: Path
) -> None:
    said(server, "a \ud83d cat \U0001f408")
    answer = ask(model, "what ?")
    assert answer.text == "a \ufffd cat \U0001f408"
    with Store(tmp_path / "s.sqlite") as store:
        run = store.start_run({"a": 1}, {}, 1)
        odd = Answer(None, None, error="\udcff")
        store.save(run, [Trial("i", "c", "failed", problem="\udcff")], {"1": answer, "2": odd})
        assert store.answers(["1"])["1"].text == answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": f"bad key {KEY}"}},
        {"error": {"message": "x" * 390 + KEY}},
        {"choices": [{"message": {"content": f"your key is {KEY}"}}]},
        {"choices": [{"message": {"content": None, "refusal": f"not with {KEY}"}}]},
        {"choices": [{"message": {"content": None}, "finish_reason": "x" * 380 + KEY}]},
        {"choices": f"nothing for {KEY}"},
        {"detail": f"nothing for {KEY}"},
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401, 503])
@pytest.mark.parametrize("escaped", [False, True])
def test_the_key_is_never_told(
    server: StandIn, model: Any, body: Any, status: int, escaped: bool
) -> None:
    raw = json.dumps(body)
    if escaped:  # as PHP writes a slash
        raw = raw.replace("/", "\\/").replace("sk-", "\\u0073k-")
    server.state.faults["what"] = lambda h, met: not h.reply(status, raw.encode())
    told = repr(ask(model, "what ?"))
    assert "planted" not in told and "mid4711" not in told and "never-to" not in told


def test_a_plain_word_is_no_secret(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers without keys are given any word, which must not be taken out of answers."""
    monkeypatch.setenv("MEMEPROBE_API_KEY", "EMPTY")
    said(server, "the box is EMPTY")
    assert ask(load_model(f"server:{server.url}#stand-in"), "what ?").text == "the box is EMPTY"


@pytest.mark.parametrize(
    ("told", "longest", "least", "most"),
    [
        ("90", 600.0, 90.0, 90.0),
        ("Sun, 29 Nov 2026 08:01:30 GMT", 600.0, 90.0, 90.0),
        ("90", 20.0, 20.0, 20.0),  # never longer than the user allows
        ("Sun, 29 Nov 2026 07:00:00 GMT", 600.0, 0.0, 0.5),  # long past
        ("soon", 600.0, 0.0, 0.5),
    ],
)
def test_retry_after_is_a_number_or_a_date_and_bounded(
    told: str, longest: float, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 29, 8, 0, 0, tzinfo=UTC).timestamp()
    monkeypatch.setattr("vlm.server.client.time.time", lambda: now)
    settings = ServerSettings(longest_wait=longest)
    client = Client(Address("http://127.0.0.1:9/v1", "m"), settings)
    error = client._refused(Reply(429, "", httpx2.Headers({"retry-after": told}), "{}"))
    state: Any = SimpleNamespace(outcome=SimpleNamespace(exception=lambda: error), attempt_number=1)
    assert all(least <= client._pause(state) <= most for _ in range(20))


def test_a_redirect_takes_neither_question_nor_key_to_another_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMEPROBE_API_KEY", "sk-secret-0123456789")
    with StandIn() as server, StandIn() as other:
        state = server.state
        for status in (301, 302, 303, 307, 308):
            model = load_model(f"server:{server.url}#stand-in")
            there = {"location": f"{other.url}/chat/completions"}

            def moved(handler: Handler, met: int, code: int = status, to: Any = there) -> bool:
                handler.reply(code, {}, to)
                return True

            state.faults["moved"] = moved
            assert f"answered {status}" in not_none(model.answer([Query((), "moved ?")])[0].error)
        assert other.state.keys == [] and other.state.bodies == []
