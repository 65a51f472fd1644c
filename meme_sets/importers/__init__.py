"""Sets made of local copies of public data sets, one importer a file.

    from meme_sets.importers import import_set
    import_set("hateful_memes", "~/data/hateful_memes", "my-sets/hateful")

Nothing is downloaded. docs/importers.md says where each data set comes from and what becomes of
its fields.
"""

import difflib
import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from meme_sets.errors import SetError
from meme_sets.importers.entry import ImportSource
from meme_sets.importers.write import Written, write


@dataclass(frozen=True)
class Importer:
    """One kind of source."""

    description: str
    """One line."""
    function: str
    """'module:function'; takes the source's path, and the options that docs/importers.md names."""


IMPORTERS: dict[str, Importer] = {
    "labels": Importer(
        "a folder of media with labels.csv or labels.jsonl",
        "meme_sets.importers.labels:read",
    ),
    "tgif_qa": Importer(
        "TGIF-QA: *_{action,transition,count,frameqa}_question.csv and the GIFs",
        "meme_sets.importers.tgif_qa:read",
    ),
    "memecap": Importer(
        "MemeCap: memes-{trainval,test}.json and the pictures",
        "meme_sets.importers.memecap:read",
    ),
    "hateful_memes": Importer(
        "Hateful Memes: {train,dev,test}*.jsonl and img/",
        "meme_sets.importers.hateful_memes:read",
    ),
    "vinoground": Importer(
        "Vinoground and its like: pairs of videos with swapped captions (pos_cap, neg_cap)",
        "meme_sets.importers.vinoground:read",
    ),
    "tempcompass": Importer(
        "TempCompass: questions/*.json and videos/",
        "meme_sets.importers.tempcompass:read",
    ),
    "mvbench": Importer(
        "MVBench and TVBench: json/*.json and the videos",
        "meme_sets.importers.mvbench:read",
    ),
    "tomato": Importer(
        "TOMATO: data/*.json and videos/",
        "meme_sets.importers.tomato:read",
    ),
    "cii_bench": Importer(
        "CII-Bench: data/{dev,test}.json and images/ (Chinese)",
        "meme_sets.importers.cii_bench:read",
    ),
    "toxicn_mm": Importer(
        "ToxiCN MM: {train,test}_data_discription*.json and the pictures (Chinese)",
        "meme_sets.importers.toxicn_mm:read",
    ),
    "met_meme": Importer(
        "MET-Meme: label_{C,E}.csv, {C,E}_text.csv and the pictures (Chinese and English)",
        "meme_sets.importers.met_meme:read",
    ),
    "sticker_queries": Importer(
        "StickerQueries: *queries*.csv and the stickers (English or Chinese)",
        "meme_sets.importers.sticker_queries:read",
    ),
    "ocrbench_v2": Importer(
        "OCRBench v2: OCRBench_v2.json, EN_part and CN_part",
        "meme_sets.importers.ocrbench_v2:read",
    ),
    "evalscope": Importer(
        "evalscope general_vmcq: JSONL with placeholders or messages",
        "meme_sets.importers.evalscope:read",
    ),
    "vlmevalkit": Importer(
        "VLMEvalKit: TSV with pictures in base64 or by path",
        "meme_sets.importers.vlmevalkit:read",
    ),
    "hf_dataset": Importer(
        "a Hugging Face data set directory: Parquet files or save_to_disk, pictures inside",
        "meme_sets.importers.hf_dataset:read",
    ),
}
"""Name -> importer, loaded when it is used."""
PLUGINS = "memeprobe.importers"
"""Group of entry points by which other packages bring importers: ``mine = "module:read"``."""


def importers() -> dict[str, Importer]:
    """``IMPORTERS`` and those of other packages."""
    found = {}
    for entry in entry_points(group=PLUGINS):
        package = entry.dist.name if entry.dist else "?"
        found[entry.name] = Importer(f"from the package {package}", entry.value)
    return {**found, **IMPORTERS}


def import_set(
    kind: str,
    source: str | Path,
    out: str | Path,
    *,
    media: str = "link",
    limit: int | None = None,
    seed: int = 0,
    skip_missing: bool = False,
    **options: Any,
) -> Written:
    """Make a set folder of a local data set.

    ``media`` is 'link' (symbolic links to the source's files) or 'copy'. ``limit`` takes that
    many items drawn by ``seed``. ``skip_missing`` leaves out items whose media file is not there,
    instead of refusing. More options are the importer's own. ``out`` must not exist or be empty;
    it is written as a whole or not at all.
    Raises SetError: an unknown kind or option, or what is wrong in which file, line and field.
    """
    path = Path(source).expanduser()
    known_kinds = importers()
    if kind not in known_kinds:
        near = difflib.get_close_matches(kind, known_kinds, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise SetError(f"there is no importer {kind!r}; {hint}Importers: {', '.join(known_kinds)}")
    if not path.exists():
        raise SetError(f"{path}: there is no such file or folder")
    module, name = known_kinds[kind].function.split(":")
    read: Callable[..., ImportSource] = getattr(importlib.import_module(module), name)
    known = list(read.__kwdefaults__ or {})
    for option in options:
        if option not in known:
            raise SetError(
                f"importer {kind!r} has no option {option!r}; "
                f"its options: {', '.join(known) or 'none'}"
            )
    found = read(path, **options)
    entries = list(found.entries)
    if limit is not None and limit < len(entries):
        chosen = sorted(random.Random(f"import-{seed}").sample(range(len(entries)), limit))
        entries = [entries[i] for i in chosen]
    return write(ImportSource(found.about, entries), Path(out).expanduser(), media, skip_missing)


__all__ = ["IMPORTERS", "Importer", "Written", "import_set"]
