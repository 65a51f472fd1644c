"""Text accuracy against values worked out by hand."""

import pytest

from ocr.accuracy import anls, cer, exact, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＯＫ，没 毛病!", "ok没毛病"),
        ("Don't  STOP…", "dontstop"),
        ("１０１ °F", "101f"),
        ("啊～行了行了", "啊行了行了"),
        ("", ""),
    ],
)
def test_normalise_folds_what_does_not_count(text: str, folded: str) -> None:
    assert normalise(text) == folded


def test_variants_fold_traditional_into_simplified() -> None:
    assert normalise("這個遊戲") == "這個遊戲"
    assert normalise("這個遊戲", variants=True) == "这个游戏"
    assert exact("这个游戏", "這個遊戲", variants=True)
    assert not exact("这个游戏", "這個遊戲")


@pytest.mark.parametrize(
    ("reference", "hypothesis", "error"),
    [
        ("abcd", "abcd", 0.0),
        ("abcd", "abxd", 0.25),  # one substitution of four
        ("abcd", "", 1.0),
        ("ab", "abcdef", 2.0),  # four insertions over two characters
        ("", "", 0.0),
        ("", "ab", 2.0),
        ("求求你了", "求求您了", 0.25),
        ("Hello, World", "hello world", 0.0),
    ],
)
def test_cer_by_hand(reference: str, hypothesis: str, error: float) -> None:
    assert cer(reference, hypothesis) == pytest.approx(error)


@pytest.mark.parametrize(
    ("references", "hypothesis", "score"),
    [
        (["abcd"], "abcd", 1.0),
        (["abcd"], "abcx", 0.75),
        (["abcd"], "abxy", 0.0),  # half wrong: below the threshold, so nothing
        (["abcd", "wxyz"], "wxyz", 1.0),
        (["abcdefgh"], "abcdef", 0.75),
    ],
)
def test_anls_by_hand(references: list[str], hypothesis: str, score: float) -> None:
    assert anls(references, hypothesis) == pytest.approx(score)


def test_anls_needs_a_reference() -> None:
    with pytest.raises(ValueError, match="at least one reference"):
        anls([], "x")
