"""Mutated media: nothing but MediaError may come out, soon and in bounded memory.

    python -m benchmarks.media_fuzz --seed 1 --executions 100000
    python -m benchmarks.media_fuzz --guided --executions 100000     # pip install atheris

Damages small files of every kind (benchmarks/media_mutations.py) and opens and decodes each. The
work is done in processes of 2,000 executions each, so that a crash of one is counted and its input
is known. Processor time is measured, not the clock. ``--guided`` lets libFuzzer (atheris) choose
the damage by what it reaches in the Python code of ``frames``.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

# ``frames`` is imported where it is needed: a guided run must instrument it first.

PIECE = 2_000
MOST_SECONDS = 5.0


def tried(data: bytes) -> str:
    """Open a file and decode all of it: 'opened', 'refused', or the foreign exception."""
    from frames import MediaError, open_clip

    try:
        for _ in open_clip(data):
            pass
    except MediaError:
        return "refused"
    except Exception as foreign:
        return f"FOREIGN {type(foreign).__name__}: {foreign}"[:200]
    return "opened"


def piece(seed: int, number: int, note: Path) -> dict[str, Any]:
    """Run one piece here. ``note`` always names the input that is being tried."""
    from benchmarks.media_mutations import corpus, mutated

    warnings.simplefilter("ignore")
    rng, files = np.random.default_rng([seed, number]), corpus()
    ends: Counter[str] = Counter()
    slowest, slow = (0.0, 0), []
    with note.open("wb", buffering=0) as at:
        for index in range(PIECE):
            data = mutated(rng, files)
            at.seek(0)
            at.write(b"%06d" % index)
            began = time.process_time()
            ends[tried(data)] += 1
            took = time.process_time() - began
            slowest = max(slowest, (took, index))
            if took > MOST_SECONDS:
                slow.append(index)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"ends": dict(ends), "slowest": slowest, "slow": slow, "peak_mb": peak}


def blind(seed: int, executions: int) -> None:
    """Pieces one after the other, each in a process of its own."""
    ends: Counter[str] = Counter()
    slowest, peak, found = (0.0, ""), 0, []
    with TemporaryDirectory() as folder:
        note = Path(folder) / "note"
        for number in range(-(-executions // PIECE)):
            code = (
                "import json, pathlib; from benchmarks.media_fuzz import piece; "
                f"print(json.dumps(piece({seed}, {number}, pathlib.Path({str(note)!r}))))"
            )
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
            if done.returncode:
                at = note.read_text() if note.exists() else "none, at its start"
                where = f"piece {number}, input {at}"
                found.append(f"CRASH {done.returncode} at {where}: {done.stderr[-200:]}")
                continue
            told = json.loads(done.stdout.splitlines()[-1])
            ends.update(told["ends"])
            found += [f"over {MOST_SECONDS} s: piece {number}, input {i}" for i in told["slow"]]
            seconds, index = told["slowest"]
            slowest = max(slowest, (seconds, f"piece {number}, input {index}"))
            peak = max(peak, told["peak_mb"])
    found += [end for end in ends if end.startswith("FOREIGN")]
    print(f"seed {seed}: {ends.total():,} executions, {ends['opened']:,} opened, ", end="")
    print(f"{ends['refused']:,} refused with a MediaError, {len(found)} other findings")
    print(f"slowest {slowest[0]:.2f} s of processor time ({slowest[1]}), peak {peak} MB")
    for line in found:
        print(line)


def guided(seed: int, executions: int, folder: Path) -> None:
    """libFuzzer with the corpus in ``folder``, which grows by what reaches something new."""
    import atheris

    with atheris.instrument_imports(include=["frames"]):
        import frames
        import frames.kinds
    assert frames
    from benchmarks.media_mutations import corpus

    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(corpus()):
        (folder / f"seed-{number:03}").write_bytes(data)

    def one(data: bytes) -> None:
        end = tried(data)
        if end.startswith("FOREIGN"):
            raise RuntimeError(end)

    options = [f"-runs={executions}", f"-seed={seed}", "-timeout=5", "-rss_limit_mb=4096"]
    atheris.Setup(
        [sys.argv[0], *options, "-max_len=20000", "-print_final_stats=1", str(folder)], one
    )
    atheris.Fuzz()


def main() -> None:
    """Mutate and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--executions", type=int, default=100_000)
    parser.add_argument("--guided", action="store_true")
    parser.add_argument("--corpus", type=Path, default=Path("out/media_corpus"))
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if given.guided:
        guided(given.seed, given.executions, given.corpus)
    else:
        blind(given.seed, given.executions)


if __name__ == "__main__":
    main()
