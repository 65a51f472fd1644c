"""Whether a chat template comes to an end: asked before it is rendered here.

A template is a program. Its sandbox keeps it from files and attributes, but not from a loop in a
loop, nor from a text that doubles: it would hang the run or take its memory.
"""

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from vlm.errors import ModelError

TOO_MUCH = 3
"""Exit code of the trial where a limit of its own was reached; a negative one: it was killed."""
TRIAL = Path(__file__).with_name("render_trial.py")
CLOCK = 120
"""Seconds by the clock after which a rendering is given up, on however busy a machine."""
LARGEST = 1 << 20
"""Characters of the longest template; published ones have up to 20,000."""


def check(name: str, template: str) -> None:
    """Raise ModelError if a template takes too much time, memory or text; ``name``: the model's."""
    if len(template) > LARGEST or not _ends(template):
        raise ModelError(
            f"the chat template of {name} does not come to an end with a few words: it takes more "
            "than 5 seconds, 1 GiB or 4 million characters, and no published one does"
        )


@lru_cache(256)
def _ends(template: str) -> bool:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(TRIAL)],
            input=template.encode("utf-8", "replace"),
            capture_output=True,
            timeout=CLOCK,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode >= 0 and done.returncode != TOO_MUCH
