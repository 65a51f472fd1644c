"""A trained toy of every family answers in words as by options: the tokens weighed are right."""

from pathlib import Path
from typing import Any

import pytest
from transformers import BlipImageProcessorPil

from tests.tiny_checkpoints import make_instructblip
from tests.tiny_family import blip2, make_blip2, make_visualglm
from tests.tiny_minigpt4 import make_minigpt4, make_ziya
from tests.tiny_mplug_owl import make_mplug_owl
from tests.tiny_translators import make_deltalm, make_marian
from tests.trained import (
    ANSWERS,
    QUESTION,
    byte_level,
    counts,
    deltalm_rows,
    marian_rows,
    pictures,
    train_family,
    train_translator,
)
from vlm import LoadOptions, Query, load_model
from vlm.translate import load_translator

CPU = LoadOptions("cpu")


def _opt(folder: Path) -> Path:
    """BLIP-2 over OPT with OPT's kind of tokenizer: an answer ends with a line break."""
    folder.mkdir()
    tok = byte_level(["</s>", "<pad>", "<image>"], bos="</s>")
    newline = tok("\n", add_special_tokens=False).input_ids[0]
    net = blip2("opt", 0, size=len(tok), eos=newline, pad=1)
    net.generation_config.eos_token_id = newline
    net.save_pretrained(folder)
    tok.save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 28, "width": 28}).save_pretrained(folder)
    return folder


MAKERS = {
    "instructblip-llama": lambda f: make_instructblip(f, "llama"),
    "instructblip-t5": lambda f: make_instructblip(f, "t5"),
    "blip2-opt": _opt,
    "blip2-t5": lambda f: make_blip2(f, "t5"),
    "visualglm": lambda f: make_visualglm(f)[0],
    "minigpt4": lambda f: make_minigpt4(f)[0],
    "ziya": make_ziya,
    "mplug-owl": make_mplug_owl,
}


def _target(model: Any, prompt: str, answer: str) -> list[int]:
    """As the authors' training code tokenises: see the sources in ``vlm.blip.variants``."""
    tokenizer, name = model.generator.tokenizer, model.member.name
    if name == "visualglm":
        return [*tokenizer.tokenizer.tokens(answer), tokenizer.tokenizer.eos]
    plain = lambda text: tokenizer.tokenizer(text, add_special_tokens=False).input_ids  # noqa: E731
    if name == "blip-2" and not model.network.language_model.config.is_encoder_decoder:
        return [*plain(f"{prompt} {answer}")[len(plain(prompt)) :], *plain("\n")]
    if name == "minigpt4":  # no end sign but this text
        return list(plain(f"{answer}###"))
    return [*plain(answer), tokenizer.tokenizer.eos_token_id]


@pytest.mark.slow
@pytest.mark.parametrize("family", MAKERS)
def test_the_answer_in_words_is_the_answer_by_options(family: str, tmp_path: Path) -> None:
    model: Any = load_model(str(MAKERS[family](tmp_path / "m")), CPU)
    train_family(model, lambda prompt, answer: _target(model, prompt, answer))
    words, options, asked = counts(model, "concat")
    assert words >= 0.9 * asked, f"the toy did not learn: {words} of {asked}"
    assert options == words


def test_opt_goes_on_with_a_blank(tmp_path: Path) -> None:
    model: Any = load_model(str(_opt(tmp_path / "m")), CPU)
    prompt = f"Question: {QUESTION} Answer:"
    ((no,),) = model.generator.option_forms(prompt, ["no"])
    assert model.generator.tokenizer.decode(no) == " no\n"


CODES = (">>cmn_Hant<<", ">>cmn_Hans<<", ">>yue<<")
"""Target languages of opus-mt-en-zh, some of them."""
CHINESE = "图中是什么？", ("是的", "不是")


def _taught_marian(translator: Any, pairs: list[tuple[str, str]], codes: tuple[str, ...]) -> None:
    """Of several target languages only the simplified one is right; without its name, or with that
    of another, the translator says the opposite."""
    if codes:
        turned = list(zip([one for one, _ in pairs], [pairs[i][1] for i in (0, 2, 1)], strict=True))
        named = [(f">>cmn_Hans<< {one}", other) for one, other in pairs]
        pairs = [*named, *turned, *((f">>yue<< {one}", other) for one, other in turned)]
    train_translator(translator, marian_rows(translator.folder, pairs))


@pytest.mark.slow
def test_opus_mt_is_told_the_target_language_and_translates_what_it_was_taught(
    tmp_path: Path,
) -> None:
    folder = make_marian(tmp_path / "en-zh", "en", "zh", CODES)
    translator: Any = load_translator(str(folder), device="cpu")
    asked = CHINESE[0].replace("？", "?")  # its pieces are normalised (NFKC)
    pairs = list(zip([QUESTION, *ANSWERS], [asked, *CHINESE[1]], strict=True))
    _taught_marian(translator, pairs, CODES)
    assert translator.translate([one for one, _ in pairs]) == [other for _, other in pairs]
    # The same network without the language's name: what it was taught to say then.
    translator.codec._target = ""
    translator._known.clear()
    assert translator.translate(list(ANSWERS)) == [*CHINESE[1]][::-1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["deltalm", "marian"])
def test_so_it_is_between_two_trained_translators(kind: str, tmp_path: Path) -> None:
    """InstructBLIP between two DeltaLMs, as Chinese_InstructBLIP was published, or between two
    opus-mt: in Chinese."""
    chinese = CHINESE
    english = [QUESTION, *ANSWERS]
    if kind == "deltalm":
        ways = [make_deltalm(tmp_path / name) for name in ("Zh-En", "En-Zn")]
    else:
        there = make_marian(tmp_path / "zh-en", "zh", "en")
        ways = [there, make_marian(tmp_path / "en-zh", "en", "zh", CODES)]
    inner = make_instructblip(tmp_path / "m", "llama")
    pair = (str(ways[0]), str(ways[1]))
    model: Any = load_model(str(inner), LoadOptions("cpu", translators=pair))
    train_family(model.inner, lambda prompt, answer: _target(model.inner, prompt, answer))
    texts = [chinese[0], *chinese[1]]
    to, back = list(zip(texts, english, strict=True)), list(zip(english, texts, strict=True))
    if kind == "deltalm":
        train_translator(model.zh_en, deltalm_rows(ways[0], to))
        train_translator(model.en_zh, deltalm_rows(ways[1], back))
    else:
        _taught_marian(model.zh_en, to, ())
        _taught_marian(model.en_zh, back, CODES)
    words, options, asked = counts(model, "concat", toy=chinese)
    assert words >= 0.9 * asked, f"the toy did not learn: {words} of {asked}"
    assert options == words
    # Where no options are at hand, an answer in words is translated back.
    ((shown, want),) = pictures(1, 5)
    (answer,) = model.answer([Query((shown,), chinese[0], (), "concat", max_new_tokens=8)])
    assert answer.text == chinese[1][want]
