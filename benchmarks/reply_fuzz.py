"""Damaged replies of models that run elsewhere: servers of three kinds, and files of batch APIs.

Kinds of ``python -m benchmarks.input_fuzz``. A run is made of what they answer, reported and
exported in every format: an answer may fail, with one line that says why in words.
"""

import json
import os
import random
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.mutate import VALUES, damaged, mutated
from meme_sets import MemeSet
from memeprobe import jobs
from memeprobe.experiment.experiment import Experiment
from memeprobe.report.formats import FORMATS
from memeprobe.running.runner import run
from memeprobe.store.store import Store
from tests.batch_stand_in import row
from tests.colour_set import plainly, write_set
from tests.sglang_stand_in import SglangStandIn
from tests.stand_in_server import StandIn
from tests.test_batch_harness import WRITERS
from tests.vllm_stand_in import VllmStandIn
from vlm import Model, ModelError, load_model
from vlm.server.batch import BatchModel
from vlm.server.batch_files import BatchFiles, Replies

ASKED = ("blind", "first", "keyframes", "as_is", "transcribe")
FOREIGN = re.compile(r"[A-Za-z]*(Error|Exception|Warning)\b.*")
"""How a failure begins that nobody put into words."""


TEXTS = [value for value in VALUES if isinstance(value, str)]


def line(error: object) -> str:
    """'refused', if the message is one line of a bearable length, in words."""
    said = str(error)
    fine = said and "\n" not in said and len(said) < 2_000 and not FOREIGN.match(said)
    return "refused" if fine else f"said {said[:300]!r}"


def some(rng: random.Random) -> list[str]:
    """Formats to export, one in most cases: writing all takes longer than a run."""
    return list(FORMATS) if rng.random() < 0.1 else [rng.choice(list(FORMATS))]


def experiment(meme_set: MemeSet, model: Model) -> Experiment:
    """What is asked of a model."""
    listed = isinstance(model, BatchModel) and not model.form.weighs
    asked = ASKED[1:] if listed else ASKED  # a harness asks nothing without a picture
    scoring = "listed" if listed else "auto"
    spec = plainly(model=model.name, conditions=asked, scoring=scoring, policy="uniform_index")
    return Experiment.of(spec, meme_set, model)


def used(place: Path, asked: Experiment, forms: Iterable[str] = FORMATS) -> str:
    """Run it, report and export the run; 'used', or what was wrong."""
    (place / "w.sqlite").unlink(missing_ok=True)
    with Store(place / "w.sqlite") as store:
        name = run(asked, store, live=not isinstance(asked.model, BatchModel))
        jobs.write_report(store, [jobs.result_of(store, name)], place / "r.html")
        for form in forms:
            jobs.write_export(store, name, form, place / f"e{FORMATS[form][0]}")
        problems = {row.problem for row in store.outcomes(name) if row.outcome == "failed"}
    wrong = [said for problem in problems if (said := line(problem)) != "refused"]
    return wrong[0] if wrong else "used"


def servers(
    start: Callable[[], StandIn | VllmStandIn | SglangStandIn],
) -> Callable[[Path], Callable[[random.Random], str]]:
    """A server of one kind, some of whose replies of every route are damaged."""

    def kind(place: Path) -> Callable[[random.Random], str]:
        settings = {"LONGEST_WAIT": "0.01", "ATTEMPTS": "2", "TIMEOUT": "30", "CONCURRENCY": "1"}
        for name, value in settings.items():
            os.environ.setdefault(f"MEMEPROBE_SERVER_{name}", value)
        meme_set = write_set(place / "set", clips=2, stills=1)
        server = start().__enter__()
        state: dict[str, Any] = {}
        handler: Any = server.http.RequestHandlerClass

        def send(self: Any, status: int, body: Any, *_: Any) -> None:
            rng = state["rng"]
            if rng.random() < state["share"]:
                body = mutated(body, rng)
                status = rng.choice((status, status, status, status, 400, 404, 422, 429, 500))
            raw = json.dumps(body).encode("utf-8", "surrogatepass")
            raw = damaged(raw, rng, 0.2 * state["share"])
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        server.http.RequestHandlerClass = type("Odd", (handler,), {"reply": send})

        def one(rng: random.Random) -> str:
            state.update(rng=rng, share=rng.choice((0.03, 0.3, 1.0)))
            try:
                model = load_model(f"server:{server.url}#{rng.choice(('toy', 'stand-in'))}")
            except ModelError as refusal:
                return line(refusal)
            return used(place, experiment(meme_set, model), some(rng))

        return one

    return kind


class Noted(dict[str, Any]):
    """Requests of batch files, kept instead of written: id -> body."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, list[Path]()

    def __enter__(self) -> "Noted":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, request: Mapping[str, Any]) -> None:
        self[str(request["custom_id"])] = request["body"]


def batches(place: Path) -> Callable[[random.Random], str]:
    """Files with the answers to batch files, of the forms of batch APIs and of two harnesses."""
    meme_set, asked = write_set(place / "set", clips=2, stills=1), {}
    letters = [{"token": c, "logprob": -1.5} for c in "ABCD"]
    choice = {"message": {"content": "A"}, "finish_reason": "stop"}
    choice["logprobs"] = {"content": [{"token": "A", "top_logprobs": letters}]}
    for form in ("openai", "vlmevalkit", "lmms-eval"):
        model = load_model(f"batch:{form}#toy")
        assert isinstance(model, BatchModel)
        noted = Noted(place)
        model.files = BatchFiles(writer=noted)
        used(place, experiment(meme_set, model))
        asked[form] = model, list(noted)

    def one(rng: random.Random) -> str:
        form = rng.choice(list(asked))
        model, names = asked[form]
        if form == "vlmevalkit":
            kind, write = WRITERS[rng.choice(list(WRITERS))]
            rows = [{"index": n, "question": "?", "prediction": "red"} for n in names]
            if rng.random() < 0.5:
                rows[rng.randrange(len(rows))]["prediction"] = rng.choice(TEXTS)
            write(place / kind, rows)
            raw = (place / kind).read_bytes()
            if kind == "p.json" and rng.random() < 0.7:
                raw = json.dumps(mutated(json.loads(raw), rng)).encode("utf-8", "surrogatepass")
        else:
            kind = "answers.jsonl"
            if form == "openai":
                told = [json.loads(row(n, {"choices": [choice]})) for n in names]
            else:
                told = [{"doc": {"id": n}, "resps": [["red"]]} for n in names]
            told = mutated(told, rng)
            lines = (json.dumps(r, ensure_ascii=rng.random() < 0.5) for r in told)
            raw = "\n".join(lines).encode("utf-8", "surrogatepass")
        (place / kind).write_bytes(damaged(raw, rng, 0.5))
        try:
            model.files = BatchFiles(Replies.of([place / kind]))
        except ModelError as refusal:
            return line(refusal)
        broken = {line(said) for said in model.files.replies.broken} - {"refused"}
        return broken.pop() if broken else used(place, experiment(meme_set, model), some(rng))

    return one


KINDS: dict[str, Callable[[Path], Callable[[random.Random], str]]] = {
    "openai": servers(StandIn),
    "vllm": servers(VllmStandIn),
    "sglang": servers(SglangStandIn),
    "batches": batches,
}
