"""Croissant metadata of a set (MLCommons, http://mlcommons.org/croissant/1.0): JSON-LD beside it.

It names the files with their SHA-256, the licence and the languages, and says where in
``items.jsonl`` each field of an item stands, so that readers of Croissant load a set's records.
"""

import hashlib
import json
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from meme_sets.format import MemeSet
from meme_sets.load import text_of

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The vocabulary, as the specification gives it."""
CITE = "memeprobe: first-frame bias and caption reading of vision-language models on memes and GIFs"
ITEMS = "items.jsonl"
TEXT, WHOLE, TRUTH = "sc:Text", "sc:Integer", "sc:Boolean"
FIELDS: dict[str, tuple[str, str, str]] = {
    "id": ("id", TEXT, "The item's name, once in a set."),
    "media": ("media", TEXT, "Path of the media file."),
    "kind": ("kind", TEXT, "Sort of question."),
    "question_en": ("question.en", TEXT, "What is asked, in English."),
    "question_zh": ("question.zh", TEXT, "What is asked, in Chinese."),
    "question": ("question", TEXT, "What is asked."),
    "options_en": ("options.[*].en", TEXT, "Answers to choose from, in English."),
    "options_zh": ("options.[*].zh", TEXT, "Answers to choose from, in Chinese."),
    "options": ("options.[*]", TEXT, "Answers to choose from."),
    "gold": ("gold", WHOLE, "Index from 0 of the right option."),
    "lure": ("lure", WHOLE, "Index of the wrong option that the first frame alone suggests."),
    "caption": ("caption", TEXT, "What the caption says; empty: there is none."),
    "cluster": ("cluster", TEXT, "Items of one cluster are not independent."),
    "order": ("order", TRUTH, "Whether the answer depends on the order of the frames."),
    "control": ("control", TRUTH, "Whether the first frame shows the answer."),
}
"""Field -> where it stands in a line of the items, its type, and what it means."""


def croissant(meme_set: MemeSet) -> dict[str, Any]:
    """The metadata of a set as the object of its JSON-LD. Raises OSError: a media file has gone."""
    items = meme_set.folder / ITEMS
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": meme_set.name,
        "alternateName": meme_set.title.zh,
        "description": meme_set.description.en,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": meme_set.licence or "unknown",
        "version": f"1.0.0+{meme_set.content_sha256()[:12]}",
        "inLanguage": list(meme_set.languages),
        "citeAs": CITE,
        "distribution": [*_files(meme_set)],
        **({"recordSet": [_records(items)]} if items.is_file() else {}),
    }


def _files(meme_set: MemeSet) -> Iterator[dict[str, Any]]:
    """The items' file and every media file, each once, as they lie beside the metadata.

    A name with a space or a mark is no id to Croissant's readers: such a file has a number.
    """
    names = [ITEMS] if (meme_set.folder / ITEMS).is_file() else []
    names += dict.fromkeys(item.media for item in meme_set.items)
    for number, name in enumerate(names):
        content = (meme_set.folder / name).read_bytes()
        guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield {
            "@type": "cr:FileObject",
            "@id": name if re.fullmatch(r"[\w./-]+", name) else f"media:{number}",
            "name": name,
            "contentUrl": name,
            "contentSize": f"{len(content)} B",
            "encodingFormat": "application/jsonlines" if name == ITEMS else guessed,
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def _records(items: Path) -> dict[str, Any]:
    """The items as records; fields that no line has, or that lines give in two forms, are left
    out."""
    rows = [json.loads(li) for li in text_of(items).split("\n") if li.strip()]
    return {
        "@type": "cr:RecordSet",
        "@id": "items",
        "name": "items",
        "description": "One clip or picture with one question about it.",
        "key": {"@id": "items/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"items/{name}",
                "name": name,
                "description": about,
                "dataType": kind,
                "source": _source(path),
                **({"repeated": True} if "[*]" in path else {}),
            }
            for name, (path, kind, about) in FIELDS.items()
            if all(_has(row, path) for row in rows)
        ],
    }


def _source(path: str) -> dict[str, Any]:
    column, _, inside = path.partition(".")
    found = {"fileObject": {"@id": ITEMS}, "extract": {"column": column}}
    return {**found, "transform": {"jsonPath": inside}} if inside else found


def _has(row: dict[str, Any], path: str) -> bool:
    value: Any = row
    for part in path.split("."):
        if part == "[*]":
            value = value[0] if isinstance(value, list) and value else None
            continue
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return not isinstance(value, dict | list)
