"""The lock with hashes, and the licences of all that is in it and in the wheel."""

import re
import sys
import tomllib

import pytest

from benchmarks import licences
from benchmarks.licences import LOCK, ROOT, locked, normal, table, wrong
from tests.test_project import pins

ENTRIES = locked(LOCK.read_text("utf-8"))
VERSIONS = {one.name: one.version for one in ENTRIES}


def test_the_lock_has_the_pins_of_pyproject_and_the_constraints() -> None:
    for pin in (pin for group in pins().values() for pin in group):
        name, version = pin.split("==")
        assert VERSIONS.get(normal(name)) == version, f"{pin}: run `make lock`"
    lines = (ROOT / "constraints.txt").read_text("utf-8").split()
    constrained = {normal(n): v for n, v in (line.split("==") for line in lines)}
    assert {n: VERSIONS.get(n) for n in constrained} == constrained, "run `make lock`"


def test_every_entry_has_hashes_and_no_address() -> None:
    text = LOCK.read_text("utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    assert len(VERSIONS) == len(ENTRIES) > 140
    assert all(len(set(one.hashes)) == len(one.hashes) > 0 for one in ENTRIES)
    with pytest.raises(ValueError, match="no pinned package"):
        locked("torch==2.13.0\n")
    with pytest.raises(ValueError, match="no pinned package"):
        locked(f"torch @ file:///opt/torch.whl --hash=sha256:{'a' * 64}\n")


def test_the_lock_holds_for_each_platform() -> None:
    """CUDA is for Linux alone, where a driver may be."""
    linux = {one.name for one in ENTRIES if "sys_platform == 'linux'" in one.marker}
    assert {"triton", "nvidia-cublas"} <= linux
    assert all(n.startswith(("nvidia-", "cuda-", "triton")) for n in linux)


def test_all_licences_are_known_accepted_and_written() -> None:
    apart = {one.name for one in ENTRIES if "sys_platform" in one.marker}
    absent = [n for n in VERSIONS if n not in apart and licences.licence(n) is None]
    if absent:
        pytest.skip(f"not all extras are installed: {', '.join(absent)}")
    for language, path in licences.PAGES.items():
        page, problems = table(ENTRIES, language)
        assert problems == []
        if sys.platform == "linux":
            assert page == path.read_text("utf-8"), "run `make licences`"


@pytest.mark.parametrize(
    ("said", "accepted"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND MPL-2.0", True),
        ("Apache-2.0 AND AGPL-3.0-only", False),
        ("GPL-2.0-or-later", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("unknown", False),
        ("LicenseRef-NVIDIA-Proprietary", False),
        (None, False),
    ],
)
def test_a_licence_that_is_unknown_or_not_accepted_is_told(
    said: str | None, accepted: bool
) -> None:
    assert (wrong("some-package", said) is None) == accepted


def test_weights_that_nobody_vouches_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "shipped", lambda: ["vlm/other/model.safetensors"])
    _, problems = table([])
    assert "vlm/other/model.safetensors: its licence is not written in" in problems[0]
    assert len(problems) == 1 + len(licences.SHIPPED), "and the ones that are gone"


def test_the_lock_is_made_for_the_python_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.12"
    assert re.search(r"--python-version 3\.11 ", (ROOT / "Makefile").read_text("utf-8"))
