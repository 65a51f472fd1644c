"""Generated sets of any size and seed: repeatable, fair to guess at, and new to every model."""

import shlex
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from meme_sets import BUILTIN, Item, SetError, load_set
from meme_sets.build import make, make_set
from meme_sets.catalog import DATA
from meme_sets.variant import MOST_ITEMS, SHIPPED, Variant
from memeprobe.jobs import is_generated
from tests.command_line import command_line
from tests.fresh import FRESH


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def shown(name: str, variant: Variant) -> set[str]:
    """What each file is made of: scenes with their delays, or the painted scenes."""
    drafts = make(name, variant).drafts
    return {repr(getattr(d, "moments", None) or getattr(d, "paint", None)) for d in drafts}


def items_of(name: str, variant: Variant) -> list[Item]:
    return [d.item for d in make(name, variant).drafts]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["leading", "static"])
def test_without_size_and_seed_the_shipped_set_is_made_byte_for_byte(
    name: str, tmp_path: Path
) -> None:
    make_set(name, tmp_path / "again")
    assert tree(tmp_path / "again") == tree(DATA / name)


@pytest.mark.slow
def test_a_seed_gives_the_same_bytes_again_and_another_seed_other_clips(tmp_path: Path) -> None:
    seeds = FRESH, FRESH, FRESH + 1
    trees = []
    for i, seed in enumerate(seeds):
        made = make_set("order", tmp_path / str(i), Variant(12, seed))
        assert made.name == f"order-12-seed{seed}" and len(made.items) == 12
        # No caution against a world that blip-nano knows; a set that took the name gets it.
        assert is_generated(made)
        assert not is_generated(made.model_copy(update={"description": made.title}))
        trees.append(tree(tmp_path / str(i)))
    assert trees[0] == trees[1]
    media = [
        {v for k, v in t.items() if k.startswith("media")} for t in (*trees, tree(DATA / "order"))
    ]
    assert all(not media[a] & media[b] for a, b in ((0, 2), (0, 3), (2, 3))), seeds


@pytest.mark.parametrize("name", list(BUILTIN))
def test_other_seeds_draw_other_clips_in_every_set(name: str) -> None:
    sources = Variant(60, FRESH), Variant(60, FRESH + 1), SHIPPED
    one, other, shipped = (shown(name, v) for v in sources)
    few = 1 if name == "leading" else 0  # stills so simple that two of 2,000 are the same by chance
    assert one and max(len(one & other), len(one & shipped), len(other & shipped)) <= few, FRESH


@pytest.mark.slow
@pytest.mark.parametrize("items", [1, 7, 50, 264, 401])
@pytest.mark.parametrize("name", list(BUILTIN))
def test_a_set_has_at_least_the_items_asked_for_in_whole_groups(name: str, items: int) -> None:
    found = items_of(name, Variant(items, FRESH))
    assert items <= len(found) < items + 8, FRESH
    assert len({i.id for i in found}) == len(found)
    if items >= 264:  # in the proportions of the shipped set
        shipped = items_of(name, SHIPPED)
        kinds = Counter(i.kind for i in found), Counter(i.kind for i in shipped)
        for kind, n in kinds[1].items():
            assert abs(kinds[0][kind] / len(found) - n / len(shipped)) < 0.05, (kind, FRESH)


@pytest.mark.parametrize("name", [n for n in BUILTIN if n != "captions"])
def test_no_rule_on_the_prompt_beats_chance(name: str) -> None:
    """The best rule, learnt from the set itself: the answer that is right most often."""
    golds: dict[tuple[str, ...], list[int | None]] = defaultdict(list)
    for item in items_of(name, Variant(200, FRESH)):
        assert item.question is not None
        golds[(item.question.en, *(o.en for o in item.options))].append(item.gold)
    for prompt, right in golds.items():
        assert len(set(Counter(right).values())) == 1, (prompt, FRESH)
        assert len(set(right)) == len(prompt) - 1, (prompt, FRESH)


def test_size_and_seed_have_bounds_that_are_said() -> None:
    for wrong in ({"items": 0}, {"items": MOST_ITEMS + 1}, {"seed": -1}):
        with pytest.raises(ValueError, match="must be"):
            Variant(**wrong)


def test_groups_keep_proportions() -> None:
    shipped, sizes = {"a": 6, "b": 2, "c": 1}, {"a": 4, "b": 8, "c": 2}  # 24 + 16 + 2 items
    assert Variant().groups(shipped, sizes) == shipped
    assert Variant(420).groups(shipped, sizes) == {"a": 60, "b": 20, "c": 10}
    assert Variant(1).groups(shipped, sizes) == {"a": 0, "b": 0, "c": 1}
    for items in range(1, 300):
        found = Variant(items).groups(shipped, sizes)
        total = sum(n * sizes[k] for k, n in found.items())
        assert items <= total <= items + 1


def test_nothing_that_lies_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "media").write_text("dear")
    with pytest.raises(SetError, match="is not an empty folder"):
        make_set("static", tmp_path / "mine", Variant(4, 1))
    assert (tmp_path / "mine" / "media").read_text() == "dear"
    (tmp_path / "file").write_text("x")
    with pytest.raises(SetError, match="no folder can be made there"):
        make_set("static", tmp_path / "file" / "x", Variant(4, 1))
    with pytest.raises(SetError, match="did you mean 'reveal'"):
        make_set("revel", tmp_path / "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "mine"]


@pytest.mark.slow
def test_the_printed_command_runs_and_names_the_subject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    code, out, _ = memeprobe("make-set", "reveal", "--items", 40, "--seed", FRESH)
    folder = f"reveal-40-seed{FRESH}"
    said, command = out.splitlines()
    assert code == 0 and said == f"40 items in {folder}"
    program, *args = shlex.split(command)
    assert program == "memeprobe"
    more = ("-m", "known:first-frame", "-c", "frames", "--policy", "uniform_time")  # without OCR
    code, out, err = memeprobe(*args, *more)
    assert code == 0, err
    assert "First-frame bias" in out
    assert len(load_set(folder).items) == 40
