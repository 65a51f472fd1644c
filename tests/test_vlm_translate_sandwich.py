"""The translation sandwich: what goes in, what comes back, what the receipt keeps, what fails."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memeprobe.store.schema import answer_of, answer_row
from tests import tiny_translators as pair
from tests.not_none import not_none
from tests.tiny_checkpoints import make_instructblip
from vlm import Answer, LoadOptions, Model, Query, Receipt, load_model
from vlm.translate import Sandwich, wrap

TO_ENGLISH = {
    "图里是什么？": "What is in the picture?",
    "猫": "a cat",
    "狗": "a dog",
    "小猫": "A cat.",
    "红色": "red",
    "选哪个？": "Which one?",
    "选项：": "Options:",
    "只回答字母。": "Letter only.",
    "空": " ",
    "坏": "the bad one",
    "甲：": "A: x",
}
TO_CHINESE = {"It is not a cat.": "它不是猫。", "two birds": "两只鸟", "a tree": "坏"}


class Table:
    """A translator that knows what a table says."""

    def __init__(self, kind: str, table: dict[str, str], revision: str) -> None:
        self.kind, self.table, self.revision = kind, table, revision
        self.asked: list[list[str]] = []

    def translate(self, texts: Sequence[str]) -> list[str]:
        self.asked.append(list(texts))
        if "炸" in texts or "explode" in texts:
            raise RuntimeError("out of memory")
        return [self.table[t] for t in texts]


class English:
    """An inner model that says what it is told to and weighs options by their length."""

    name, revision, deliveries = "english", "7", ("concat", "grid")

    def __init__(self, says: str | None = "a cat", logprobs: bool = True) -> None:
        self.says, self.logprobs = says, logprobs
        self.asked: list[Query] = []

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        self.asked += queries
        return [self._one(q) for q in queries]

    def _one(self, query: Query) -> Answer:
        receipt = Receipt(query.delivery, 0, 0, (), query.text)
        if self.says is None:
            return Answer(None, receipt, error="inner broke")
        weights = tuple(-float(len(o)) for o in query.options)
        if self.logprobs and query.options:
            return Answer(self.says, receipt, weights, (2,) * len(weights))
        return Answer(self.says, receipt)


def sandwich(says: str | None = "a cat", logprobs: bool = True, **more: str) -> Any:
    return Sandwich(
        English(says, logprobs),
        Table("marian", TO_ENGLISH | more, "z"),
        Table("deltalm", TO_CHINESE, "e"),
    )


def ask(model: Model, *args: Any) -> Answer:
    return model.answer([Query((), *args)])[0]


def test_a_chinese_question_is_asked_in_english_and_answered_with_the_original_option() -> None:
    model = sandwich()
    answer = ask(model, "图里是什么？", ("猫", "狗", "红色"))
    inner = model.inner.asked[0]
    assert (inner.text, inner.options) == ("What is in the picture?", ("a cat", "a dog", "red"))
    assert answer.text == "猫"
    assert answer.option_logprobs == (-5.0, -5.0, -3.0)  # in the order of the given options
    assert answer.option_tokens == (2, 2, 2)
    assert not_none(answer.receipt).prompt == "What is in the picture?"
    assert not_none(answer.receipt).translations == (
        ("图里是什么？", "What is in the picture?"),
        ("猫", "a cat"),
        ("狗", "a dog"),
        ("红色", "red"),
        ("a cat", "猫"),
    )
    assert model.en_zh.asked == []


def test_english_passes_through_untouched() -> None:
    model = sandwich("two birds")
    query = Query((), "What?", ("a cat", "a dog"), "grid", 7)
    assert model.answer([query]) == English("two birds").answer([query])
    assert model.inner.asked[0] is query
    assert model.zh_en.asked == model.en_zh.asked == []


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("a cat", "猫"),
        ("A cat!", "猫"),
        ("B. a dog", "狗"),
        ("(a) a cat.", "猫"),
        ("B", "B"),
        ("(b)", "(b)"),
        ("It is not a cat.", "它不是猫。"),
        ("two birds", "两只鸟"),
        ("42", "42"),
        ("", ""),
        ("B. two birds", "B. 两只鸟"),
    ],
)
def test_answers_come_back_as_an_option_only_if_the_whole_answer_is_one(
    says: str, text: str
) -> None:
    answer = ask(sandwich(says, logprobs=False), "图里是什么？", ("猫", "狗"))
    assert answer.text == text
    last = not_none(answer.receipt).translations[-1]
    assert last == ((says, text) if text != says else ("狗", "a dog"))


def test_options_listed_in_the_question_keep_their_letters() -> None:
    model = sandwich("B")
    answer = ask(model, "选哪个？\n选项：\nA. 猫\nB. 狗\nC. OK\n只回答字母。")
    asked = model.inner.asked[0].text
    assert asked == "Which one?\nOptions:\nA. a cat\nB. a dog\nC. OK\nLetter only."
    assert answer.text == "B"


def test_an_english_question_about_chinese_options_is_answered_in_english() -> None:
    model = sandwich("two birds")
    answer = ask(model, "What?", ("猫", "dog"))
    assert model.inner.asked[0].options == ("a cat", "dog")
    assert answer.text == "two birds"
    assert not_none(answer.receipt).translations == (("猫", "a cat"),)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (("图里是什么？", ("猫", "小猫")), "'猫' and '小猫' both become 'A cat.' in English"),
        (("图里是什么？", ("猫", "a cat")), "'猫' and 'a cat' both become 'a cat'"),
        (("选哪个？\nA. 猫\nB. 小猫",), "'猫' and '小猫' both become"),
        (("空",), "'空' became nothing in English"),
        (("图里是什么？", ("猫", "空")), "'空' became nothing in English"),
        (("炸",), "translation: RuntimeError: out of memory"),
        (("图里是什么？\n炸",), "translation: RuntimeError: out of memory"),
    ],
)
def test_what_translation_breaks_is_a_failure_and_never_an_answer(query: Any, message: str) -> None:
    model = sandwich()
    good = Query((), "图里是什么？", ("猫", "狗"))
    first, failed, last = model.answer([good, Query((), *query), good])
    assert failed.text is None
    assert message in not_none(failed.error)
    assert first == last
    assert first.text == "猫"
    assert len(model.inner.asked) == 2


def test_an_answer_that_cannot_be_translated_back_fails_with_its_receipt() -> None:
    answer = ask(sandwich("explode"), "图里是什么？")
    assert answer.text is None
    assert answer.error == "translation: RuntimeError: out of memory"
    assert not_none(answer.receipt).translations == (("图里是什么？", "What is in the picture?"),)


def test_a_failure_of_the_inner_model_keeps_its_receipt() -> None:
    answer = ask(sandwich(None), "图里是什么？")
    assert answer.error == "inner broke"
    assert not_none(answer.receipt).translations == (("图里是什么？", "What is in the picture?"),)


def test_a_line_that_becomes_lettered_is_no_option() -> None:
    assert ask(sandwich("two birds"), "甲：\n图里是什么？").text == "两只鸟"


def test_a_batch_is_translated_at_once_and_answered_in_order() -> None:
    model = sandwich("two birds", logprobs=False)
    texts = ["图里是什么？", "What?", "选哪个？", "图里是什么？"]
    answers = model.answer([Query((), t) for t in texts])
    assert [a.text for a in answers] == ["两只鸟", "two birds", "两只鸟", "两只鸟"]
    assert model.zh_en.asked == [["图里是什么？", "选哪个？"]]
    assert model.en_zh.asked == [["two birds"]]
    assert [q.text for q in model.inner.asked] == [
        TO_ENGLISH[texts[0]],
        "What?",
        TO_ENGLISH[texts[2]],
        TO_ENGLISH[texts[0]],
    ]
    assert model.answer([]) == []


def test_name_and_revision_tell_all_three_parts() -> None:
    model = sandwich()
    assert model.name == "english+marian/deltalm"
    same = Sandwich(English(), Table("deltalm", {}, "z"), Table("deltalm", {}, "e"))
    assert same.name == "english+deltalm"
    assert model.deliveries == ("concat", "grid")
    revisions = set()
    for inner, zh, en in (("7", "z", "e"), ("8", "z", "e"), ("7", "y", "e"), ("7", "z", "f")):
        part = English()
        part.revision = inner
        revisions.add(Sandwich(part, Table("a", {}, zh), Table("a", {}, en)).revision)
    assert len(revisions) == 4


def test_the_store_keeps_translations() -> None:
    answer = ask(sandwich(), "图里是什么？", ("猫", "狗"))
    columns = ("text", "error", "logprobs", "tokens", "receipt")
    row: Any = dict(zip(columns, answer_row(answer), strict=True), answer_sum=None)
    assert answer_of(row) == answer
    assert asdict(not_none(answer_of(row).receipt))["translations"]


# With real translators of random weights, through the public path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    root = tmp_path_factory.mktemp("sandwich")
    return (
        make_instructblip(root / "blip", "llama"),
        pair.make_marian(root / "zh-en"),
        pair.make_deltalm(root / "en-zh"),
    )


@pytest.mark.slow
def test_a_model_is_loaded_between_two_translators(folders: tuple[Path, Path, Path]) -> None:
    blip, zh_en, en_zh = map(str, folders)
    model: Any = load_model(blip, LoadOptions("cpu", translators=(zh_en, en_zh)))
    plain = load_model(blip, LoadOptions("cpu"))
    assert model.name == f"{plain.name}+marian/deltalm"
    image = np.random.default_rng(1).integers(0, 255, (30, 40, 3), np.uint8)
    english = Query((image,) * 4, "what is shown here ?", ("a cat", "a dog"), "concat")
    chinese = Query((image,) * 4, "图中是什么", ("一只猫", "狗"), "concat")
    through, translated = model.answer([english, chinese])
    (direct,) = plain.answer([english])
    assert through.text == direct.text
    assert through.option_logprobs == pytest.approx(direct.option_logprobs, abs=1e-4)
    assert translated.error is None
    said = dict(not_none(translated.receipt).translations)
    assert said["图中是什么"] == model.zh_en.translate(["图中是什么"])[0]
    assert not_none(translated.receipt).prompt.endswith(said["图中是什么"])
    inner = Query(chinese.images, said["图中是什么"], (said["一只猫"], said["狗"]), "concat")
    (alone,) = plain.answer([inner])
    assert translated.option_logprobs == pytest.approx(alone.option_logprobs, abs=1e-4)
    assert not_none(translated.receipt).images == not_none(alone.receipt).images


def test_wrap_takes_sources_and_a_device(folders: tuple[Path, Path, Path]) -> None:
    model: Any = wrap(English(), str(folders[1]), str(folders[1]), "cpu")
    assert model.name == "english+marian"
    assert model.zh_en.net.device.type == "cpu"
