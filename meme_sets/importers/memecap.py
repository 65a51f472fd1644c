"""MemeCap (Hwang and Shwartz, EMNLP 2023): what memes mean.

Source: github.com/eujhwang/meme-cap, ``data/memes-trainval.json`` and ``memes-test.json``: a list
of objects with img_fname, meme_captions (what the meme means, by people), title, post_id, and the
pictures in a folder. The meme's own writing is not part of it.
"""

import random
from pathlib import Path

from meme_sets.errors import SetError
from meme_sets.importers.choices import one_of, whole
from meme_sets.importers.entry import ImportEntry, ImportSource, SourceRow, json_rows, only_file

FOLDERS = ("memes", "images", "img", ".", "../memes", "../images")
QUESTION = {"en": "What does this meme want to say?", "zh": "这张梗图想表达什么？"}


def read(
    source: Path, *, images: str | Path | None = None, n_options: int | str = 4
) -> ImportSource:
    """Each meme with its meaning among the meanings of other memes, drawn by a seed.

    ``images`` is the folder of the pictures (default: memes or images beside the tables).
    """
    count = whole("n_options", n_options, 2)
    files = only_file(source, ("memes-*.json", "data/memes-*.json"), "tables of memes")
    rows = [row for path in files for row in json_rows(path)]
    meanings = [_meaning(row) for row in rows]
    if len(set(meanings)) < count:
        raise SetError(f"{files[0]}: {len(set(meanings))} memes are too few for {count} options")
    entries = []
    for row, meaning in zip(rows, meanings, strict=True):
        name = str(row.get("img_fname"))
        rng = random.Random(f"memecap-{name}")
        options = [meaning]
        while len(options) < count:
            other = rng.choice(meanings)
            if other not in options:
                options.append(other)
        rng.shuffle(options)
        entries.append(
            ImportEntry(
                row.where,
                _picture(row, name, images),
                {
                    "id": str(row.values.get("post_id") or name),
                    "kind": "memecap_meaning",
                    "question": QUESTION,
                    "options": options,
                    "gold": options.index(meaning),
                    "cluster": name,
                    "tags": [f"split:{row.file.stem.removeprefix('memes-')}"],
                },
            )
        )
    about = {
        "name": "memecap",
        "title": "MemeCap",
        "description": "What memes mean (Hwang and Shwartz, EMNLP 2023), imported.",
        "languages": ["en"],
    }
    return ImportSource(about, entries)


def _meaning(row: SourceRow) -> str:
    """The first of the captions that people wrote."""
    captions = row.get("meme_captions")
    texts = isinstance(captions, list) and all(isinstance(c, str) for c in captions)
    if not captions or not texts:
        raise SetError(f"{row.where}: meme_captions is {captions!r:.60}; must be a list of texts")
    return captions[0].strip()


def _picture(row: SourceRow, name: str, images: str | Path | None) -> Path:
    beside = row.file.parent
    return one_of([beside / f for f in FOLDERS] if images is None else [Path(images)], name)
