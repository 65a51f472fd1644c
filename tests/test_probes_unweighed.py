"""Options that cannot be weighed are listed instead: said, and counted apart."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from memeprobe import messages
from memeprobe.jobs import result_of
from memeprobe.running.asker import LISTED_INSTEAD
from memeprobe.store.store import Store
from tests.colour_set import plainly, write_set
from tests.running import run
from tests.test_probes_asking import Lettered, Weigher
from vlm import Answer, Query, Receipt
from vlm.query import Seen

pytestmark = pytest.mark.usefixtures("no_rechecks")


def test_a_failure_of_weighing_is_no_failure_of_the_answer(tmp_path: Path) -> None:
    """Where one trial's options cannot be weighed they are listed, and that is counted apart."""
    colours = write_set(tmp_path / "set")

    class Fragile(Lettered):
        def answer(self, queries: Sequence[Query]) -> list[Answer]:
            weigher, found = Weigher(), super().answer(queries)
            for i, query in enumerate(queries):
                odd = bool(query.images) and query.images[0].shape[0] == 21
                if query.options and not odd:
                    (found[i],) = weigher.answer([query])
                elif query.options:
                    seen = Seen(scoring="none: RuntimeError: no cache")
                    receipt = Receipt("native", 4, 4, (), "?", (), seen)
                    found[i] = Answer("dunno", receipt)
            return found

    with Store(tmp_path / "w.sqlite") as store:
        spec = plainly(conditions=("blind", "keyframes"), scoring="auto")
        name = run(spec, colours, Fragile(), store)
        rows = store.outcomes(name)
        problems = result_of(store, name).problems
    listed = [r for r in rows if r.problem]
    assert 0 < len(listed) < len([r for r in rows if r.condition == "keyframes"])
    assert {r.problem for r in listed} == {f"{LISTED_INSTEAD}: RuntimeError: no cache"}
    assert all(r.outcome == "right" and r.rotations == (r.gold,) * 4 for r in listed)
    assert [(p.problem, p.trials) for p in problems] == [(listed[0].problem, len(listed))]
    # Our own words are there in Chinese too; the model's stay as they are.
    english, chinese = messages.problem(problems[0].problem)
    assert english == problems[0].problem
    assert chinese.endswith("：RuntimeError: no cache") and "weighing" not in chinese


def test_options_are_listed_where_pictures_make_weighing_fail(tmp_path: Path) -> None:
    """Found out beforehand, with as many pictures as are asked about: all trials judged alike."""
    colours = write_set(tmp_path / "set")
    shown: list[int] = []

    class Blindly(Lettered):
        def answer(self, queries: Sequence[Query]) -> list[Answer]:
            shown.extend(len(q.images) for q in queries if q.options)
            weigher, found = Weigher(), super().answer(queries)
            for i, query in enumerate(queries):
                if query.options and len(query.images) < 2:
                    (found[i],) = weigher.answer([query])
            return found

    with Store(tmp_path / "w.sqlite") as store:
        spec = plainly(conditions=("first", "keyframes"), scoring="auto")
        rows = store.outcomes(run(spec, colours, Blindly(), store))
    assert shown == [0, spec.k]
    assert all(r.rotations is not None for r in rows)
