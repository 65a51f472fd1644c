"""Damaged inputs of every kind, made again by their numbers; among them those that once failed."""

import random
from pathlib import Path

import pytest

from benchmarks.input_fuzz import KINDS, Try

SEED = 20261129
ONCE = {
    # Names longer than a file may have, in the tables of four data sets; half a character.
    "imports": (12, 13, 166, 285, 320, 403),
    # A refusal in no JSON was quoted with its line breaks.
    "replies": (0, 67),
}
"""Kind of input -> numbers of the run with ``SEED`` that ended otherwise than they may."""


def ended(one: Try, seed: int, number: int) -> None:
    found = one(random.Random(f"{seed}/{number}"))
    assert found in ("used", "refused"), f"seed {seed}, number {number}: {found}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONCE)
def test_what_once_failed_is_used_or_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(monkeypatch)
    one = KINDS[kind](tmp_path)
    for number in ONCE[kind]:
        ended(one, SEED, number)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("sets", 25),
        ("imports", 60),
        ("archives", 120),
        ("replies", 12),
        ("openai", 2),
        ("vllm", 3),
        ("sglang", 3),
        ("batches", 3),
    ],
)
def test_damage_is_used_or_refused(
    kind: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet(monkeypatch)
    one = KINDS[kind](tmp_path)
    for number in range(count):
        ended(one, SEED + 1, number)


def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the fuzzer sets of the environment is undone after the test."""
    settings = {"LONGEST_WAIT": "0.01", "ATTEMPTS": "2", "TIMEOUT": "30", "CONCURRENCY": "1"}
    for name, value in settings.items():
        monkeypatch.setenv(f"MEMEPROBE_SERVER_{name}", value)
