"""StickerQueries (Chee et al., 2025): what people would type to find a sticker.

Source: huggingface.co/datasets/metchee/sticker-queries: ``*queries*.csv`` in English or Chinese
with the columns sticker_id and labeled_queries (several, separated by commas or semicolons), and
the stickers (png, webp, webm, gif) in a folder.
"""

import re
from pathlib import Path

from meme_sets.errors import SetError
from meme_sets.importers.choices import ANY_MEDIA, about, among, languages_of, one_of, whole
from meme_sets.importers.entry import ImportEntry, ImportSource, csv_rows, only_file

QUESTION = {
    "en": "What would someone type to find this sticker?",
    "zh": "想找到这张表情包，人们会输入什么？",
}
FOLDERS = ("stickers", "images", "sticker", ".")
_BETWEEN = re.compile(r"\s*[,;|，；、\n]\s*")


def read(
    source: Path, *, stickers: str | Path | None = None, n_options: int | str = 4
) -> ImportSource:
    """Each sticker with its first query among first queries of other stickers, drawn by a seed.

    ``stickers`` is the folder of the files (default: stickers or images beside the table).
    """
    count = whole("n_options", n_options, 2)
    entries = []
    for path in only_file(source, ("*queries*.csv", "data/*queries*.csv"), "tables of queries"):
        rows = list(csv_rows(path, ["sticker_id", "labeled_queries"]))
        several = [_queries(str(row.get("labeled_queries"))) for row in rows]
        firsts = {queries[0] for queries in several if queries}
        folders = [Path(stickers)] if stickers else [path.parent / name for name in FOLDERS]
        for row, queries in zip(rows, several, strict=True):
            if not queries:
                raise SetError(f"{row.where}: column 'labeled_queries' names no query")
            name = str(row.get("sticker_id"))
            try:
                options, gold = among(queries[0], firsts - set(queries), count, "sticker", name)
            except ValueError as error:
                raise SetError(f"{row.where}: {error}") from None
            fields = {
                "id": f"{path.stem}-{row.line}",
                "kind": "sticker_query",
                "question": QUESTION,
                "options": options,
                "gold": gold,
                "cluster": name,
            }
            entries.append(ImportEntry(row.where, one_of(folders, name, ANY_MEDIA), fields))
    languages = languages_of(e.fields["options"][0] for e in entries)
    description = "What people type to find a sticker (Chee et al., 2025)"
    return ImportSource(
        dict(about("sticker-queries", "StickerQueries", description, languages)), entries
    )


def _queries(cell: str) -> list[str]:
    """'[hi, "hello"]', 'hi; hello' -> ['hi', 'hello']."""
    parts = _BETWEEN.split(cell.strip().strip("[]"))
    return [part for part in (p.strip().strip("'\"").strip() for p in parts) if part]
