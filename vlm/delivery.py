"""How a query's pictures reach a model, and how the answers come together again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from memeprobe.fonts import font
from vlm.query import Answer, Query, Receipt, Seen, pixel_sha256
from vlm.recipes import RECIPES

CELL = 224
"""Width and height of one frame in a collage, in pixels."""


@dataclass(frozen=True)
class ModelInput:
    """One call of a model: the pictures that really go in, and the question."""

    images: tuple[np.ndarray, ...]
    text: str
    options: tuple[str, ...]
    max_new_tokens: int
    times: tuple[float, ...] | None = None
    """The pictures are the frames of one video and begin at these seconds; None: pictures."""


@dataclass(frozen=True)
class ModelOutput:
    """What a model returned for one look."""

    text: str
    prompt: str
    option_logprobs: tuple[float, ...] | None = None
    option_tokens: tuple[int, ...] | None = None
    seen: Seen | None = None
    """How the look arrived inside the model, where the adapter can tell."""


def looks(query: Query) -> list[ModelInput]:
    """The calls that deliver a query: several for ``vote``, else one."""
    kept = picked(query)
    images = [query.images[i] for i in kept]
    recipe = RECIPES.get(query.delivery)
    if recipe is not None:
        images = recipe.pack(images)
    elif query.delivery == "grid" and len(images) > 1:
        images = [collage(images)]
    times = None
    if images and "video" in (query.delivery, recipe and recipe.carrier):
        times = tuple(query.times[i] for i in kept) if query.times else tuple(map(float, kept))
    parts = [[i] for i in images] if query.delivery == "vote" and images else [images]
    return [
        ModelInput(tuple(p), query.text, query.options, query.max_new_tokens, times) for p in parts
    ]


def picked(query: Query) -> list[int]:
    """Places of the query's pictures that its delivery shows, in order."""
    if query.delivery == "first_only":
        return list(range(min(1, len(query.images))))
    recipe = RECIPES.get(query.delivery)
    return recipe.picks(query.images, query.times) if recipe else list(range(len(query.images)))


def receipt(
    query: Query, made: Sequence[ModelInput], prompt: str, seen: Seen | None = None
) -> Receipt:
    """What the looks delivered of the query."""
    images = tuple(pixel_sha256(i) for look in made for i in look.images)
    kept = tuple(picked(query))
    shown = len(set(kept))
    if seen is not None and seen.frames is not None:
        shown = min(shown, seen.frames)
    named = kept if query.delivery in RECIPES else ()
    return Receipt(query.delivery, shown, len(images), images, prompt, (), seen, named)


def combine(query: Query, made: Sequence[ModelInput], seen: Sequence[ModelOutput]) -> Answer:
    """The answer to a query from what each of its looks returned."""
    got = receipt(query, made, seen[0].prompt, _together([s.seen for s in seen]))
    if len(seen) == 1:
        one = seen[0]
        return Answer(one.text, got, one.option_logprobs, one.option_tokens)
    return Answer(_majority(query, seen), got)


def _together(seen: Sequence[Seen | None]) -> Seen | None:
    """What several looks at one query saw, as one."""
    known = [s for s in seen if s is not None]
    if len(known) < 2 or len(known) != len(seen):
        return known[0] if len(known) == len(seen) == 1 else None
    return Seen(
        tuple(p for s in known for p in s.pictures),
        max((s.prompt_tokens for s in known if s.prompt_tokens is not None), default=None),
        sum(s.cut_tokens for s in known),
        sum(s.unknown_tokens for s in known),
        next((s.scoring for s in known if s.scoring != "options"), known[0].scoring),
        next((s.thinking for s in known if s.thinking), ""),
        "\n\n".join(s.thought for s in known if s.thought),
        tuple(dict.fromkeys(note for s in known for note in s.notes)),
        any(s.truncated for s in known),
    )


def _majority(query: Query, seen: Sequence[ModelOutput]) -> str:
    """The answer that most frames give; a tie goes to the option that is likelier over all frames,
    or without log-probabilities to the answer given first."""
    ballots = [_ballot(query, s) for s in seen]
    counts = Counter(ballots)
    most = max(counts.values())
    tied = [b for b in counts if counts[b] == most]
    weights = [s.option_logprobs for s in seen if s.option_logprobs is not None]
    if len(tied) > 1 and len(weights) == len(seen):
        return max(tied, key=lambda b: sum(w[query.options.index(b)] for w in weights))
    return tied[0]


def _ballot(query: Query, seen: ModelOutput) -> str:
    if seen.option_logprobs is None or seen.option_tokens is None:
        return seen.text
    means = [p / n for p, n in zip(seen.option_logprobs, seen.option_tokens, strict=True)]
    return query.options[means.index(max(means))]


def collage(images: Sequence[np.ndarray]) -> np.ndarray:
    """Frames in reading order in one picture, each under its number; uint8 (h, w, 3).

    Four frames make two rows of two; the numbers tell the model the order.
    """
    columns = int(np.ceil(np.sqrt(len(images))))
    rows = int(np.ceil(len(images) / columns))
    label = CELL // 8
    sheet = Image.new("RGB", (columns * CELL, rows * (CELL + label)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, image in enumerate(images):
        x, y = (i % columns) * CELL, (i // columns) * (CELL + label)
        draw.text((x + CELL / 2, y + label / 2), str(i + 1), "black", font(label - 6), anchor="mm")
        frame = Image.fromarray(image)
        scale = min(CELL / frame.width, CELL / frame.height)
        size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        frame = frame.resize(size, Image.Resampling.BICUBIC)
        sheet.paste(frame, (x + (CELL - size[0]) // 2, y + label + (CELL - size[1]) // 2))
    return np.asarray(sheet)
