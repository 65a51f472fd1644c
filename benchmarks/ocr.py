"""How well captions are read from real memes and drawn ones, by engine: writes results/ocr.md.

    python -m benchmarks.ocr [--memes ../shared/memes] [--engine rapidocr ...] [--seeds 100 104]

A picture counts as exact if its caption, normalised, equals the label (blocks in order). A label
of a clip counts as found if a track, or all that shows when a track begins, equals it, in the order
of the labels (longest common subsequence); lines that show at once have no order in time. No label
comes from an OCR engine.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import ocr_kinds, ocr_memes, ocr_render, ocr_templates, ocr_templates_second
from frames import open_clip
from ocr import ENGINES, Track, load_engine, read_clip, read_image
from ocr.accuracy import cer, exact, normalise

T = TypeVar("T")
HERE = Path(__file__).parent
ONE_CAPTION = ("gif/ep_009.gif",)
"""Labelled as two equal captions; the frames of the gap between (6 to 9) show the caption too."""
MOST_AT_ONCE = 5
"""So many lines are put into every order."""
STILLS = ("static_zh", "static_memegen", "static_en")


def longest_common(a: Sequence[str], b: Sequence[T], equal: Callable[[str, T], bool]) -> int:
    """Length of the longest common subsequence."""
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            longer = max(best[i][j + 1], best[i + 1][j])
            best[i + 1][j + 1] = max(longer, best[i][j] + equal(x, y))
    return best[-1][-1]


def stills(
    memes: Path, rows: list[dict[str, Any]], engine_name: str
) -> tuple[list[str], dict[str, str]]:
    """Table rows of the groups of pictures, and every caption read."""
    engine, lines, read = load_engine(engine_name, 1), [], {}
    for group in STILLS:
        scores, errors, misses = [], [], []
        for row in rows:
            if row["group"] != group or "caption" not in row:
                continue
            label = row["caption"].replace(" | ", " ")
            (frame,) = open_clip(memes / row["file"]).frames([0])
            read[row["file"]] = text = read_image(frame.pixels, engine).text
            scores.append(exact(label, text))
            errors.append(min(1.0, cer(label, text)))
            if not scores[-1]:
                misses.append(f"{Path(row['file']).name}: {text!r}".replace("|", "/"))
        lines.append(
            f"| {engine_name} | {group} | {sum(scores)} of {len(scores)} "
            f"({100 * sum(scores) / len(scores):.1f} %) | {sum(errors) / len(errors):.4f} | "
            f"{'; '.join(misses)} |"
        )
    return lines, read


Drawn = tuple[np.ndarray, list[str]]


def fresh(
    layouts: Sequence[str], draw: Callable[[str, int], Drawn], seeds: range, engine_name: str
) -> list[str]:
    """Table rows of drawn memes by layout; texts must come in reading order, and no other."""
    engine, lines = load_engine(engine_name, 1), []
    for layout in layouts:
        right, misses, errors = 0, [], []
        for seed in seeds:
            picture, texts = draw(layout, seed)
            found = read_image(picture, engine).text
            errors.append(min(1.0, cer(" ".join(texts), found)))
            right += exact(" ".join(texts), found)
            if not exact(" ".join(texts), found):
                misses.append(f"{seed}: {found!r} for {texts}"[:160].replace("|", "/"))
        lines.append(
            f"| {engine_name} | {layout} | {right} of {len(seeds)} | "
            f"{sum(errors) / len(errors):.4f} | {'; '.join(misses)} |"
        )
    return lines


def rare(seeds: range, engine_name: str) -> list[str]:
    """Table rows of the rare kinds: how many pictures were read as a person reads them."""
    engine, lines = load_engine(engine_name, 1), []
    for kind in ocr_kinds.KINDS:
        misses = []
        for seed in seeds:
            picture, made = ocr_kinds.drawn(kind, seed)
            found = read_image(picture, engine)
            if not ocr_kinds.right(made, found):
                misses.append(f"{seed}: {found.text!r} for {list(made.texts)}"[:160])
        told = "; ".join(misses).replace("|", "/")
        right = f"{len(seeds) - len(misses)} of {len(seeds)}"
        lines.append(f"| {engine_name} | {kind} | {right} | {told} |")
    return lines


def shown_in_order(tracks: Sequence[Track]) -> list[list[str]]:
    """Lines that show, in the order of time: those of each track, and of all that show when a track
    begins while others do."""
    found = []
    for track in tracks:
        at_once = [t for t in tracks if t.first_index <= track.first_index <= t.last_index]
        found.append(track.text.split("\n"))
        if len(at_once) > 1:
            found.append([line for t in at_once for line in t.text.split("\n")])
    return found


def says(label: str, lines: Sequence[str], variants: bool = False) -> bool:
    """Whether lines that show at once, in any order, are a label; ``variants`` as for ``exact``."""
    if sorted(normalise(label, variants)) != sorted(normalise("".join(lines), variants)):
        return False
    orders = itertools.permutations(lines) if len(lines) <= MOST_AT_ONCE else [lines]
    return any(exact(label, "".join(order), variants) for order in orders)


def nearly(label: str, lines: Sequence[str]) -> bool:
    """Whether they are a label but for a fifth of its characters."""
    return says(label, lines, True) or cer(label, "".join(lines), variants=True) <= 0.2


def labels_of(row: dict[str, Any]) -> list[str]:
    """The captions of a clip by its label, but for those of ``ONE_CAPTION``."""
    texts = [c["text"] for c in row["captions"]]
    return texts[:1] if row["file"] in ONE_CAPTION else texts


def clips(memes: Path, rows: list[dict[str, Any]], engine_name: str) -> str:
    """Table row of the clips with late or changing captions."""
    engine, misses = load_engine(engine_name, 1), []
    strict = as_worded = folded = near = total = worded = 0
    for row in rows:
        if row["group"] != "gif" or row.get("text_timing") not in ("late", "changing"):
            continue
        labels = labels_of(row)
        tracks = read_clip(open_clip(memes / row["file"]), engine)
        texts = [t.text for t in tracks]
        shown = shown_in_order(tracks)
        found = longest_common(labels, shown, says)
        strict += found
        as_worded += longest_common([c["text"] for c in row["captions"]], texts, exact)
        worded += len(row["captions"])
        folded += longest_common(labels, shown, partial(says, variants=True))
        near += longest_common(labels, shown, nearly)
        total += len(labels)
        if found < len(labels):
            misses.append(f"{Path(row['file']).name} {found}/{len(labels)}")
    return (
        f"| {engine_name} | {strict} of {total} ({100 * strict / total:.1f} %) | {folded} "
        f"({100 * folded / total:.1f} %) | {near} ({100 * near / total:.1f} %) | "
        f"{as_worded} of {worded} | {'; '.join(misses)} |"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--memes", type=Path, default=HERE.parent.parent / "shared" / "memes")
    parser.add_argument("--engine", action="append", choices=sorted(ENGINES))
    for name, seeds in (
        ("--seeds", (100, 106)),
        ("--kinds-seeds", (200, 215)),
        ("--templates-seeds", (8000, 8040)),
        ("--rare-seeds", (9300, 9320)),
    ):
        parser.add_argument(name, type=int, nargs=2, default=seeds, help="first, end")
    return parser.parse_args()


def _drawn(args: argparse.Namespace, names: Sequence[str]) -> list[str]:
    """The tables of drawn pictures."""
    out = ["", f"Drawn memes (benchmarks/ocr_render.py), seeds {args.seeds[0]} to "]
    out[-1] += f"{args.seeds[1] - 1}; nothing was tuned on seeds from 100."
    out += ["", "| engine | layout | exact, in order | CER | misses |", "|---|---|---|---|---|"]
    seeds = range(*args.seeds)
    draw = partial(ocr_render.drawn, memes=args.memes)
    out += [row for name in names for row in fresh(list(ocr_render.LAYOUTS), draw, seeds, name)]
    kinds = range(args.kinds_seeds[0], args.kinds_seeds[1])
    out += ["", f"Kinds of web memes (benchmarks/ocr_memes.py), seeds {kinds[0]} to {kinds[-1]}; "]
    out[-1] += "nothing was tuned on seeds from 200."
    out += ["", "| engine | kind | exact, in order | CER | misses |", "|---|---|---|---|---|"]
    out += [
        row for name in names for row in fresh(list(ocr_memes.KINDS), ocr_memes.drawn, kinds, name)
    ]
    blanks = range(*args.templates_seeds)
    out += ["", f"Captions in blank templates (benchmarks/ocr_templates.py), seeds {blanks[0]} to "]
    out[-1] += f"{blanks[-1]}, and drawn a second way (ocr_templates_second.py); nothing was "
    out[-1] += "tuned on seeds from 8000."
    out += ["", "| engine | kind | exact, in order | CER | misses |", "|---|---|---|---|---|"]
    draw = partial(ocr_templates.drawn, memes=args.memes)
    out += [row for name in names for row in fresh(["template"], draw, blanks, name)]
    draw = partial(ocr_templates_second.drawn, memes=args.memes)
    out += [row for name in names for row in fresh(["second way"], draw, blanks, name)]
    some = range(*args.rare_seeds)
    out += ["", f"Rare kinds (benchmarks/ocr_kinds.py), seeds {some[0]} to {some[-1]}; "]
    out[-1] += (
        "nothing was tuned on seeds from 9300. Marks count; what is turned or not to be read "
    )
    out[-1] += "must be told as that."
    out += ["", "| engine | kind | right | misses |", "|---|---|---|---|"]
    out += [row for name in names for row in rare(some, name)]
    return out


def main() -> None:
    """Measure and write the tables."""
    args = _arguments()
    names = args.engine or sorted(ENGINES, reverse=True)
    manifest = (args.memes / "manifest.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in manifest.splitlines()]
    out = [
        "# Captions read from real memes",
        "",
        "Made by `python -m benchmarks.ocr`.",
        "",
        "| engine | pictures | exact | CER | misses |",
        "|---|---|---|---|---|",
    ]
    read = {}
    for name in names:
        lines, read[name] = stills(args.memes, rows, name)
        out += lines
    if len(names) == 2:
        first, second = (read[name] for name in names)
        same = sum(normalise(first[f]) == normalise(second[f]) for f in first)
        out += [
            "",
            f"Both engines give the same caption on {same} of {len(first)} pictures "
            f"({100 * same / len(first):.1f} %).",
        ]
    out += _drawn(args, names)
    out += [
        "",
        "| engine | labelled captions of clips, in order | simplified = traditional | "
        "CER <= 0.2 | as the labels stand | incomplete |",
        "|---|---|---|---|---|---|",
    ]
    out += [clips(args.memes, rows, name) for name in names]
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "ocr.md").write_text("\n".join(out) + "\n", encoding="utf-8")
    print("\n".join(out))


if __name__ == "__main__":
    main()
