"""An exported run in ``inspect view``, in a real browser: frames, answers and scores are seen."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest
from playwright.sync_api import Page, expect

from memeprobe.jobs import write_export
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.running import run
from tests.served import end

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_rechecks")]


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[str]:
    """``inspect view`` on the log of a run over four clips; gives its address."""
    pytest.importorskip("inspect_ai", reason="needs inspect_ai: memeprobe[formats]")
    colours = write_set(tmp_path / "set", clips=4)
    (tmp_path / "logs").mkdir()
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(conditions=("blind", "first", "keyframes")), colours, Eye(), store)
        write_export(store, name, "inspect", tmp_path / "logs" / "run.eval")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    view = ["-m", "inspect_ai._cli.main", "view", "start", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, *view, "--port", str(port), "--log-dir", str(tmp_path / "logs")],
        env={**os.environ, "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(address, timeout=5).read()
                break
            except OSError:
                sleep(0.2)
        yield address
    finally:
        end(process)


def test_a_browser_shows_frames_answers_and_scores(viewer: str, page: Page) -> None:
    page.goto(viewer)
    page.get_by_text(re.compile("^memeprobe/")).first.click()
    expect(page.get_by_text("keyframes", exact=True).first).to_be_visible()  # its accuracy first
    expect(page.get_by_text("Which colour is there at the end?").first).to_be_visible()
    page.get_by_text(re.compile("/keyframes$")).first.click()
    pictures = page.locator("img[src^='data:image/webp']")
    expect(pictures.first).to_be_visible()
    widths = pictures.evaluate_all("all => all.map(each => each.naturalWidth)")
    assert len(widths) > 1 and all(widths)
    expect(page.get_by_text(re.compile(r"It is \w+\.")).first).to_be_visible()
    page.get_by_role("tab", name="Scoring").click()
    expect(page.get_by_text(re.compile("(right|wrong): ")).first).to_be_visible()
