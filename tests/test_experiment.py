"""An experiment is resolved and checked once, and its run knows what made it."""

import hashlib
import json
import shlex
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from meme_sets import load_set
from memeprobe import jobs
from memeprobe.cli.app import app
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.find_set import find_set, place_of_set
from memeprobe.experiment.plan import ModelFacts, Plan
from memeprobe.experiment.provenance import command
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.running import runner
from memeprobe.store.migrations import MIGRATIONS
from memeprobe.store.rows import Provenance, RunRecord
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from vlm import LoadOptions, is_named

pytestmark = pytest.mark.usefixtures("no_rechecks")


def test_a_specification_of_another_set_or_model_is_refused(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "set")
    with pytest.raises(SpecError, match=r"names the set 'reveal'.*'colours'"):
        Experiment.of(plainly(set_name="reveal"), colours, Eye())
    with pytest.raises(SpecError, match=r"names the model 'blip-nano'.*'eye'"):
        Experiment.of(plainly(model="blip-nano"), colours, Eye())
    by_folder = Experiment.of(plainly(set_name=str(tmp_path / "set")), colours, Eye())
    assert by_folder.identity == Experiment.of(plainly(), colours, Eye()).identity


def test_everything_is_resolved_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of any length asks for the table of conditions and the set's content once."""
    colours, counts = write_set(tmp_path / "set"), {"choose": 0, "content": 0}
    from memeprobe.experiment import plan as module

    def choose(names: tuple[str, ...] | None, k: int) -> object:
        counts["choose"] += 1
        return chosen(names, k)

    def content(self: object) -> str:
        counts["content"] += 1
        return "c" * 64

    chosen = vars(module)["choose"]
    monkeypatch.setattr(module, "choose", choose)
    monkeypatch.setattr(type(colours), "content_sha256", content)
    experiment = Experiment.of(plainly(limit=2), colours, Eye())
    with Store(tmp_path / "w.sqlite") as store:
        runner.run(experiment, store)
    assert counts == {"choose": 1, "content": 1}


def test_a_plan_needs_no_model() -> None:
    reveal = load_set("reveal")
    facts = ModelFacts("blip-nano", ("concat", "vote"))
    spec = RunSpec("reveal", "blip-nano", conditions=("blind", "keyframes"), limit=3)
    once = Plan.of(spec, reveal, facts).size
    assert (once.items, once.trials, once.calls) == (3, 6, 6)
    voted = Plan.of(replace(spec, delivery="vote"), reveal, facts).size
    assert voted.calls == 3 * (1 + 4)  # without a picture one call, with four frames four
    with pytest.raises(SpecError, match="no translators around it"):
        Plan.of(replace(spec, conditions=("sandwich",)), reveal, facts)


def test_a_run_knows_what_made_it(tmp_path: Path) -> None:
    colours, options = write_set(tmp_path / "set"), LoadOptions("cpu", translators=("a", "b"))
    experiment = Experiment.of(plainly(seed=3), colours, Eye(), options)
    begun: list[str] = []
    with Store(tmp_path / "w.sqlite") as store:
        name = runner.run(experiment, store, started=begun.append)
        record = store.run(name)
    assert begun == [name]
    made_by = record.provenance
    assert made_by is not None and made_by.model_spec == "eye"
    assert made_by.set_folder == str((tmp_path / "set").resolve())
    assert made_by.options() == options
    assert made_by.libraries["torch"].startswith("2.") and made_by.platform.startswith("Python 3")
    assert record.seed == 3 and record.content == colours.content_sha256()
    found = find_set(record)
    assert found is not None and found.folder == (tmp_path / "set").resolve()


def test_a_set_that_changed_is_not_taken_for_the_one_of_the_run(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "reveal")
    made_by = Provenance(model_spec="eye", set_folder=str(tmp_path / "reveal"))
    record = RunRecord(run="r", set="reveal", content=colours.content_sha256(), provenance=made_by)
    assert find_set(record) is not None
    items = tmp_path / "reveal" / "items.jsonl"
    items.write_text(items.read_text("utf-8").replace('"gold": 3', '"gold": 2'), "utf-8")
    assert find_set(record) is None
    # An old record names no folder: the built-in set of that name has another content.
    assert find_set(replace(record, provenance=None)) is None
    gone = replace(made_by, set_folder=str(tmp_path / "gone"))
    assert find_set(replace(record, provenance=gone)) is None


def test_a_run_of_an_older_store_finds_a_saved_set_by_name_and_content(tmp_path: Path) -> None:
    saved = tmp_path / "sets"
    content = write_set(saved / "mine").content_sha256()
    record = RunRecord(run="r", set="mine", content=content)
    assert find_set(record) is None and place_of_set(record) is None
    found = find_set(record, saved)
    assert found is not None and found.folder == saved / "mine"
    other = replace(record, content="0" * 64)
    assert place_of_set(other, saved) == str(saved / "mine") and find_set(other, saved) is None


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"delivery": "grid", "k": 6, "policy": "distinct", "language": "zh"},
        {"conditions": ("blind", "position"), "scoring": "listed", "seed": 7, "limit": 5},
        {"sample": 24, "conditions": None, "engine": "paddleocr"},
    ],
)
def test_the_command_of_a_record_repeats_the_run(
    change: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is parsed by the command line itself, up to the run it would begin."""
    spec = replace(RunSpec("reveal", "known:fair", conditions=("frames",)), **change)  # type: ignore[arg-type]
    words = shlex.split(command(spec, "reveal", LoadOptions("cpu", quantise="int8"), "known:fair"))
    assert words[:3] == ["memeprobe", "run", "reveal"]
    seen: list[tuple[RunSpec, LoadOptions]] = []

    def of(
        spec: RunSpec, meme_set: object, model: object, options: LoadOptions, *_: object
    ) -> None:
        seen.append((spec, options))
        raise SystemExit(0)

    monkeypatch.setattr("memeprobe.experiment.experiment.Experiment.of", of)
    monkeypatch.setattr("memeprobe.asked_where.load_model", lambda *_: Eye())
    monkeypatch.setenv("MEMEPROBE_WORKSPACE", str(tmp_path / "w.sqlite"))
    ended = CliRunner().invoke(app, words[1:])
    assert ended.exit_code == 0, ended.output
    ((asked, options),) = seen
    assert asked == spec
    assert (options.device, options.quantise) == ("cpu", "int8")


@pytest.mark.parametrize(
    ("spec", "name", "same"),
    [
        ("blip-nano", "blip-nano", True),
        ("blip-nano", "visualglm-6b", False),
        ("server:http://127.0.0.1:8000/v1", "server:http://127.0.0.1:8000/v1#m", True),
        ("server:http://127.0.0.1:8000/v1#m", "server:http://127.0.0.1:8000/v1#n", False),
        ("./here", str(Path("here").absolute()), True),
        ("org/model", "org/model", True),
        ("org/mod", "org/model", False),
    ],
)
def test_a_spec_names_its_model_and_no_other(spec: str, name: str, same: bool) -> None:
    model = Eye()
    model.name = name
    assert is_named(spec, model) is same


def test_a_store_of_before_is_migrated_and_read(tmp_path: Path) -> None:
    """A store as version 0.1 wrote it: identity without provenance, paces by 'DEVICE SET'."""
    path = tmp_path / "old.sqlite"
    about = {"cluster": "c", "options": ["a", "b"], "lure": 1, "kind": None, "item_gold": 0}
    identity = {"set": "reveal", "model": "blip-nano", "k": 4, "conditions": ["keyframes"]}
    written = json.dumps(identity)
    run = hashlib.sha256(written.encode()).hexdigest()[:10]  # as 0.1 named a run
    with sqlite3.connect(path) as raw:
        for statements in MIGRATIONS[:2]:
            for statement in statements:
                raw.execute(statement)
        raw.execute("INSERT INTO runs VALUES (?, ?, 1, 2, 1)", (run, written))
        raw.execute("INSERT INTO items VALUES (?, 'i', 0, ?)", (run, json.dumps(about)))
        raw.execute(
            "INSERT INTO trials VALUES (?, 'i', 'keyframes', 'right', 0, 0, NULL, 4, 4, 1, "
            "NULL, '{\"keyframes\": [0, 3]}')",
            (run,),
        )
        for place, trials in (("cpu reveal", 10), ("my-set", 20)):
            raw.execute("INSERT INTO paces VALUES ('m', '1', 'native', ?, ?, 5)", (place, trials))
        raw.execute("PRAGMA user_version=2")
    with Store(path) as store:
        record, (row,) = store.run(run), store.outcomes(run)
        assert (record.set, record.k, record.conditions) == ("reveal", 4, ("keyframes",))
        assert record.provenance is None and record.done == 1
        assert (row.outcome, row.options, row.keyframes) == ("right", ("a", "b"), (0, 3))
        assert store.pace("m", "1", "native", "cpu", "reveal") == 0.5
        assert store.pace("m", "1", "native", "", "my-set") == 0.25


@pytest.mark.slow
def test_a_report_on_a_set_of_ones_own_shows_its_pictures(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "set")
    with Store(tmp_path / "w.sqlite") as store:
        name = runner.run(Experiment.of(plainly(), colours, Eye()), store)
        result = jobs.result_of(store, name)
        jobs.write_report(store, [result], tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count('<img src="data:image/png;base64,') >= 6 * 4  # six items of four frames


@pytest.mark.slow
def test_two_jobs_on_one_set_each_know_their_own_run(tmp_path: Path) -> None:
    """Begun together, on the same set and with the same words but for the model."""
    from memeprobe.workers import batch

    store = tmp_path / "w.sqlite"
    write_set(tmp_path / "set", clips=2)
    jobs_ = [
        batch.start("run", [str(tmp_path / "set"), "--model", model, "-c", "first"], store, {})
        for model in ("known:fair", "known:blind")
    ]
    while any(job.state == "running" for job in jobs_):
        time.sleep(0.1)
    found = [batch.progress_of(job) for job in jobs_]
    assert [record.model for _, _, record in found if record] == ["known:fair", "known:blind"]
    assert [(done, planned) for done, planned, _ in found] == [(2, 2), (2, 2)]
