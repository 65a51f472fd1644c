"""What one frame of the rendered world shows."""

from dataclasses import dataclass, replace

from meme_sets.world.vocabulary import ACTIONS, MOODS, OBJECT_ACTIONS, OBJECTS, PLACES, SPECIES

CAPTION_STYLES = ("below", "bottom", "top")


@dataclass(frozen=True)
class Scene:
    """One moment: who is where, does what with what, feels how, and the caption over it."""

    species: str
    place: str
    action: str
    mood: str
    object: str | None = None
    caption: str = ""
    caption_style: str = "below"
    """``below``: black on a white strip under the picture; ``bottom`` and ``top``: white with a
    black outline on the picture."""
    x: float = 0.5
    """Where the character stands, as a fraction of the width."""
    bob: int = 0
    """Pixels by which the character is lifted: the small motion between frames of one action."""
    blank: bool = False
    """A frame that shows nothing yet, as many real GIFs begin."""

    def __post_init__(self) -> None:
        tables = {
            "species": SPECIES,
            "place": PLACES,
            "action": ACTIONS,
            "mood": MOODS,
            "caption_style": CAPTION_STYLES,
        }
        for field, table in tables.items():
            value = getattr(self, field)
            if value not in table:
                raise ValueError(f"Scene.{field} is {value!r}; must be one of {', '.join(table)}")
        if self.object is not None and self.object not in OBJECTS:
            raise ValueError(
                f"Scene.object is {self.object!r}; must be one of {', '.join(OBJECTS)}"
            )
        if self.action in OBJECT_ACTIONS and self.object is None:
            raise ValueError(f"Scene.action {self.action!r} needs an object")

    def with_caption(self, caption: str) -> "Scene":
        """The same moment under another caption ('' = none)."""
        return replace(self, caption=caption)
