from .clip import Clip
from .policies import distinct


def captions(clip: Clip, k: int) -> list[int]:
    """Frames that show each caption at least once (see below)."""
    return distinct(clip, k)
