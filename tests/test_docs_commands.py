"""The commands of the documentation run as they stand, on a small set and with a known subject.

What ``STANDS_FOR`` replaces is told there; what needs a server, weights or a person is left out by
``ELSEWHERE`` and has tests of its own (``effects``: four items of known subjects fit without rest).
"""

import importlib.util
import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

from meme_sets import load_set
from tests.command_line import CommandLine
from tests.conftest import ROOT
from tests.test_docs import PAGES, commands

ELSEWHERE = re.compile(
    r"^memeprobe (app|serve|proxy|demo|calibrate|import|sets|models|cache|effects)\b"
    r"|^memeprobe agreement reveal"  # needs labels
    r"|my-checkpoint|server:|batch:|instructblip|Qwen/|--ask|--name anna|tempcompass"
)
FRESH = "reveal-4-seed7"
STANDS_FOR = {
    "reveal": FRESH,  # four clips instead of 132
    "reveal-400-seed7": FRESH,
    "./my-set": FRESH,
    "400": "4",
    "*.gif": "cat.gif",
    "MODEL": "known:first-frame",
    "3/8": "1/2",  # of four items each part has some
}
SUBJECTS = ("known:first-frame", "known:fair", "known:last-frame")
NEEDS = {"mlflow": "mlflow", "inspect": "inspect_ai"}


def given(line: str, runs: list[str]) -> list[str]:
    """The arguments of a line, with what there is here in the places of its names."""
    left = iter(runs)
    made = [
        next(left) if word in ("RUN", "HUMAN-RUN") else STANDS_FOR.get(word, word)
        for word in shlex.split(line)[1:]
    ]
    if made[0] in ("run", "sweep") and not {"-m", "--model"} & set(made):
        made += ["-m", SUBJECTS[0]]  # blip-nano would take its time
    if made[0] == "make-set":
        made[1] = "reveal"
    return made


@pytest.mark.slow
def test_commands_run_as_they_stand(
    memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert memeprobe("make-set", "reveal", "--items", "4", "--seed", "7")[0] == 0
    fresh = load_set(tmp_path / FRESH)
    shutil.copy(fresh.media_path(fresh.items[0]), tmp_path / "cat.gif")
    for subject in SUBJECTS:
        code, _, said = memeprobe("run", FRESH, "-m", subject, "--preset", "quick")
        assert code == 0, said
    runs = [row["run"] for row in json.loads(memeprobe("runs", "--json")[1])]
    lines = {line for _, line, named in commands() if not named and not ELSEWHERE.search(line)}
    assert len(lines) > 20
    wrong = []
    for line in sorted(lines, key=lambda line: ("merge" in line, line)):  # parts come before
        words = given(line, runs)
        if words[0] == "make-set":
            shutil.rmtree(tmp_path / FRESH)
        if any(importlib.util.find_spec(NEEDS[w]) is None for w in words if w in NEEDS):
            continue
        if words[0] == "merge":
            words[1:2] = [str(path.name) for path in tmp_path.glob(words[1])]
        code, out, said = memeprobe(*words)
        if code != 0 or not (out + said).strip():
            wrong.append((line, code, said[-300:]))
    assert wrong == []


def test_what_other_commands_name_is_there() -> None:
    """Modules and their options, targets of make, extras of pip, environments, tests."""
    text = "\n".join(page.read_text("utf-8").replace("\\\n", " ") for page in PAGES)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for named in re.findall(r"memeprobe\[([\w,]+)\]", text):
        assert set(named.split(",")) <= set(extras["optional-dependencies"]), named
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    told = set(re.findall(r"(?:^|`)make (\w+)(?=`|  )", text, re.M))
    assert told and told <= targets
    modules = set(re.findall(r"python -m ((?:benchmarks|tests|training)[\w.]*)([^`\n]*)", text))
    assert len(modules) > 10
    for module, options in modules:
        found = importlib.util.find_spec(module.rstrip("."))
        assert found is not None and found.origin is not None, module
        source = Path(found.origin).read_text("utf-8")
        for option in re.findall(r"(?<= )--[\w-]+", options):
            assert option in source, (module, option)
    for file in re.findall(r"conda env create -f (\S+?)`?(?=\s|$)|pytest (tests/\S+\.py)", text):
        assert (ROOT / "".join(file)).is_file(), file
