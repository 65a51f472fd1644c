"""Shards: parts of a run in stores of their own, merged, are the run that was asked at once."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from meme_sets import MemeSet
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.store.merging import merge
from memeprobe.store.store import Store, StoreError
from tests.colour_set import Eye, plainly, write_set
from tests.command_line import command_line
from tests.running import plan, run

PARTS = 3


@pytest.fixture
def colours(tmp_path: Path) -> MemeSet:
    return write_set(tmp_path / "set", clips=7)


def told(path: Path) -> dict[str, Any]:
    """All that a store holds of its only run, but for the times."""
    with Store.existing(path) as store:
        (record,) = store.runs()
        return {
            "run": record.run,
            "planned": record.planned,
            "done": record.done,
            "outcomes": record.outcomes,
            "items": store.items(record.run),
            "trials": store.outcomes(record.run),
        }


def parts(colours: MemeSet, folder: Path, spec: RunSpec) -> list[Path]:
    """A store for each shard."""
    found = []
    for i in range(1, PARTS + 1):
        found.append(folder / f"part-{i}.sqlite")
        with Store(found[-1]) as store:
            run(replace(spec, shard=(i, PARTS)), colours, Eye(), store)
    return found


def test_merged_shards_are_the_run_trial_by_trial(colours: MemeSet, tmp_path: Path) -> None:
    with Store(tmp_path / "whole.sqlite") as store:
        run(plainly(), colours, Eye(), store)
    whole, several = told(tmp_path / "whole.sqlite"), parts(colours, tmp_path, plainly())
    held = [{(t.item, t.condition) for t in told(path)["trials"]} for path in several]
    assert all(held) and sum(map(len, held)) == len(whole["trials"]) == len(set().union(*held))
    for n, order in enumerate((several, several[::-1])):
        into = tmp_path / f"merged-{n}.sqlite"
        found = merge(order, into)
        assert told(into) == whole and not found.missing
        again = merge([*order, tmp_path / "whole.sqlite"], into)
        assert told(into) == whole and again == found


def test_a_missing_shard_is_told_and_asked_by_the_same_run(
    colours: MemeSet, tmp_path: Path
) -> None:
    model = Eye()
    with Store(tmp_path / "whole.sqlite") as store:
        run(plainly(), colours, model, store)
    asked = len(model.asked)
    whole, several = told(tmp_path / "whole.sqlite"), parts(colours, tmp_path, plainly())
    into = tmp_path / "merged.sqlite"
    found = merge(several[1:], into)
    left = len(told(several[0])["trials"])
    size = plan(plainly(), colours, Eye()).trials
    assert found.missing == {whole["run"]: (len(whole["trials"]) - left, size)}
    model = Eye()
    with Store(into) as store:
        run(plainly(), colours, model, store)
    assert told(into) == whole and 0 < len(model.asked) < 0.6 * asked


def test_a_shard_that_was_stopped_goes_on(colours: MemeSet, tmp_path: Path) -> None:
    spec = plainly(shard=(1, PARTS))
    with Store(tmp_path / "a.sqlite") as store:
        model = Eye()
        model.broken = {20}  # clip-0 is 20 pixels high
        run(spec, colours, model, store)
        asked = len(model.asked)
        model.broken = set()
        run(spec, colours, model, store)
        assert 0 < len(model.asked) - asked < asked
        (record,) = store.runs()
        assert "failed" not in record.outcomes and record.done < record.planned


def test_families_stay_together_and_shards_are_alike_in_size(colours: MemeSet) -> None:
    sizes = [plan(plainly(shard=(i, PARTS)), colours, Eye()) for i in range(1, PARTS + 1)]
    assert sum(s.trials for s in sizes) == plan(plainly(), colours, Eye()).trials
    assert max(s.items for s in sizes) - min(s.items for s in sizes) <= 1
    with pytest.raises(SpecError, match="no shard 4/3; shards of 3 are 1 to 3"):
        plainly(shard=(4, 3))
    with pytest.raises(SpecError, match="no shard 0/3"):
        plainly(shard=(0, 3))


def test_nothing_is_merged_from_a_damaged_store(colours: MemeSet, tmp_path: Path) -> None:
    good, bad, _ = parts(colours, tmp_path, plainly())
    with sqlite3.connect(bad) as raw:
        raw.execute("UPDATE answers SET text = text || '!'")
    raw.close()
    into = tmp_path / "merged.sqlite"
    with pytest.raises(StoreError, match=r"part-2\.sqlite: answers: .*; nothing was merged"):
        merge([good, bad], into)
    with Store.existing(into) as store:
        assert store.runs() == []
    with pytest.raises(StoreError, match="into itself"):
        merge([good], good)
    with pytest.raises(StoreError, match=r"no store .*absent\.sqlite"):
        merge([good, tmp_path / "absent.sqlite"], into)


def test_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(tmp_path / "set", clips=4)
    stores = [tmp_path / "1.sqlite", tmp_path / "2.sqlite"]
    asked = ("run", tmp_path / "set", "-m", "known:fair", "-c", "first", "-c", "keyframes")
    for i, path in enumerate(stores, 1):
        call = command_line(monkeypatch, capsys, path)
        assert call(*asked, "--shard", f"{i}/2", "--json")[0] == 0
    into = tmp_path / "whole.sqlite"
    caches = [path.with_name(f"{path.stem}.cache.sqlite") for path in stores]
    assert all(path.is_file() for path in caches)  # *.sqlite finds them too
    code, out, _ = call("merge", *stores, *caches, "--into", into, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["trials"] == 8 and found["runs"] == 1 and found["missing"] == {}
    code, out, _ = call("merge", stores[0], "--into", tmp_path / "half.sqlite")
    assert code == 0 and "has 4 of at most 8 trials" in out
    code, _, said = call(*asked, "--shard", "two")
    assert code == 2 and "write it as 2/8" in said
