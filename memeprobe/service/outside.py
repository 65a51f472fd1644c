"""What a client is told of the server's files: their names, and never where they lie.

Messages are written for the command line, whose user has the files. Here the folders go: of
``/srv/probe/sets/cats/items.jsonl`` a client is told ``cats/items.jsonl``: it knows the set cats.
"""

import contextlib
import re
import sys
import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from memeprobe.store.rows import Provenance, RunRecord, TrialRow
from memeprobe.store.store import Store
from memeprobe.workspace import sets_beside


class Outside:
    """Texts as they leave the service on a workspace: without the folders in which it works."""

    def __init__(self, workspace: Path) -> None:
        package, temporary = Path(__file__).parents[2], Path(tempfile.gettempdir())
        known = [sets_beside(workspace), workspace.parent, temporary, package, Path.cwd()]
        stands = dict.fromkeys([*known, Path(sys.prefix)], "")
        with contextlib.suppress(RuntimeError):  # a user without a home
            stands[Path.home()] = "~"
        both = {str(form): s for p, s in stands.items() for form in (p, p.resolve()) if p.name}
        self._stands = both
        folders = "|".join(map(re.escape, sorted(both, key=len, reverse=True)))
        self._folder = re.compile(rf"(?<![\w.-])({folders})(/|(?![\w-]|\.\w))")

    def __call__(self, text: str) -> str:
        """The text with what lies in these folders called by its name."""
        return self._folder.sub(self._named, text)

    def _named(self, found: re.Match[str]) -> str:
        folder, behind = found.groups()
        stands = self._stands[folder]
        return f"{stands}{behind}" if stands else "" if behind else Path(folder).name


class OutsideStore(Store):
    """The store as clients are told of it."""

    def __init__(self, path: Path, outside: Outside) -> None:
        super().__init__(path)
        self._outside = outside

    def run(self, name: str) -> RunRecord:
        """See ``Store.run``."""
        record = super().run(name)
        return replace(record, provenance=self._made_by(record.provenance))

    def outcomes(self, run: str) -> list[TrialRow]:
        """See ``Store.outcomes``."""
        return [
            row if row.problem is None else replace(row, problem=self._outside(row.problem))
            for row in super().outcomes(run)
        ]

    def _made_by(self, made: Provenance | None) -> Provenance | None:
        """What made a run. Reports look for its pictures in ``set_folder``: that stays."""
        if made is None:
            return None
        told: dict[str, Any] = {f.name: getattr(made, f.name) for f in fields(made)}
        texts = {k: v for k, v in told.items() if isinstance(v, str) and k != "set_folder"}
        return replace(made, **{**told, **{k: self._outside(v) for k, v in texts.items()}})
