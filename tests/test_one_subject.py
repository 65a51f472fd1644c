"""Known subjects on one meme: what their bias makes of the frames, and what is said of it."""

import numpy as np
import pytest

from memeprobe.dashboard.explore.several import said_of
from memeprobe.first_picture import first_picture
from memeprobe.one_subject import DELIVERIES, ON_ONE_MEME, subject_on
from memeprobe.workers import asking
from memeprobe.workers.asking import look_answer

NUMBERS = (0, 7, 12, 31)


@pytest.fixture
def frames() -> list[tuple[int, np.ndarray]]:
    dice = np.random.default_rng(3)
    return [(n, dice.integers(0, 256, (24, 32, 3), np.uint8)) for n in NUMBERS]


def asked(spec: str, frames: list[tuple[int, np.ndarray]], delivery: str) -> dict[str, str | None]:
    plan = asking.conditions(frames, "What happens?", [delivery])
    said = list(asking.of_one_meme(subject_on(spec, frames), plan))
    verdict = first_picture([look_answer(one) for one in said])
    return {one.condition: one.answer.text for one in said} | {"verdict": verdict.only_first}


def test_a_subject_names_the_frames_that_it_looks_at(frames: list[tuple[int, np.ndarray]]) -> None:
    first = asked("known:first-frame", frames, "native")
    assert (first["keyframes"], first["reversed"], first["last_repeated"]) == ("0", "31", "31")
    assert first["single@2"] == "7" and first["verdict"] == "yes"
    last = asked("known:last-frame", frames, "native")
    assert (last["keyframes"], last["verdict"]) == ("31", "no")
    fair = asked("known:fair", frames, "native")
    assert (fair["keyframes"], fair["verdict"]) == ("0 7 12 31", "no")
    blind = asked("known:order-blind", frames, "native")
    assert blind["keyframes"] == blind["reversed"]
    assert asked("known:blind", frames, "native")["verdict"] == "cannot_tell"
    # Where the delivery hands over one frame, no subject is called biased.
    assert asked("known:fair", frames, "first_only")["verdict"] == "cannot_tell"


def test_every_subject_can_be_asked_by_every_delivery_and_beside_others(
    frames: list[tuple[int, np.ndarray]],
) -> None:
    for name in ON_ONE_MEME:
        for delivery in DELIVERIES:
            assert all(asked(f"known:{name}", frames, delivery).values())
    other = [(n + 100, pixels[::-1].copy()) for n, pixels in frames]
    found = list(said_of({"a": frames, "b": other}, ["known:first-frame", "known:fair"], "?"))
    assert [(one.file, one.first, one.whole) for one in found] == [
        ("a", "0", "0"),
        ("b", "100", "100"),
        ("a", "0", "0 7 12 31"),
        ("b", "100", "100 107 112 131"),
    ]
