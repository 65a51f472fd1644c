"""How options are weighed by SGLang and by vLLM's named tokens, and answers that are held to the
options, against strict stand-ins."""

import math
from typing import Any

import pytest

from tests.sglang_stand_in import SglangStandIn, weight
from tests.test_vlm_contract import picture
from tests.vllm_stand_in import VllmStandIn, logprob
from vlm import Query, load_model
from vlm.query import Answer, Seen
from vlm.server.letters import LETTERS

OPTIONS = ("throws it", "jumps", "a (b) | c")


def load(server: Any) -> Any:
    return load_model(f"server:{server.url}")


def seen(answer: Answer) -> Seen:
    assert answer.error is None and answer.receipt is not None
    assert answer.receipt.seen is not None
    return answer.receipt.seen


def asked(images: int = 2, text: str = "What ?") -> Query:
    return Query(tuple(map(picture, range(images))), text, OPTIONS)


@pytest.mark.parametrize("images", [0, 2])
def test_sglang_decides_all_turns_in_one_request(images: int) -> None:
    with SglangStandIn() as server:
        (answer,) = load(server).answer([asked(images)])
        path, body = server.bodies[-1]
    assert path == "/v1/decisions" and len(body["questions"]) == len(OPTIONS)
    assert len(body.get("images", ())) == images
    # Each option stands once in every place.
    orders = [[o["name"] for o in q["options"]] for q in body["questions"]]
    assert all(sorted(place) == sorted(OPTIONS) for place in zip(*orders, strict=True))
    weights = [weight("What ?", o) for o in OPTIONS]
    want = [math.log(0.8 * w / sum(weights)) for w in weights]
    assert answer.option_logprobs == pytest.approx(want)
    assert seen(answer).scoring == "letters"
    assert seen(answer).notes == (
        "label mass 0.80: chance that the answer is a letter; asked by /v1/decisions",
    )
    first = "What ?\n\nQuestion: Which option is the answer?\nA: a (b) | c\nB: jumps\nC: throws it"
    assert answer.receipt.prompt == f"{first}\nAnswer with the letter of one option only."


@pytest.mark.parametrize("how", [{"decides": False}, {"eyes": False}])
def test_a_server_that_does_not_decide_about_pictures_is_asked_for_letters(how: Any) -> None:
    with SglangStandIn(**how) as server:
        model = load(server)
        (answer,) = model.answer([asked()])
        paths = [path for path, _ in server.bodies]
    assert paths.count("/v1/decisions") == 1  # when it was found out
    assert seen(answer).scoring == "letters" and "/v1/decisions" not in seen(answer).notes[0]
    with SglangStandIn() as other:
        assert load(other).revision != model.revision


def test_a_question_in_chinese_is_decided_in_chinese() -> None:
    with SglangStandIn() as server:
        load(server).answer([Query((), "它在做什么？", ("跳", "跑"))])
        _, body = server.bodies[-1]
    assert body["questions"][0]["question"] == "哪个选项是答案？"


def test_sglang_is_kept_from_thinking() -> None:
    with SglangStandIn(thinks=True) as server:
        (answer,) = load(server).answer([asked()])
    assert answer.text == "yes" and seen(answer).thinking == "off"


class Tokenizing(VllmStandIn):
    """Does not go on with an answer, and shows few likely tokens, so that letters are missing."""

    def __init__(self, named: bool = True) -> None:
        super().__init__(continues=False)
        self.named = named

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        if "top_logprobs" in body:
            body = {**body, "top_logprobs": min(2, body["top_logprobs"])}
        return super().answer(body)

    def tokenize(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) == {"model", "prompt", "add_special_tokens", "return_token_strs"}
        names = list(body["prompt"]) if self.named else [body["prompt"]]
        ids = [ord(n[0]) for n in names]
        return {"count": len(ids), "max_model_len": 99, "tokens": ids, "token_strs": names}


@pytest.mark.parametrize("named", [True, False])
def test_vllm_is_asked_for_the_letters_by_their_tokens(named: bool) -> None:
    options = tuple(f"option {c}" for c in "abcdef")
    with Tokenizing(named) as server:
        (answer,) = load(server).answer([Query((), "What ?", options)])
        body = server.bodies[-1]
    assert seen(answer).scoring == "letters"
    if named:
        assert body["logprob_token_ids"] == [ord(c) for c in LETTERS]
    else:
        assert "logprob_token_ids" not in body
    # Named letters have each their own chance; others get the bound of the rarest listed.
    each = [math.exp(logprob([*map(ord, "<a>")], ord(c))) for c in LETTERS[:6]]
    exact = math.log(sum(each) / 6)
    if named:
        assert answer.option_logprobs == pytest.approx([exact] * 6)
    else:
        assert min(answer.option_logprobs) > exact + 0.3


class Older(VllmStandIn):
    """Knows ``guided_choice`` alone; passes over what it does not know, or refuses it."""

    def __init__(self, refuses: bool, holds: bool = True) -> None:
        super().__init__()
        self.refuses, self.holds = refuses, holds

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.refuses:
            body = {("unknown" if k == "structured_outputs" else k): v for k, v in body.items()}
        else:
            body = {k: v for k, v in body.items() if k != "structured_outputs"}
        choice = body.pop("guided_choice", None)
        reply = super().answer(body)
        if choice and self.holds:
            assert all(isinstance(option, str) for option in choice)
            reply["choices"][0]["message"]["content"] = choice[-1]
        return reply


@pytest.mark.parametrize("refuses", [True, False])
def test_an_older_vllm_holds_answers_by_guided_choice(
    refuses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_LOGPROBS", "0")
    with Older(refuses) as server:
        model = load(server)
        answers = [model.answer([asked(0, f"What {i} ?")])[0] for i in range(3)]
        held = [("guided_choice" in b) + 2 * ("structured_outputs" in b) for b in server.bodies]
    assert [(a.text, seen(a).scoring) for a in answers] == [(OPTIONS[-1], "choice")] * 3
    assert held.count(2) == 1 and held[-3:] == [1, 1, 1]  # the newer field was tried once


def test_a_server_that_holds_nothing_is_believed_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_LOGPROBS", "0")
    with Older(refuses=False, holds=False) as server:
        (answer,) = load(server).answer([asked(0)])
    assert answer.text == "yes" and seen(answer).scoring == ""


def test_sglang_holds_answers_by_a_regular_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_SERVER_LOGPROBS", "0")
    with SglangStandIn() as server:
        (answer,) = load(server).answer([Query((), "What ?", ("jumps (high)", "a.b"))])
    assert (answer.text, seen(answer).scoring) == ("a.b", "choice")
