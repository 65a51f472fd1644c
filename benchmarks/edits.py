"""Captions erased and replaced on real memes, checked by OCR: writes results/edits.md.

    python -m benchmarks.edits [--memes ../shared/memes] [--sheets out/edits]

Every picture with a known caption counts, also one whose caption OCR does not find.

*Erased* means: OCR reads no text where the caption stood, and no caption anywhere of which half
is the old one; *exact*: and nothing else that it takes for a caption either. *Replaced* means:
OCR reads the new caption (normalised; exact, and with at most one character in five off, which is
what the probes ask for), in the picture or where it was put. As in the probes, what does not work
with the letters found is tried with the whole boxes of the lines. New captions have about as many
characters as the old one and as many lines, and come from the text bank by a seed.
"""

import argparse
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from frames import open_clip
from memeprobe.fonts import missing_glyphs
from ocr import Caption, load_engine, read_image
from ocr.accuracy import cer, normalise
from ocr.edit import erase, replace
from ocr.engines import Engine
from ocr.nonword import non_word

HERE = Path(__file__).parent
GROUPS = ("static_zh", "static_memegen")
CELL = 280
"""Side of a picture on a contact sheet in pixels."""


@dataclass(frozen=True)
class Case:
    """One picture with what is known and read of it."""

    file: str
    group: str
    label: str
    image: np.ndarray
    caption: Caption

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return Path(self.file).name


@dataclass(frozen=True)
class Result:
    """What an edit came to."""

    case: Case
    wanted: str
    """The new caption; '' for an erased one."""
    image: np.ndarray
    read: str
    error: float
    """Share of the wanted caption's characters that is off. For erasing: 0 = no caption is read
    anywhere, 0.1 = only text of the picture itself, elsewhere; 1 = the caption is still there."""


def cases(memes: Path, engine: Engine) -> list[Case]:
    """Every still picture with a known caption."""
    found = []
    for line in (memes / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["group"] in GROUPS and row.get("caption"):
            (frame,) = open_clip(memes / row["file"]).frames([0])
            label = row["caption"].replace(" | ", " ")
            found.append(
                Case(
                    row["file"], row["group"], label, frame.pixels, read_image(frame.pixels, engine)
                )
            )
    return found


def at_place(before: Caption, after: Caption) -> str:
    """What stands in ``after`` where a caption line of ``before`` stood."""
    there = []
    for line in after.lines:
        if line.figure:
            continue
        x, y = np.mean(line.box, axis=0)
        for left, top, right, bottom in (old.bounds for old in before.caption_lines):
            grow = 0.3 * (bottom - top)
            if left - grow <= x <= right + grow and top - grow <= y <= bottom + grow:
                there.append(line.text)
                break
    return "\n".join(there)


def erased(case: Case, engine: Engine, whole: bool = False) -> Result:
    """Erase the caption and look for it; where it is still read, erase its whole boxes."""
    image = erase(case.image, case.caption, whole=whole)
    after = read_image(image, engine)
    there = at_place(case.caption, after)
    alike = bool(normalise(after.text)) and cer(case.label, after.text) <= 0.5
    left = bool(normalise(there)) or alike
    if left and not whole:
        return erased(case, engine, whole=True)
    other = 0.1 if normalise(after.text) else 0.0
    return Result(case, "", image, there or after.text, 1.0 if left else other)


def replaced(case: Case, new: str, engine: Engine, whole: bool = False) -> Result:
    """Replace the caption and read the new one; where it is not, after erasing whole boxes."""
    if not case.caption.caption_lines:
        return Result(case, new, case.image, "", 1.0)
    image = replace(case.image, case.caption, new, whole=whole)
    after = read_image(image, engine)
    texts = after.text, at_place(case.caption, after)
    best = min(texts, key=lambda t: cer(new, t, variants=True))
    error = cer(new, best, variants=True)
    if error > 0.2 and not whole:
        return replaced(case, new, engine, whole=True)
    return Result(case, new, image, best, error)


def captions_like(case: Case, bank: list[str], seed: str) -> str:
    """A caption of the bank for each line of the picture's, about as long."""
    rng = random.Random(f"{seed}-{case.file}")
    zh = not bank[0].isascii()
    lines = []
    for line in case.caption.caption_lines:
        n: float = len(normalise(line.text))
        n = n if line.text.isascii() == (not zh) else n / 2 if zh else 2 * n
        few = sorted(bank, key=lambda t: abs(len(normalise(t)) - n))[:12]
        lines.append(rng.choice([t for t in few if t not in lines]))
    text = "\n".join(lines)
    return text.upper() if case.caption.text.isupper() else text


def banks(memes: Path) -> dict[str, list[str]]:
    """Captions that the font can draw, by language."""
    folder = memes / "textbank"
    zh = (folder / "zh_captions.txt").read_text(encoding="utf-8").split("\n")
    boxes = json.loads((folder / "en_imgflip_boxes.json").read_text(encoding="utf-8"))
    en = [text.strip() for row in boxes for text in row["boxes"]]
    zh = [t.strip() for t in zh if not t.isascii() and 2 <= len(normalise(t)) <= 24]
    en = [t for t in en if t.isascii() and "\n" not in t and 2 <= len(normalise(t)) <= 60]
    return {
        name: sorted({t for t in bank if not missing_glyphs(t)})
        for name, bank in (("en", en), ("zh", zh))
    }


def edits(memes: Path) -> dict[str, Callable[[Case, Engine], Result]]:
    """Each edit by its name in the table."""
    bank = banks(memes)
    return {
        "erased": erased,
        "replaced, Chinese": lambda c, e: replaced(c, captions_like(c, bank["zh"], "zh"), e),
        "replaced, English": lambda c, e: replaced(c, captions_like(c, bank["en"], "en"), e),
        "replaced, non-words": lambda c, e: replaced(c, non_word(c.caption.text, 1) or "x", e),
    }


def table(results: dict[str, list[Result]]) -> list[str]:
    """A row for each edit and group."""
    out = ["| edit | pictures | done | exact | not done |", "|---|---|---|---|---|"]
    for name, done in results.items():
        for group in (*GROUPS, "all"):
            mine = [r for r in done if group in (r.case.group, "all")]
            good, exact = sum(r.error <= 0.2 for r in mine), sum(r.error == 0 for r in mine)
            misses = (
                [
                    f"{r.case.name}: {r.wanted!r} read as {r.read!r}"
                    if r.wanted
                    else f"{r.case.name}: {r.read!r}"
                    for r in mine
                    if r.error > 0.2
                ]
                if group != "all"
                else []
            )
            n = len(mine)
            out.append(
                f"| {name} | {group} | {good} of {n} ({100 * good / n:.1f} %) | "
                f"{exact} ({100 * exact / n:.1f} %) | {'; '.join(misses).replace('|', '/')} |"
            )
    return out


def own_text(done: list[Result]) -> str:
    """What OCR takes for a caption once the caption is gone."""
    rest = [f"{r.case.name}: {r.read!r}" for r in done if 0 < r.error < 1]
    return (
        f"In {len(rest)} erased pictures OCR takes something of the picture itself, elsewhere, for "
        f"a caption (eyes, logos, print on things, a watermark): {'; '.join(rest)}."
    ).replace("|", "/")


def sheets(results: dict[str, list[Result]], folder: Path) -> None:
    """Before and after, picture by picture, a column for each edit."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(zip(*results.values(), strict=True))
    for start in range(0, len(rows), 10):
        part = rows[start : start + 10]
        sheet = Image.new("RGB", ((len(results) + 1) * CELL, len(part) * CELL), "grey")
        for y, row in enumerate(part):
            for x, image in enumerate([row[0].case.image, *(r.image for r in row)]):
                cell = ImageOps.contain(Image.fromarray(image), (CELL - 6, CELL - 6))
                sheet.paste(cell, (x * CELL + 3, y * CELL + 3))
        sheet.save(folder / f"sheet_{start // 10}.png")


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--memes", type=Path, default=HERE.parent.parent / "shared" / "memes")
    parser.add_argument("--sheets", type=Path, help="folder for before/after pictures")
    args = parser.parse_args()
    engine = load_engine("rapidocr", 1)
    all_cases = cases(args.memes, engine)
    results = {
        name: [edit(case, engine) for case in all_cases] for name, edit in edits(args.memes).items()
    }
    out = [
        "# Captions erased and replaced on real memes",
        "",
        "Made by `python -m benchmarks.edits`, which says what counts as done.",
        "",
        *table(results),
        "",
        own_text(results["erased"]),
    ]
    (HERE / "results" / "edits.md").write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))
    if args.sheets:
        sheets(results, args.sheets)


if __name__ == "__main__":
    main()
