"""Looking at a meme tells nobody: no library writes an id or events, none connects anywhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from memeprobe.cli.pages import flags
from tests.test_frames_formats import FILES

STRACE = shutil.which("strace")
LOOK = "import sys; from memeprobe.cli.app import main; sys.argv[0] = 'memeprobe'; main()"


@pytest.mark.slow
def test_a_look_leaves_no_id_and_connects_to_nobody(tmp_path: Path) -> None:
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    file = tmp_path / "a.gif"
    file.write_bytes(FILES["gif by Pillow"][1]())
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "HF_", "XDG_"))}
    watch = [STRACE, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace)]
    command = [sys.executable, "-c", LOOK, "look", "--json", str(file)]
    done = subprocess.run(
        [part for part in watch if part] + command if STRACE else command,
        env={**kept, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if STRACE and "ptrace" in done.stderr.lower():
        pytest.skip("this machine does not let strace watch")
    assert done.returncode == 0 and '"blip-nano"' in done.stdout, done.stderr
    written = [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]
    told = re.compile("telemetry|deviceid|device_id|Microsoft|machine.?id|usage", re.I)
    assert not [name for name in written if told.search(name)], written
    if STRACE:
        calls = trace.read_text("utf-8", "replace").splitlines()
        assert not [c for c in calls if "AF_INET" in c], "something was sent or connected to"


def test_the_pages_send_no_statistics_whatever_the_users_settings_are() -> None:
    given = flags("127.0.0.1", None, True)
    assert given[given.index("--browser.gatherUsageStats") + 1] == "false"
    # Where a browser is opened, Streamlit would advertise what it installs for other programs,
    # in the terminal and over the switch of languages.
    assert given[given.index("--logger.hideWelcomeMessage") + 1] == "True"


def test_the_hub_is_told_nothing() -> None:
    code = (
        "import vlm; from huggingface_hub import constants as c; print(c.HF_HUB_DISABLE_TELEMETRY)"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    done = subprocess.run([sys.executable, "-c", code], env=kept, capture_output=True, text=True)
    assert done.stdout.strip() == "True", done.stderr
