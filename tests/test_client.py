"""``mp.Client`` has what the local API has, and gives the same."""

import inspect
from pathlib import Path

import pandas as pd
import pytest

import memeprobe as mp
from memeprobe.client.remote import RemoteClip, RemoteRun
from memeprobe.conditions.presets import PRESETS
from memeprobe.experiment.spec import RunSpec
from tests.service import Served

pytestmark = pytest.mark.slow

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')
OF_THE_SERVER = {"workspace", "limits", "shard", "engine", "set_name"}
"""What a client does not choose: where answers are kept, what a file may hold, who reads."""


def public(of: type) -> set[str]:
    return {name for name in dir(of) if not name.startswith("_")}


def test_nothing_of_the_local_api_is_missing(served: Served) -> None:
    fields = set(mp.Run.__dataclass_fields__)
    assert public(mp.Run) - fields <= public(RemoteRun)
    assert {"open_clip", "run", "open_run", "list_runs", "compare"} <= public(mp.Client)
    assert {"keyframes", "captions", "look"} <= public(RemoteClip)
    for name in ("keyframes", "captions"):
        local = set(inspect.signature(getattr(mp, name)).parameters) - {"clip"}
        assert local <= set(inspect.signature(getattr(RemoteClip, name)).parameters), name
    with mp.Client(served.url) as client:
        taken = client.get("/openapi.json")["components"]["schemas"]["RunRequest"]["properties"]
    assert set(RunSpec.__dataclass_fields__) - OF_THE_SERVER <= set(taken)
    assert {"set", "preset"} <= set(taken)


@pytest.mark.parametrize(
    "choices",
    [
        {"conditions": ("first", "keyframes"), "sample": 3, "seed": 2},
        {"conditions": ["frames"], "limit": 2, "scoring": "free", "language": "zh"},
        {"preset": "quick", "limit": 3, "sample": 2, "seed": -5},
        {"preset": "quick", "sample": 2},
        {"preset": "quick", "conditions": PRESETS["quick"].conditions, "sample": 48, "limit": 2},
    ],
    ids=str,
)
def test_the_same_call_is_the_same_run(served: Served, tmp_path: Path, choices: object) -> None:
    assert isinstance(choices, dict)
    with mp.Client(served.url) as client:
        far = client.run("reveal", "known:prompt-copier", **choices).wait(seconds=300)
        here = {"workspace": tmp_path / "w", "progress": False}
        near = mp.run("reveal", "known:prompt-copier", **here, **choices)  # type: ignore[arg-type]
        assert far.id == near.id
        assert far.measures == near.result.as_json()["measures"]
        assert far.trials and far.record["planned"] == near.record.planned
        pd.testing.assert_frame_equal(far.to_pandas(), near.to_pandas())


def test_runs_are_compared_as_they_come(served: Served) -> None:
    with mp.Client(served.url) as client:
        first, second = (
            client.run("reveal", f"known:{name}", limit=4, preset="quick").wait(seconds=300)
            for name in ("fair", "first-frame")
        )
        by_run, by_id = client.compare(first, second), client.compare(first.id, second.id)
        near = mp.compare(
            *(mp.open_run(run.id, workspace=served.workspace) for run in (first, second))
        )
    assert by_run == by_id == near and by_run.summary
    pd.testing.assert_frame_equal(by_run.to_pandas(), near.to_pandas())
