"""How fast memeprobe is against a plain loop on this machine: writes results.json.

    python -m benchmarks.bench [--items 24] [--repeats 3] [--memes ../shared/memes]

Every ratio is of two times taken one after the other in this process, with its median and spread
over the repeats; each time stands there as seconds on the clock and as seconds of processor time
(with those of helping processes), because other programs may share the machine. The baseline of a
run makes its stimuli in one process, with nothing kept from other runs, and then asks
``benchmarks.plain_loop``.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench_parts import (
    Counts,
    clips_read,
    clips_to_read,
    decode_ratio,
    scaling,
    startup,
    timed,
)
from benchmarks.plain_loop import PlainLoop
from meme_sets import load_set
from memeprobe import jobs
from memeprobe.conditions.presets import PRESETS
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.spec import RunSpec
from memeprobe.running import runner
from memeprobe.running.ahead import processes
from memeprobe.running.trials import trials_of, wanted_of
from memeprobe.scoring.answers import likeliest
from memeprobe.stimuli.caption_reader import OcrReader
from memeprobe.store.store import Store
from vlm import LoadOptions, Query

HERE = Path(__file__).parent
SETS = ("reveal", "captions")
NANO = HERE.parent / "vlm" / "blip_nano"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=24, help="items of each set")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memes", type=Path, default=HERE.parent.parent / "shared" / "memes")
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    chosen = parser.parse_args()
    result = measured(chosen.items, chosen.repeats, chosen.memes)
    chosen.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(result, ensure_ascii=False))


def measured(items: int, repeats: int, memes: Path) -> dict[str, Any]:
    """All figures."""
    plain = PlainLoop(NANO)
    by_set = {name: one_set(name, items, repeats, plain) for name in SETS}
    counts = {
        k: {name: one[k] for name, one in by_set.items()} for k in next(iter(by_set.values()))
    }
    gifs = sorted((memes / "gif").glob("*.gif")) if memes.is_dir() else []
    return {
        "machine": {
            "processors": len(os.sched_getaffinity(0)),
            "helping_processes": processes(),
            "load_average": os.getloadavg(),
            "platform": platform.platform(),
            "items": items,
            "repeats": repeats,
            "model": "blip-nano",
            "preset": "standard",
        },
        **counts,
        **clips_read(clips_to_read(gifs)),
        "decode_ratio": decode_ratio(gifs, repeats),
        "startup_s": startup(),
        "scaling": scaling(),
    }


def one_set(name: str, items: int, repeats: int, plain: PlainLoop) -> dict[str, Any]:
    """The figures of one set."""
    meme_set = load_set(name)
    model = jobs.model_for("blip-nano", meme_set, "en", LoadOptions("cpu"))
    spec = RunSpec(
        name, "blip-nano", conditions=PRESETS["standard"].conditions, sample=items, scoring="auto"
    )
    experiment = Experiment.of(spec, meme_set, model)
    model.answer([Query((), "warm up", ("a", "b"), "concat")])
    times: dict[str, list[dict[str, float]]] = {}
    queries: list[Query] = []

    def note(what: str, work: Callable[..., Any], *given: Any) -> Any:
        found, seconds = timed(work, *given)
        times.setdefault(what, []).append(seconds)
        return found

    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            queries = note("plain stimuli", stimuli, experiment)
            said = note("plain model", one_by_one, plain, queries)
            forget(model)
            asked = Counts(model, queries)
            with asked:
                answers = note("model", in_batches, model, queries)
            forget(model)
            note("run", ran, experiment, Path(folder) / "first.sqlite")
            note("same run again", ran, experiment, Path(folder) / "first.sqlite")
            forget(model)
            for part in Path(folder).glob("first.sqlite*"):
                part.unlink()  # the run is gone; what is remembered of the pictures stays
            note("run with stimuli there", ran, experiment, Path(folder) / "first.sqlite")
    whole = together(times["plain stimuli"], times["plain model"])
    best = [
        likeliest(a.option_logprobs, a.option_tokens) if a.option_logprobs else None
        for a in answers
    ]
    same = sum((a.text, b) == s for a, b, s in zip(answers, best, said, strict=True))
    return {
        "whole_run_ratio": ratio(whole, times["run"]),
        "model_part_ratio": ratio(times["plain model"], times["model"]),
        "second_model_ratio": ratio(whole, times["run with stimuli there"]),
        "second_run_share": ratio(times["same run again"], times["run"]),
        **asked.found,
        "trials": len(queries),
        "answers_equal": f"{same} of {len(queries)}",
        "seconds": {what: [t["clock"] for t in several] for what, several in times.items()},
        "processor_seconds": {w: [t["processor"] for t in several] for w, several in times.items()},
    }


def stimuli(experiment: Experiment) -> list[Query]:
    """All queries of a run, made in this process with nothing kept from other runs."""
    wanted = wanted_of(experiment.plan)
    made = trials_of(experiment, OcrReader(experiment.spec.engine), wanted)
    return [one.query for one in made if one.query is not None]


def one_by_one(plain: PlainLoop, queries: Sequence[Query]) -> list[tuple[str, int | None]]:
    """What the plain loop answers."""
    return [plain.ask(query) for query in queries]


def in_batches(model: Any, queries: Sequence[Query]) -> list[Any]:
    """The answers as the runner asks for them."""
    size = runner.BATCH
    parts = [queries[i : i + size] for i in range(0, len(queries), size)]
    return [answer for part in parts for answer in model.answer(part)]


def ran(experiment: Experiment, path: Path) -> None:
    """One run with everything around it."""
    with Store(path) as store:
        jobs.run_and_analyse(experiment, store)


def forget(model: Any) -> None:
    """No picture is known to the model any more."""
    model.vision_encoder.forget()


def together(*several: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Times that belong to each other, added."""
    return [
        {kind: sum(one[kind] for one in row) for kind in row[0]}
        for row in zip(*several, strict=True)
    ]


def ratio(above: Sequence[dict[str, float]], below: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Median and spread of the ratio over the repeats, by the clock and by processor time."""
    found: dict[str, Any] = {}
    for kind in ("clock", "processor"):
        values = [a[kind] / max(b[kind], 1e-9) for a, b in zip(above, below, strict=True)]
        found[kind] = {
            "median": round(statistics.median(values), 4),
            "spread": [round(min(values), 4), round(max(values), 4)],
        }
    return found


if __name__ == "__main__":
    main()
