"""The dashboard served for a browser: a Streamlit process of its own, and Chromium without head."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)

START_SECONDS = 120
"""Other work may share the machine."""


def missing() -> str | None:
    """Why no browser can be started here; None if one can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "the package playwright is not installed: pip install -e '.[dev]'"
    if CHROMIUM is None:
        return "there is no Chromium: apt-get install chromium fonts-noto-cjk"
    return None


def end(process: "subprocess.Popen[Any]", seconds: float = 10) -> None:
    """End a process: asked first, killed where it does not heed that in time."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Wait until the server does; one that has ended, or says nothing for long, is told at once."""
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no server at {address}; its last words:\n{log.read_text()[-2000:]}")


@contextmanager
def server(
    workspace: Path, script: Path = ROOT / "probe_app.py", **environment: str
) -> Iterator[str]:
    """The dashboard (or another script) on a free port of this machine; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = workspace.with_name("server.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(script),
                "--server.headless",
                "true",
                "--server.port",
                str(port),
            ],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "MEMEPROBE_WORKSPACE": str(workspace), **environment},
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _answers(process, f"{address}/_stcore/health", log)
        yield address
    finally:
        end(process)


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def settled(page: Any, seconds: float = 120) -> None:
    """Wait until Streamlit has run the page's script to its end, and the browser has the code of
    every kind of element on it: each is fetched when it is first needed, a skeleton in its place.
    """
    page.wait_for_selector("[data-testid=stApp]", timeout=1000 * seconds)
    page.wait_for_selector("h1", timeout=1000 * seconds)
    page.wait_for_timeout(300)  # a click's rerun begins a moment after it
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')"
        "?.getAttribute('data-test-script-state') === 'notRunning'"
        " && !document.querySelector('[data-testid=stSkeleton]')",
        timeout=1000 * seconds,
    )
