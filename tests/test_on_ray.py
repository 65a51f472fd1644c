"""A run on workers of Ray: the same as in one process, whatever dies; and who can reach them."""

import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import memeprobe as mp
from benchmarks.killed_commands import processes_of
from benchmarks.kills import table
from meme_sets import Item, load_set
from memeprobe.errors import JobError
from memeprobe.experiment.experiment import Experiment
from memeprobe.on_ray import worker
from memeprobe.on_ray.engine import RayEngine, opened
from memeprobe.on_ray.head import PREFIX, folder_in, sweep
from memeprobe.on_ray.pieces import LARGEST, cut
from memeprobe.on_ray.workers import Loading, ModelWorker
from memeprobe.running.asker import Asker
from memeprobe.running.runner import BATCH, Settled, _ask_here
from memeprobe.running.runner import run as run_trials
from memeprobe.scoring.answers import FAILED
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.command_line import CommandLine
from tests.not_none import not_none
from tests.ray_models import HEIGHT, Deadly, Frail, Late
from tests.ray_runs import KEY, alike, at_work, begun, clusters_of, is_head, trials, until
from vlm import DEFAULTS

ASKED = ("run", "reveal", "-c", "frames", "--limit", "12", "--policy", "uniform_time", "--json")
# Not by importing it, which comes after the settings of a cluster of our own.
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="the extra 'ray' is missing")
ON_RAY = ("--engine", "ray", "--workers", "2")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process."""
    folder = tmp_path_factory.mktemp("alone")
    assert begun(folder, *ASKED).wait(600) == 0, (folder / "err").read_text()
    return folder


@pytest.mark.slow
@needs_ray
def test_two_workers_give_what_one_process_gives_be_one_killed(alone: Path, tmp_path: Path) -> None:
    process = begun(tmp_path, *ASKED, *ON_RAY)
    until(partial(at_work, tmp_path, process, 0), "the first trials")
    psutil = pytest.importorskip("psutil")
    holding, reached = [], set()
    for pid in processes_of(tmp_path):
        with contextlib.suppress(psutil.NoSuchProcess):  # some of Ray's live for a moment
            one = psutil.Process(pid)
            reached |= {c.laddr.ip.removeprefix("::ffff:") for c in one.net_connections("inet")}
            assert pid == process.pid or KEY not in str(one.environ())
            if "ModelHolder" in " ".join(one.cmdline()):
                holding.append(one)
    assert len(holding) == 2, (tmp_path / "err").read_text()
    assert reached == {"127.0.0.1"}
    holding[0].kill()
    assert process.wait(600) == 0, (tmp_path / "err").read_text()
    alike(tmp_path, alone)
    until(lambda: not processes_of(tmp_path), "the cluster's end")


@pytest.mark.slow
@needs_ray
def test_a_driver_that_was_ended_goes_on_and_leaves_nothing(alone: Path, tmp_path: Path) -> None:
    stored = 20
    for sent, code in ((signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)):
        process = begun(tmp_path, *ASKED, *ON_RAY)
        until(partial(at_work, tmp_path, process, stored), "more trials")
        own = clusters_of(tmp_path)
        process.send_signal(sent)
        said = f"{sent}: {(tmp_path / 'err').read_text()}"
        assert process.wait(60) == code and "Traceback" not in said, said
        until(lambda: not processes_of(tmp_path), "the cluster's end")
        assert own and not [one for one in own if one.exists()]
        stored = trials(tmp_path)
        assert 0 < stored < len(table(alone)["trials"])
    assert begun(tmp_path, *ASKED, *ON_RAY).wait(600) == 0, (tmp_path / "err").read_text()
    alike(tmp_path, alone)


@pytest.mark.slow
@needs_ray
def test_a_run_whose_cluster_is_gone_ends_soon_and_goes_on(alone: Path, tmp_path: Path) -> None:
    """All of Ray's processes are killed, where Ray's library would end or hold up the run."""
    psutil = pytest.importorskip("psutil")
    process = begun(tmp_path, *ASKED, *ON_RAY)
    until(partial(at_work, tmp_path, process, 0), "the first trials")
    heads = [p for p in map(psutil.Process, processes_of(tmp_path)) if is_head(p)]
    (inner,) = (p for p in heads if p.parent() in heads)
    os.killpg(inner.pid, signal.SIGKILL)  # it leads the group of all of them
    code = process.wait(55)
    said = " ".join((tmp_path / "err").read_text().split())
    assert code == 2 and "Traceback" not in said, said
    assert "the same command goes on from there" in said, said
    assert not (tmp_path / "out").read_text()
    assert begun(tmp_path, *ASKED, *ON_RAY).wait(600) == 0, (tmp_path / "err").read_text()
    alike(tmp_path, alone)


@contextmanager
def two(
    folder: Path, monkeypatch: pytest.MonkeyPatch, holding: type[ModelWorker]
) -> Iterator[RayEngine]:
    """Two workers of this kind; what they load is noted in ``folder``."""
    monkeypatch.setenv("MEMEPROBE_PROCESSES", "1")
    monkeypatch.setattr(worker, "ModelWorker", holding)
    spec = plainly()
    with opened(Loading(str(folder), "", "en", DEFAULTS, spec.limits), 2) as engine:
        yield engine


def outcomes(experiment: Experiment, path: Path, engine: RayEngine | None = None) -> dict[Any, str]:
    """(item, condition) -> outcome of a run."""
    with Store(path) as store:
        found = run_trials(experiment, store, engine=engine)
        return {(t.item, t.condition): t.outcome for t in store.outcomes(found)}


@pytest.mark.slow
@needs_ray
def test_a_question_that_kills_its_process_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = write_set(tmp_path / "set")
    want = outcomes(Experiment.of(plainly(), colours, Eye()), tmp_path / "alone.sqlite")
    with two(tmp_path, monkeypatch, Deadly) as engine:
        experiment = Experiment.of(plainly(), colours, engine.model)
        found = outcomes(experiment, tmp_path / "ray.sqlite", engine)
    failed = {key for key, outcome in found.items() if outcome == FAILED}
    assert failed == {k for k in want if k[0] == f"clip-{HEIGHT - 20}" and k[1] != "blind"}
    assert {k: v for k, v in found.items() if k not in failed} == {
        k: v for k, v in want.items() if k not in failed
    }


@pytest.mark.slow
@needs_ray
@pytest.mark.parametrize(
    "holding",
    [
        pytest.param(Frail, id="not replaced, it leaves its piece to the others"),
        pytest.param(Late, id="dead while it loads, it is replaced"),
    ],
)
def test_a_worker_that_dies_changes_nothing(
    holding: type[ModelWorker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = write_set(tmp_path / "set")
    want = outcomes(Experiment.of(plainly(), colours, Eye()), tmp_path / "alone.sqlite")
    with two(tmp_path, monkeypatch, holding) as engine:
        experiment = Experiment.of(plainly(), colours, engine.model)
        assert outcomes(experiment, tmp_path / "ray.sqlite", engine) == want
    assert {p.name for p in tmp_path.iterdir()} >= {"1", "2", "3"}


def wanted(families: list[int], conditions: int = 10) -> list[tuple[Item, list[Any]]]:
    """Items in families of these sizes, each with so many conditions."""
    reveal = load_set("reveal")
    spec = plainly(set_name="reveal", conditions=None)
    rows = list(Experiment.of(spec, reveal, Eye()).plan.conditions)[:conditions]
    return [
        (reveal.items[0].model_copy(update={"id": f"{n}-{i}", "cluster": f"{n}"}), rows)
        for n, size in enumerate(families)
        for i in range(size)
    ]


def test_pieces_hold_whole_families_unless_one_is_too_large() -> None:
    families = [1, 2, 5, 1, 1, 1, 1, 40, 3]
    pieces = list(cut(wanted(families)))
    items = [item for piece in pieces for item, _ in piece]
    assert items == [i.id for i, _ in wanted(families)], "each once, in order"
    sizes = [sum(len(names) for _, names in piece) for piece in pieces]
    assert all(size >= BATCH for size in sizes[:-1]) and max(sizes) < LARGEST + 10
    held = Counter(f for piece in pieces for f in {item.split("-")[0] for item, _ in piece})
    assert [f for f, count in held.items() if count > 1] == ["7"]
    assert list(cut([])) == []


def test_only_clusters_that_nobody_holds_are_swept(tmp_path: Path) -> None:
    """A folder whose keeper was killed goes; one in use, one being made and a stranger's stay."""
    held = (
        "import sys, time\nfrom pathlib import Path\nfrom memeprobe.on_ray.head import folder_in\n"
    )
    held += "with folder_in(Path(sys.argv[1])) as own:\n print(own, flush=True)\n time.sleep(60)"
    keepers = [
        subprocess.Popen(
            [sys.executable, "-c", held, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        killed, living = (Path(not_none(k.stdout).readline().strip()) for k in keepers)
        (killed / "socket").symlink_to(tmp_path)
        keepers[0].kill()
        keepers[0].wait()
        (tmp_path / f"{PREFIX}being-made").mkdir()
        (tmp_path / "ray").mkdir()
        sweep(tmp_path)
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {living.name, f"{PREFIX}being-made", "ray"} and killed != living
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.communicate()
    with folder_in(tmp_path) as own:
        (own / "session").mkdir()
    assert not own.exists()


class Here:
    """An engine that asks in this process."""

    model, judge = Eye(), None

    def ask(self, asker: Asker, settled: Settled) -> Iterator[int]:
        return _ask_here(asker, settled, None, False)


def test_python_asks_by_ray_what_the_command_line_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is loaded where; the cluster itself is left out."""
    colours, asked = write_set(tmp_path / "set"), []

    @contextmanager
    def cluster(what: Loading, workers: int | None) -> Iterator[Here]:
        asked.append((what.spec, what.judge, what.cache, workers))
        yield Here()

    monkeypatch.setattr("memeprobe.on_ray.engine.opened", cluster)
    path = tmp_path / "w.sqlite"
    names: Any = {"workspace": path, "conditions": ("blind", "first"), "progress": False}
    found = mp.run(colours, "eye", engine="ray", workers=3, **names)
    assert len(found.trials) == 2 * len(colours.items)
    assert asked == [("eye", None, tmp_path / "w.cache.sqlite", 3)]
    for wrong, said in (
        ({"model": Eye(), "engine": "ray"}, "give its name or folder"),
        ({"model": "eye", "workers": 2}, "workers=.* goes with --engine ray"),
        ({"model": "eye", "engine": "rapidocr"}, "from Python ocr="),
        ({"model": "server:http://x/v1#y", "engine": "ray"}, "ask it without"),
    ):
        with pytest.raises(JobError, match=said):
            mp.run(colours, **wrong, **names)


def test_what_does_not_go_together_is_refused_in_one_line(
    memeprobe: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments, said in (
        (("--engine", "rapidocr"), "unknown engine 'rapidocr'"),
        (("--engine", "rapidocr"), "what reads captions is chosen by --ocr"),
        (("--workers", "2"), "goes with --engine ray"),
        (("--engine", "ray", "-m", "server:http://x/v1#y"), "ask it without --engine ray"),
        (("--engine", "ray", "--judge", "server:http://x/v1#y"), "ask it without --engine ray"),
    ):
        code, _, err = memeprobe("run", "reveal", *arguments)
        assert code == 2 and said in " ".join(err.split()) and "Traceback" not in err, err
    monkeypatch.setitem(sys.modules, "ray", None)
    code, _, err = memeprobe("run", "reveal", "-m", "known:fair", "--engine", "ray")
    assert code == 2 and 'pip install "memeprobe[ray]"' in err


@needs_ray
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1:1", "Connection refused"),
        ("ray://127.0.0.1:1", "Connection refused"),
        ("no-such-host.invalid:6379", ""),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line_at_once(
    address: str, why: str, memeprobe: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    code, _, err = memeprobe("run", "reveal", "-m", "known:fair", "--engine", "ray")
    said = " ".join(err.split())
    assert code == 2 and f"no Ray cluster at {address} ($RAY_ADDRESS)" in said and why in said
