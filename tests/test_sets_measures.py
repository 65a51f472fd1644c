"""The sets that serve one measure each: fair to guess at, true to what was drawn, repeatable."""

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from meme_sets import BUILTIN, Item, MemeSet, load_set
from meme_sets.build import item_line, make
from meme_sets.builtin.emotion import FEELINGS
from meme_sets.draft import DraftItem
from meme_sets.world import vocabulary as v
from meme_sets.world.wording import LEADS, SURPRISE
from tests.not_none import not_none

NAMES = [name for name in BUILTIN if name not in ("reveal", "captions")]


@pytest.fixture(scope="module", params=NAMES)
def shipped(request: pytest.FixtureRequest) -> MemeSet:
    return load_set(request.param)


def prompt(item: Item, lang: str) -> tuple[str, ...]:
    assert item.question is not None
    return (item.question.in_language(lang), *(o.in_language(lang) for o in item.options))


def gold(item: Item) -> int:
    assert item.gold is not None
    return item.gold


def by_prompt(items: MemeSet, lang: str = "en") -> dict[tuple[str, ...], list[Item]]:
    groups: dict[tuple[str, ...], list[Item]] = defaultdict(list)
    for item in items.items:
        groups[prompt(item, lang)].append(item)
    return groups


def seen(name: str) -> list[tuple[Item, list[Any]]]:
    """Items of a set with the scenes that their clips show."""
    return [
        (d.item, [m.scene for m in d.moments])
        for d in make(name).drafts
        if isinstance(d, DraftItem)
    ]


def test_there_is_a_set_for_each_measure() -> None:
    assert set(NAMES) == {"order", "counting", "late", "emotion", "panels", "leading", "static"}
    assert all(40 <= len(load_set(name).items) <= 60 for name in NAMES)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_under_each_prompt_every_option_is_right_equally_often(shipped: MemeSet, lang: str) -> None:
    """So no rule on the prompt, the best one learnt from the set included, beats chance."""
    for text, items in by_prompt(shipped, lang).items():
        right = Counter(gold(i) for i in items)
        assert sorted(right) == list(range(len(text) - 1)), text
        assert len(set(right.values())) == 1, text


BLIND: dict[str, Callable[[tuple[str, ...]], int]] = {
    "first": lambda options: 0,
    "last": lambda options: len(options) - 1,
    "longest": lambda options: max(range(len(options)), key=lambda i: len(options[i])),
    "alphabet": lambda options: min(range(len(options)), key=lambda i: options[i]),
    "hash": lambda options: sum(map(ord, "".join(options))) % len(options),
}


@pytest.mark.parametrize("subject", list(BLIND))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_who_does_not_look_scores_at_chance(shipped: MemeSet, subject: str, lang: str) -> None:
    chance = np.mean([1 / len(i.options) for i in shipped.items])
    right = [BLIND[subject](prompt(i, lang)[1:]) == gold(i) for i in shipped.items]
    assert np.mean(right) == pytest.approx(chance, abs=1e-12)


def test_the_most_frequent_words_do_not_win(shipped: MemeSet) -> None:
    """Picks the option that is right, or that lures, most or least often in the whole set."""
    chance = np.mean([1 / len(i.options) for i in shipped.items])
    golds = Counter(i.options[gold(i)].en for i in shipped.items)
    lures = Counter(i.options[i.lure].en for i in shipped.items if i.lure is not None)
    for count in (golds, lures):
        for sign in (1, -1):
            picks = [int(np.argmax([sign * count[o.en] for o in i.options])) for i in shipped.items]
            right = [p == gold(i) for p, i in zip(picks, shipped.items, strict=True)]
            assert np.mean(right) == pytest.approx(chance, abs=1e-12)


def test_lures_are_spread_over_the_options(shipped: MemeSet) -> None:
    """Or all is 'nothing', or the answer that a question leads to: then gold balances it."""
    for items in by_prompt(shipped).values():
        lures = Counter(i.lure for i in items if i.lure is not None)
        if len(lures) > 1:
            assert max(lures.values()) - min(lures.values()) <= 1
        elif lures:
            (only,) = lures
            assert shipped.name == "leading" or items[0].options[only].en == "nothing"


@pytest.mark.slow
def test_building_again_gives_the_same_bytes(shipped: MemeSet) -> None:
    drafts = make(shipped.name).drafts
    lines = (shipped.folder / "items.jsonl").read_text("utf-8").splitlines()
    assert [item_line(d.item) for d in drafts] == lines
    for draft in drafts[::7]:
        assert draft.media() == shipped.media_path(draft.item).read_bytes(), draft.item.id
    listed = {i.media for i in shipped.items}
    assert {f"media/{f.name}" for f in (shipped.folder / "media").iterdir()} == listed


def test_spans_begin_and_end_with_frames(shipped: MemeSet) -> None:
    for item in shipped.items:
        with Image.open(shipped.media_path(item)) as image:
            delays = [int(f.info.get("duration", 0)) for f in ImageSequence.Iterator(image)]
        edges = np.cumsum([0, *delays]).tolist()
        for s in [*item.suggests, *([item.decisive] if item.decisive else [])]:
            assert s.start_ms in edges and s.end_ms in edges, item.id


def test_order_needs_the_order() -> None:
    """Recomputed from the drawn actions; backwards the lure is right."""
    ends: Counter[bool] = Counter()
    for item, scenes in seen("order"):
        assert item.order and item.lure is not None and item.question is not None
        actions = [name for name, _ in groupby(s.action for s in scenes)]
        names = [v.ACTIONS[a].zh for a in actions]
        right, wrong = item.options[gold(item)].zh, item.options[item.lure].zh
        if item.kind == "which_first":
            assert names == [right, wrong]
        else:
            assert len(names) == 3 and names[1] in item.question.zh
            assert names[:: -2 if item.kind == "after" else 2] == [right, wrong]
        ends[item.suggests[0].option == item.gold] += 1
    assert ends[True] == 2 * ends[False] == 32  # first frame: before and which_first


def test_counts_are_what_is_drawn() -> None:
    for item, scenes in seen("counting"):
        assert len(scenes) == 18
        actions = [name for name, _ in groupby(s.action for s in scenes)]
        assert str(len([a for a in actions if a != "stands"])) == item.options[gold(item)].en
    stills = [d for d in make("counting").drafts if not isinstance(d, DraftItem)]
    totals = set()
    for draft in stills:
        crowd = draft.paint.args[0]  # type: ignore[attr-defined]
        text = not_none(draft.item.question).en
        n = Counter(crowd.names)
        asked = [name for name in n if f" {name}" in text]
        assert [str(n[a]) for a in asked] == [draft.item.options[gold(draft.item)].en], text
        totals.add((draft.item.kind, len(crowd.names)))
    assert totals == {("count_objects", 8), ("count_characters", 5)}


def test_late_captions_come_late() -> None:
    for drawn in make("late").drafts:
        item, end = drawn.item, sum(m.duration_ms for m in drawn.moments)  # type: ignore[attr-defined]
        scenes = [m.scene for m in drawn.moments]  # type: ignore[attr-defined]
        shown = [c for c, _ in groupby(s.caption for s in scenes)]
        if item.control:
            assert shown == [""] and item.options[gold(item)].en == "nothing"
            continue
        assert item.decisive is not None and item.decisive.end_ms == end
        assert item.decisive.start_ms >= 0.65 * end
        assert len(shown) == 2 and bool(shown[0]) is (item.kind == "caption_change")
        if item.kind != "topic_late":
            assert shown[1] == item.options[gold(item)].en


def test_face_and_caption_disagree_but_in_controls() -> None:
    said = {
        c: m
        for m, topic in FEELINGS.items()
        if topic != "surprise"
        for lang in ("en", "zh")
        for c in v.CAPTIONS[lang][topic].split("|")
    }
    said |= {c: "surprised" for words in SURPRISE.values() for c in words}
    for item, (scene,) in seen("emotion"):
        face, words = v.MOODS[scene.mood].en, v.MOODS[said[scene.caption]].en
        assert (face == words) is item.control
        right = item.options[gold(item)].en
        assert right == (face if item.kind == "face_mood" else words)
        if not item.control:
            assert {right, item.options[item.lure or 0].en} == {face, words}
        if item.counterfactual is not None:
            other = v.MOODS[said[item.counterfactual.caption]].en
            assert other == item.options[item.counterfactual.gold].en


def test_the_panel_asked_about_shows_the_answer() -> None:
    names = {k: n.en for k, n in (v.ACTIONS | v.MOODS).items()}
    asked = set()
    for item in load_set("panels").items:
        assert item.question is not None
        shows = [t.removeprefix("shows:") for t in item.tags if t.startswith("shows:")]
        panel = int(item.tags[0].removeprefix("panel:")) - 1
        value = names.get(shows[panel], shows[panel])
        right = item.options[gold(item)].en
        if item.kind == "panel_where":
            assert value in item.question.en and shows.count(shows[panel]) == 1
            assert right.split()[1] == ("first", "second", "third", "fourth")[panel]
            continue
        asked.add((item.kind, panel))
        assert right == value and len(set(shows)) == 4
        if item.lure is not None:
            assert item.options[item.lure].en == names.get(shows[0], shows[0])
    assert len(asked) == 10


def test_leading_questions_are_right_half_of_the_time() -> None:
    for item, (scene,) in seen("leading"):
        assert item.question is not None
        about = item.tags[0].removeprefix("about:")
        value = getattr(scene, about)
        name = {"object": v.OBJECTS, "action": v.ACTIONS, "mood": v.MOODS, "place": v.PLACES}.get(
            about, {}
        )
        holds = (name[value].en if name else f'"{value}"') in item.question.en
        assert item.options[gold(item)].en == ("yes" if holds else "no")
        lead = item.kind.removeprefix("leading_")
        assert (item.lure is not None) is (lead != "neutral" and (lead == "yes") is not holds)
    kinds = Counter(i.kind for i in load_set("leading").items)
    assert kinds == {f"leading_{lead}": 16 for lead in LEADS}
    first = Counter(i.options[0].en for i in load_set("leading").items)
    assert first["yes"] == first["no"]


def test_nothing_changes_in_static_clips() -> None:
    for item, scenes in seen("static"):
        assert item.control and item.lure is None
        assert (
            len({(s.species, s.place, s.action, s.mood, s.object, s.caption, s.x) for s in scenes})
            == 1
        )
