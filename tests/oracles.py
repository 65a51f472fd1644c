"""The published modelling files that ports are held against; never part of this repository.

MEMEPROBE_ORACLES names a folder laid out as docs/oracles.md says. Where it is absent the tests
that need it skip; recorded numbers under tests/data stand in for them.
"""

import importlib
import importlib.util
import os
import sys
import types
from pathlib import Path

import pytest


def oracle_folder(name: str) -> Path:
    """A repository among the oracles. Skips where it is absent."""
    root = os.environ.get("MEMEPROBE_ORACLES")
    if root is None or not (Path(root) / name).is_dir():
        pytest.skip(f"the oracle {name} is not here; docs/oracles.md says how to lay it out")
    return Path(root) / name


def package_of(folder: Path, name: str) -> types.ModuleType:
    """A folder of Python files as a package, without running an __init__ of its own."""
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
    return package


def stub(name: str, **members: object) -> None:
    """Put a module with these members where an oracle imports one that is not there any more."""
    if importlib.util.find_spec(name) is None:
        module = types.ModuleType(name)
        module.__dict__.update(members)
        sys.modules[name] = module
