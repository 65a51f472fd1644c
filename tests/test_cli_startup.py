"""What the command line imports: nothing heavy before a request is known to be good.

Each test is a process of its own, for here the test suite has imported everything already. What is
forbidden is the import, not a number of seconds; benchmarks/README.md has the times.
"""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memeprobe.cli.app import COMMANDS, KNOWN_ERRORS, load_command

ROOT = Path(__file__).resolve().parent.parent
HEAVY = (
    "torch",
    "transformers",
    "scipy",
    "statsmodels",
    "matplotlib",
    "pandas",
    "onnxruntime",
    "rapidocr",
    "streamlit",
)
LISTS = (
    ("--help",),
    ("--version",),
    ("sets",),
    ("models",),
    ("sets", "--json"),
    ("run", "--help"),
    ("look", "--help"),
    ("calibrate", "--help"),
    ("app", "--help"),
)
REFUSED = (
    (("look", "missing.gif"), "missing.gif"),
    (("look", "missing.gif", "--ocr", "rapid"), "unknown OCR engine 'rapid'"),
    (("look", "missing.gif", "-m", "blip-nanno"), "did you mean 'blip-nano'"),
    (("look", "missing.gif", "--policy", "best"), "unknown keyframe policy 'best'"),
    (("look", "missing.gif", "-d", "grit"), "did you mean 'grid'"),
    (("look", "missing.gif", "-k", "0"), "--keyframes"),
    (("run", "revel"), "did you mean 'reveal'"),
    (("run", "reveal", "-m", "blip-nanno"), "did you mean 'blip-nano'"),
    (("run", "reveal", "-m", "./nowhere"), "config.json is missing"),
    (("run", "reveal", "-m", "minigpt4-7b"), "comes in pieces"),
    (("run", "reveal", "-c", "revesed"), "did you mean 'reversed'"),
    (("run", "reveal", "--preset", "quik"), "did you mean 'quick'"),
    (("run", "reveal", "--judge", "blip-nanno"), "did you mean 'blip-nano'"),
    (("run", "reveal", "-m", "blip-nano", "-d", "native"), "does not support the delivery"),
    (("run", "reveal", "--limit", "0"), "at least 1 item"),
    (("run", "reveal", "--scoring", "best"), "unknown scoring 'best'"),
    (("run", "reveal", "--dtype", "float8"), "unknown dtype 'float8'"),
    (("report", "12345"), "there is no store"),
    (("export", "12345"), "there is no store"),
    (("export", "12345", "-f", "exel"), "unknown format 'exel'"),
    (("compare", "1", "2"), "there is no store"),
    (("calibrate", "--preset", "quik"), "did you mean 'quick'"),
    (("import", "label", ".", "out"), "did you mean 'labels'"),
)
SCRIPT = """
import json, sys
from memeprobe.cli.app import main
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code or 0
loaded = [name for name in {heavy!r} if name in sys.modules]
print(json.dumps([code, loaded]))
"""


def called(folder: Path, *args: str, heavy: tuple[str, ...] = HEAVY) -> tuple[int, list[str], str]:
    """A command in a process of its own: exit code, heavy packages imported, all that it said."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(heavy=heavy), *args],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MEMEPROBE_WORKSPACE": str(folder / "store.sqlite"),
            "COLUMNS": "200",
        },
    )
    code, loaded = json.loads(done.stdout.splitlines()[-1])
    return code, loaded, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("args", LISTS, ids=" ".join)
def test_what_only_lists_imports_nothing_heavy(tmp_path: Path, args: tuple[str, ...]) -> None:
    code, loaded, said = called(tmp_path, *args)
    assert code == 0, said
    assert loaded == []


@pytest.mark.slow
@pytest.mark.parametrize("args", ["--help", "sets", "models"])
def test_what_opens_no_media_imports_nothing_that_reads_them(tmp_path: Path, args: str) -> None:
    code, loaded, said = called(tmp_path, args, heavy=("cv2", "av", "ocr", "frames"))
    assert code == 0, said
    assert loaded == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "others"),
    [
        ("sets", ("numpy", "PIL", "vlm", "meme_sets.format", "meme_sets.load")),
        (
            "models",
            ("numpy", "PIL", "meme_sets", "yaml", "huggingface_hub.file_download", "httpx2"),
        ),
    ],
)
def test_a_list_imports_only_what_it_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, others: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))  # what lies there is looked into
    code, loaded, said = called(tmp_path, command, heavy=others)
    assert code == 0, said
    assert loaded == []


@pytest.mark.slow
@pytest.mark.parametrize(("args", "says"), REFUSED, ids=lambda value: str(value))
def test_a_bad_request_is_refused_before_anything_heavy(
    tmp_path: Path, args: tuple[str, ...], says: str
) -> None:
    code, loaded, said = called(tmp_path, *args)
    assert code == 2, said
    assert says in said
    assert "Traceback" not in said
    assert loaded == []


@pytest.mark.slow
def test_a_good_request_imports_what_it_needs(tmp_path: Path) -> None:
    """The list of heavy packages means something: a real command does import some of them."""
    code, loaded, said = called(tmp_path, "run", "reveal", "-m", "known:fair", "--limit", "1")
    assert code == 0, said
    assert "scipy" in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_line_of_its_docstring(name: str) -> None:
    help_text = load_command(name).help or ""
    assert help_text.split("\n\n")[0].replace("\n", " ") == COMMANDS[name][1]


@pytest.mark.parametrize("path", KNOWN_ERRORS)
def test_every_known_error_is_where_the_table_says(path: str) -> None:
    module, name = path.split(":")
    assert issubclass(getattr(importlib.import_module(module), name), Exception)
