"""Workspaces of every format, damaged or half written by a command that was killed."""

import pytest

from benchmarks.store_damage import DAMAGES, UNSUMMED, tried

SEED = 17


@pytest.mark.slow
def test_a_damaged_store_is_read_right_or_refused_in_one_line() -> None:
    ends, wrong = tried(SEED, 6 * len(DAMAGES), 8)
    assert wrong == []
    assert ends["refused"] > 50 < ends["used"] and ends[UNSUMMED] < 20 and ends["kills, fine"] == 8
