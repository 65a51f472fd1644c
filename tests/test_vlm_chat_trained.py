"""Trained toys of chat models: the answer in words is the answer by options, for every template."""

from typing import Any

import pytest

from tests.tiny_chat import FAMILIES
from tests.trained import counts
from tests.trained_chat import ROWS, Row, trained
from tests.trained_chat_more import MORE

ALL = {**ROWS, **MORE}


@pytest.fixture(scope="module", params=ALL)
def row_and_model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Row, Any]:
    row = ALL[request.param]
    return request.param, row, trained(row, tmp_path_factory.mktemp("toy"))


@pytest.mark.slow
def test_the_answer_in_words_is_the_answer_by_options(row_and_model: tuple[str, Row, Any]) -> None:
    name, _, model = row_and_model
    thinks = name in ("thinks aloud", "opened by the template")  # dozens of tokens an answer
    words, options, asked = counts(model, "native", 12 if thinks else 42)
    assert words >= 0.9 * asked, f"the toy did not learn: {words} of {asked}"
    assert options == words


def test_every_family_has_a_trained_toy() -> None:
    untrained = {"aria"}  # its processor makes 980 pixels of every picture: too slow to train here
    assert {row.family for row in ALL.values()} == set(FAMILIES) - untrained
