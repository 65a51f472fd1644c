"""Answers and what they count as: rows of (answer, option)."""

import pytest

from memeprobe.scoring.answers import Score, free, likeliest, score, transcription
from memeprobe.scoring.reading import read as parse

EN = ("throws it", "catches it", "a dog", "eats")
ZH = ("扔出去", "接住", "吃掉", "站着")
NESTED = ("cat", "black cat", "black")


@pytest.mark.parametrize(
    ("answer", "option"),
    [
        ("throws it", 0),
        ("Throws it.", 0),
        ("  THROWS   IT!! ", 0),
        ("It throws it away", 0),
        ("B", 1),
        ("b.", 1),
        ("(B)", 1),
        ("B. catches it", 1),
        ("B) it catches it", 1),
        ("The answer is C.", 2),
        ("Answer: D", 3),
        ("option B", 1),
        ("a dog", 2),
        ("A dog.", 2),
        ("I see a dog here", 2),
        ("A", 0),
        ("B. throws it", None),
        ("he catches it, then throws it", None),
        ("It does not throw it", None),
        ("It never eats", None),
        ("not a dog", None),
        ("beats", None),
        ("E", None),
        ("I do not know", None),
        ("", None),
        ("...", None),
    ],
)
def test_parse_english(answer: str, option: int | None) -> None:
    assert parse(answer, EN) == option


@pytest.mark.parametrize(
    ("answer", "option"),
    [
        ("扔出去", 0),
        ("扔出去。", 0),
        ("它把球扔出去了", 0),
        ("选B", 1),
        ("我选Ｂ。", 1),
        ("答案是C", 2),
        ("正确答案：Ｄ", 3),
        ("Ｄ、站着", 3),
        ("没有扔出去", None),
        ("没扔出去", None),
        ("接住后扔出去", None),
        ("不知道", None),
    ],
)
def test_parse_chinese(answer: str, option: int | None) -> None:
    assert parse(answer, ZH) == option


@pytest.mark.parametrize(
    ("answer", "option"),
    [
        ("cat", 0),
        ("black cat", 1),
        ("it is a black cat", 1),
        ("black", 2),
        ("a cat", 0),
        ("a black cat and a cat", None),
        ("a cat, all black", None),
    ],
)
def test_an_option_inside_another_does_not_count(answer: str, option: int | None) -> None:
    assert parse(answer, NESTED) == option


@pytest.mark.parametrize(
    ("logprobs", "tokens", "option"),
    [
        ((-1.0, -2.0, -3.0), None, 0),
        # Longer options lose in total and win per token: -3 / 6 > -1 / 1.
        ((-1.0, -3.0), (1, 6), 1),
        ((-2.0, -4.0), (1, 2), None),
        ((-1.0, -1.0, -5.0), None, None),
        ((), None, None),
    ],
)
def test_likeliest(
    logprobs: tuple[float, ...], tokens: tuple[int, ...] | None, option: int | None
) -> None:
    assert likeliest(logprobs, tokens) == option


@pytest.mark.parametrize(
    ("text", "logprobs", "expected"),
    [
        ("throws it", None, Score("right", 0)),
        ("eats", None, Score("wrong", 3)),
        ("hm", None, Score("unparsed", None)),
        (None, None, Score("failed", None)),
        # The words do not matter where there are log-probabilities.
        ("eats", (-0.1, -3.0, -4.0, -5.0), Score("right", 0)),
        ("throws it", (-3.0, -0.1, -4.0, -5.0), Score("wrong", 1)),
        ("throws it", (-1.0, -1.0, -2.0, -2.0), Score("unparsed", None)),
        ("throws it", (float("nan"), -1.0, -2.0, -2.0), Score("failed", None)),
        ("throws it", (float("-inf"), -1.0, -2.0, -2.0), Score("failed", None)),
        (None, (-0.1, -3.0, -4.0, -5.0), Score("failed", None)),
    ],
)
def test_score(text: str | None, logprobs: tuple[float, ...] | None, expected: Score) -> None:
    assert score(text, EN, 0, logprobs) == expected


@pytest.mark.parametrize(
    ("answer", "caption"),
    [
        ("OH NO", "OH NO"),
        ('The caption says "OH NO".', "OH NO"),
        ("The text in the picture reads: oh no", "oh no"),
        ("the caption is oh no", "oh no"),
        ("图上写着：你好", "你好"),
        ("图上的文字是：“哈哈”。", "哈哈"),
        ("是你吗", "是你吗"),
        ("Nothing.", ""),
        ("There is no caption.", ""),
        ("没有字", ""),
        ("图上没有文字。", ""),
        ("NOTHING TO SEE", "NOTHING TO SEE"),
    ],
)
def test_transcription(answer: str, caption: str) -> None:
    assert transcription(answer) == caption


def test_an_outcome_outside_the_four_is_refused() -> None:
    with pytest.raises(ValueError, match="none of right, wrong, unparsed, failed"):
        Score("skipped", None)


@pytest.mark.parametrize(
    ("text", "options", "chosen"),
    [
        ("😀", ["😀", "👩", "waves"], 0),
        (" 👩 ", ["😀", "👩", "waves"], 1),
        ("-5", ["-5", "5", "0"], 0),
        ("5", ["-5", "5", "0"], 1),
        ("=1+1", ["=1+1", "1-1", "2"], 0),
        ("...", ["😀", "waves", "x y"], None),
        ("🙂", ["😀", "👩", "waves"], None),
        ("", ["", "x"], None),
    ],
)
def test_an_option_without_words_is_told_letter_by_letter(
    text: str, options: list[str], chosen: int | None
) -> None:
    assert score(text, options, 0).chosen == chosen


def test_an_emoji_is_no_other_emoji() -> None:
    assert free("😀", ["😀"]).exact and not free("👩", ["😀"]).exact
    assert free("A dog!", ["a dog"]).exact
