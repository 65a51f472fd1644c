"""Which GIF decoder is right, and how fast: ours against Pillow, imageio, OpenCV and PyAV.

    python -m benchmarks.decoders

Writes benchmarks/results/frames_decoders.md. Right: the pygif conformance suite (84 files) and
the compositing of real GIFs, as browsers do it. Speed: ratios to Pillow within one run.
"""

import argparse
import configparser
import io
import json
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import imageio.v3 as iio
import numpy as np
from PIL import Image, ImageSequence

from frames import Limits, open_clip, pixel_sha256

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "results" / "frames_decoders.md"
Decoder = Callable[[bytes], list[np.ndarray]]


def memes() -> Path:
    """The folder of real files; ``--memes`` sets the variable."""
    return Path(os.environ.get("MEMEPROBE_MEMES", ROOT.parent / "shared" / "memes"))


def on_white(image: Image.Image) -> np.ndarray:
    """RGB on a white page."""
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    return np.asarray(page.convert("RGB"))


def with_pillow(data: bytes) -> list[np.ndarray]:
    """The baseline."""
    with Image.open(io.BytesIO(data)) as image:
        return [on_white(frame) for frame in ImageSequence.Iterator(image)]


def with_imageio(data: bytes) -> list[np.ndarray]:
    """imageio's Pillow plugin."""
    pictures = iio.imread(data, extension=".gif", index=None, mode="RGBA")
    return [on_white(Image.fromarray(picture)) for picture in pictures]


def with_opencv(data: bytes) -> list[np.ndarray]:
    """OpenCV through FFmpeg; it wants a file."""
    with tempfile.NamedTemporaryFile(suffix=".gif") as file:
        file.write(data)
        file.flush()
        video = cv2.VideoCapture(file.name)
        found = []
        while True:
            more, picture = video.read()
            if not more:
                break
            found.append(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        video.release()
    if not found:
        raise ValueError("no frame")
    return found


def with_pyav(data: bytes) -> list[np.ndarray]:
    """FFmpeg's GIF decoder."""
    with av.open(io.BytesIO(data), "r") as container:
        frames = [f.to_ndarray(format="rgba") for f in container.decode(video=0)]
    return [on_white(Image.fromarray(frame)) for frame in frames]


def with_frames(data: bytes) -> list[np.ndarray]:
    """This project: own structure and compositing, Pillow's LZW."""
    return [frame.pixels for frame in open_clip(data)]


DECODERS: dict[str, Decoder] = {
    "Pillow (baseline)": with_pillow,
    "imageio": with_imageio,
    "OpenCV": with_opencv,
    "PyAV": with_pyav,
    "memeprobe frames": with_frames,
}


def suite() -> list[tuple[bytes, list[np.ndarray], int]]:
    """(file, expected RGB frames on white, pixels) of the pygif suite; no frames = invalid."""
    folder = memes() / "decoder" / "pygif"
    cases = []
    for name in (folder / "TESTS").read_text().split():
        config = configparser.ConfigParser()
        config.read(folder / f"{name}.conf")
        main = config["config"]
        width, height = int(main["width"]), int(main["height"])
        frames = []
        for part in filter(None, main["frames"].split(",")):
            rgba = np.fromfile(folder / config[part]["pixels"], np.uint8).reshape(height, width, 4)
            frames.append(on_white(Image.fromarray(rgba)))
        cases.append(((folder / main["input"]).read_bytes(), frames, width * height))
    return cases


def conformance(decode: Decoder) -> tuple[int, int, int]:
    """Files of the suite decoded exactly; invalid files opened in silence; valid ones refused."""
    right = silent = refused = 0
    for data, expected, pixels in suite():
        if pixels > Limits().frame_pixels:
            continue  # 65535x65535: 12 GB that no decoder needs to prove it can allocate
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                got = decode(data)
            except Exception:  # whatever a library raises counts as refused
                refused += bool(expected)
                continue
        silent += not expected and not caught
        same = len(got) == len(expected) > 0
        right += same and all(map(np.array_equal, got, expected))
    return right, silent, refused


def real_files() -> list[tuple[bytes, int]]:
    """(file, frames) of real GIFs."""
    with open(memes() / "manifest.jsonl", encoding="utf-8") as lines:
        rows = [r for r in map(json.loads, lines) if r["group"] == "gif"]
    return [((memes() / r["file"]).read_bytes(), r["frames"]) for r in rows[::4]]


def on_real(decode: Decoder, files: list[tuple[bytes, int]]) -> tuple[float, list[list[str]]]:
    """Seconds of processor time for all files, and a hash of every frame of each."""
    began = time.process_time()
    clips = [decode(data) for data, _ in files]
    took = time.process_time() - began
    return took, [[pixel_sha256(frame) for frame in clip] for clip in clips]


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--memes", default=str(memes()), help="folder of the real files")
    os.environ["MEMEPROBE_MEMES"] = parser.parse_args().memes
    warnings.simplefilter("ignore")
    files = real_files()
    lines = [
        "# GIF decoders",
        "",
        "Written by `python -m benchmarks.decoders`; see benchmarks/README.md.",
        "",
        "| decoder | pygif exact (of 83) | invalid opened in silence | valid refused "
        f"| frame count right (of {len(files)} real GIFs) | pixels as Pillow | time / Pillow |",
        "|---|---|---|---|---|---|---|",
    ]
    baseline = 0.0
    reference: list[Any] = []
    for name, decode in DECODERS.items():
        right, silent, refused = conformance(decode)
        took, hashes = min(on_real(decode, files) for _ in range(2))
        baseline, reference = baseline or took, reference or hashes
        counted = sum(len(h) == n for h, (_, n) in zip(hashes, files, strict=True))
        same = sum(map(list.__eq__, hashes, reference))
        cells = (name, right, silent, refused, counted, same, f"{took / baseline:.2f}")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
