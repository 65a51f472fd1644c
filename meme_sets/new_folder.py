"""A folder that is written as a whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meme_sets.errors import SetError


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write into, which becomes ``out`` at the end; after an error nothing is left.

    Raises SetError: there is something at ``out`` already, or no folder can be made there.
    """
    try:
        if out.is_symlink() or (out.exists() and (not out.is_dir() or any(out.iterdir()))):
            raise SetError(f"{out} exists and is not an empty folder; choose another one")
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".new-set-", dir=out.parent))
    except OSError as error:
        raise SetError(f"{out}: no folder can be made there: {error.strerror}") from None
    try:
        yield work
        work.chmod(0o755)
        if out.exists():
            out.rmdir()
        os.replace(work, out)
    except OSError as error:
        raise SetError(f"{out}: cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
