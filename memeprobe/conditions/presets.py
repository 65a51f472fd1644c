"""Presets: how much a run asks. The size of 'standard' is the one that calibration certifies."""

from dataclasses import dataclass

QUICK = (
    "blind",
    "picture",
    "first",
    "last",
    "keyframes",
    "first_repeated",
    "position",
    "decisive",
    "lures",
    "keyframes_again",
    "as_is",
    "erased",
    "replaced",
    "transcribe",
)
STANDARD = (
    *QUICK,
    "keyframes_thrice",
    "last_again",
    "reversed",
    "shuffled",
    "among",
    "first_then_other",
    "told",
    "told_wrong",
    "transcribe_nonword",
    "transcribe_erased",
)
"""22 trials an item about frames at 4 keyframes (12 before protocol 3), 7 to 8 about captions."""


@dataclass(frozen=True)
class Preset:
    """What one preset asks."""

    conditions: tuple[str, ...] | None
    """Names of conditions; None = all."""
    items: int | None
    """At most so many items, drawn from the set; None = all of them."""


PRESETS: dict[str, Preset] = {
    "quick": Preset(QUICK, 48),
    "standard": Preset(STANDARD, 120),
    "full": Preset(None, None),
}
