"""Clients of the service at once, over HTTP alone: each gets its own clip, answers and run."""

from pathlib import Path

import pytest

from benchmarks.http_clients import WORDS, checked, page_shows, together
from tests.service import Served

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')


def test_clients_at_once_get_each_their_own_run(workspace: Path) -> None:
    """As ``python -m benchmarks.http_clients`` does with ten and a real GIF."""
    served = Served(workspace)
    try:
        visits = together(served.url, 3, None, "known:first-frame")
        checked(visits, workspace)
        assert page_shows(visits[1].run)
    finally:
        served.end()
    assert [visit.captions for visit in visits] == [[word] for word in WORDS[:3]]
