"""Captions that are no words: they can be read letter by letter, but not guessed."""

import random
import re

POOL = (
    "串些享仕仲份伸依侵促俱倪僧充冀冶凡刮努勘勿卒卓厄另右吸售啼喇嗣堆堡夕宰宵宿寡寸尖尤履帕店廖"
    "弗弧忍怎悠患愈慎慰戎拓持捏捐捕授攻救斜映最朔析枝栗桶棘棚棱概榜歧氨沁沉沼泳洲淮淳湘炭焰煎犁"
    "狂狐狠瓷甘甫番疲盟盲盼睛硫碧碳磷祝禽稿穴穿筒簿粒絮羞耗肇胃胞胸舅芒芳苔莉莎蔽藩蜜衍袋襄詹警"
    "豁跟迅遂遵避邑邢郊酌酮醛限霞鞍髓"
)
"""Chinese characters of which no two, in either order, are a word of the dictionary of jieba 0.42
(349,046 entries); simplified and traditional forms are the same."""

ONSETS = ("zm", "zw", "vr", "kv", "gv", "zl", "zr", "kz", "bz", "zb", "gz", "dv")
"""How no English word begins (a handful of loan words apart, which these vowels do not make)."""
CONSONANTS = "bdfgkmnprtvz"
VOWELS = "aeou"
SHORT = {
    1: ("v", "z", "k"),
    2: ("vu", "zu", "ve", "zo", "ju", "vo"),
    3: ("zuv", "vaz", "jov", "kuz", "vek", "zeb", "gav", "vuk", "zom", "vod"),
}

_WORD = re.compile(r"[A-Za-z]+|[\u3400-\u9fff]")


def non_word(text: str, seed: int = 0) -> str:
    """A caption of the same length, lines, case and punctuation that says nothing.

    Each English word becomes a pronounceable one of as many letters that is no word; each Chinese
    character becomes one of ``POOL``, of which neighbours form no word. The same text and seed
    give the same result; a text without letters comes back as it is.
    """
    rng = random.Random(f"non-word-{seed}-{text}")
    last = ""

    def strange(match: re.Match[str]) -> str:
        nonlocal last
        word = match.group()
        if word.isascii():
            return _cased(_letters(rng, len(word)), word)
        last = rng.choice([c for c in POOL if c not in (last, word)])
        return last

    return _WORD.sub(strange, text)


def _letters(rng: random.Random, length: int) -> str:
    if length in SHORT:
        return rng.choice(SHORT[length])
    word = rng.choice(ONSETS)
    while len(word) < length:
        last = word[-1] in VOWELS
        word += rng.choice([c for c in CONSONANTS if c != word[-2]] if last else VOWELS)
    return word


def _cased(word: str, like: str) -> str:
    """The word in the case of another one of as many letters."""
    return "".join(a.upper() if b.isupper() else a for a, b in zip(word, like, strict=True))
