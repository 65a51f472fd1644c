"""The conditions: what one trial shows and says. One table; docs and reports are made from it."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial

from frames import edits
from memeprobe.conditions import mixed
from memeprobe.conditions.condition import NEEDS, PROBES, Condition, Images
from memeprobe.conditions.prompts import TRANSCRIBE, TRANSCRIBE_TOKENS
from memeprobe.stimuli.stimuli import Stimuli

__all__ = [
    "NEEDS",
    "PROBES",
    "PROTOCOL",
    "TRANSCRIBE",
    "TRANSCRIBE_TOKENS",
    "Condition",
    "choose",
    "conditions",
]

PROTOCOL = 5
"""Raised whenever a condition or a prompt changes its meaning: older runs are then not resumed."""

_FRAMES = ("answer", "several frames")
_SPANNED = (*_FRAMES, "decisive span")
"""Only what moves the decisive frame needs to know where it is."""
_CAPTION = ("answer", "caption", "question about the caption")
_PAIR = (*_CAPTION, "counterfactual")


def _keyframes(m: Stimuli) -> Images:
    return list(m.keyframes)


def _whole(m: Stimuli) -> Images:
    return [frame.pixels for frame in m.clip]


def _real_rows(k: int) -> list[Condition]:
    """The decisive frame among real frames, later frames replaced, and the question again."""

    def real(stem: str, fill: str, need: str, images: Callable[..., Images]) -> list[Condition]:
        return [
            Condition(
                f"{stem}@{s}",
                "frames",
                (*_SPANNED, need),
                partial(images, slot=s, k=k),
                f"the decisive frame in slot {s} of {k}, {fill} in the others",
            )
            for s in mixed.places(k)
        ]

    def again(name: str, doc: str, images: Callable[[Stimuli], Images], wording: int) -> Condition:
        needs = ("answer", "several frames")
        doc = f"{doc}, the question in other words: how often the model contradicts itself"
        return Condition(name, "frames", needs, images, doc, wording=wording)

    return [
        *real("among", "frames of another clip", "other clips", mixed.among),
        *real("lures", "the clip's own misleading frames", "misleading start", mixed.lures),
        Condition(
            "first_then_other",
            "frames",
            ("answer", "several frames", "other clips"),
            mixed.first_then_other,
            "the first keyframe, and frames of another clip in place of the later ones",
        ),
        again("keyframes_again", "all keyframes", _keyframes, 1),
        again("keyframes_thrice", "all keyframes", _keyframes, 2),
        again("last_again", "last keyframe alone", lambda m: [m.keyframes[-1]], 1),
    ]


def _frame_rows(k: int) -> list[Condition]:
    def row(name: str, doc: str, images: Callable[[Stimuli], Images], **more: int) -> Condition:
        needs = _SPANNED if name == "decisive" or name.startswith("position@") else _FRAMES
        return Condition(name, "frames", needs, images, doc, slot=more.get("slot"))

    def single(s: int) -> Condition:
        return row(f"single@{s}", f"keyframe {s} alone", lambda m: [m.keyframes[s - 1]], slot=s)

    def ablate(s: int) -> Condition:
        return row(
            f"ablate@{s}",
            f"all keyframes, but a flat grey frame in slot {s}",
            lambda m: edits.ablate(m.keyframes, s - 1),
            slot=s,
        )

    def position(s: int) -> Condition:
        return row(
            f"position@{s}",
            f"the decisive frame in slot {s} of {k}, flat grey frames in the others",
            lambda m: edits.position(m.decisive, s - 1, k),
        )

    slots = range(1, k + 1)
    return [
        Condition("blind", "frames", ("answer",), lambda m: [], "no picture"),
        Condition("picture", "frames", ("answer", "one frame"), _keyframes, "a still as it is"),
        row("first", "first keyframe alone", lambda m: [m.keyframes[0]]),
        row("middle", "middle keyframe alone", lambda m: [m.keyframes[len(m.keyframes) // 2]]),
        row("last", "last keyframe alone", lambda m: [m.keyframes[-1]]),
        *map(single, slots),
        row("keyframes", "all keyframes in order", _keyframes),
        row("reversed", "all keyframes, last one first", lambda m: edits.reverse(m.keyframes)),
        row(
            "shuffled",
            "all keyframes in another order, drawn by the run's seed",
            lambda m: edits.shuffle(m.keyframes, m.seed),
        ),
        row(
            "first_repeated",
            "the first keyframe as often as there are keyframes: as many pictures, nothing new",
            lambda m: edits.repeat_first(m.keyframes),
        ),
        *map(ablate, slots),
        *map(position, slots),
        row("decisive", "decisive frame alone", lambda m: [m.decisive]),
        *_real_rows(k),
    ]


SHOWS: dict[str, tuple[str, str, tuple[str, ...], Callable[[Stimuli], Images]]] = {
    "as_is": ("original", "as it is", _CAPTION, _keyframes),
    "erased": ("none", "caption painted out everywhere", _CAPTION, lambda m: m.erased()),
    "replaced": (
        "counterfactual",
        "caption replaced by one that changes the answer",
        _PAIR,
        lambda m: m.replaced(),
    ),
    "nonword": (
        "nonword",
        "caption replaced by one that is no word",
        _CAPTION,
        lambda m: m.non_word(),
    ),
}
"""The picture half of the caption conditions: name -> caption shown, doc, needs, images."""

TELLS = {
    "": (None, "", ()),
    "_told": ("true", ", and the true caption in the prompt", ()),
    "_told_wrong": ("wrong", ", and a wrong caption in the prompt", ("counterfactual",)),
}
"""The prompt half: ending of the name -> caption told, doc, needs."""


def _caption_rows() -> list[Condition]:
    rows = [
        Condition(
            f"{name}{ending}".removeprefix("as_is_"),
            "caption",
            (*needs, *more),
            images,
            f"{doc}{and_told}",
            shows=shows,
            tells=tells,
        )
        for name, (shows, doc, needs, images) in SHOWS.items()
        for ending, (tells, and_told, more) in TELLS.items()
    ]
    doc = "no picture, only the true caption in the prompt"
    rows.append(Condition("told_blind", "caption", _CAPTION, lambda m: [], doc, tells="true"))
    asked = {
        "": ("as_is", ("caption known",)),
        "_erased": ("erased", _CAPTION),
        "_nonword": ("nonword", ("caption",)),
    }
    for ending, (name, needs) in asked.items():
        shows, doc, _, images = SHOWS[name]
        doc = f"what does the caption say? ({doc})"
        rows.append(
            Condition(f"transcribe{ending}", "caption", needs, images, doc, "transcribe", shows)
        )
    return rows


def _language_rows() -> list[Condition]:
    needs = ("answer",)
    return [
        Condition("asked_en", "language", needs, _keyframes, "asked in English", language="en"),
        Condition("asked_zh", "language", needs, _keyframes, "asked in Chinese", language="zh"),
        Condition(
            "sandwich",
            "language",
            needs,
            _keyframes,
            "asked in Chinese through a translator and back",
            language="zh",
            sandwich=True,
        ),
    ]


def _delivery_rows() -> list[Condition]:
    """What a delivery makes of the pictures, and what it helps to say what they are."""

    def row(
        name: str, doc: str, images: Callable[[Stimuli], Images], said: str | None
    ) -> Condition:
        return Condition(name, "delivery", _FRAMES, images, doc, said=said)

    return [
        row("clip", "all frames of the file, as an application gets them", _whole, None),
        row("clip_said", "the same, and the prompt says what the pictures are", _whole, "fit"),
        row("keyframes_ordered", "all keyframes, said to be in order", _keyframes, "order"),
        row("keyframes_timed", "all keyframes, said with their times", _keyframes, "times"),
        row(
            "keyframes_read",
            "all keyframes in one picture, said to be read from left to right",
            _keyframes,
            "sheet",
        ),
    ]


def conditions(k: int) -> dict[str, Condition]:
    """The table for ``k`` keyframes, in the order of asking."""
    rows = [*_frame_rows(k), *_caption_rows(), *_language_rows(), *_delivery_rows()]
    return {row.name: row for row in rows}


def choose(names: tuple[str, ...] | None, k: int) -> dict[str, Condition]:
    """The rows with these names, in the table's order. ValueError names the nearest.

    None = all but those of the probe 'delivery', which are asked only when they are named.
    A probe's name stands for all of its conditions ('frames'), and the part before an @ for every
    slot ('position'): for none where one keyframe leaves no slots ('lures').
    """
    table = conditions(k)
    if names is None:
        return {n: c for n, c in table.items() if c.probe != "delivery"}
    stems = {name.split("@")[0] for name in conditions(max(k, 2)) if "@" in name}
    for name in names:
        if name not in table and name not in PROBES and name not in stems:
            raise ValueError(_unknown(name, table))
    return {
        n: c
        for n, c in table.items()
        if n in names or c.probe in names or ("@" in n and n.split("@")[0] in names)
    }


def _unknown(name: str, table: Mapping[str, Condition]) -> str:
    near = get_close_matches(name, [*table, *PROBES], 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown condition {name!r}; {hint}Known: {', '.join(table)}"
