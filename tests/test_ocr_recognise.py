"""Lines tried upside down and mirrored, with an engine that reads what a table says."""

from collections.abc import Sequence

import numpy as np
import pytest

from ocr.lookalikes import as_meant
from ocr.recognise import cut_out, recognised

CORNERS = {(0, 0): "as it stands", (-1, -1): "upside down", (0, -1): "mirrored"}
"""Where the marked corner of a crop is -> how it was turned."""


class Table:
    """An engine of one line: what it reads by the way the crop is turned."""

    name = "table"
    alphabets = frozenset[str]()

    def __init__(self, says: dict[str, tuple[str, float]]) -> None:
        self.says = says

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        return [[] for _ in images]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        ways = [next((w for at, w in CORNERS.items() if crop[at].any()), "") for crop in crops]
        return [self.says.get(way, ("", 0.0)) for way in ways]


@pytest.mark.parametrize(
    ("upright", "turned", "expected"),
    [
        # The letters of both are the same shapes: nothing says that it stands on its head.
        (("WOW", 0.85), ("MOM", 0.99), ("WOW", "")),
        (("W0W", 0.85), ("MOM", 0.99), ("W0W", "")),
        (("SNOW", 0.85), ("MONS", 0.99), ("SNOW", "")),
        (("969", 0.85), ("696", 0.99), ("969", "")),
        (("ZZZZ", 0.7), ("SSSS", 0.99), ("ZZZZ", "")),
        (("???", 0.7), ("SSS", 0.99), ("???", "")),
        # Here they are not.
        (("sıɥʇ", 0.6), ("this", 0.99), ("this", "upside down")),
        (("HOHV", 0.6), ("MOM WOW", 0.99), ("MOM WOW", "upside down")),
    ],
)
def test_letters_that_are_letters_either_way_up_stand_as_they_read(
    upright: tuple[str, float], turned: tuple[str, float], expected: tuple[str, str]
) -> None:
    crop = np.zeros((20, 80, 3), np.uint8)
    crop[0, 0] = 255
    (found,) = recognised([crop], Table({"as it stands": upright, "upside down": turned}))
    assert (found.text, found.orientation) == expected


@pytest.mark.parametrize("across", [False, True])
def test_a_line_is_cut_out_of_a_picture_of_any_length(across: bool) -> None:
    """OpenCV's own limit is 32,766 pixels a side; a GIF may have 65,535."""
    long = np.zeros((65_438, 60, 3), np.uint8)
    long[60_000:60_010, 10:50] = np.arange(40)[:, None] * 6
    box = np.array([[10, 60_000], [50, 60_000], [50, 60_010], [10, 60_010]], np.float32)
    image = long.transpose(1, 0, 2) if across else long
    crop = cut_out(np.ascontiguousarray(image), box[:, ::-1][[0, 3, 2, 1]] if across else box)
    assert crop.shape == (10, 40, 3)
    assert sorted(np.unique(crop).tolist())[:2] == [0, 6]


class Narrow(Table):
    """An engine that counts letters by the width of the crop, as one that goes by steps does."""

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        return [self.says["wide" if crop.shape[1] > 80 else "as it stands"] for crop in crops]


@pytest.mark.parametrize(
    ("first", "wider", "expected"),
    [
        (("WIIIIT", 0.82), ("WIIIIIT", 0.99), "WIIIIIT"),
        (("WIIIIT", 0.82), ("WMMT", 0.99), "WIIIIT"),  # other letters
        (("WIIIIT", 0.82), ("WIIIIIT", 0.7), "WIIIIT"),  # no surer
        (("WIIIIT", 0.95), ("WIIIIIT", 0.99), "WIIIIT"),  # not doubted
        (("GOOD", 0.82), ("GOOOD", 0.99), "GOOD"),  # no run
        (("2000", 0.82), ("20000", 0.99), "2000"),
    ],
)
def test_doubtful_runs_of_a_letter_are_counted_again_on_a_wider_line(
    first: tuple[str, float], wider: tuple[str, float], expected: str
) -> None:
    crop = np.zeros((20, 80, 3), np.uint8)
    (found,) = recognised([crop], Narrow({"as it stands": first, "wide": wider}))
    assert found.text == expected


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("SOMETIMES,!", "SOMETIMES,I"),
        ("SOMETIMES, !", "SOMETIMES, I"),
        ("NO,!?", "NO,!?"),
        ("OH NO!", "OH NO!"),
    ],
)
def test_no_mark_follows_a_comma(text: str, meant: str) -> None:
    assert as_meant(text) == meant
