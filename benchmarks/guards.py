"""Takes out one guard after another and looks whether a test fails without it.

    pip install coverage pytest-cov
    python -m pytest --cov --cov-context=test --cov-report= TESTS    # which test reaches what
    nice python -m benchmarks.guards vlm/*.py meme_sets/*.py

A guard is a ``raise`` that refuses something: it becomes ``pass``, in an ``except`` the plain error
that it stood for. Guards of another form stand in ``guards_others`` (``--others``: only they, which
need no coverage). For each one the tests that reach it run on a copy of the project until one
fails, in a process of their own, bounded in memory and time: one that hangs or takes all memory
fails too.
Prints JSON; exit code 1 if a guard can go unnoticed.
"""

import argparse
import ast
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks.guards_others import OTHERS

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 120
"""Of processor time that the tests of one guard may take; by the clock ten times that."""
MEMORY = 12 << 30
MOST = 8
"""Tests that are tried for one guard."""


@dataclass(frozen=True)
class Guard:
    """A place where something is refused, and the file without it."""

    file: str
    lines: tuple[int, int]
    said: str
    without: str
    tests: str = ""
    """Of a guard of another form: beginnings of their ids, blanks between."""


def guards(file: str) -> Iterator[Guard]:
    """Every ``raise`` of a new error in a file, and its rows of ``OTHERS``."""
    text = (ROOT / file).read_text("utf-8")
    lines, tree = text.splitlines(keepends=True), ast.parse(text)
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    handled = {inner for handler in handlers for inner in ast.walk(handler)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            first, last = node.lineno, node.end_lineno or node.lineno
            instead = " " * node.col_offset + ("raise\n" if node in handled else "pass\n")
            without = "".join([*lines[: first - 1], instead, *lines[last:]])
            yield Guard(file, (first, last), " ".join(ast.unparse(node).split())[:120], without)
    for of, there, instead, test in OTHERS:
        if of == file:
            assert text.count(there) == 1, (file, there)
            first = text[: text.index(there)].count("\n") + 1
            yield Guard(file, (first, first), there, text.replace(there, instead), test)


def reached(data: Path, file: str) -> dict[int, set[str]]:
    """Line -> the tests that ran it, by the coverage that was taken before."""
    from coverage import CoverageData

    read = CoverageData(str(data))
    read.read()
    by_line = read.contexts_by_lineno(str(ROOT / file))
    return {line: {c.split("|")[0] for c in found if c} for line, found in by_line.items()}


def ended(place: Path, tests: Sequence[str], seconds: int) -> int:
    """Exit code of these tests in a copy of the project; -9 or -24: they hang. Forked, so that
    torch is imported once."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.chdir(place)
        os.environ["PYTHONPATH"] = str(place)  # for the processes that tests start
        sys.path.insert(0, str(place))
        said = os.open(place / "said.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(said, number)
        for name in [n for n in sys.modules if n.split(".")[0] == "benchmarks"]:
            del sys.modules[name]
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        os._exit(pytest.main(["-x", "-p", "no:cacheprovider", *tests]))
    end = time.monotonic() + 10 * seconds
    while True:
        there, status = os.waitpid(pid, os.WNOHANG)
        late = time.monotonic() > end
        if there or late:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # what it started, too
        if there:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)


def copied(place: Path) -> Path:
    """The files of the project, beside the same ``shared`` folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    for name in listed.stdout.splitlines():
        there = place / "copy" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, there)
    (place / "shared").symlink_to(ROOT.parent / "shared")
    return place / "copy"


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", default=sorted({row[0] for row in OTHERS}))
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--data", type=Path, default=ROOT / ".coverage")
    asked = parser.parse_args()
    sys.dont_write_bytecode = True
    importlib.import_module("transformers")  # with torch, once for all that are forked
    todo: list[tuple[Guard, list[str]]] = []
    for file in asked.files:
        by_line = {} if asked.others else reached(asked.data, file)
        for guard in guards(file):
            lines = range(guard.lines[0], guard.lines[1] + 1)
            reaching = {test for line in lines for test in by_line.get(line, ())}
            named = guard.tests.split()
            if named or not asked.others:
                todo.append((guard, named or sorted(reaching, key=len)[:MOST]))
    with TemporaryDirectory() as scratch:
        place = copied(Path(scratch))
        every = {t for _, tests in todo for t in tests}
        ended(place, ["--collect-only", *{t.partition("::")[0] for t in every}], SECONDS)
        there = set((place / "said.log").read_text("utf-8").splitlines())
        todo = [
            (guard, [t for t in sorted(there) if t.startswith(tuple(begin))])
            for guard, begin in todo
        ]
        every = {t for _, tests in todo for t in tests}
        if every and ended(place, sorted(every), 3600):
            sys.exit(f"they fail with all guards: {(place / 'said.log').read_text()[-2000:]}")
        unnoticed = []
        for guard, tests in todo:
            file = place / guard.file
            whole = file.read_text("utf-8")  # the project may change meanwhile
            file.write_text(guard.without, "utf-8")
            end = ended(place, tests, SECONDS) if tests else 0
            file.write_text(whole, "utf-8")
            seen = end != 0
            where = f"{guard.file}:{guard.lines[0]}: {' '.join(guard.said.split())}"
            how = f"noticed ({end})" if seen else "UNNOTICED"
            print(how, where, file=sys.stderr, flush=True)
            unnoticed += [] if seen else [f"{where} ({len(tests)} tests reach it)"]
    print(json.dumps({"guards": len(todo), "unnoticed": unnoticed}, indent=1))
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
