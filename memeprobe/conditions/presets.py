"""Presets: how much a run asks. The size of 'standard' is the one that calibration certifies."""

from dataclasses import dataclass

QUICK = (
    "blind",
    "first",
    "last",
    "keyframes",
    "first_repeated",
    "position",
    "decisive",
    "as_is",
    "erased",
    "replaced",
    "transcribe",
)
STANDARD = (*QUICK, "reversed", "shuffled", "told", "told_wrong", "transcribe_nonword")


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
