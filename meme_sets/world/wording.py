"""Questions of the sets that serve single measures, in English and Chinese.

They stand apart from ``questions.QUESTIONS``, which is also what blip-nano is trained on: a row
more there would change its training.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from meme_sets.format import Text
from meme_sets.world.questions import stages
from meme_sets.world.scene import Scene
from meme_sets.world.vocabulary import ACTIONS, Name


class Countable(NamedTuple):
    """A thing by its number: the English plural, and Chinese with its measure word."""

    en: str
    zh: str


WORDINGS: dict[str, Name] = {
    "before": Name("What does the {s} do before it {a}?", "{s}{a}之前做了什么？"),
    "which_first": Name("Which of these does the {s} do first?", "{s}先做的是哪一件事？"),
    "count_objects": Name("How many {n} are there?", "图里有几{n}？"),
    "count_characters": Name("How many {n} are there?", "图里有几{n}？"),
    "count_times": Name("How many times does the {s} {n}?", "{s}一共{n}几次？"),
    "face_mood": Name("How does the {s} feel, going by its face?", "看表情，{s}的心情怎么样？"),
    "caption_mood": Name("Which feeling do the words express?", "图上的字表达了什么心情？"),
    "panel_action": Name("What does the {s} do in the {p} panel?", "第{p}格里{s}在做什么？"),
    "panel_mood": Name("How does the {s} feel in the {p} panel?", "第{p}格里{s}的心情怎么样？"),
    "caption_panel": Name("What does the {p} panel say?", "第{p}格里写了什么字？"),
    "panel_where": Name("In which panel is it that the {s} {a}?", "{s}在第几格里{a}？"),
}
"""``{s}`` species, ``{a}`` action, ``{n}`` what is counted, ``{p}`` the number of a panel."""

COUNTED: dict[str, Countable] = {
    "ball": Countable("balls", "个球"),
    "apple": Countable("apples", "个苹果"),
    "fish": Countable("fish", "条鱼"),
    "cake": Countable("cakes", "块蛋糕"),
    "gift": Countable("gifts", "份礼物"),
    "book": Countable("books", "本书"),
    "flower": Countable("flowers", "朵花"),
    "cup": Countable("cups", "个杯子"),
    "cat": Countable("cats", "只猫"),
    "dog": Countable("dogs", "条狗"),
    "bear": Countable("bears", "头熊"),
    "rabbit": Countable("rabbits", "只兔子"),
    "panda": Countable("pandas", "只熊猫"),
    "frog": Countable("frogs", "只青蛙"),
}

REPEATED: dict[str, Name] = {
    "jumps": Name("jump", "跳起来"),
    "waves": Name("wave", "挥手"),
    "falls": Name("fall over", "摔倒"),
    "dances": Name("dance", "跳舞"),
}
"""Actions that can be counted, as they follow 'How many times does it'."""

ORDINALS = (Name("first", "一"), Name("second", "二"), Name("third", "三"), Name("fourth", "四"))
PANELS = tuple(Name(f"the {en} panel", f"第{zh}格") for en, zh in ORDINALS)
"""Panels in reading order, as options."""

SURPRISE = {
    "en": ("WOW", "OMG", "WHAT", "OH MY", "REALLY"),
    "zh": ("哇塞", "天哪", "不会吧", "真的吗", "惊呆了"),
}
"""Captions of surprise, which the closed vocabulary lacks."""

YES_NO = (Name("yes", "是"), Name("no", "不是"))

LEADS: dict[str, Name] = {
    "neutral": Name("Is it true that {c}?", "{c}，是不是这样？"),
    "yes": Name("Everyone can see that {c}, right?", "大家都看到{c}，对吧？"),
    "no": Name("I do not believe that {c}. Is it true?", "我不相信{c}。是真的吗？"),
}
"""Ways to ask whether a claim ``{c}`` holds: without a lead, towards yes, towards no."""

CLAIMS: dict[str, Name] = {
    "object": Name("there is a {v} in the picture", "图里有{v}"),
    "action": Name("the {s} {v}", "{s}{v}"),
    "mood": Name("the {s} looks {v}", "{s}看起来{v}"),
    "place": Name("the {s} is {v}", "{s}在{v}"),
    "caption": Name('the words say "{v}"', "图上写着“{v}”"),
}
"""What can be claimed; ``{v}`` is the value."""


def ask(template: Name, **names: Name | Countable) -> Text:
    """A template with names filled in, in both languages."""
    return Text(
        en=template.en.format(**{k: n.en for k, n in names.items()}),
        zh=template.zh.format(**{k: n.zh for k, n in names.items()}),
    )


def before(scenes: Sequence[Scene], action: Name) -> Name | None:
    """What comes just before an action that the clip shows once; None = there is no such thing."""
    actions = [s.action for s in stages(scenes)]
    actions = [a for i, a in enumerate(actions) if i == 0 or a != actions[i - 1]]
    found = [ACTIONS[a] for a, b in pairwise(actions) if ACTIONS[b] == action]
    return found[0] if len(found) == 1 else None


def times(scenes: Sequence[Scene], action: str) -> int:
    """How often an action begins in a clip."""
    held = [False, *(s.action == action and not s.blank for s in scenes)]
    return sum(b and not a for a, b in pairwise(held))
