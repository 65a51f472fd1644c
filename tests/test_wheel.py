"""The wheel as users install it: what lies in it, and that it works in a folder of its own.

Its dependencies are those of the running environment, by a path file: only memeprobe itself is
installed anew, so that nothing of the source tree can help.
"""

import json
import os
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = {"memeprobe", "frames", "ocr", "vlm", "meme_sets"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tracked files, so that nothing is left in the tree."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-q", "-w", str(place), str(source)], check=True)
    (found,) = place.glob("memeprobe-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel in it, and somebody else's ``fonts``."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place / "env", with_pip=False)
    paths = {"base": str(place / "env"), "platbase": str(place / "env")}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    # Not by a .pth of the running environment: its finder of the editable install would come too.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    target = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site)]
    subprocess.run([*target, str(wheel)], check=True)
    (site / "fonts").mkdir()
    (site / "fonts" / "__init__.py").write_text("raise ImportError('somebody else\\'s package')\n")
    return place / "env" / "bin"


def run(installed: Path, code: str, folder: Path) -> str:
    """What a program prints in the environment, in another folder."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["MEMEPROBE_WORKSPACE"] = str(folder / "w.sqlite")
    done = subprocess.run(
        [installed / "python", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_wheel_holds_the_five_packages_and_what_they_need(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == PACKAGES
    for wanted in (
        "memeprobe/py.typed",
        "memeprobe/__init__.pyi",
        "memeprobe/fonts/OFL.txt",
        "memeprobe/report/templates/report.html.j2",
        "memeprobe/dashboard/entry/.streamlit/config.toml",
        "vlm/blip_nano/model.safetensors",
        "meme_sets/data/reveal/items.jsonl",
    ):
        assert wanted in names, wanted
    assert not any("test" in Path(name).name for name in names)


def test_the_api_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    code = """
import json, memeprobe as mp
reveal = mp.load_set("reveal")
file = reveal.media_path(reveal.items[0])
clip = mp.open_clip(file)
model = mp.load_model("blip-nano", device="cpu")
run = mp.run("reveal", model, conditions=("first", "keyframes"), limit=2, progress=False)
print(json.dumps({"where": mp.__file__, "frames": len(clip), "shown": len(mp.keyframes(clip, 3)),
    "answers": len(mp.look(file, model).answers), "trials": len(run.to_pandas()),
    "verdicts": sorted(run.verdicts), "version": mp.__version__}))
"""
    found = json.loads(run(installed, code, tmp_path).splitlines()[-1])
    assert Path(found["where"]).is_relative_to(installed.parent)
    assert found["frames"] > 3 and found["shown"] == 3 and found["answers"] == 7
    assert found["trials"] == 4 and "first_frame" in found["verdicts"]
    assert found["version"][0].isdigit()


def test_the_command_line_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['memeprobe', *{}]; from memeprobe.cli.app import main; main()"
    assert run(installed, code.format(["--version"]), tmp_path).startswith("memeprobe ")
    assert "blip-nano" in run(installed, code.format(["models"]), tmp_path)
    asked = ["run", "captions", "--limit", "1", "-c", "as_is", "--json"]
    assert json.loads(run(installed, code.format(asked), tmp_path))["set"] == "captions"


@pytest.fixture
def pages(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The pages started by ``memeprobe app``; their address."""
    pytest.importorskip("streamlit", reason="the extra [dashboard] is not installed")
    code = "from memeprobe.cli.app import main; main()"
    port = 18599
    command = [str(installed / "python"), "-c", code, "app", "--port", str(port), "--no-browser"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**environment, "MEMEPROBE_WORKSPACE": str(tmp_path / "w.sqlite")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)


def test_the_pages_start_from_the_wheel_on_loopback(pages: str) -> None:
    answer = b""
    for _ in range(240):
        with suppress(OSError), urllib.request.urlopen(f"{pages}/_stcore/health") as reply:
            answer = reply.read()
            break
        time.sleep(0.25)
    assert answer == b"ok"
