"""Damaged and half-written workspaces of every format: read as they were, or refused in one line.

    python -m benchmarks.store_damage --seed 9400 --cases 300 --kills 60

A case is one kind of damage to a file of one format, read as reports and pages read it, checked,
opened for writing and read again. A kill ends ``backup``, ``prune``, ``merge`` or the change of an
old format by SIGKILL at a random moment of it; afterwards the file must be as before or as after,
and the same command must go on. Prints counts as JSON; exit code 1 if anything was read differently
in silence or ended otherwise than in one line.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from memeprobe.store.merging import merge
from memeprobe.store.migrations import MIGRATIONS
from memeprobe.store.store import Store, StoreError
from memeprobe.store.upkeep import backup, check, prune
from tests import test_store_damage as reads

SUMS = next(
    number
    for number, statements in enumerate(MIGRATIONS, 1)
    if any("trial_sum" in statement for statement in statements)
)
"""The first format whose rows have checksums: of older ones, changed words cannot be found."""
UNSUMMED = "changed words of a format without checksums"
KILLED = ("backup", "prune", "merge", "migrate")
PAGE = 4096
Files = dict[str, bytes]
"""What is added to the file's name ('' or '-wal') -> content."""


def of_format(number: int, whole: Path, path: Path) -> None:
    """Write what a store holds as an older format."""
    with closing(sqlite3.connect(path)) as db:
        for statement in (s for several in MIGRATIONS[:number] for s in several):
            db.execute(statement)
        db.execute(f"PRAGMA user_version={number}")
        db.execute("ATTACH ? AS new", (str(whole),))
        for (table,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'"):
            both = [
                {row[1] for row in db.execute(f"PRAGMA {name}.table_info({table})")}
                for name in ("main", "new")
            ]
            names = ", ".join(both[0] & both[1])
            db.execute(f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM new.{table}")
        db.commit()


def bits(data: bytes, rng: random.Random) -> Files:
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        made[rng.randrange(len(made))] ^= 1 << rng.randrange(8)
    return {"": bytes(made)}


def stretch(data: bytes, rng: random.Random) -> Files:
    at = rng.randrange(len(data))
    return {"": data[:at] + rng.randbytes(min(200, len(data) - at)) + data[at + 200 :]}


def empty_page(data: bytes, rng: random.Random) -> Files:
    at = PAGE * rng.randrange(len(data) // PAGE)
    return {"": data[:at] + bytes(PAGE) + data[at + PAGE :]}


def exchanged_pages(data: bytes, rng: random.Random) -> Files:
    made = [data[i : i + PAGE] for i in range(0, len(data), PAGE)]
    one, other = rng.randrange(len(made)), rng.randrange(len(made))
    made[one], made[other] = made[other], made[one]
    return {"": b"".join(made)}


def cut(data: bytes, rng: random.Random) -> Files:
    return {"": data[: rng.choice((rng.randrange(len(data)), PAGE * rng.randrange(9), 0))]}


def page_size(data: bytes, rng: random.Random) -> Files:
    wrong = struct.pack(">H", rng.choice((512, 1024, 8192, 1, 0, 777)))
    return {"": data[:16] + wrong + data[18:]}


def header(data: bytes, rng: random.Random) -> Files:
    at = rng.randrange(100)
    return {"": data[:at] + rng.randbytes(1) + data[at + 1 :]}


def noise_beside(data: bytes, rng: random.Random) -> Files:
    begin = rng.choice((b"", b"\x37\x7f\x06\x82", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"))
    return {"": data, rng.choice(("-wal", "-journal", "-shm")): begin + rng.randbytes(9_000)}


def log_cut(data: bytes, rng: random.Random) -> Files:
    """A write-ahead log that was cut in the middle; what it had and the file lacks is lost."""
    return _with_log(data, lambda log: log[: rng.randrange(len(log))])


def log_bits(data: bytes, rng: random.Random) -> Files:
    def change(log: bytes) -> bytes:
        at = rng.randrange(len(log))
        return log[:at] + rng.randbytes(1) + log[at + 1 :]

    return _with_log(data, change)


def _with_log(data: bytes, change: Callable[[bytes], bytes]) -> Files:
    """The log holds nothing that a reader looks at, so what is read stays the same."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.sqlite"
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("CREATE TABLE beside (x)")
            db.execute("INSERT INTO beside VALUES (zeroblob(20000))")
            db.commit()
            log = Path(f"{path}-wal").read_bytes()
            return {"": path.read_bytes(), "-wal": change(log)}


def exchanged_tables(data: bytes, rng: random.Random) -> Files:
    """Two tables or indices have each other's pages."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.sqlite"
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA writable_schema=ON")
            roots = db.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage").fetchall()
            (one, first), (other, second) = rng.sample(roots, 2)
            put = "UPDATE sqlite_master SET rootpage = ? WHERE name = ?"
            db.executemany(put, [(second, one), (first, other)])
            db.commit()
        return {"": path.read_bytes()}


DAMAGES = (
    bits, stretch, empty_page, exchanged_pages, cut, page_size, header, noise_beside, log_cut,
    log_bits, exchanged_tables,
)  # fmt: skip


def told(use: Callable[[], Any], right: Any, path: Path) -> str:
    """'used', 'refused', 'SILENT' or the exception."""
    try:
        found = use()
    except StoreError as error:
        said = str(error)
        return "refused" if str(path) in said and "\n" not in said else f"SAID {said!r:.200}"
    except Exception as foreign:
        return f"FOREIGN {type(foreign).__name__}: {foreign}"[:200]
    return "used" if right is None or found == right else "SILENT"


def case(files: Files, rights: tuple[Any, Any], place: Path) -> list[str]:
    """What came of every way to use a damaged store."""
    path = place / "d.sqlite"
    for beside in place.iterdir():
        beside.unlink()
    for suffix, content in files.items():
        (place / f"d.sqlite{suffix}").write_bytes(content)
    whole, pages = rights
    ends = [
        told(lambda: reads.all_of(path), whole, path),
        told(lambda: reads.of_pages(path), pages, path),
        told(lambda: check(path), None, path),
    ]
    if path.stat().st_size:  # an empty one is a new one to who writes
        ends.append(told(lambda: Store(path).close(), None, path))
        ends.append(told(lambda: reads.all_of(path), whole, path))
    return ends


def killed(act: Callable[[], object], seconds: float) -> bool:
    """Do it in a process of its own that is killed after so long; whether it was."""
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1] == signal.SIGKILL


def kill(what: str, rng: random.Random, made: dict[int, Path], place: Path) -> str:
    """End one command at a random moment; 'fine', or what was wrong."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    path, copy = place / "w.sqlite", place / "copy.sqlite"
    old = rng.choice([n for n in made if n < len(MIGRATIONS)])
    shutil.copyfile(made[old if what == "migrate" else len(MIGRATIONS)], path)
    before = reads.all_of(path)
    act: Callable[[], object] = {
        "backup": lambda: backup(path, copy),
        "prune": lambda: prune(path, [before[0][0].run]),
        "merge": lambda: merge([path], copy),
        "migrate": lambda: Store(path).close(),
    }[what]
    ended = killed(act, rng.random() * 0.06)
    after = before[1:] if what == "prune" else before
    if reads.all_of(path) not in (before, after):
        return "SILENT: the store is neither as before nor as after"
    if check(path).findings:
        return f"SILENT: {check(path).findings}"
    if what == "backup" and copy.exists():
        return "fine" if reads.all_of(copy) == before else "SILENT: half a copy"
    if ended or what != "prune":
        act()
    kept = copy if what in ("backup", "merge") else path
    if reads.all_of(kept) != after or check(kept).findings:
        return "SILENT: the same command does not go on"
    formats = [f for f in place.iterdir() if ".format-" in f.name]
    wrong = [f for f in formats if not f.name.endswith(".new") and reads.all_of(f) != before]
    return f"SILENT: {wrong[0].name} is no copy" if wrong else "fine"


def tried(seed: int, cases: int, kills: int) -> tuple[Counter[str], list[str]]:
    """How often each end came, and which cases ended otherwise than they may."""
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        whole, place = folder / "whole.sqlite", folder / "case"
        place.mkdir()
        reads.FIRST = reads.filled(whole)
        with closing(sqlite3.connect(whole)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        made = {len(MIGRATIONS): whole}
        for number in range(1, len(MIGRATIONS)):
            made[number] = folder / f"format-{number}.sqlite"
            of_format(number, whole, made[number])
        rights = {n: (reads.all_of(p), reads.of_pages(p)) for n, p in made.items()}
        for number in range(cases):
            rng = random.Random(f"{seed}/{number}")
            damage, form = DAMAGES[number % len(DAMAGES)], rng.choice(list(made))
            for end in case(damage(made[form].read_bytes(), rng), rights[form], place):
                unsummed = end == "SILENT" and form < SUMS
                ends[UNSUMMED if unsummed else end.split(" ")[0]] += 1
                if not unsummed and end not in ("used", "refused"):
                    wrong.append(f"{number} {damage.__name__} format {form}: {end}")
        for number in range(kills):
            rng, what = random.Random(f"{seed}/kill/{number}"), KILLED[number % len(KILLED)]
            end = kill(what, rng, made, folder / "kill")
            ends[f"kills, {end.partition(':')[0]}"] += 1
            wrong += [] if end == "fine" else [f"kill {number} of {what}: {end}"]
    return ends, wrong


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=9400)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--kills", type=int, default=60)
    asked = parser.parse_args()
    ends, wrong = tried(asked.seed, asked.cases, asked.kills)
    print(json.dumps({"seed": asked.seed, "ends": ends, "wrong": wrong}, indent=1))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
