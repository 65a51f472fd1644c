"""How a model is loaded, apart from which one it is."""

from dataclasses import dataclass

from vlm.errors import ModelError

QUANTISATIONS = ("int8", "int4")
"""How the language model's weights can be shrunk; everything that sees keeps its precision."""
_REVISIONS = {"int8": "int8b", "int4": "int4"}
"""int8 was LLM.int8 once, whose answers are other ones."""
DTYPE_NAMES = ("float32", "float16", "bfloat16")


@dataclass(frozen=True)
class LoadOptions:
    """Where and in which precision a model runs, and whether it gets translators."""

    device: str | None = None
    """``cpu``, ``cuda``, ``cuda:1``, ``mps``; None takes the best one here."""
    dtype: str | None = None
    """One of ``DTYPE_NAMES``; None takes what suits the device."""
    quantise: str | None = None
    """One of ``QUANTISATIONS``, for the language model only; None leaves it as it is."""
    translators: tuple[str, str] | None = None
    """Sources of a Chinese-to-English and an English-to-Chinese translator to put around it."""
    revision: str | None = None
    """Commit, tag or branch of a hub id; None takes what ``id@revision`` says, else the newest."""
    max_visual_tokens: int | None = None
    """Bound on the visual tokens of a picture, for chat models whose processor has one."""
    max_new_tokens: int | None = None
    """Bound on an answer and its thought; None: 20, or 1024 where a chat model thinks aloud."""
    server_body: str | None = None
    """A JSON object that is merged into every request to a server; kept with the run."""
    batch_size: int | None = None
    """Questions (of ``vote``: frames) that the model is asked at once; None: as many as fill a
    budget of tokens (``vlm.budget``). Halved where the memory does not suffice, for all that
    follow too."""

    def __post_init__(self) -> None:
        if self.dtype is not None and self.dtype not in DTYPE_NAMES:
            raise ModelError(f"unknown dtype {self.dtype!r}; must be one of {_listed(DTYPE_NAMES)}")
        if self.quantise is not None and self.quantise not in QUANTISATIONS:
            raise ModelError(
                f"unknown quantisation {self.quantise!r}; must be one of {_listed(QUANTISATIONS)}"
            )
        for name in ("max_visual_tokens", "max_new_tokens", "batch_size"):
            bound = getattr(self, name)
            if bound is not None and bound < 1:
                raise ModelError(f"{name} must be at least 1, got {bound}")
        if self.translators is not None and len(self.translators) != 2:
            raise ModelError(
                "translators are a pair (Chinese to English, English to Chinese), "
                f"got {self.translators!r}"
            )

    @property
    def shrunk(self) -> str:
        """What quantising adds to a model's revision; it changes where its numbers do."""
        return f"-{_REVISIONS[self.quantise]}" if self.quantise is not None else ""


DEFAULTS = LoadOptions()
"""The best device here, in the precision that suits it, not quantised, no translators."""


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
