"""Characters that look the same in the fonts of captions, told by what stands beside them.

A zero is read as an `O`, a small heavy `i`, whose dot runs into its stroke, as an `l`, and an `I`
at the end of a line as a mark.
"""

import re

LONE_O = re.compile(r"^O(?=\W*$)")
TENS = re.compile(r"\b(\d+)O(?=[sS]?\b)")
"""`3OS` are thirties; `5OFF` and `H2O` have no zero there."""
AFTER_COMMA = re.compile(r"(?<=,)( ?)!(?=$| )")
"""`SOMETIMES,!` goes on: no mark follows a comma."""
ENDING = re.compile(r"(?<=[a-z][cst])l(?=on(?:s|al|ally|ed|ing)?\b|al(?:s|ly)?\b|ous(?:ly)?\b)")
"""The `l` of `solutlon`, `speclal`, `preclous` is none: no English word ends so."""


def as_meant(text: str) -> str:
    """A reading of one line, with characters replaced that cannot be what was read."""
    text = AFTER_COMMA.sub(r"\1I", text)
    text = ENDING.sub("i", TENS.sub(r"\g<1>0", text))
    words = text.split(" ")
    # Not where letters stand apart (`X O X`), nor where somebody is called (`O Captain`).
    if not text.isascii() or sum(len(word) == 1 for word in words) > len(words) / 2:
        return text
    called = {i for i, after in enumerate(words[1:]) if after.istitle()}
    return " ".join(
        LONE_O.sub("0", word) if i not in called else word for i, word in enumerate(words)
    )
