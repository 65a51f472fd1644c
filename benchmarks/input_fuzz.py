"""Mutated sets, data sets to import, archives, server replies: each is used or refused in a line.

    nice python -m benchmarks.input_fuzz --kind sets --seed 1 --seconds 600

A set that is accepted is also run, analysed and reported. Prints JSON: how many ended how, what was
found (any exception but the kind's own, several lines, a file outside its folder, a slow one), and
the slowest. ``python -m tests.hostile_checkpoints`` does the same to checkpoints and
``python -m benchmarks.media_fuzz`` to media.
"""

import argparse
import io
import json
import os
import random
import shutil
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks import reply_fuzz
from benchmarks.mutate import damaged, mutated
from meme_sets import SetError, load_set
from meme_sets.importers import import_set
from memeprobe import jobs
from memeprobe.dashboard.sets.archives import ArchiveError, unpack
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.running.runner import run
from memeprobe.store.store import Store
from tests.colour_set import Eye, write_set
from tests.import_samples import EVERY
from tests.stand_in_server import Handler, StandIn
from tests.test_vlm_contract import picture
from vlm import ModelError, Query, load_model

Try = Callable[[random.Random], str]
"""Makes one input and uses it; 'used', 'refused', or what was wrong."""
SLOW = 10.0
ASKED = ("blind", "first", "keyframes", "position", "as_is", "told", "transcribe")


def line(error: Exception) -> str:
    """'refused', if the message is one line of a bearable length."""
    said = str(error)
    return "refused" if said and "\n" not in said and len(said) < 2_000 else f"said {said[:300]!r}"


def as_yaml(value: object, allow_unicode: bool = False) -> str:
    """What is nested too deeply for PyYAML's writer as JSON, which is YAML too."""
    try:
        return yaml.safe_dump(value, allow_unicode=allow_unicode)
    except RecursionError:
        return json.dumps(value)


def sets(place: Path) -> Try:
    """The items and the head of a set, as JSON lines, YAML or bytes."""
    sound = write_set(place / "sound", clips=2, stills=1).folder
    rows = [json.loads(li) for li in (sound / "items.jsonl").read_text("utf-8").splitlines()]
    head = yaml.safe_load((sound / "set.yaml").read_text("utf-8"))

    def one(rng: random.Random) -> str:
        folder = place / "mutant"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        form, items = rng.choice(("jsonl", "yaml", "head", "bytes")), rows
        if form != "head":
            items = mutated(rows, rng)
        if form == "yaml":
            (folder / "items.jsonl").unlink()
            text = as_yaml(mutated(items, rng), allow_unicode=rng.random() < 0.5)
            (folder / "items.yaml").write_bytes(damaged(text.encode("utf-8", "replace"), rng, 0.5))
        else:
            listed = items if isinstance(items, list) else [items]
            text = "\n".join(json.dumps(i, ensure_ascii=rng.random() < 0.5) for i in listed)
            data = text.encode("utf-8", "surrogatepass")
            (folder / "items.jsonl").write_bytes(damaged(data, rng, 1.0 if form == "bytes" else 0))
        if form == "head":
            text = as_yaml(mutated(head, rng))
            (folder / "set.yaml").write_bytes(damaged(text.encode("utf-8", "replace"), rng, 0.5))
        try:
            chosen = load_set(folder)
            spec = RunSpec(
                chosen.name, "eye", scoring="free", policy="uniform_index", conditions=ASKED
            )
            experiment = Experiment.of(spec, chosen, Eye())
        except (SetError, SpecError) as refusal:
            return line(refusal)
        (place / "w.sqlite").unlink(missing_ok=True)
        with Store(place / "w.sqlite") as store:
            result = jobs.result_of(store, run(experiment, store))
            jobs.write_report(store, [result], place / "r.html")
        return "used"

    return one


def imports(place: Path) -> Try:
    """The label files of public data sets, one sample of each importer."""
    sound = {}
    for name, make in EVERY.items():
        (place / name).mkdir()
        sound[name] = make(place / name, random.Random(name), 4)

    def one(rng: random.Random) -> str:
        name = rng.choice(list(sound))
        source, options = sound[name]
        folder, out = place / "mutant", place / "out"
        for old in (folder, out):
            shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(place / name, folder)
        labels = [
            p
            for p in folder.rglob("*")
            if p.suffix in (".json", ".jsonl", ".csv", ".tsv", ".parquet")
        ]
        path = rng.choice(labels or [p for p in folder.rglob("*") if p.is_file()])
        if path.suffix == ".json" and rng.random() < 0.8:
            told = mutated(json.loads(path.read_text("utf-8")), rng)
            path.write_text(json.dumps(told), "utf-8")
        else:
            path.write_bytes(damaged(path.read_bytes(), rng, 1.0))
        try:
            import_set(name, folder / source.relative_to(place / name), out, **options)
        except SetError as refusal:
            return line(refusal) if not out.exists() else f"{name}: left {out}"
        load_set(out)
        return "used"

    return one


def archives(place: Path) -> Try:
    """Zips with damaged bytes, odd names, links, and sizes that are not what they say."""
    names = ["my/items.jsonl", "my/a.gif", "my/你好.gif", "../a.gif", "/a.gif", "C:a.gif"]
    names += ["my/../..", "my/" + "x" * 300 + ".gif", "my/a.gif/b.gif", "my/a\0.gif", "con.txt"]
    names += ["a.zip", "", "/"]

    def one(rng: random.Random) -> str:
        buffer, target = io.BytesIO(), place / "in" / "target"
        with zipfile.ZipFile(
            buffer,
            "w",
            rng.choice(
                (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)
            ),
        ) as archive:
            archive.writestr("my/items.jsonl", "{}")
            for _ in range(rng.randint(1, 4)):
                info = zipfile.ZipInfo(rng.choice(names[:3] if rng.random() < 0.7 else names))
                info.external_attr = (
                    rng.choice((0o600, 0o120777, 0o10600, 0o20600)) << 16
                    if rng.random() < 0.2
                    else 0o600 << 16
                )
                archive.writestr(
                    info, bytes(rng.choice((0, 3, 3_000, 300_000))), zipfile.ZIP_DEFLATED
                )
        shutil.rmtree(place / "in", ignore_errors=True)
        (place / "in").mkdir()
        try:
            unpack(io.BytesIO(damaged(buffer.getvalue(), rng, 0.8)), target)
        except ArchiveError as refusal:
            return line(refusal) if not list((place / "in").iterdir()) else "left a folder behind"
        outside = [p for p in (place / "in").iterdir() if p != target]
        links = [p for p in target.rglob("*") if p.is_symlink() or not (p.is_dir() or p.is_file())]
        return f"outside: {outside} {links}" if outside or links else "used"

    return one


def replies(place: Path) -> Try:
    """What a server answers to a question with options and to one without."""
    for name, value in {"LONGEST_WAIT": "0.01", "ATTEMPTS": "2", "TIMEOUT": "30"}.items():
        os.environ.setdefault(f"MEMEPROBE_SERVER_{name}", value)
    server = StandIn().__enter__()
    now: list[tuple[int, bytes, dict[str, str]]] = []
    server.state.faults[""] = lambda handler, met: bool(now) and sent(handler)

    def sent(handler: Handler) -> bool:
        status, body, headers = now[0]
        handler.reply(status, body, headers)
        return True

    letters = [{"token": f" {c}", "logprob": -1.5, "bytes": [32, 65]} for c in "ABC"]
    logprobs = {"content": [{"token": " A", "logprob": -0.1, "top_logprobs": letters}]}
    message = {"role": "assistant", "content": " A", "refusal": None, "reasoning_content": "hm"}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": logprobs}
    body = {"id": "x", "model": "stand-in", "choices": [choice], "usage": {"prompt_tokens": 9}}

    def one(rng: random.Random) -> str:
        now.clear()
        if rng.random() < 0.3:
            now.append(reply(rng))
        try:
            model = load_model(f"server:{server.url}#stand-in")
        except ModelError as refusal:
            return line(refusal)
        for options in (("a cat", "a dog"), ()):
            now[:] = [reply(rng)]
            (answer,) = model.answer([Query((picture(1),), "what ?", options)])
            if (answer.text is None) == (answer.error is None):
                return f"neither answer nor error: {answer}"
            if answer.error is not None and "\n" in answer.error:
                return f"said {answer.error!r}"
            with Store(place / "w.sqlite") as store:
                store.save("", [], {str(rng.random()): answer})
        return "used"

    def reply(rng: random.Random) -> tuple[int, bytes, dict[str, str]]:
        told = mutated(body, rng)
        raw = damaged(json.dumps(told).encode("utf-8", "surrogatepass"), rng, 0.3)
        headers = {"retry-after": rng.choice(("1", "x", "-1", "1e9", "nan"))}
        return rng.choice((200, 200, 200, 200, 400, 401, 404, 422, 429, 500, 503)), raw, headers

    return one


KINDS: dict[str, Callable[[Path], Try]] = {
    "sets": sets,
    "imports": imports,
    "archives": archives,
    "replies": replies,
    **reply_fuzz.KINDS,
}


def tried(one: Try, seed: int, seconds: float) -> Iterator[tuple[int, str, float]]:
    """(number, how it ended, seconds) of each input, until the time is over."""
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        began = time.process_time()
        try:
            ended = one(random.Random(f"{seed}/{number}"))
        except Exception as error:
            ended = f"{type(error).__name__}: {error}"
        yield number, ended, time.process_time() - began
        number += 1


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600)
    asked = parser.parse_args()
    ends, slowest, found = Counter[str](), 0.0, []
    with TemporaryDirectory() as scratch:
        for number, ended, seconds in tried(
            KINDS[asked.kind](Path(scratch)), asked.seed, asked.seconds
        ):
            ends[ended if ended in ("used", "refused") else "FOUND"] += 1
            slowest = max(slowest, seconds)
            if ended not in ("used", "refused") or seconds > SLOW:
                found.append(f"{number} ({seconds:.1f} s): {ended}"[:600])
                print(found[-1], file=sys.stderr, flush=True)
    print(
        json.dumps(
            {
                "kind": asked.kind,
                "seed": asked.seed,
                **ends,
                "slowest": round(slowest, 2),
                "found": found,
            },
            indent=1,
        )
    )
    os._exit(1 if found else 0)


if __name__ == "__main__":
    main()
