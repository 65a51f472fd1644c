"""What is left of alphabets that the weights know in part is told from languages that they know."""

import pytest

from ocr.caption import Line
from ocr.unknown_script import in_unknown_script, unread


@pytest.mark.parametrize(
    "text",
    [
        "Δεν λ να υλ σμεα",
        "OTE ミANA ΔEYTEPA",
        "EINAI ΩPAIA MEPA",
        "Tôi không mun đi làm hôm nay",
        "Chúng ta là bn",
        "ĐÙNG CÓ MÀ MO",
        "Xin chào các bn",
        "Sp li gi na rồi",
        "CEBEP BETEP MOPE",
        "PECTOPAH MOCKBA",
        "KOT COCËT POT",
        "PAOTAET HE TPOA",
    ],
)
def test_text_in_an_alphabet_that_is_known_in_part(text: str) -> None:
    assert in_unknown_script(text)


@pytest.mark.parametrize(
    "text",
    [
        "THE BEST TOM EVER",
        "HOPE THEY COME BACK",
        "OK ME TOO",
        "HMM OK THE PHOTO",
        "XBOX",
        "TOKYO",
        "! AHHHHHHHH",
        "Δt = 5 μm",
        "Où est la bibliothèque",
        "El niño comió mañana",
        "Não quero trabalhar",
        "Příliš žlutoučký kůň",
        "tuđe noći, ljubav iz šume",
        "Zażółć gęślą jaźń",
        "hmm nth brb",
        "café TV",
        "我太难了",
        "",
    ],
)
def test_languages_that_the_weights_know(text: str) -> None:
    assert not in_unknown_script(text)


def line(text: str, confidence: float = 0.97) -> Line:
    """A line of 400 x 40 pixels."""
    return Line(text, confidence, ((0, 0), (400, 0), (400, 40), (0, 40)))


@pytest.mark.parametrize(
    ("texts", "unread_ones"),
    [
        (["TO GIVE ME YOUR MEAL", "HOTPOCKET"], []),
        (["HOTPOCKET", "BPATAM TAKOE"], ["HOTPOCKET", "BPATAM TAKOE"]),
        (["", "HE BET KOT"], ["", "HE BET KOT"]),
        (["", "I REALLY WANT THIS"], [""]),
    ],
)
def test_lookalikes_are_what_stands_beside_them(texts: list[str], unread_ones: list[str]) -> None:
    lines = [line(text) for text in texts]
    found = unread(lines)
    assert [one.text for one in lines if id(one) in found] == unread_ones
