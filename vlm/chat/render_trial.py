"""Renders a chat template that a stranger wrote, in a process that may be killed.

Run by ``vlm.chat.template`` as a script with ``-I``, so that it starts in a tenth of a second: it
imports nothing of the project. The template comes on standard input; a template that loops, or
writes without end, runs into this process's own limits. Exit code 0: it came to an end, with a text
or an error of its own, which the real rendering will tell.
"""

import contextlib
import re
import sys
from typing import Any, NoReturn

from jinja2.sandbox import ImmutableSandboxedEnvironment

SECONDS, BYTES, LONGEST = 5, 1 << 30, 4 << 20
"""CPU time, memory, and characters of a rendered conversation of a few words."""
TOO_MUCH = 3
"""Exit code where it took more than that."""
WORDS = ("what is here?", "and there?", "q w e r t y")


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows, where only the parent's clock bounds it
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    with contextlib.suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def _refused(message: str) -> NoReturn:
    raise ValueError(message)


def _conversations() -> list[list[dict[str, Any]]]:
    text = [{"type": "text", "text": word} for word in WORDS]
    picture = {"type": "image"}
    return [
        [{"role": "user", "content": [picture, text[0]]}],
        [{"role": "user", "content": [*[picture] * 8, text[2]]}],
        [{"role": "user", "content": WORDS[0]}],
        [
            {"role": "user", "content": [picture, text[0]]},
            {"role": "assistant", "content": [text[2]]},
            {"role": "user", "content": [text[1]]},
        ],
    ]


def main() -> int:
    """Render every conversation; see the module."""
    source = sys.stdin.buffer.read().decode("utf-8", "replace")
    # The tag of transformers that marks what an assistant said; it writes nothing.
    source = re.sub(r"\{%[-+]?\s*(end)?generation\s*[-+]?%\}", "", source)
    _limit()
    try:
        made = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        made.globals |= {"raise_exception": _refused, "strftime_now": lambda _: "today"}
        template = made.from_string(source)
        for messages in _conversations():
            for asking in (True, False):
                length = 0
                for piece in template.generate(messages=messages, add_generation_prompt=asking):
                    length += len(piece)
                    if length > LONGEST:
                        return TOO_MUCH
    except (MemoryError, RecursionError):
        return TOO_MUCH
    except Exception:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
