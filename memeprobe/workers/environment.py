"""What a process that reads strangers' pictures gets of the environment."""

from frames.isolated import harmless_environment

PASSED_ON = (
    "MEMEPROBE_MAX_",
    "MEMEPROBE_WORKSPACE",
    "MEMEPROBE_CACHE_",
    "MEMEPROBE_OCR_MODEL",
    "XDG_",
    "PADDLE",
    "HF_HOME",
    "FLAGS_",
)
"""Beginnings of the variables that it gets besides harmless ones: no key is among them."""


def reading_environment(**more: str) -> dict[str, str]:
    """The environment of a process that reads pictures, with ``more`` variables."""
    return {**harmless_environment(*PASSED_ON), **more}
