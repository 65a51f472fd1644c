"""The verdict on first-frame bias: rules in the order in which they are tried."""

from collections.abc import Callable, Sequence
from typing import Any

from memeprobe import measures, messages, stats
from memeprobe.messages import percent, points
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import (
    ALPHA,
    BEYOND_DOUBT,
    CHANGE_LIMIT,
    FLAT_MARGIN,
    NO_GAIN_MARGIN,
    SURE,
    Verdict,
    say,
    surely_small,
    with_remarks,
)
from memeprobe.verdicts.evidence import Evidence
from memeprobe.verdicts.leaning import (
    ALONE,
    Leaning,
    bound,
    detectable,
    needed,
    surely_none,
)

LEANING_KEYS = {
    "first": "first_frame_leaning",
    "last": "last_frame_leaning",
    "ends": "ends_leaning",
    "middle": "middle_leaning",
}
"""Place -> key of the verdict that names it by the bias index."""
ALONE_KEYS = {"first": "first_frame_biased", "last": "last_frame_biased"}
"""Place -> key of the verdict that it alone decides."""
ALONE_CONDITIONS = {"first": measures.FIRST_ALONE, "last": measures.LAST}

LETTER_BOUND = 0.5
"""A letter surely named so much oftener than chance leaves nothing to be said of frames."""


def first_frame(known: Evidence) -> Verdict:
    """The first rule that speaks; else not enough items."""
    if known.bends is None or "above_blind" not in known.found:
        return say(messages.FIRST_FRAME, "not_asked")
    for rule in RULES:
        verdict = rule(known)
        if verdict is not None:
            return verdict
    return _too_few(known)


def _letter(known: Evidence) -> Verdict | None:
    """One letter is named nearly always, whatever stands behind it."""
    bias = known.found.get("letter_bias", NOTHING)
    if not bias.n or bias.low <= LETTER_BOUND:
        return None
    shares = measures.letter_shares(known.table)
    most = max(shares, key=lambda one: one.share.value)
    letters = [one.as_json() for one in shares]
    numbers = {**known.numbers, "letter_bias": bias.as_json(), "letters": letters}
    said = {"letter": most.letter, "share": percent(most.share), "items": most.share.n}
    return say(messages.FIRST_FRAME, "letter_bound", numbers, **said)


def _blind(known: Evidence) -> Verdict | None:
    """No better with the decisive frame, or with all keyframes, than with no picture."""
    above = known.found["above_blind"]
    if above.low > 0 and known.adjusted.get("above_blind", 1.0) < ALPHA:
        return None
    if known.together.low > 0 or not surely_small(known.table, "decisive", "blind"):
        values, names = measures.paired(known.table, "decisive", "blind")
        items = stats.items_for_equivalence(values, NO_GAIN_MARGIN, names)
        return _too_few(known, max(items, above.n + 1))
    return say(
        messages.FIRST_FRAME, "blind", known.numbers, above_blind=points(above), items=above.n
    )


def _alone(known: Evidence) -> Verdict | None:
    """One end holds the whole decision, and nothing that replaces the rest changes an answer."""
    lean = known.lean
    if lean is None or lean.grade != "total" or lean.place not in ALONE_KEYS:
        return None
    index = lean.estimate.index
    beyond = measures.changed_beyond(
        known.table, measures.KEYFRAMES, ALONE_CONDITIONS[lean.place], level=0.90
    )
    beyond = measures.as_share(beyond)
    if not beyond.n:  # never asked in other words: the plain share, which noise raises
        other = "first_repeated" if lean.place == "first" else "last"
        beyond = measures.changed(known.table, "keyframes", other)
    if index.high < ALONE or not beyond.n or beyond.high >= CHANGE_LIMIT:
        return None
    return _named(known, lean, ALONE_KEYS[lean.place], changed=percent(beyond))


def _leans(known: Evidence) -> Verdict | None:
    """A place counts more."""
    if known.lean is None:
        return None
    return _named(known, known.lean, LEANING_KEYS[known.lean.place])


def _flat(known: Evidence) -> Verdict | None:
    """No estimator finds a place, each shows that there is none, and the slots differ by little."""
    differs = known.adjusted.get("curve", 1.0) < SURE
    wide = known.widest.n > 0 and known.widest.high >= FLAT_MARGIN
    if differs or wide or not surely_none(known.estimates) or not _seen_among(known):
        return None
    largest = f"{100 * max(0.0, known.widest.high):.0f}" if known.widest.n else "0"
    verdict = say(
        messages.FIRST_FRAME,
        "flat",
        known.numbers,
        bound=f"{bound(known.estimates):.2f}",
        widest=largest,
        items=known.items,
    )
    return with_remarks(verdict, _remarks(known))


def _uneven(known: Evidence) -> Verdict | None:
    """The slots differ beyond doubt, but no single place stands out."""
    if known.adjusted.get("curve", 1.0) >= BEYOND_DOUBT or known.bends is None:
        return None
    means = known.bends.right.mean(axis=0)
    verdict = say(
        messages.FIRST_FRAME,
        "uneven",
        known.numbers,
        p=messages.p_value(known.adjusted["curve"]),
        best=int(means.argmax()) + 1,
        worst=int(means.argmin()) + 1,
        gap=f"{100 * (means.max() - means.min()):.0f}",
        items=known.items,
    )
    return with_remarks(verdict, _remarks(known))


def _lost(known: Evidence) -> Verdict | None:
    """The decisive frame alone is understood, but nowhere among others, grey or real."""
    asked = [i for i in known.over_blind.values() if i.n]
    if any(i.high > FLAT_MARGIN for i in asked) or known.together.low > 0:
        return None
    if known.adjusted.get("curve", 1.0) < SURE:  # a slot of many may do, and hide in their mean
        return None
    said = points(max(asked, key=lambda i: i.value))
    return say(messages.FIRST_FRAME, "lost_among_frames", known.numbers, curve_gain=said)


RULES: tuple[Callable[[Evidence], Verdict | None], ...] = (
    _letter,
    _blind,
    _alone,
    _leans,
    _flat,
    _uneven,
    _lost,
)


def _seen_among(known: Evidence) -> bool:
    """Whether the decisive frame is surely seen among others, or the clip as a whole."""
    return known.together.low > 0 or any(i.n and i.low > 0 for i in known.over_blind.values())


def _named(known: Evidence, lean: Leaning, key: str, **more: Any) -> Verdict:
    """A bias with its grade and size."""
    estimate, index = lean.estimate, lean.estimate.index
    numbers = {
        **known.numbers,
        "place": lean.place,
        "grade": lean.grade,
        "estimator": estimate.estimator,
        "bias_index": estimate.as_json(),
    }
    verdict = say(
        messages.FIRST_FRAME,
        key,
        numbers,
        grade=messages.Points(*messages.GRADES[lean.grade]),
        index=_size(index),
        items=index.n,
        estimator=messages.Points(*messages.ESTIMATORS[estimate.estimator]),
        **more,
    )
    behind = _remarks(known)
    upset = any(remark.key == "grey_upsets" for remark in behind)
    weaker = [
        say(
            messages.REMARKS,
            f"weaker_{e.estimator}",
            index=_size(e.index),
            estimator=messages.Points(*messages.ESTIMATORS[e.estimator]),
        )
        for e in known.estimates
        if e.place == estimate.place and e.index.high < index.low
        if not (upset and e.estimator == "grey")  # put off by grey, it does not pass it over
    ]
    return with_remarks(verdict, [*weaker, *behind])


def _size(index: Interval) -> str:
    return f"{index.value:.2f} [{index.low:.2f}, {index.high:.2f}]"


def _remarks(known: Evidence) -> Sequence[Verdict]:
    """That grey pictures put the model off, where they do."""
    grey, real = known.over_blind["grey"], known.over_blind["other_clips"]
    if not grey.n or not real.n or grey.high >= real.low:
        return []
    return [say(messages.REMARKS, "grey_upsets", grey=points(grey), real=points(real))]


def _too_few(known: Evidence, items: int | None = None) -> Verdict:
    """Not enough items, with how many would settle what stayed open, and what is ruled out."""
    numbers = dict(known.numbers)
    if items is None:
        items = max(needed(known.estimates), known.items + 1)
    numbers["needed"] = items
    if not known.estimates:
        return say(
            messages.FIRST_FRAME, "not_enough_items", numbers, items=known.items, needed=items
        )
    verdict = say(
        messages.FIRST_FRAME, "not_enough_items", numbers, items=known.items, needed=items
    )
    left, least = bound(known.estimates), detectable(known.estimates)
    key = "left_open" if left < 1 else "all_open"
    remark = say(messages.REMARKS, key, bound=f"{left:.2f}", detectable=f"{min(1.0, least):.2f}")
    return with_remarks(verdict, [remark, *_remarks(known)])
