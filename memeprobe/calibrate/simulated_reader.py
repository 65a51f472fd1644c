"""Simulated subjects of the caption probe; see ``simulated`` for what such subjects are for."""

from dataclasses import dataclass

import numpy as np

from memeprobe.calibrate.simulated import OPTIONS
from memeprobe.store.rows import TrialRow

CAPTION, OTHER = 0, 1
"""Options that the item's caption and its counterfactual make right."""
EN = ("I AM LATE", "OH NO", "WHAT", "TOO SOON", "NEVER", "HUNGRY", "WAIT", "TRUE STORY", "MOOD")
ZH = ("我迟到了", "完了", "什么", "太早了", "绝不", "饿了", "等等", "真事", "心情")
WORDS = {
    "en": ("SO HAPPY", "MOMMY", "SLEEPY", "NO WAY", "MONDAY AGAIN", "HELP ME", "GOOD LUCK", *EN),
    "zh": ("太开心了", "妈妈", "好困啊", "不可能", "又是星期一", "救救我", "祝你好运", *ZH),
}
LETTERS = {"en": "BKQTZRMLOUE", "zh": "龘犇淼焱垚骉鑫森晶磊"}
PLACES = ("style:top", "style:bottom", "style:below")
SHOWS = {
    "as_is": "caption",
    "erased": "none",
    "replaced": "other",
    "told": "caption",
    "told_wrong": "caption",
    "transcribe": "caption",
    "transcribe_nonword": "nonword",
    "transcribe_erased": "none",
}


@dataclass(frozen=True)
class Reader:
    """A subject of the caption probe; shares are of items or trials."""

    reads_en: float = 1.0
    reads_zh: float = 1.0
    only_at: str | None = None
    """The one place ('style:top') at which it reads; None = at every place."""
    words_only: bool = False
    """Whether letters that make no word are read as some word."""
    uses: float = 1.0
    """Share of the captions it reads that it answers by."""
    copies: float = 0.0
    """Share of told captions that it believes, whatever the picture shows."""
    hears: float = 0.0
    """Share of told captions that it answers by where it reads none."""
    thrown: float = 0.0
    """Share of trials with a told caption that it answers at random."""
    invents: float = 0.0
    """Share of pictures without a caption in which it reports one."""
    noise: float = 0.0

    def reads(self) -> float:
        """Share of all captions that it reads, both languages and all places alike."""
        seen = 1.0 if self.only_at is None else 1 / len(PLACES)
        return seen * (self.reads_en + self.reads_zh) / 2


def captions_run(reader: Reader, items: int, seed: int) -> list[TrialRow]:
    """The outcome rows of one run of the caption probe; two items share a cluster."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(items):
        language = ("en", "zh")[number // 2 % 2]
        texts = [str(t) for t in rng.choice(WORDS[language], 2, replace=False)]
        share = reader.reads_en if language == "en" else reader.reads_zh
        share *= reader.only_at in (None, PLACES[number % 3])
        item = _Item(texts[0], texts[1], language, tuple(rng.random(2) < share), rng.random())
        about: dict[str, object] = {
            "item": f"c{number}",
            "cluster": f"c{number // 2}",
            "kind": "caption",
            "options": ("a", "b", "c", "d"),
            "caption": texts[0],
            "counterfactual": texts[1],
            "other_gold": OTHER,
            "tags": (PLACES[number % 3],),
            "testable": True,
            "intended": 1,
            "shown": 1,
        }
        for condition, shows in SHOWS.items():
            made = item.asked(reader, condition, shows, rng)
            rows.append(TrialRow.of({**about, "condition": condition, **made}))
    return rows


@dataclass(frozen=True)
class _Item:
    caption: str
    other: str
    language: str
    read: tuple[bool, ...]
    """Whether the caption and the other one are read."""
    used: float
    """Below the reader's share: what is read is answered by."""

    def asked(
        self, reader: Reader, condition: str, shows: str, rng: np.random.Generator
    ) -> dict[str, object]:
        """One trial: outcome and what was chosen or written."""
        if condition.startswith("transcribe"):
            return self._transcribed(reader, shows, rng)
        gold = OTHER if shows == "other" else CAPTION
        claimed = {"told": CAPTION, "told_wrong": OTHER}.get(condition)
        seen = {"caption": self.read[0], "other": self.read[1]}.get(shows, False)
        chosen = gold if seen and self.used < reader.uses else None
        if claimed is not None:
            if rng.random() < reader.copies or (not seen and rng.random() < reader.hears):
                chosen = claimed
            if rng.random() < reader.thrown:
                chosen = None
        if chosen is None or rng.random() < reader.noise:
            chosen = int(rng.integers(OPTIONS))
        outcome = "right" if chosen == gold else "wrong"
        return {"gold": gold, "chosen": chosen, "outcome": outcome, "text": "abcd"[chosen]}

    def _transcribed(
        self, reader: Reader, shows: str, rng: np.random.Generator
    ) -> dict[str, object]:
        if shows == "none":
            invented = rng.random() < max(reader.invents, 0.0)
            return {
                "outcome": "wrong" if invented else "right",
                "text": self.other if invented else "nothing",
                "shown_caption": "",
            }
        shown = self.caption
        if shows == "nonword":
            shown = "".join(rng.choice(list(LETTERS[self.language]), len(shown)))
        read = self.read[0] and not (shows == "nonword" and reader.words_only)
        text = (
            shown
            if read and rng.random() >= reader.noise
            else str(rng.choice(WORDS[self.language]))
        )
        return {
            "outcome": "right" if text == shown else "wrong",
            "text": text,
            "shown_caption": shown,
        }
