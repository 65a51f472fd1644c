"""ChatGLM's tokenizer and its tidying of answers, by hand and against the published code."""

import io
import types
from pathlib import Path
from typing import Any

import pytest
import sentencepiece

from tests.oracles import GLM, oracle
from tests.tiny_chatglm import train_tokenizer
from vlm import ModelError
from vlm.chatglm import ChatGLMTokenizer, postprocess
from vlm.chatglm.text import escape, unescape

TEXTS = [
    "问：图上写着什么？\n答：",
    "what  is   shown\there",
    "a cat",
    "",
    " ",
    "  ",
    "\n\n\t",
    "<img>",
    "</img>问：这只狗\n答：",
    "x" + " " * 80 + "y",
    "x" + " " * 81 + "y",
    "x" + " " * 203 + "y",
    " 狗",
    "狗 ",
    "<|blank_3|>",
    "Q:yes\nA:no",
    "你好！😀 é",
]


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_tokenizer(tmp_path_factory.mktemp("glm") / "ice_text.model")


@pytest.fixture(scope="module")
def tokenizer(model_file: Path) -> ChatGLMTokenizer:
    return ChatGLMTokenizer(model_file)


class Base:
    """What the published tokenizer needs of its base class, which is no longer there."""

    def __init__(self, **settings: Any) -> None:
        self.__dict__.update(settings)

    def convert_tokens_to_ids(self, token: str) -> int:
        return self._convert_token_to_id(token)  # type: ignore[attr-defined]

    pad_token_id = property(lambda self: self._convert_token_to_id(self.pad_token))


@pytest.fixture(scope="module")
def published(model_file: Path) -> Any:
    base = types.SimpleNamespace(PreTrainedTokenizer=Base)
    module = oracle(GLM, "tokenization_chatglm", {"transformers.tokenization_utils": vars(base)})
    return module.ChatGLMTokenizer(str(model_file), num_image_tokens=0)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_tokens_and_text_equal_the_published_tokenizer(
    tokenizer: ChatGLMTokenizer, published: Any, text: Any
) -> None:
    ids = [published._convert_token_to_id(p) for p in published._tokenize(text)]
    assert tokenizer.tokens(text) == ids
    pieces = [published._convert_id_to_token(i) for i in ids]
    assert tokenizer.decode(ids) == published.convert_tokens_to_string(pieces)


def test_prompt_and_padding_equal_the_published_tokenizer(
    tokenizer: ChatGLMTokenizer, published: Any
) -> None:
    rows = [tokenizer.prompt([tokenizer.tokens(t)]) for t in TEXTS[:3]]
    for text, row in zip(TEXTS[:3], rows, strict=True):
        assert row == published.build_inputs_with_special_tokens(tokenizer.tokens(text))
    ids, mask = tokenizer.pad_left(rows)
    for i, row in enumerate(rows):
        strategy = types.SimpleNamespace(LONGEST=1, DO_NOT_PAD=2)
        padded = published._pad({"input_ids": row}, ids.shape[1], strategy)
        assert padded["input_ids"] == ids[i].tolist()
        assert padded["attention_mask"] == mask[i].tolist()


def test_whitespace_becomes_symbols_and_comes_back() -> None:
    table = {
        "a\nb": "a<n>b",
        "a\tb": "a<|tab|>b",
        "a b": "a b",
        "a  b": "a<|blank_2|>b",
        "a" + " " * 80 + "b": "a<|blank_80|>b",
        "a" + " " * 81 + "b": "a<|blank_80|> b",
        "a" + " " * 162 + "b": "a<|blank_80|><|blank_80|><|blank_2|>b",
    }
    for plain, symbols in table.items():
        assert escape(plain) == symbols
        assert unescape(symbols) == plain
    assert unescape("<|blank_1|><|blank_81|>") == "<|blank_1|><|blank_81|>"


def test_segments_get_a_leading_blank_each(tokenizer: ChatGLMTokenizer) -> None:
    blank = tokenizer.tokens("狗")[0]
    assert blank == tokenizer._pieces.piece_to_id("▁")
    assert tokenizer.tokens("猫狗").count(blank) == 1
    prompt = tokenizer.prompt([tokenizer.tokens("猫"), tokenizer.tokens("狗")])
    assert prompt.count(blank) == 2
    assert prompt[-2:] == [tokenizer.gmask, tokenizer.bos]


def test_text_comes_back_without_special_tokens(tokenizer: ChatGLMTokenizer) -> None:
    ids = tokenizer.tokens("图中是什么\n一只猫")
    dressed = [tokenizer.pad, *ids, tokenizer.eos, tokenizer.bos, len(tokenizer) + 100]
    assert tokenizer.decode(dressed) == "图中是什么\n一只猫"


def test_special_symbols_in_a_question_are_plain_text(tokenizer: ChatGLMTokenizer) -> None:
    special = {tokenizer.gmask, tokenizer.bos, tokenizer.eos, tokenizer.pad}
    assert not special & set(tokenizer.tokens("a <eop> b [gMASK] <sop> <pad>"))


def test_a_file_that_is_no_chatglm_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"ice_text.model of the model"):
        ChatGLMTokenizer(tmp_path / "gone.model")
    (tmp_path / "broken.model").write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(ModelError, match="no sentencepiece model"):
        ChatGLMTokenizer(tmp_path / "broken.model")
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d"]),
        model_writer=out,
        vocab_size=9,
        minloglevel=2,
        hard_vocab_limit=False,
    )
    (tmp_path / "other.model").write_bytes(out.getvalue())
    with pytest.raises(ModelError, match=r"has no symbol \[gMASK\]"):
        ChatGLMTokenizer(tmp_path / "other.model")


ANSWERS = [
    ("  图上写着,你好!  ", "图上写着，你好！"),
    ("我的知识到[[训练时间]]", "我的知识到2023年"),
    ("是吗?是的;真的:好", "是吗？是的；真的：好"),
    ("hello, world: yes", "hello, world: yes"),
    ("狗,cat!猫", "狗，cat！猫"),
    ("问：图中是什么?\n答：一只猫", "一只猫"),
]


@pytest.mark.parametrize(("raw", "tidy"), ANSWERS)
def test_answers_are_tidied(raw: Any, tidy: Any) -> None:
    assert postprocess(raw) == tidy


def test_english_answers_follow_the_last_sign() -> None:
    assert postprocess("Q:what?\nA:a cat", english=True) == "a cat"


@pytest.mark.parametrize("raw", [*(r for r, _ in ANSWERS), *TEXTS, "你,,好", "你,好,吗,?", ",你"])
def test_punctuation_equals_the_published_code(raw: Any) -> None:
    module = oracle(GLM, "modeling_chatglm", {"requests": {}})
    theirs = module.ChatGLMForConditionalGeneration.process_response(None, raw)
    assert postprocess(raw) == theirs.split("答：")[-1].strip()
