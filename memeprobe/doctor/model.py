"""What a model will get before a run: files, precision, prompt, visual tokens, limits, scoring."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from memeprobe.doctor.finding import FINE, NOTE, WRONG, Finding
from memeprobe.experiment.plan import plain
from memeprobe.fonts import font
from vlm import Answer, Model, Query
from vlm.delivery import looks
from vlm.hub import WEIGHTS, in_hub_cache, local
from vlm.query import Seen

SIZE = (360, 640)
"""Height and width of the pictures shown, a video's."""
ASKED = {
    "en": ("What is in the picture?", ("cat", "dog", "bird", "fish")),
    "zh": ("图里是什么？", ("猫", "狗", "鸟", "鱼")),
}
COLOURS = ("#c0392b", "#27ae60", "#2980b9", "#8e44ad", "#d35400", "#16a085")


def known_picture(number: int) -> np.ndarray:
    """A picture whose number, corners and edges show what became of it; uint8 (360, 640, 3)."""
    height, width = SIZE
    sheet = Image.new("RGB", (width, height), COLOURS[number % len(COLOURS)])
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((4, 4, width - 5, height - 5), outline="white", width=8)
    draw.text((width / 2, height / 2), str(number), "white", font(200), anchor="mm")
    for name, x, y in (("NW", 0, 0), ("NE", 1, 0), ("SW", 0, 1), ("SE", 1, 1)):
        at = 60 + x * (width - 120), 50 + y * (height - 100)
        draw.text(at, name, "white", font(40), anchor="mm")
    return np.asarray(sheet)


def examine(
    model: Model, source: str, k: int, delivery: str | None = None, language: str = "en"
) -> tuple[list[Finding], np.ndarray | None]:
    """What was found, and the first known picture as it came out of the model's processor.

    ``source``: the directory or hub id that the model was loaded from; ``k``: pictures shown.
    """
    way = delivery or model.deliveries[0]
    text, options = ASKED[language]
    images = tuple(known_picture(i + 1) for i in range(k))
    query = Query(images, text, options, way)
    (answer,) = model.answer([query])
    inner: Any = plain(model)
    found = [*_weights(inner, model, source), *_asked(inner, query, answer)]
    if answer.error is not None:
        found.append(Finding("answer", answer.error, WRONG, "see what it says, then ask again"))
    elif answer.receipt is not None and answer.receipt.seen is not None:
        found += _arrived(inner, answer.receipt.seen, answer)
    else:
        found.append(Finding("inside", "this model tells nothing of what arrived inside it", NOTE))
    show = getattr(inner, "shown", None)
    return found, show(images[0]) if show is not None else None


def _weights(inner: Any, model: Model, source: str) -> Iterator[Finding]:
    yield Finding("model", f"{model.name}, revision {model.revision}")
    # A server's weights lie elsewhere, a scripted subject has none.
    if Path(source).is_absolute() or in_hub_cache(source):
        folder = local(source)
        files = [p for p in sorted(folder.iterdir()) if p.suffix in WEIGHTS and p.is_file()]
        size = sum(p.stat().st_size for p in files)
        yield Finding("files", f"{folder}: {len(files)} weight files, {size / 1e9:.2f} GB")
    device, dtype = getattr(inner, "device", None), getattr(inner, "dtype", None)
    if device is not None:
        kind = str(dtype).removeprefix("torch.")
        yield Finding("device", f"{device}, {kind}")
    network = getattr(inner, "network", None)
    if network is not None:
        from vlm.quantise import measured_bytes

        size = measured_bytes(network)
        yield Finding("memory", f"{size / 1e9:.2f} GB of weights, {inner.parameters:,} parameters")
    yield Finding("deliveries", ", ".join(model.deliveries))


def _asked(inner: Any, query: Query, answer: Answer) -> Iterator[Finding]:
    shown = f"{len(query.images)} pictures of {SIZE[1]}x{SIZE[0]}, delivery {query.delivery}"
    if answer.receipt is None:
        yield Finding("question", shown)
        return
    yield Finding("question", f"{shown}: {answer.receipt.n_images} arrive")
    yield Finding("prompt", repr(answer.receipt.prompt))
    tell = getattr(inner, "prompt_ids", None)
    if tell is not None:
        ids = tell(looks(query)[0])
        runs = [(token, len(list(run))) for token, run in groupby(ids)]
        counted = [f"{token} x{count}" if count > 1 else f"{token}" for token, count in runs]
        yield Finding("ids", " ".join(counted))


def _arrived(inner: Any, seen: Seen, answer: Answer) -> Iterator[Finding]:
    for picture in dict.fromkeys(seen.pictures):
        cut = f", {picture.cut:.0%} of it cut off" if picture.cut else ""
        yield Finding(
            "picture",
            f"{picture.tiles} of {picture.width}x{picture.height}, {picture.tokens} visual tokens"
            f"{cut}",
            WRONG if picture.cut > 0.1 else FINE,
            "--delivery grid" if picture.cut > 0.1 else "",
        )
    room = getattr(inner, "room", None)
    bound = f" of {room:,}" if room else ""
    yield Finding("tokens", f"the prompt has {seen.prompt_tokens}{bound}")
    if seen.thinking:
        how = "switched off by the template" if seen.thinking == "off" else "it thinks aloud first"
        yield Finding("thinking", how)
    if seen.scoring == "options":
        yield Finding("options", "weighed by log-probability")
    else:
        cure = "options will be listed in the prompt in every order (--scoring listed)"
        yield Finding("options", seen.scoring or "not weighed", NOTE, cure)
    if seen.unknown_tokens or seen.cut_tokens:
        text = f"{seen.unknown_tokens} unknown tokens, {seen.cut_tokens} cut off"
        yield Finding("text", text, WRONG, "ask in another language, or more briefly")
    for note in seen.notes:
        same = "same tokens" in note
        cure = "ask in another language" if same else ""
        yield Finding("note", note, WRONG if same else NOTE, cure)
    yield Finding("answer", repr(answer.text))
