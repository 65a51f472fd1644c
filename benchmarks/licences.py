"""Licences of all dependencies of the lock and of the weights and fonts that memeprobe ships.

    make licences                                  # writes docs/licences.md, docs/zh/licences.md
    python -m benchmarks.licences --check          # says what is unknown, forbidden or not written

A licence is what a package's own metadata say (PEP 639's expression, its classifiers, its licence
field); of packages that another platform installs, what they say at the version of the lock.
Exit code 1: a licence that is not known here, or one that memeprobe cannot be shipped with.
"""

import argparse
import importlib.metadata
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HERE = "benchmarks/licences.py"
PAGES = {"en": ROOT / "docs" / "licences.md", "zh": ROOT / "docs" / "zh" / "licences.md"}

SAID = {
    "3-Clause BSD License": "BSD-3-Clause",
    "2-clause BSD": "BSD-2-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""A licence in the words of metadata -> its SPDX name. BSD and LGPL without a number are what some
packages say."""
FREE = {
    *(
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
    ),
    *("BSL-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "TCL", "Unlicense"),
}
WEAK = {"LGPL", "LGPL-2.1-or-later", "MPL-2.0"}
"""Imported, never changed, and replaceable: this asks nothing of memeprobe's own licence."""
NVIDIA = "LicenseRef-NVIDIA-Proprietary"
NOT_FREE = {NVIDIA}
"""Installed from its owner by whoever runs on a GPU under Linux; no part of memeprobe's wheel."""
ELSEWHERE = {
    "colorama": "BSD",
    "cuda-bindings": "Apache-2.0",
    "cuda-pathfinder": "Apache-2.0",
    "cuda-toolkit": NVIDIA,
    "httpx2-jsfetch": "BSD-3-Clause",
    "nvidia-nvtx": "Apache-2.0",
    "triton": "MIT",
    "tzdata": "Apache-2.0",
}
"""Packages that only some platforms install; the other ones of 'nvidia-' are NVIDIA's."""
UNSAID = {"agent-client-protocol": "Apache-2.0", "mlcroissant": "Apache-2.0"}
"""What the sources say of packages whose metadata are silent."""
SHIPPED = {
    "memeprobe/fonts/NotoSansCJKsc-Bold-subset.otf": ("OFL-1.1", "memeprobe/fonts/OFL.txt"),
    "memeprobe/fonts/NotoSansCJKsc-Bold-more.otf": ("OFL-1.1", "memeprobe/fonts/OFL.txt"),
    "memeprobe/fonts/NotoEmoji-Regular-subset.ttf": ("OFL-1.1", "memeprobe/fonts/OFL.txt"),
    "vlm/blip_nano/model.safetensors": ("Apache-2.0", "vlm/blip_nano/README.md"),
}
"""Weights and fonts in the wheel -> their licence, and where it is told."""
HEAVY = {".safetensors", ".bin", ".pt", ".pth", ".onnx", ".gguf", ".otf", ".ttf", ".woff", ".woff2"}
PACKAGES = ("frames", "ocr", "vlm", "meme_sets", "memeprobe")
OPENCV = ("its wheels hold FFmpeg under LGPL-2.1", "wheel 中含有 LGPL-2.1 许可的 FFmpeg")
NOTES = {
    "av": (
        "its wheels hold FFmpeg with GPL codecs: see SECURITY.md before you redistribute them",
        "wheel 中含有带 GPL 编解码器的 FFmpeg：再分发之前请看 SECURITY.md",
    ),
    "fastapi-swagger": ("it holds Swagger UI, Apache-2.0", "含有 Swagger UI，Apache-2.0"),
    "opencv-contrib-python": OPENCV,
    "opencv-python-headless": OPENCV,
    "rapidocr": (
        "its wheels hold OCR weights of PaddleOCR, Apache-2.0",
        "wheel 中含有 PaddleOCR 的 OCR 权重，Apache-2.0",
    ),
}
"""Package -> what its metadata do not say, in the languages of ``PAGES``."""
SOME_PLATFORMS = ("some platforms", "部分平台")


@dataclass(frozen=True)
class Locked:
    """One package of the lock."""

    name: str
    version: str
    marker: str
    """Where it is installed; '' everywhere."""
    hashes: tuple[str, ...]


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> list[Locked]:
    """The packages of a lock. Raises ValueError: a line that is no pinned package with hashes."""
    found = []
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    for entry in filter(None, map(str.strip, joined.splitlines())):
        match = re.fullmatch(
            r"([A-Za-z0-9._-]+)==(\S+)(?: ; (.+?))?((?: +--hash=sha256:[0-9a-f]{64})+)", entry
        )
        if match is None:
            raise ValueError(f"no pinned package with hashes: {entry[:120]}")
        name, version, marker, hashes = match.groups()
        found.append(Locked(normal(name), version, marker or "", tuple(hashes.split())))
    return found


def licence(package: str) -> str | None:
    """What a package says of its licence, as SPDX has it; None: it is not installed here."""
    try:
        told = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return ELSEWHERE.get(package, NVIDIA if package.startswith("nvidia-") else None)
    if "License-Expression" in told:
        return told["License-Expression"]
    classified = [
        c.rpartition(" :: ")[2]
        for c in told.get_all("Classifier") or []
        if c.startswith("License :: ") and not c.endswith("OSI Approved")
    ]
    field = told["License"].strip() if "License" in told else ""
    said = SAID.get(field, field) if "\n" not in field and field in {*SAID, *FREE, *WEAK} else ""
    if said and said not in ("BSD", "LGPL"):
        return said
    if classified:
        return " AND ".join(SAID.get(c, c) for c in classified)
    first = field.partition("\n")[0] or UNSAID.get(package, "unknown")
    return SAID.get(first, first)


def wrong(package: str, said: str | None) -> str | None:
    """Why a licence is not accepted; None if it is."""
    if said is None:
        return (
            f"{package}: is not installed and its licence is not written in {Path(__file__).name}"
        )
    # 'A OR B' leaves the choice to whoever takes it.
    known = FREE | WEAK | NOT_FREE
    parts = [re.split(" OR ", part) for part in re.split(" AND ", said)]
    bad = [" OR ".join(p) for p in parts if not any(one.strip("()") in known for one in p)]
    if said in NOT_FREE and package not in ELSEWHERE and not package.startswith("nvidia-"):
        bad.append(said)
    return f"{package}: its licence {', '.join(bad)} is not one of the accepted" if bad else None


def shipped() -> list[str]:
    """Weights and fonts that lie in the packages."""
    return sorted(
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in HEAVY
    )


def table(packages: list[Locked], language: str = "en") -> tuple[str, list[str]]:
    """The page in a language, and what is wrong."""
    at = list(PAGES).index(language)
    problems, rows = [], []
    for one in packages:
        said = licence(one.name)
        problem = wrong(one.name, said)
        problems += [problem] if problem else []
        where = SOME_PLATFORMS if "sys_platform" in one.marker else ("", "")
        note = NOTES.get(one.name, where)[at]
        rows.append(f"| {one.name} | {one.version} | {said} | {note} |")
    files = []
    for path in shipped():
        if path not in SHIPPED:
            problems.append(f"{path}: its licence is not written in {HERE}")
        else:
            files.append(f"| {path} | {SHIPPED[path][0]} | {SHIPPED[path][1]} |")
    problems += [f"{path}: is not there any more" for path in SHIPPED if path not in shipped()]
    page = HEADS[at].format(files="\n".join(files), rows="\n".join(rows))
    return page, problems


HEADS = (
    """# Licences

Made by `make licences` from `requirements.lock` and each package's own metadata; a test holds the
page to them, and fails on a licence that is unknown or not accepted. memeprobe is Apache-2.0.

## What the wheel holds

| file | licence | told in |
|---|---|---|
{files}

The weights were trained here. Pictures of the built-in sets are drawn by `meme_sets/builtin`,
Apache-2.0. Weights that a user loads by name have licences of their own: `memeprobe models`.

## What it needs

| package | version | licence | note |
|---|---|---|---|
{rows}
""",
    """# 许可证

本页由 `make licences` 根据 `requirements.lock` 和各软件包自己的元数据生成；有测试保证二者一致，
遇到未知或不可接受的许可证即失败。memeprobe 采用 Apache-2.0。

## wheel 里有什么

| 文件 | 许可证 | 出处 |
|---|---|---|
{files}

权重是在本项目中训练的。内置题集的图片由 `meme_sets/builtin` 绘制，Apache-2.0。
用户按名字加载的权重各有自己的许可证，见 `memeprobe models`。

## 依赖

| 软件包 | 版本 | 许可证 | 说明 |
|---|---|---|---|
{rows}
""",
)
"""The page in the languages of ``PAGES``."""


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    packages = locked(LOCK.read_text("utf-8"))
    problems = table(packages)[1]
    for language, path in () if problems else PAGES.items():
        page, _ = table(packages, language)
        if not check:
            path.write_text(page, "utf-8")
        elif not path.is_file() or path.read_text("utf-8") != page:
            problems.append(f"{path.relative_to(ROOT)} is not what `make licences` writes")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
