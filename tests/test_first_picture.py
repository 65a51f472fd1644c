"""One clip: whether the first picture alone decides, for models whose rule is known."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from memeprobe.first_picture import AGAIN, first_picture, to_repeat
from memeprobe.messages.one_clip import FIRST_PICTURE
from memeprobe.one_meme import LookAnswer, look
from memeprobe.workers.asking import by_delivery, conditions, of_one_meme, plain
from vlm import pixel_sha256
from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput

Rule = Callable[[Sequence[str]], str]
FIRST: Rule = lambda shown: shown[0]  # noqa: E731
LAST: Rule = lambda shown: shown[-1]  # noqa: E731
ALL: Rule = lambda shown: " and then ".join(dict.fromkeys(shown))  # noqa: E731
MIDDLE: Rule = lambda shown: shown[len(shown) // 2]  # noqa: E731
DEAF: Rule = lambda shown: "a picture"  # noqa: E731
MUTE: Rule = lambda shown: ""  # noqa: E731


def asked(
    rule: Rule, contents: Sequence[str], reached: int | None = None, repeatable: bool = False
) -> list[LookAnswer]:
    """What a model of this rule answers to frames of these contents."""
    forms = {
        "keyframes": list(contents),
        "reversed": list(contents)[::-1],
        "first_repeated": [contents[0]] * len(contents),
        "last_repeated": [contents[-1]] * len(contents),
    }
    shown = len(contents) if reached is None else reached

    def answer(name: str, form: Sequence[str]) -> LookAnswer:
        numbers = tuple(range(len(contents)))
        return LookAnswer(name, numbers, rule(form[:shown]), None, shown, repeatable)

    answers = [answer(name, form) for name, form in forms.items()]
    while again := to_repeat(answers):
        answers += [answer(name, forms[condition]) for name, condition in again.items()]
    return answers


CONTENTS = ("a red square", "the dog sleeps", "nobody is there", "two cups of tea")


@pytest.mark.parametrize(
    ("rule", "answer"),
    [(FIRST, "yes"), (LAST, "no"), (ALL, "no"), (MIDDLE, "no"), (DEAF, "cannot_tell")],
)
def test_every_order_of_other_contents_gets_the_same_answer(rule: Rule, answer: str) -> None:
    for contents in itertools.permutations(CONTENTS, 3):
        assert first_picture(asked(rule, contents)).only_first == answer


def test_a_later_frame_with_the_same_answer_does_not_hide_who_reads_the_first_only() -> None:
    """Where the frames agree in part, the old difference of similarities fell to zero."""
    contents = ("a red square", "a red square", "a red square", "two cups of tea")
    assert first_picture(asked(FIRST, contents)).only_first == "yes"
    assert first_picture(asked(LAST, contents)).reason == "last_both_ways"


def test_where_both_ends_look_alike_nothing_can_be_told() -> None:
    contents = ("a red square", "two cups of tea", "a red square")
    for rule in (FIRST, LAST):
        assert first_picture(asked(rule, contents)).reason == "ends_alike"


def test_what_did_not_reach_the_model_says_nothing_about_it() -> None:
    found = first_picture(asked(FIRST, CONTENTS, reached=1))
    assert (found.only_first, found.reason) == ("cannot_tell", "delivery")
    assert "only 1 of 4 frames" in found.text and "1 / 4" in found.text_zh


def test_silence_failure_and_stills_are_told_apart() -> None:
    assert first_picture(asked(MUTE, CONTENTS)).reason == "empty"
    answers = asked(FIRST, CONTENTS)
    broken = [*answers[:2], LookAnswer("first_repeated", (0,) * 4, None, "timed out"), answers[3]]
    assert first_picture(broken).reason == "failed"
    assert first_picture(answers[:3]).reason == "not_asked"
    still = [LookAnswer("single@1", (0,), "a dog", None, 1)]
    assert first_picture(still).reason == "still"


def test_a_server_that_draws_its_words_by_chance_is_not_said_to_read_more_or_less() -> None:
    """Of picture 1 only, in other words each time: 'no' would be said of nearly every clip."""
    drawn = random.Random(15)
    signs = [f"{first} {then} {last}" for first in "qwe" for then in "rtz" for last in "uio"]

    def chatty(shown: Sequence[str]) -> str:
        return f"{' '.join(drawn.sample(signs, 6))}: {shown[0]}"

    found = [first_picture(asked(chatty, c)) for c in itertools.permutations(CONTENTS, 3)]
    assert {one.only_first for one in found} == {"cannot_tell"}
    assert sum(one.reason == "unsteady" for one in found) > len(found) / 2


@pytest.mark.parametrize(("wordings", "most"), [(2, 0.06), (3, 0.03), (5, 0.01)])
def test_a_server_of_few_wordings_that_reads_picture_1_is_seldom_said_to_read_more(
    wordings: int, most: float
) -> None:
    """Three equal answers to each of two questions come about by chance in 1 of 16 cases at most;
    with two wordings one of the two pairs of questions differs in 3 of 4."""
    drawn = random.Random(202612)
    things = ["a dog", "two cups of tea", "an old radio", "snow", "nobody", "a bus full of people"]
    forms = ["{} !", "I can see {} here", "this shows {}", "look: {}", "{}, I would say"]

    def few(shown: Sequence[str]) -> str:
        return drawn.choice(forms[:wordings]).format(shown[0])

    found = [first_picture(asked(few, drawn.sample(things, 4))) for _ in range(2000)]
    assert sum(one.only_first == "no" for one in found) <= most * len(found)


def test_what_differs_is_asked_twice_more_and_nothing_else_is() -> None:
    settled = asked(FIRST, CONTENTS)
    assert len(settled) == 4 and to_repeat(settled) == {}
    answers = asked(ALL, CONTENTS)
    for asked_so_far, more in ((4, AGAIN[0]), (6, AGAIN[1])):
        missing = to_repeat(answers[:asked_so_far])
        assert missing == {f"{n}{more}": n for n in ("keyframes", "first_repeated")}
        stopped = first_picture(answers[:asked_so_far])  # before it was asked again
        assert stopped.reason == "not_asked"
    assert len(answers) == 8 and to_repeat(answers) == {}
    for more in AGAIN:
        lost = LookAnswer("first_repeated" + more, (0,) * 4, None, "timed out")
        rest = [a for a in answers if a.condition != lost.condition]
        assert first_picture([*rest, lost]).reason == "failed"


def test_who_has_strayed_already_is_not_asked_a_third_time() -> None:
    answers = asked(ALL, CONTENTS)[:5]
    strayed = LookAnswer("first_repeated" + AGAIN[0], (0,) * 4, "something else", None, 4)
    assert to_repeat([*answers, strayed]) == {}
    assert first_picture([*answers, strayed]).reason == "unsteady"


def test_whose_words_leave_nothing_to_chance_is_asked_once() -> None:
    for contents in itertools.permutations(CONTENTS, 3):
        for rule in (FIRST, LAST, ALL, MIDDLE, DEAF):
            once, twice = (asked(rule, contents, repeatable=known) for known in (True, False))
            assert len(once) == 4 and first_picture(once) == first_picture(twice)


class Counting(Adapter):
    """Names every shade that it sees, and counts how often it is asked."""

    name, revision, deliveries = "counting", "1", ("native", "grid")

    def __init__(self, repeatable: bool) -> None:
        self.known = repeatable
        self.asked: Counter[tuple[str, str]] = Counter()

    @property
    def repeatable(self) -> bool:
        return self.known

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        for one in batch:
            self.asked[one.text, " ".join(map(pixel_sha256, one.images))] += 1
        shades = [" ".join(pixel_sha256(i)[:8] for i in one.images) for one in batch]
        return [ModelOutput(said, "") for said in shades]


@pytest.mark.parametrize("repeatable", [True, False])
def test_page_service_and_command_ask_a_model_again_only_where_words_may_vary(
    tmp_path: Path, repeatable: bool
) -> None:
    """``of_one_meme`` asks for the pages and over HTTP, ``look`` for the command and Python."""
    shades = [np.full((30, 40, 3), value, np.uint8) for value in (20, 90, 160, 230)]
    model, again = Counting(repeatable), 0 if repeatable else 4
    plan = conditions(list(enumerate(shades)), "What?", ("native", "grid"))
    said = list(of_one_meme(model, plan))
    assert len(said) == len(plan) + 2 * again == sum(model.asked.values())
    assert max(model.asked.values()) == (1 if repeatable else 3)
    for delivery in model.deliveries:
        assert first_picture(by_delivery(said, delivery)).only_first == "no"
    assert {plain(one)["repeatable"] for one in said} == {repeatable}
    pictures = [Image.fromarray(shade) for shade in shades]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=300)
    other = Counting(repeatable)
    found = look(tmp_path / "a.gif", other, question="What?", policy="uniform_index")
    assert sum(other.asked.values()) == len(found.answers) == 8 + again
    assert found.first_picture is not None and found.first_picture.only_first == "no"
    written = found.as_json("a.gif")["answers"]
    assert {one["repeatable"] for one in written} == {repeatable}


def test_answers_that_differ_in_a_word_only_are_left_to_the_reader() -> None:
    said = ("a man is running fast", "a man is walking home", "two dogs", "two dogs")
    names = ("first_repeated", "keyframes", "reversed", "last_repeated")
    answers = [LookAnswer(n, (0, 1), t, None, 2) for n, t in zip(names, said, strict=True)]
    close = [LookAnswer("keyframes", (0, 1), "a man is running past", None, 2)]
    assert first_picture(answers).only_first in {"no", "cannot_tell"}
    found = first_picture([close[0], *(a for a in answers if a.condition != "keyframes")])
    assert found.reason == "unclear"


def test_a_model_that_reads_only_one_end_is_never_said_to_read_the_other() -> None:
    """Random contents of few words, frames repeated by chance."""
    drawn = random.Random(4711)
    words = ["dog", "red", "tea", "sings", "far away", "\u732b", "\u8df3\u821e", "42"]
    for _ in range(500):
        contents = [
            " ".join(drawn.choices(words, k=drawn.randint(1, 3)))
            for _ in range(drawn.randint(2, 8))
        ]
        assert first_picture(asked(FIRST, contents)).only_first != "no"
        assert first_picture(asked(LAST, contents)).only_first != "yes"


def test_every_reason_has_both_languages() -> None:
    for english, chinese in FIRST_PICTURE.values():
        assert english.isascii() and not chinese.isascii()
