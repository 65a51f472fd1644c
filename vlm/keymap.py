"""How the names of weights in a published file become the names of the modules they fill.

A rule is a pattern over the whole name and what becomes of the tensor: a new name, several (the
rows split into equal blocks), one block of a larger tensor, or a tensor with leading axes of one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

Names = Callable[[re.Match[str]], tuple[str, ...]]


@dataclass(frozen=True)
class Block:
    """A place among equal row blocks of a larger tensor."""

    index: int
    of: int
    given: int
    """How many of the blocks come from the file; the others stay zero (EVA's missing K bias)."""


@dataclass(frozen=True)
class Rule:
    """One line of a key map."""

    pattern: str
    """A regular expression that matches the whole published name."""
    to: tuple[str, ...] | Names
    """New names, with ``\\1`` for the groups of the pattern: one, or as many as row blocks."""
    block: Block | None = None
    """Set where the tensor is one row block of the new one."""
    lead: int = 0
    """How many axes of length one are put in front."""


@dataclass(frozen=True)
class Piece:
    """A tensor under its new name, or one block of it."""

    name: str
    tensor: torch.Tensor
    block: Block | None = None


@dataclass(frozen=True)
class KeyMap:
    """Rules in order, the first that matches holds; other names stay, or are ignored."""

    rules: tuple[Rule, ...] = ()
    ignore: tuple[str, ...] = ()
    """Patterns of names that carry nothing the model needs."""
    rules_only: bool = False
    """Whether names that no rule matches are ignored too, as the original loads its file
    (``strict=False``): what is missing is an error all the same."""

    def pieces(self, name: str, tensor: torch.Tensor) -> Iterator[Piece]:
        """What becomes of one published tensor; nothing if its name is to be ignored."""
        if any(re.fullmatch(pattern, name) for pattern in self.ignore):
            return
        for rule in self.rules:
            match = re.fullmatch(rule.pattern, name)
            if match:
                yield from _moved(rule, match, tensor)
                return
        if not self.rules_only:
            yield Piece(name, tensor)


def _moved(rule: Rule, match: re.Match[str], tensor: torch.Tensor) -> Iterator[Piece]:
    names = rule.to(match) if callable(rule.to) else tuple(match.expand(t) for t in rule.to)
    tensor = tensor[(None,) * rule.lead] if rule.lead else tensor
    parts = tensor.chunk(len(names)) if len(names) > 1 else (tensor,)
    for name, part in zip(names, parts, strict=True):
        yield Piece(name, part, rule.block)
