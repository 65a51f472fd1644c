"""``memeprobe store``, and commands that meet a full disk or a run of failures."""

import json
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from memeprobe.files import whole_file
from memeprobe.store.store import Store
from memeprobe.store.upkeep import check
from tests.command_line import command_line
from tests.test_store_damage import filled
from vlm import Answer

Call = Callable[..., tuple[int, str, str]]
OF_THREE = ("--limit", "3", "-c", "keyframes", "--policy", "uniform_time")  # which needs no OCR
RUN = ("run", "reveal", "-m", "known:fair", *OF_THREE)


@pytest.fixture
def call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Call:
    return command_line(monkeypatch, capsys, tmp_path / "w.sqlite")


def run(call: Call, *more: str) -> str:
    code, out, err = call(*RUN, "--json", *more)
    assert code == 0, err
    return str(json.loads(out)["run"])


@pytest.mark.slow
def test_check_backup_and_prune(call: Call, tmp_path: Path) -> None:
    code, _, err = call("store", "check")
    assert code == 2 and "there is no store" in err and list(tmp_path.iterdir()) == []
    name = run(call)
    code, out, _ = call("store", "check")
    assert code == 0 and "It is whole." in out and "1 runs, 3 trials" in out
    copy = tmp_path / "copy.sqlite"
    code, out, _ = call("store", "backup", copy)
    assert code == 0 and copy.is_file()
    code, out, _ = call("store", "prune", name[:6], "--json")
    assert code == 0 and json.loads(out)["pruned"] == [name]
    assert json.loads(call("store", "check", "--json")[1])["trials"] == 0
    assert json.loads(call("store", "check", "--json", "-w", copy)[1])["trials"] == 3
    with closing(sqlite3.connect(copy)) as db:
        db.execute("UPDATE trials SET outcome = 'right', chosen = 1 - chosen")
        db.commit()
    code, out, _ = call("store", "check", "-w", copy)
    assert code == 1 and "is not what was written" in out
    code, _, err = call("report", name, "-w", copy)
    assert code == 2 and "memeprobe store check" in err
    assert "did you mean 'check'" in call("store", "chek")[2]
    assert "memeprobe store backup FILE" in call("store", "backup")[2]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond 512 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.slow
def test_a_full_disk_leaves_the_old_report_and_table(call: Call, tmp_path: Path) -> None:
    name = run(call)
    for command in (
        ("report", name, "--html", tmp_path / "old.html"),
        ("export", name, "-f", "csv", "-o", tmp_path / "old.csv"),
        ("export", name, "-f", "parquet", "-o", tmp_path / "old.parquet"),
    ):
        path = command[-1]
        Path(path).write_text("what was there before")
        with full_disk():
            code, _, err = call(*command)
        assert code == 2 and "cannot write" in err, err
        assert Path(path).read_text() == "what was there before"
        assert call(*command)[0] == 0 and Path(path).stat().st_size > 512
    assert not list(tmp_path.glob("*.new")) and not list(tmp_path.glob(".*.new"))


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    with whole_file(path) as beside:
        beside.write_text("one")
    with pytest.raises(RuntimeError), whole_file(path) as beside:
        beside.write_text("half of it")
        raise RuntimeError
    assert path.read_text() == "one" and len(list(path.parent.iterdir())) == 1


@pytest.mark.slow
def test_a_run_in_which_nothing_is_answered_ends_with_an_error(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "memeprobe.running.asker.ask",
        lambda model, queries, *_: [Answer(None, None, error="broken") for _ in queries],
    )
    for more in ((), ("--json",)):
        code, out, err = call(*RUN, *more)
        assert code == 2 and "no trial of run" in err
        assert "broken" in out
    with Store.existing(tmp_path / "w.sqlite") as store:
        assert store.runs()[0].outcomes == {"failed": 3}


FULL = """
import resource, signal, sys
from memeprobe.store.schema import Trial
from memeprobe.store.store import Store, StoreError
from tests.test_store_damage import ITEMS
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(sys.argv[1])
most = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
saved = 0
try:
    for n in range(4000):
        more = {"x": "y" * 300}
        store.save(sys.argv[3], [Trial(i, f"n{n}", "right", detail=more) for i in ITEMS])
        saved += 1
except StoreError as error:
    print(saved, error)
"""


@pytest.mark.slow
def test_a_full_disk_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "f.sqlite"
    first = filled(path)
    command = [sys.executable, "-c", FULL, str(path), str(6 * 2**20), first]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120)
    saved, said = told.stdout.split(" ", 1)
    assert "the disk is full or cannot be written" in said, told.stderr
    assert check(path).findings == ()
    with Store(path) as store:
        rows = store.outcomes(first)
        assert len(rows) in (240 + 60 * int(saved), 240 + 60 * (int(saved) + 1))
