"""What holds the project together: import directions, pins, lengths, and what is documented."""

import ast
import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("frames", "ocr", "vlm", "meme_sets", "memeprobe")
MAY_IMPORT = {
    "frames": set(),
    "vlm": set(),
    "meme_sets": set(),
    "ocr": {"frames"},
    "memeprobe": {"frames", "ocr", "vlm", "meme_sets"},
}
FOLDERS = (*PACKAGES, "tests", "benchmarks", "training")
LEAF = "memeprobe.fonts"
"""A folder with a font and nothing else, which every package may draw with."""


def sources() -> list[Path]:
    return [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py"))]


def everything() -> list[Path]:
    """The Python files of the project, with its tests, benchmarks and training."""
    return [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """Full names of the project's modules that a file imports, at the top or inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:  # relative to the package that the file lies in
                package = path.relative_to(ROOT).parent.parts
                above = package[: len(package) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in FOLDERS}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way_only(package: Any) -> None:
    for path in (ROOT / package).rglob("*.py"):
        used = {name for name in imports(path) if not f"{name}.".startswith(f"{LEAF}.")}
        others = {name.split(".")[0] for name in used} - {package}
        assert others <= MAY_IMPORT[package], f"{path} imports {others - MAY_IMPORT[package]}"


def test_the_font_stands_alone() -> None:
    for path in (ROOT / LEAF.replace(".", "/")).rglob("*.py"):
        assert {n for n in imports(path) if not n.startswith(LEAF)} == set(), path


def test_no_two_modules_import_each_other() -> None:
    names = {module_name(p): imports(p) for p in everything()}
    edges = {name: {i for i in found if i in names and i != name} for name, found in names.items()}

    def reaches(start: str) -> set[str]:
        seen: set[str] = set()
        todo = list(edges[start])
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += edges[node]
        return seen

    assert [name for name in names if name in reaches(name)] == []


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_and_functions_stay_short() -> None:
    long = []
    for path in everything():
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 300:
            long.append(f"{path}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > 60:
                long.append(f"{path}: {node.name} has {lines_of(node)} lines")
    assert long == []


def test_the_formatter_decides_the_layout() -> None:
    marks = ("fmt: " + "skip", "fmt: " + "off")
    lines = (line for path in everything() for line in path.read_text("utf-8").splitlines())
    assert sum(any(mark in line for mark in marks) for line in lines) <= 20


def telling_lines(path: Path) -> list[tuple[int, str]]:
    """(number, text without extra blanks) of all lines but imports, comments and lone brackets."""
    lines = ((n, " ".join(li.split())) for n, li in enumerate(path.open(encoding="utf-8"), 1))
    passed_over = ("#", "import ", "from ")
    return [
        (n, li)
        for n, li in lines
        if len(li) > 3 and re.search(r"\w", li) and not li.startswith(passed_over)
    ]


def test_little_is_written_twice() -> None:
    """A line is repeated if it is part of six telling lines in a row that stand twice."""
    runs: dict[tuple[str, ...], list[set[tuple[Path, int]]]] = defaultdict(list)
    count = 0
    for path in everything():
        lines = telling_lines(path)
        count += len(lines)
        for i in range(len(lines) - 5):
            part = lines[i : i + 6]
            runs[tuple(li for _, li in part)].append({(path, n) for n, _ in part})
    repeated = {place for found in runs.values() if len(found) > 1 for place in set().union(*found)}
    assert len(repeated) < 0.01 * count, sorted(repeated)


def test_every_function_says_what_it_takes_and_returns() -> None:
    bare = []
    for path in everything():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            args += [a for a in (node.args.vararg, node.args.kwarg) if a]
            untyped = [a for a in args if a.annotation is None and a.arg not in ("self", "cls")]
            if node.returns is None or untyped:
                bare.append(f"{path}:{node.lineno}: {node.name}")
    assert bare == []


def test_public_functions_and_classes_have_docstrings() -> None:
    bare = []
    for path in sources():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                bare.append(f"{path}: {node.name}")
    assert bare == []


def pins() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return {"lean": project["dependencies"], **extras}


def conda_pins() -> list[str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    (pip,) = (entry["pip"] for entry in listed if isinstance(entry, dict))
    return [line for line in pip if not line.startswith("--")]


def test_environment_yml_has_the_pins_of_pyproject() -> None:
    assert sorted(conda_pins()) == sorted(pin for group in pins().values() for pin in group)


def test_every_direct_dependency_is_pinned_as_in_the_constraints() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    versions = {
        re.sub("[-_.]+", "-", name.lower()): v for name, v in (li.split("==") for li in lines)
    }
    for pin in (pin for group in pins().values() for pin in group):
        name, version = pin.split("==")
        assert versions[re.sub("[-_.]+", "-", name.lower())] == version


def test_the_packages_of_the_mission_are_in_environment_yml() -> None:
    names = {pin.split("==")[0] for pin in conda_pins()}
    assert {"torch", "transformers", "imageio", "paddleocr", "streamlit"} <= names
    assert names & {"opencv-python", "opencv-python-headless"}
    lavis = (ROOT / "environment-lavis.yml").read_text(encoding="utf-8")
    assert "salesforce-lavis==1.0.2" in lavis
    assert "environment-lavis.yml" in (ROOT / "environment.yml").read_text(encoding="utf-8")
