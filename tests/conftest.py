"""Shared fixtures: where the real memes lie, and a plain skip where they do not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.command_line import CommandLine, command_line
from tests.pages import LONG
from tests.served import browser, missing, server
from tests.service import Served

ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a browser or PaddleOCR are marked by what they use."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
        if "paddleocr" in item.name:
            item.add_marker(pytest.mark.paddle)


@pytest.fixture(scope="session")
def memes_dir() -> Path:
    """The folder of real memes with known captions (MEMEPROBE_MEMES, else ../shared/memes)."""
    folder = Path(os.environ.get("MEMEPROBE_MEMES", ROOT.parent / "shared" / "memes"))
    if not (folder / "manifest.jsonl").is_file():
        pytest.skip(f"the real memes are not at {folder}; set MEMEPROBE_MEMES to test on them")
    return folder


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The REST service on an empty workspace."""
    service = Served(tmp_path_factory.mktemp("service") / "memeprobe.sqlite")
    yield service
    service.end()


@pytest.fixture(scope="module")
def served_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the workspace of the dashboard lies, and what belongs to it."""
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def address(served_folder: Path) -> Iterator[str]:
    """The dashboard on an empty workspace."""
    with server(served_folder / "store.sqlite") as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    if (why := missing()) is not None:
        pytest.skip(why)
    with browser() as started:
        yield started


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a visitor of its own."""
    opened = chromium.new_page(viewport={"width": 1280, "height": 1000})
    opened.set_default_timeout(LONG)
    yield opened
    opened.close()


@pytest.fixture
def memeprobe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> CommandLine:
    """The command line on an empty workspace."""
    return command_line(monkeypatch, capsys, tmp_path / "store.sqlite")


@pytest.fixture
def no_rechecks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked again to see that the answers stay; tests/test_probes_asking.py has that."""
    monkeypatch.setattr("memeprobe.running.asker.RECHECKED", 0)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace that the pages and the API take."""
    path = tmp_path / "store.sqlite"
    monkeypatch.setenv("MEMEPROBE_WORKSPACE", str(path))
    return path
