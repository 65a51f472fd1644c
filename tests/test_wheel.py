"""The wheel, built, installed into an environment of its own, and used from another folder.

The environment takes its dependencies from the one that runs the tests, by a ``.pth`` line: Python
does not read the ``.pth`` files of a folder that was itself added by one, so an editable install of
this working tree is not seen there, and what is imported is what the wheel holds.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meme_sets.catalog import builtin_folder
from tests.served import end

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"memeprobe", "frames", "ocr", "vlm", "meme_sets"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TREE = (*sorted(PACKAGES), "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")


def test_the_source_distribution_has_the_files_that_tests_read() -> None:
    told = (ROOT / "MANIFEST.in").read_text("utf-8").split()
    there = {*told, *TREE, "requirements.lock"}
    named = {
        name
        for test in (ROOT / "tests").glob("*.py")
        for name in re.findall(r'\bROOT / "([\w.-]+)"', test.read_text("utf-8"))
    }
    assert {"Dockerfile", "CITATION.cff", "Makefile"} <= named <= there
    assert {"mkdocs.yml", "mkdocs_hooks.py"} <= there  # the site is built in a test


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this working tree, built from a copy so that no build folder is left in it."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in TREE:
        place = folder / "source" / name
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            place.parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, place)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir")
    pip("wheel", *options, str(folder), str(folder / "source"))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel, and with somebody else's package ``fonts``."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", code], text=True).strip())
    pip("install", "--quiet", "--no-deps", "--no-index", "--target", str(packages), str(wheel))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    (packages / "fonts").mkdir()
    (packages / "fonts" / "__init__.py").write_text("raise ImportError('not yours')\n", "utf-8")
    return python


def pip(*args: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *args], check=True, timeout=300)


def environment(folder: Path) -> dict[str, str]:
    """The tests' environment without what would lead back to the working tree."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return {**kept, "MEMEPROBE_WORKSPACE": str(folder / "store.sqlite"), "COLUMNS": "200"}


def said(python: Path, folder: Path, *args: str) -> str:
    """What the installed Python prints, called in ``folder``."""
    done = subprocess.run(
        [python, *args],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_the_api_is_that_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    gif = builtin_folder("reveal") / "media" / "reveal-001.gif"
    code = (
        "import memeprobe as mp, memeprobe.fonts, sys\n"
        f"clip = mp.open_clip({str(gif)!r})\n"
        "found = mp.keyframes(clip, 4)\n"
        "print(mp.__file__, mp.__version__, len(found), 'torch' in sys.modules)"
    )
    file, version, frames, torch = said(installed, tmp_path, "-c", code).split()
    assert Path(file).is_relative_to(installed.parent.parent)
    assert (version, frames, torch) == (PROJECT["version"], "4", "False")


def test_the_command_line_is_that_of_the_wheel(installed: Path, tmp_path: Path) -> None:
    version = said(installed, tmp_path, "-m", "memeprobe", "--version")
    assert version == f"memeprobe {PROJECT['version']}\n"
    shutil.copy(builtin_folder("captions") / "media" / "captions-001.png", tmp_path / "a.png")
    look = ("-m", "memeprobe", "look", "a.png", "--no-model", "--json")
    found = json.loads(said(installed, tmp_path, *look))
    assert found["frames"] == 1
    assert found["captions"]


def test_a_set_is_run_and_reported_with_the_embedded_model(installed: Path, tmp_path: Path) -> None:
    run = ("-m", "memeprobe", "run", "reveal", "-c", "keyframes", "--limit", "2", "--json")
    result = json.loads(said(installed, tmp_path, *run))
    counts = result["conditions"]["keyframes"]
    assert counts["right"] + counts["wrong"] == 2
    said(installed, tmp_path, "-m", "memeprobe", "report", result["run"], "--html", "r.html")
    assert "<html" in (tmp_path / "r.html").read_text("utf-8")


def test_the_demo_runs_and_writes_its_report(installed: Path, tmp_path: Path) -> None:
    page = tmp_path / "out" / "demo.html"
    demo = ("-m", "memeprobe", "demo", "--items", "6", "--html", str(page))
    printed = said(installed, tmp_path, *demo)
    assert (
        "In short" in printed and "First-frame bias:" in printed and "Caption reading:" in printed
    )
    assert page.read_text("utf-8").count("<svg") >= 2


@contextmanager
def pages(python: Path, folder: Path) -> Iterator[int]:
    """``memeprobe app`` on a free port, which it gives; ended on leaving."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [python, "-m", "memeprobe", "app", "--no-browser", "--port", str(port)],
        cwd=folder,
        env={**environment(folder), "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        end(process)


def health(port: int) -> str:
    for _ in range(300):
        try:
            address = f"http://127.0.0.1:{port}/_stcore/health"
            return urllib.request.urlopen(address, timeout=5).read().decode()
        except OSError:
            time.sleep(0.2)
    return "no answer within a minute"


def listening(port: int) -> set[str]:
    """The local addresses (hexadecimal, as Linux lists them) that listen on a port."""
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path("/proc/net", table).read_text("utf-8").splitlines()[1:]
    ]
    return {
        row[1].split(":")[0]
        for row in lines
        if int(row[1].split(":")[1], 16) == port and row[3] == "0A"
    }


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="addresses are read from /proc")
def test_the_pages_answer_on_loopback_only(installed: Path, tmp_path: Path) -> None:
    pytest.importorskip("streamlit")
    # A settings file of the folder's owner must not open the pages to the network.
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\n', "utf-8")
    with pages(installed, tmp_path) as port:
        assert health(port) == "ok"
        assert listening(port) == {"0100007F"}


def test_without_streamlit_the_pages_say_what_to_install(installed: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.modules['streamlit'] = None\n"
        "sys.argv = ['memeprobe', 'app']\n"
        "from memeprobe.cli.app import main\n"
        "main()"
    )
    done = subprocess.run(
        [installed, "-c", code],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert 'pip install "memeprobe[dashboard]"' in done.stderr
    assert "Traceback" not in done.stderr
