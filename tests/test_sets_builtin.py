"""The built-in sets as they are shipped: fair to guess at, true to their files, repeatable."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from meme_sets import BUILTIN, Item, MemeSet, load_set
from meme_sets.build import item_line, make
from meme_sets.catalog import DATA
from meme_sets.world import vocabulary as v
from meme_sets.world.scene import Scene

STRIP = 44
"""Height of the caption area in pixels, at the top or at the bottom."""


@pytest.fixture(scope="module", params=["reveal", "captions"])
def shipped(request: pytest.FixtureRequest) -> MemeSet:
    return load_set(request.param)


@pytest.fixture(scope="module")
def reveal() -> MemeSet:
    return load_set("reveal")


@pytest.fixture(scope="module")
def captions() -> MemeSet:
    return load_set("captions")


def decoded(path: Path) -> tuple[np.ndarray, list[int]]:
    """Frames uint8 (n, 192, 192, 3) and their durations in ms, decoded by Pillow."""
    frames, delays = [], []
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            frames.append(np.asarray(frame.convert("RGB")))
            delays.append(int(frame.info.get("duration", 0)))
    return np.stack(frames), delays


def labelled(item: Item) -> int:
    assert item.gold is not None
    return item.gold


def prompt(item: Item, lang: str) -> tuple[str, ...]:
    assert item.question is not None
    return (item.question.in_language(lang), *(o.in_language(lang) for o in item.options))


def test_sizes() -> None:
    total = sum(f.stat().st_size for f in DATA.rglob("*") if f.is_file())
    assert total <= 10e6
    counts = {name: Counter(i.control for i in load_set(name).items) for name in BUILTIN}
    assert counts["reveal"][False] >= 80 and counts["reveal"][True] >= 24
    assert sum(counts["captions"].values()) >= 80


BLIND: dict[str, Callable[[tuple[str, ...]], int]] = {
    **{f"always option {i}": lambda p, i=i: i for i in range(4)},  # type: ignore[misc]
    "longest option": lambda p: max(range(4), key=lambda i: len(p[1 + i])),
    "first in the alphabet": lambda p: min(range(4), key=lambda i: p[1 + i]),
    "by the whole prompt": lambda p: sum(map(ord, "".join(p))) % 4,
    "'nothing' if there": lambda p: next((i for i in range(4) if p[1 + i] == "nothing"), 0),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("subject", list(BLIND))
def test_who_does_not_look_is_right_in_one_of_four(
    shipped: MemeSet, subject: str, lang: str
) -> None:
    right = [BLIND[subject](prompt(i, lang)) == labelled(i) for i in shipped.items]
    assert np.mean(right) == 0.25


@pytest.mark.parametrize("control", [False, True])
def test_no_rule_on_the_prompt_can_do_better(reveal: MemeSet, control: bool) -> None:
    """Best possible rule: the most frequent answer to each prompt, learnt from the set itself."""
    golds: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for item in reveal.items:
        if item.control is control:
            golds[prompt(item, "en")].append(labelled(item))
    best = sum(max(Counter(g).values()) for g in golds.values())
    assert best / sum(map(len, golds.values())) == 0.25


def test_the_most_frequent_answer_is_rarely_right(shipped: MemeSet) -> None:
    answers = Counter(i.options[labelled(i)].en for i in shipped.items)
    assert answers.most_common(1)[0][1] / len(shipped.items) < 0.15


def test_every_action_mood_and_caption_language_is_right_somewhere(reveal: MemeSet) -> None:
    answers = {i.options[labelled(i)].en for i in reveal.items}
    assert {n.en for n in (v.ACTIONS | v.MOODS).values()} <= answers
    captions = [i.options[labelled(i)].en for i in reveal.items if i.kind == "caption_end"]
    assert 0.3 < np.mean([c.isascii() for c in captions]) < 0.7


@pytest.mark.slow
def test_spans_fit_the_files(shipped: MemeSet) -> None:
    for item in shipped.items:
        _, delays = decoded(shipped.media_path(item))
        edges = np.cumsum([0, *delays]).tolist()
        spans = [*item.suggests, *([item.decisive] if item.decisive else [])]
        for s in spans:
            assert s.start_ms in edges and s.end_ms in edges, item.id
        if item.decisive is not None:
            assert item.decisive.end_ms == edges[-1]
            at_the_end = [s.option for s in item.suggests if s.end_ms == edges[-1]]
            assert at_the_end == [item.gold], item.id


@pytest.mark.slow
def test_blank_first_frames_are_white_and_belong_to_no_stretch(shipped: MemeSet) -> None:
    for item in shipped.items:
        frames, delays = decoded(shipped.media_path(item))
        white = bool((frames[0] == 255).all())
        assert white is ("blank-start" in item.tags), item.id
        if white:
            assert all(s.start_ms >= delays[0] for s in item.suggests)


def first_and_last(item: Item, reveal: MemeSet) -> tuple[np.ndarray, np.ndarray]:
    frames, delays = decoded(reveal.media_path(item))
    starts = np.cumsum([0, *delays[:-1]]).tolist()
    assert item.decisive is not None
    return frames[1 if "blank-start" in item.tags else 0], frames[
        starts.index(item.decisive.start_ms)
    ]


@pytest.mark.slow
def test_nothing_changes_in_controls_and_something_does_elsewhere(reveal: MemeSet) -> None:
    """Stages begin at rest, so their first frames compare without the characters' bobbing."""
    for item in reveal.items:
        first, last = first_and_last(item, reveal)
        assert np.array_equal(first, last) is item.control, item.id
        if item.control:
            frames, _ = decoded(reveal.media_path(item))
            seen = frames[1:] if "blank-start" in item.tags else frames
            for i in range(4, len(seen)):
                assert np.array_equal(seen[i], seen[i - 4]), item.id


@pytest.mark.slow
def test_delays_are_uneven(reveal: MemeSet) -> None:
    uneven = [len(set(decoded(reveal.media_path(i))[1])) > 2 for i in reveal.items]
    assert np.mean(uneven) > 0.9


def test_misleading_items_have_a_lure_at_the_start(reveal: MemeSet) -> None:
    for item in reveal.items:
        if item.control:
            assert item.lure is None and not item.order
            continue
        assert item.lure is not None and item.order, item.id
        assert item.suggests[0].option == item.lure and item.suggests[-1].option == item.gold


ATTRIBUTE: dict[str, Callable[[Scene], str]] = {
    "action_end": lambda s: v.ACTIONS[s.action].zh,
    "mood_end": lambda s: v.MOODS[s.mood].zh,
    "caption_end": lambda s: s.caption or "没有字",
    "topic_end": lambda s: (
        v.TOPICS[(v.TOPIC_OF["en"] | v.TOPIC_OF["zh"])[s.caption]].zh if s.caption else "没有字"
    ),
}


def test_the_scenes_give_the_gold_and_backwards_the_lure() -> None:
    """Recomputed without the answer functions that made the set."""
    drafts: Any = make("reveal").drafts
    for draft in drafts:
        item = draft.item
        seen = [m.scene for m in draft.moments if not m.scene.blank]
        gold = item.options[labelled(item)].zh
        if item.kind == "after":
            actions = [s.action for s in seen]
            turns = [a for a, b in zip([*actions[1:], ""], actions, strict=True) if a != b][:-1]
            before, named, then = actions[0], *turns
            assert item.question is not None and v.ACTIONS[named].en in item.question.en
            assert v.ACTIONS[then].zh == gold
            assert item.lure is not None and v.ACTIONS[before].zh == item.options[item.lure].zh
            continue
        name = ATTRIBUTE[item.kind]
        assert name(seen[-1]) == gold
        if item.lure is None:
            assert {name(s) for s in seen} == {gold}
        else:
            assert name(seen[0]) == item.options[item.lure].zh


def pairs(captions: MemeSet) -> Iterator[tuple[Item, Item]]:
    clusters: dict[str, list[Item]] = defaultdict(list)
    for item in captions.items:
        clusters[item.cluster].append(item)
    for members in clusters.values():
        if len(members) == 2:
            yield members[0], members[1]
        else:
            assert [i.kind for i in members] == ["uncaptioned"]


def test_pairs_name_each_other(captions: MemeSet) -> None:
    found = list(pairs(captions))
    assert len(found) >= 40
    for a, b in found:
        for one, other in ((a, b), (b, a)):
            assert one.counterfactual is not None
            assert one.counterfactual.caption == other.caption
            assert one.counterfactual.gold == other.gold
        assert a.options == b.options and a.question == b.question


@pytest.mark.slow
def test_pairs_differ_in_the_caption_and_nowhere_else(captions: MemeSet) -> None:
    for a, b in pairs(captions):
        (one, delays), (other, others) = (decoded(captions.media_path(i)) for i in (a, b))
        assert delays == others
        rows = slice(0, STRIP + 12) if "style:top" in a.tags else slice(192 - STRIP - 6, 192)
        # Each file has a palette of its own, so a rare shade may differ by a little.
        differs = (np.abs(one.astype(int) - other) > 24).any(axis=-1)
        assert differs[-1, rows].sum() > 50, a.id
        differs[:, rows] = False
        assert differs.sum() == 0, a.id


def test_captions_are_what_the_kinds_say(captions: MemeSet) -> None:
    kinds = Counter(i.kind for i in captions.items)
    assert set(kinds) == {"caption", "topic", "nonword", "uncaptioned"}
    assert kinds["nonword"] >= 12 and kinds["uncaptioned"] >= 12
    for item in captions.items:
        assert item.caption is not None
        lang = "en" if "caption:en" in item.tags else "zh"
        text = item.options[labelled(item)].en
        if item.kind == "nonword":
            assert item.caption in v.NON_WORDS[lang].split("|") and text == item.caption
        elif item.kind == "uncaptioned":
            assert item.caption == "" and text == "nothing" and item.counterfactual is None
        elif item.kind == "topic":
            topic = next(t for t, n in v.TOPICS.items() if n.en == text)
            assert item.caption in v.CAPTIONS[lang][topic].split("|")
        else:
            assert text == item.caption
            others = {o.en for o in item.options} - {"nothing"}
            assert others <= set(v.captions(lang))


def test_languages_styles_and_media_are_balanced(captions: MemeSet) -> None:
    tags = Counter(t for i in captions.items for t in i.tags)
    assert tags["caption:en"] == tags["caption:zh"]
    assert min(tags[f"style:{s}"] for s in ("below", "bottom", "top")) >= 20
    media = Counter(i.media.rsplit(".")[-1] for i in captions.items)
    assert min(media["png"], media["gif"]) >= 40


@pytest.mark.slow
def test_building_again_gives_the_same_files(shipped: MemeSet) -> None:
    drafts = make(shipped.name).drafts
    lines = (shipped.folder / "items.jsonl").read_text("utf-8").splitlines()
    assert [item_line(d.item) for d in drafts] == lines
    for draft in drafts[::9]:
        assert draft.media() == shipped.media_path(draft.item).read_bytes(), draft.item.id
    listed = {i.media for i in shipped.items}
    assert {f"media/{f.name}" for f in (shipped.folder / "media").iterdir()} == listed


@pytest.mark.slow
def test_files_show_what_was_drawn(reveal: MemeSet) -> None:
    """Against the renderer: the palette keeps flat areas exactly, and rims within a shade."""
    from meme_sets.world.story import pictures

    drafts: Any = make("reveal").drafts
    for draft in drafts[::11]:
        frames, delays = decoded(reveal.media_path(draft.item))
        drawn = np.stack(pictures(draft.moments))
        assert frames.shape == drawn.shape
        assert delays == [m.duration_ms for m in draft.moments]
        off = np.abs(frames.astype(int) - drawn).max(axis=-1)
        assert (off == 0).mean() > 0.98 and off.max() <= 48, draft.item.id
