"""One contract for every adapter: order, batching, receipts, options, failures that stay alone."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.not_none import not_none
from tests.tiny_checkpoints import make_instructblip
from tests.tiny_family import make_blip2, make_visualglm
from tests.tiny_minigpt4 import make_minigpt4, make_ziya
from tests.tiny_mplug_owl import make_mplug_owl
from tests.tiny_translators import make_marian
from vlm import Answer, LoadOptions, Query, load_model, pixel_sha256
from vlm.delivery import ModelInput, ModelOutput, looks
from vlm.scripted import Scripted
from vlm.subjects import SUBJECTS

CPU = LoadOptions("cpu")


def _bright(images: Sequence[np.ndarray], question: str, options: Sequence[str]) -> int | None:
    """A viewer for the scripted subjects: the last picture that is not grey, by its brightness."""
    for image in reversed(images):
        if image.mean() not in (0.0, 128.0):
            return int(image.mean()) % len(options)
    return None


def _make(name: str, folder: Path) -> Path:
    """A checkpoint of this kind, as its authors published it."""
    family, _, language_model = name.partition("-")
    if family == "instructblip":
        return make_instructblip(folder, language_model)
    if family == "blip2":
        return make_blip2(folder, language_model)
    if family == "ziya":
        return make_ziya(folder)
    if family == "mplug":
        return make_mplug_owl(folder)
    return make_visualglm(folder)[0] if family == "visualglm" else make_minigpt4(folder)[0]


CHECKPOINTS = (
    "instructblip-llama",
    "instructblip-t5",
    "blip2-opt",
    "blip2-t5",
    "visualglm",
    "minigpt4",
    "ziya",
    "mplug-owl",
)


@pytest.fixture(scope="module", params=[*CHECKPOINTS, "sandwich", "blip-nano", "known:fair"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    name = request.param
    if name == "sandwich":
        folder = tmp_path_factory.mktemp(name)
        zh_en = make_marian(folder / "zh-en", "zh", "en")
        en_zh = make_marian(folder / "en-zh", "en", "zh")
        pair = (str(zh_en), str(en_zh))
        inner = str(make_instructblip(folder / "inner"))
        return load_model(inner, LoadOptions("cpu", translators=pair))
    if name in CHECKPOINTS:
        return load_model(str(_make(name, tmp_path_factory.mktemp(name))), CPU)
    return load_model(name, CPU, scripted=lambda s: Scripted(s, see=_bright))


def picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (40 + seed, 50, 3), np.uint8)


def query(seed: int, n: int, delivery: str, **more: Any) -> Query:
    images = tuple(picture(seed * 10 + i) for i in range(n))
    words = ["what is shown here ?", "is it a cat ?", "what is the end ?"][seed % 3]
    more = {"max_new_tokens": 6} | more  # beams over long answers would take the test's time
    return Query(images, words, ("a cat", "a dog", "red"), delivery, **more)


def questions(model: Any) -> list[Query]:
    """Every delivery, with no picture, one, and several."""
    return [
        query(seed, n, delivery)
        for seed, (delivery, n) in enumerate((d, n) for d in model.deliveries for n in (0, 1, 3))
    ]


def same(a: Answer, b: Answer) -> bool:
    if a.option_logprobs is not None and not np.allclose(
        a.option_logprobs, not_none(b.option_logprobs), atol=1e-4
    ):
        return False
    return (a.text, a.receipt, a.error) == (b.text, b.receipt, b.error)


@pytest.mark.slow
def test_a_batch_answers_as_one_by_one_and_in_order(model: Any) -> None:
    asked = questions(model)
    together = model.answer(asked)
    alone = [model.answer([q])[0] for q in asked]
    assert len(together) == len(asked)
    assert all(a.error is None for a in together)
    assert [same(a, b) for a, b in zip(together, alone, strict=True)] == [True] * len(asked)
    backwards = model.answer(asked[::-1])[::-1]
    assert all(same(a, b) for a, b in zip(together, backwards, strict=True))


@pytest.mark.slow
def test_who_says_that_answers_are_repeatable_gives_the_same_words_again(model: Any) -> None:
    asked = [query(7, 2, delivery) for delivery in model.deliveries]
    first, again = ([model.answer([q])[0] for q in asked] for _ in range(2))
    assert all(a.repeatable for a in first)
    assert [a.text for a in first] == [a.text for a in again]


def test_who_draws_words_by_chance_does_not_say_that_they_are_repeatable() -> None:
    guesser = Scripted("guesser", see=_bright)
    said = [guesser.answer([query(1, 1, "native")])[0] for _ in range(20)]
    assert len({a.text for a in said}) > 1 and not any(a.repeatable for a in said)
    nano = load_model("blip-nano", CPU)
    nano.generation |= {"do_sample": True}  # type: ignore[attr-defined]
    assert not nano.answer([query(1, 1, "concat")])[0].repeatable


@pytest.mark.slow
def test_a_batch_of_eight_answers_as_eight_of_one(model: Any) -> None:
    """Also where the bound on an answer's length differs from query to query."""
    delivery = model.deliveries[0]
    asked = [query(i, (1, 4)[i % 2], delivery, max_new_tokens=(3, 9)[i // 4]) for i in range(8)]
    together = model.answer(asked)
    assert all(same(a, model.answer([q])[0]) for a, q in zip(together, asked, strict=True))


@pytest.mark.slow
def test_answers_are_the_same_under_any_budget(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look alone, some together, all at once: the same answers, and never more at once than
    the budget has tokens for, by the costs as the adapter tells them."""
    inner = getattr(model, "inner", model)
    delivery = model.deliveries[0]
    asked = [query(i, (1, 3, 0)[i % 3], delivery) for i in range(6)]
    sizes: list[int] = []
    real = inner.look

    def look(batch: Sequence[ModelInput]) -> list[ModelOutput]:
        sizes.append(len(batch))
        assert len(batch) * max(map(inner._cost, batch)) <= max(inner.budget.tokens, longest)
        result: list[ModelOutput] = real(batch)
        return result

    made = [look for q in asked for look in looks(q)]
    longest = max(map(inner._cost, made)) if made else 0
    monkeypatch.setattr(inner, "look", look)
    monkeypatch.setattr(inner, "batch_size", None)
    found = {}
    for tokens in (1, 2 * longest, 10**9):
        sizes.clear()
        inner.budget.keep(tokens)
        found[tokens] = model.answer(asked)
        assert tokens > 1 or set(sizes) == {1}
        assert tokens < 10**9 or max(sizes) == len(asked)
    first, *others = found.values()
    assert all(a.error is None for a in first)
    for other in others:
        assert all(same(a, b) for a, b in zip(first, other, strict=True))


def test_an_empty_batch_has_no_answers(model: Any) -> None:
    assert model.answer([]) == []


@pytest.mark.slow
def test_receipts_say_what_was_delivered(model: Any) -> None:
    for asked, answer in zip(questions(model), model.answer(questions(model)), strict=True):
        got = answer.receipt
        hashes = tuple(pixel_sha256(i) for i in asked.images)
        assert got.delivery == asked.delivery
        assert asked.text in got.prompt
        if asked.delivery == "first_only":
            assert got.images == hashes[:1]
            assert got.frames_shown == min(1, len(hashes))
        elif asked.delivery == "grid" and len(hashes) > 1:
            assert got.n_images == 1
            assert got.images[0] not in hashes
            assert got.frames_shown == len(hashes)
        else:
            assert got.images == hashes
            assert got.frames_shown == got.n_images == len(hashes)


def test_option_logprobs_are_probabilities_of_different_answers(model: Any) -> None:
    asked = [query(1, 2, model.deliveries[0]), query(2, 1, model.deliveries[0])]
    for answer in model.answer(asked):
        assert len(answer.option_logprobs) == len(answer.option_tokens) == 3
        assert all(p <= 1e-6 for p in answer.option_logprobs)
        assert sum(map(math.exp, answer.option_logprobs)) <= 1 + 1e-6


def test_option_order_does_not_change_an_options_logprob(model: Any) -> None:
    if isinstance(model, Scripted):
        pytest.skip("a scripted subject may guess by the order of the options")
    asked = query(1, 2, model.deliveries[0])
    turned = Query(asked.images, asked.text, asked.options[::-1], asked.delivery)
    one, two = (model.answer([q])[0] for q in (asked, turned))
    assert one.option_logprobs == pytest.approx(two.option_logprobs[::-1], abs=1e-4)


def test_an_unsupported_delivery_fails_alone(model: Any) -> None:
    missing = "native" if "native" not in model.deliveries else "concat"
    good, bad = model.answer([query(1, 2, model.deliveries[0]), query(1, 2, missing)])
    assert good.error is None
    assert bad.text is None
    assert missing in bad.error


@pytest.mark.slow
def test_a_failing_query_fails_alone(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_one = getattr(model, "inner", model)  # a sandwich asks the model inside it
    real = asked_one.look

    def fragile(batch: Sequence[ModelInput]) -> list[ModelOutput]:
        if any("boom" in look.text for look in batch):
            raise RuntimeError("out of memory")
        return real(batch)

    monkeypatch.setattr(asked_one, "look", fragile)
    delivery = model.deliveries[0]
    asked = [
        query(0, 1, delivery),
        Query((picture(1),), "boom ?", (), delivery),
        query(2, 1, delivery),
    ]
    first, second, third = model.answer(asked)
    assert second.text is None
    assert "out of memory" in second.error
    monkeypatch.undo()
    assert same(first, model.answer([asked[0]])[0])
    assert same(third, model.answer([asked[2]])[0])


def test_bad_queries_are_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match=r"images\[0\] must be uint8"):
        Query((np.zeros((4, 4)),), "what ?")
    with pytest.raises(ValueError, match="text is empty"):
        Query((), " ")
    with pytest.raises(ValueError, match="delivery is 'post'"):
        Query((), "what ?", delivery="post")
    with pytest.raises(ValueError, match="same option twice"):
        Query((), "what ?", ("a", "a"))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_known_subject_sees_what_its_name_says(subject: Any) -> None:
    # A chequered pattern of 2 around each brightness: none of them is flat.
    chequered = 4 * (np.indices((8, 8)).sum(axis=0) % 2)[..., None].repeat(3, axis=2) - 2
    dark, middle, light = ((v + chequered).astype(np.uint8) for v in (40, 81, 122))
    model = Scripted(
        subject, see=_bright, from_prompt=lambda text, options: 3 if "told" in text else None
    )
    options = ("zero", "one", "two", "three")
    # By brightness modulo 4: dark shows option 0, middle 1, light 2; the last picture decides.
    ask = [
        Query((dark, middle, light), "what ?", options),
        Query((light, middle, dark), "what ?", options),
        Query((dark, middle, light), "told what ?", options),
    ]
    forward, reverse, told = (a.text for a in model.answer(ask))
    expected = {
        "fair": ("two", "zero", "two"),
        "first-frame": ("zero", "two", "zero"),
        "first-content": ("zero", "two", "zero"),
        "last-frame": ("two", "zero", "two"),
        "prompt-copier": ("two", "zero", "three"),
        "caption-blind": ("two", "zero", "two"),
    }
    if subject in expected:
        assert (forward, reverse, told) == expected[subject]
    elif subject in ("order-blind", "blind"):
        assert forward == reverse
    else:
        many = {model.answer([ask[0]])[0].text for _ in range(40)}
        assert many == set(options)
