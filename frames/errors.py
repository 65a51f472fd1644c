"""What goes wrong with media files, and the limits that hostile ones run into."""

import os
from dataclasses import dataclass, fields, replace


class MediaError(ValueError):
    """A file cannot be used. The message says which file, what is wrong and what to do."""


class MediaWarning(UserWarning):
    """A file is damaged or odd, but some frames could be kept. The message says which."""


READING = 10
"""Choosing keyframes and reading a clip may take so many times the limit ``seconds``."""
WITH_OPTION = ("file_bytes", "frame_pixels", "frames", "decoded_bytes", "seconds")
"""The limits that the command line takes as options; the others are set by variables alone."""


@dataclass(frozen=True)
class Limits:
    """How much of a media file is accepted. Every breach names the limit and its setting.

    Each limit can be raised by its environment variable, ``MEMEPROBE_MAX_<NAME>``; those of
    WITH_OPTION also by the command-line option ``--max-<name>``.
    """

    file_bytes: int = 64 * 2**20
    """Size of the file in bytes."""
    frame_pixels: int = 40_000_000
    """Width times height of one frame."""
    moving_pixels: int = 13_000_000
    """The same, where there are several frames: decoders keep several canvases at once."""
    frames: int = 5_000
    """Number of frames."""
    decoded_bytes: int = 32 * 2**30
    """Bytes of all frames together as RGB. Frames are streamed: this bounds time, not memory."""
    pixels_per_byte: int = 1_000
    """Pixels of all frames together for each byte of the file, once they are more than 256
    million; thirty times as many for video. A small file that decodes to a huge one is a trap."""
    seconds: int = 30
    """Processor time of one pass over the frames, decoding only. Reading a clip's texts may take
    ``READING`` times as long; it then gives what was read so far, and says so."""
    memory_bytes: int = 3 * 2**29
    """Memory of a decoder that has a process of its own (``open_isolated``); others: no bound."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"the limit {field.name} must be a whole number of at least 1, got {value!r}; "
                    f"set {self.setting(field.name)}"
                )

    @staticmethod
    def setting(name: str) -> str:
        """How the user sets the limit ``name``: its variable, and its option where it has one."""
        option = f"--max-{name.replace('_', '-')} or " if name in WITH_OPTION else ""
        return option + variable(name)

    @classmethod
    def from_environment(cls, defaults: "Limits | None" = None, **given: int | None) -> "Limits":
        """The defaults, changed by the environment, changed by ``given`` (None = not given).

        Raises ValueError if a variable holds no whole number of at least 1.
        """
        values: dict[str, int] = {}
        for field in fields(cls):
            text = os.environ.get(variable(field.name), "").strip()
            if text:
                try:
                    values[field.name] = int(text.replace("_", ""))
                except ValueError:
                    raise ValueError(
                        f"{variable(field.name)} must be a whole number, got {text!r}"
                    ) from None
        changes = {**values, **{k: v for k, v in given.items() if v is not None}}
        return replace(defaults or cls(), **changes)

    def check(self, name: str, value: int, what: str) -> None:
        """Raise MediaError if ``value`` is over the limit ``name``. ``what`` words the value."""
        limit = getattr(self, name)
        if value > limit:
            raise MediaError(
                f"{what}, over the limit {name} = {limit:,}; if you trust the file, "
                f"raise it with {self.setting(name)}"
            )


def variable(name: str) -> str:
    """The environment variable of a limit: 'frame_pixels' -> 'MEMEPROBE_MAX_FRAME_PIXELS'."""
    return f"MEMEPROBE_MAX_{name.upper()}"
