"""No page that memeprobe makes asks another host for anything: it may stand where no network is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

import memeprobe as mp
from tests.pages import visit
from tests.served import server
from tests.test_frames_formats import FILES

pytestmark = pytest.mark.slow


@contextmanager
def hosts_of(page: Page) -> Iterator[set[str]]:
    """Hosts that a page asks; what it embeds itself counts for nothing."""
    found: set[str] = set()

    def add(url: str) -> None:
        if not url.startswith(("data:", "blob:", "file:")):
            found.add(urlsplit(url).netloc)

    page.on("request", lambda request: add(request.url))
    page.on("websocket", lambda socket: add(socket.url))
    yield found


@pytest.fixture(scope="module")
def run_there(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a run in it, and the run's id."""
    path = tmp_path_factory.mktemp("alone") / "store.sqlite"
    return path, mp.run("reveal", "known:first-frame", limit=1, workspace=path).id


def test_the_pages_ask_their_own_server_alone(page: Page, run_there: tuple[Path, str]) -> None:
    workspace, run = run_there
    with server(workspace) as address, hosts_of(page) as hosts:
        for path in (f"runs?run={run}", "compare", "sets", "calibration"):
            visit(page, address, path)
        visit(page, address)
        page.locator("input[type=file]").first.set_input_files(
            {"name": "a.gif", "mimeType": "image/gif", "buffer": FILES["gif by Pillow"][1]()}
        )
        page.locator(".mp-frames figure").first.wait_for()
    assert hosts == {urlsplit(address).netloc}


def test_a_report_asks_nobody(page: Page, run_there: tuple[Path, str], tmp_path: Path) -> None:
    workspace, run = run_there
    path = tmp_path / "report.html"
    mp.open_run(run, workspace).report(path)
    with hosts_of(page) as hosts:
        page.goto(path.as_uri())
        page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1 and hosts == set()
