"""How a run asks: rotated options, a judge beside the score, a sample asked again, the pace."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from memeprobe.experiment.plan import sampled
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.scoring.answers import free, majority
from memeprobe.store.store import Store
from tests.colour_set import NAMES, Eye, plainly, write_set
from tests.not_none import not_none
from tests.running import run
from vlm import Answer, Query

pytestmark = pytest.mark.usefixtures("no_rechecks")


class Weigher(Eye):
    """Gives log-probabilities: the colour of the last picture is likeliest."""

    def _one(self, query: Query) -> Answer:
        found = super()._one(query)
        if not query.options or found.text is None:
            return found
        shares = tuple(-0.1 if o in found.text else -3.0 for o in query.options)
        return Answer(found.text, found.receipt, shares, (1,) * len(shares))


class Lettered(Eye):
    """Answers listed questions with a letter: always the first one (``stuck``) or the right one."""

    stuck = False

    def _one(self, query: Query) -> Answer:
        found = super()._one(query)
        lines = [line for line in query.text.splitlines() if line[1:3] == ". "]
        if not lines:
            return found
        if self.stuck:
            return Answer("A", found.receipt)
        seen = [line[0] for line in lines if line[3:] in (found.text or "")]
        return Answer(seen[0] if seen else "none", found.receipt)


class Critic:
    """A judge that says yes if the given answer holds the right one."""

    name, revision, deliveries = "critic", "1", ("native",)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        found = []
        for query in queries:
            self.asked.append(query.text)
            gold, given = query.text.split("“" if "“" in query.text else '"')[1::2][:2]
            found.append(Answer("yes" if gold.split('"')[0] in given else "no"))
        return found


@pytest.mark.parametrize(
    ("texts", "chosen", "outcome"),
    [
        # Each text answers a list that begins one option later; gold is option 2 ('blue').
        (["C", "B", "A", "D"], 2, "right"),
        (["A", "A", "A", "A"], None, "unparsed"),  # a letter for its place: every option once
        (["blue", "B. blue", "A", "no idea"], 2, "right"),
        (["A", "D", "C", "no"], 0, "wrong"),
        (["C", "B", "C", "B"], None, "unparsed"),  # two against two
        (["no", "no", "no", "no"], None, "unparsed"),
        (["no", "no", "no", "D"], 2, "right"),
        (["C", None, "A", "D"], 2, "right"),
        (["C", None, None, "D"], None, "failed"),
    ],
)
def test_majority_over_rotated_options(texts: Any, chosen: int | None, outcome: str) -> None:
    found, _ = majority(texts, NAMES, 2)
    assert (found.chosen, found.outcome) == (chosen, outcome)


def test_options_are_listed_in_every_rotation_where_there_are_no_logprobs(tmp_path: Path) -> None:
    colours, model = write_set(tmp_path / "set"), Lettered()
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(conditions=("keyframes",), scoring="auto"), colours, model, store)
        rows = store.outcomes(name)
    assert {r.outcome for r in rows} == {"right"}
    assert all(r.rotations == (r.gold,) * 4 for r in rows)
    asked = [a for a in model.asked if "Options:" in a]
    assert len(asked) == 4 * 6
    # Over the four lists every option stood once in every place.
    firsts = [a.split("A. ")[1].split("\\n")[0] for a in asked]
    assert sorted(firsts) == sorted(NAMES * 6)


def test_a_model_stuck_on_a_letter_gets_no_credit(tmp_path: Path) -> None:
    colours, model = write_set(tmp_path / "set"), Lettered()
    model.stuck = True
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(conditions=("keyframes",), scoring="auto"), colours, model, store)
        assert {r.outcome for r in store.outcomes(name)} == {"unparsed"}


def test_logprobs_are_used_where_the_model_gives_them(tmp_path: Path) -> None:
    colours, model = write_set(tmp_path / "set"), Weigher()
    with Store(tmp_path / "w.sqlite") as store:
        run(plainly(conditions=("blind", "keyframes"), scoring="auto"), colours, model, store)
    # One question without a picture, six with, and one about noise to find out.
    assert len(model.asked) == 8 and not any("Options:" in a for a in model.asked)


def test_a_judge_stands_beside_the_score(tmp_path: Path) -> None:
    colours, critic = write_set(tmp_path / "set"), Critic()
    spec = plainly(conditions=("first", "keyframes"))
    with Store(tmp_path / "w.sqlite") as store:
        plain = run(spec, colours, Eye(), store)
        name = run(spec, colours, Eye(), store, judge=critic)
        rows = store.outcomes(name)
        assert all(r.judge is None for r in store.outcomes(plain))
    assert plain != name and len(critic.asked) > 0
    assert {(r.condition, r.outcome, r.judge) for r in rows} == {
        ("first", "wrong", "wrong"),
        ("keyframes", "right", "right"),
    }


def test_a_judge_that_would_be_left_out_is_refused(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "set")
    with (
        Store(tmp_path / "w.sqlite") as store,
        pytest.raises(SpecError, match="a judge reads free"),
    ):
        run(plainly(scoring="auto"), colours, Lettered(), store, judge=Critic())


def test_a_sample_is_asked_again_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it here. The model answers otherwise when it is asked alone: that must show."""
    monkeypatch.setattr("memeprobe.running.asker.RECHECKED", 10_000)
    colours = write_set(tmp_path / "set")

    class Moody(Weigher):
        def answer(self, queries: Sequence[Query]) -> list[Answer]:
            if len(queries) == 1 and queries[0].images and queries[0].images[0].shape[0] == 21:
                return [Answer("something else", None, (-2.0, -1.0, -5.0, -5.0), (1, 1, 1, 1))]
            return super().answer(queries)

    for model, different in ((Weigher(), 0), (Moody(), 2)):
        with Store(tmp_path / f"{different}.sqlite") as store:
            spec = plainly(conditions=("first", "keyframes"), scoring="auto")
            found = store.rechecks(run(spec, colours, model, store))
        assert len(found) == 12 and sum(not r.same for r in found) == different
        assert max(r.difference or 0.0 for r in found) == (pytest.approx(4.9) if different else 0.0)


def test_the_pace_is_learnt_and_kept(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "set")
    with Store(tmp_path / "w.sqlite") as store:
        model = Eye(delay=0.02)
        assert store.pace("eye", "1", "native", "", "colours") is None
        run(plainly(), colours, model, store, rehearse=True)
        assert len(store.outcomes(store.runs()[0].run)) == 20  # 4 to warm up, 16 timed
        assert 0.005 < not_none(store.pace("eye", "1", "native", "", "colours")) < 0.2
        assert store.pace("eye", "2", "native", "", "colours") is None


def test_a_sample_keeps_clusters_whole_and_depends_on_the_seed(tmp_path: Path) -> None:
    items = write_set(tmp_path / "set", clips=12).items
    pairs = tuple(i.model_copy(update={"cluster": f"c{n // 2}"}) for n, i in enumerate(items))
    drawn = {seed: [i.id for i in sampled(pairs, 7, seed)] for seed in range(6)}
    assert all(len(d) == 6 for d in drawn.values())
    assert len({tuple(d) for d in drawn.values()}) > 1
    for ids in drawn.values():
        assert ids == [i.id for i in pairs if i.id in ids]
        clusters = [i.cluster for i in pairs if i.id in ids]
        assert all(clusters.count(c) == 2 for c in clusters)


@pytest.mark.parametrize(
    ("text", "references", "exact", "contained", "anls"),
    [
        ("Throws it.", ["throws it"], True, True, 1.0),
        ("It throws it away", ["throws it"], False, True, 1 - 6 / 14),  # 6 letters too many
        ("throw it", ["throws it"], False, True, 7 / 8),  # one letter of eight without spaces
        ("it does not eat", ["eat"], False, False, 0.0),
        ("beats", ["eats"], False, False, 0.8),
        ("扔出去了", ["扔出去"], False, True, 0.75),
        ("不知道", ["扔出去"], False, False, 0.0),
        ("接住", ["扔出去", "接住"], True, True, 1.0),
    ],
)
def test_free_answers(
    text: str, references: list[str], exact: bool, contained: bool, anls: float
) -> None:
    found = free(text, references)
    assert (found.exact, found.contained) == (exact, contained)
    assert found.anls == pytest.approx(anls)


def test_a_free_answer_needs_a_reference() -> None:
    with pytest.raises(ValueError, match="at least one"):
        free("x", [])


def test_first_and_single_one_share_an_answer(tmp_path: Path) -> None:
    """first = single@1 = its repetition in the store; middle is the third of four keyframes."""
    colours, model = write_set(tmp_path / "set", clips=1), Eye()
    names = ("first", "middle", "last", "single", "shuffled", "ablate", "keyframes")
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(conditions=names), colours, model, store)
        rows = {r.condition: r for r in store.outcomes(name)}
    assert rows["first"].answer == rows["single@1"].answer
    assert rows["middle"].answer == rows["single@3"].answer
    assert rows["last"].answer == rows["single@4"].answer
    assert [rows[f"single@{s}"].chosen for s in (1, 2, 3, 4)] == [0, 1, 2, 3]
    # The colour seen last: with the last slot grey it is that of the third.
    assert [rows[f"ablate@{s}"].chosen for s in (1, 2, 3, 4)] == [3, 3, 3, 2]
    shuffled = not_none(rows["shuffled"].receipt).images
    in_order = not_none(rows["keyframes"].receipt).images
    assert sorted(shuffled) == sorted(in_order) and shuffled != in_order


def test_runs_written_before_are_still_read(tmp_path: Path) -> None:
    """A workspace of the first format gets the new tables and keeps its runs."""
    import sqlite3

    from memeprobe.store.migrations import MIGRATIONS

    path, identity = tmp_path / "old.sqlite", '{"set": "s"}'
    run = hashlib.sha256(identity.encode()).hexdigest()[:10]  # as the first version named a run
    with sqlite3.connect(path) as raw:
        for statement in MIGRATIONS[0]:
            raw.execute(statement)
        raw.execute("INSERT INTO runs VALUES (?, ?, 1, 1, 0)", (run, identity))
        raw.execute("PRAGMA user_version=1")
    with Store(path) as store:
        assert store.run(run).set == "s" and store.rechecks(run) == []
        assert store.pace("m", "1", "native", "cpu", "s") is None


class Between:
    """A model with something around it that the plain one has not, as translators would be."""

    name, revision, deliveries = "eye+x", "1", ("native",)

    def __init__(self, inner: Eye) -> None:
        self.inner = inner
        self.asked: list[str] = []

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        self.asked += [q.text for q in queries]
        return self.inner.answer(queries)


def test_languages_are_asked_directly_and_the_sandwich_through_translators(tmp_path: Path) -> None:
    colours = write_set(tmp_path / "set", clips=2)
    inner = Eye()
    model = Between(inner)
    with Store(tmp_path / "w.sqlite") as store:
        name = run(plainly(conditions=("language",)), colours, model, store)
        rows = store.outcomes(name)
    assert model.asked == ["最后是什么颜色？"] * 2
    assert len(inner.asked) == 6
    asked = {r.condition: (not_none(r.receipt).prompt, r.options[0]) for r in rows}
    assert asked == {
        "asked_en": ("Which colour is there at the end?", "red"),
        "asked_zh": ("最后是什么颜色？", "红色"),
        "sandwich": ("最后是什么颜色？", "红色"),
    }
    assert {r.outcome for r in rows} == {"right"}


def test_unknown_names_of_specs() -> None:
    with pytest.raises(SpecError, match="did you mean 'position@4'"):
        RunSpec("s", "m", conditions=("position@9",))
