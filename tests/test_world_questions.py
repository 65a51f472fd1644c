"""What the scenes answer, against a table worked out by hand."""

from dataclasses import replace

import pytest

from meme_sets.world import vocabulary as v
from meme_sets.world.questions import NO_CAPTION, QUESTIONS, after, stages, wording
from meme_sets.world.scene import Scene
from meme_sets.world.vocabulary import Name

HOLDS = Scene("cat", "beach", "holds", "sad", "fish")
THROWS = replace(HOLDS, action="throws", mood="happy", caption="YAY")
SLEEPS = replace(HOLDS, action="sleeps", caption="晚安")
BLANK = replace(HOLDS, blank=True)
BOBBING = replace(HOLDS, bob=4)

TABLE = [
    ("who", [HOLDS, THROWS], Name("cat", "猫")),
    ("object", [HOLDS], Name("fish", "鱼")),
    ("place", [BLANK, HOLDS], Name("on a beach", "海滩上")),
    ("action", [HOLDS, BOBBING], Name("holds it", "拿着它")),
    ("action", [HOLDS, THROWS], None),
    ("action_first", [BLANK, HOLDS, THROWS], Name("holds it", "拿着它")),
    ("action_end", [HOLDS, THROWS, BLANK], Name("throws it", "扔出去")),
    ("action_end", [BLANK], None),
    ("mood", [HOLDS, THROWS], None),
    ("mood", [HOLDS, SLEEPS], Name("sad", "难过")),
    ("mood_end", [HOLDS, THROWS], Name("happy", "开心")),
    ("caption", [HOLDS, THROWS], Name("YAY", "YAY")),
    ("caption", [THROWS, SLEEPS], None),
    ("caption", [HOLDS], NO_CAPTION),
    ("caption", [], None),
    ("caption_end", [THROWS, HOLDS], NO_CAPTION),
    ("caption_end", [THROWS, SLEEPS], Name("晚安", "晚安")),
    ("topic", [HOLDS, SLEEPS], Name("sleep", "困倦")),
    ("topic", [THROWS, SLEEPS], None),
    ("topic_end", [SLEEPS, THROWS], Name("joy", "快乐")),
]


@pytest.mark.parametrize(("kind", "scenes", "expected"), TABLE)
def test_answers(kind: str, scenes: list[Scene], expected: Name | None) -> None:
    assert QUESTIONS[kind].answer(scenes) == expected


def named(*pairs: tuple[str, str]) -> list[tuple[Name, Name]]:
    return [(v.ACTIONS[a], v.ACTIONS[b]) for a, b in pairs]


@pytest.mark.parametrize(
    ("scenes", "expected"),
    [
        ([HOLDS, BOBBING, BLANK, THROWS], named(("holds", "throws"))),
        ([HOLDS, THROWS, SLEEPS], named(("holds", "throws"), ("throws", "sleeps"))),
        ([HOLDS, THROWS, HOLDS, SLEEPS], named(("throws", "holds"))),
        ([HOLDS, replace(HOLDS, mood="angry"), THROWS], named(("holds", "throws"))),
        ([HOLDS], []),
        ([], []),
    ],
)
def test_what_comes_after(scenes: list[Scene], expected: list[tuple[Name, Name]]) -> None:
    assert after(scenes) == expected


def test_stages_take_repeats_together() -> None:
    shown = [BLANK, HOLDS, BOBBING, THROWS, THROWS, HOLDS]
    assert [s.action for s in stages(shown)] == ["holds", "throws", "holds"]


@pytest.mark.parametrize(
    ("kind", "lang", "action", "expected"),
    [
        ("action_end", "en", None, "What does the cat do at the end?"),
        ("action_end", "zh", None, "猫最后做了什么？"),
        ("after", "en", v.ACTIONS["throws"], "What does the cat do after it throws it?"),
        ("after", "zh", v.ACTIONS["throws"], "猫扔出去之后做了什么？"),
        ("caption", "zh", None, "图上写了什么字？"),
    ],
)
def test_wording(kind: str, lang: str, action: Name | None, expected: str) -> None:
    assert wording(kind, lang, HOLDS, action) == expected


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_vocabulary_is_closed_and_free_of_doubles(lang: str) -> None:
    texts = v.captions(lang)
    listed = "|".join(v.CAPTIONS[lang].values()).split("|")
    assert len(texts) == len(set(listed)) == len(listed) >= 100
    assert not set(texts) & set(v.non_words(lang))
    assert all(t.isascii() is (lang == "en") for t in (*texts, *v.non_words(lang)))
