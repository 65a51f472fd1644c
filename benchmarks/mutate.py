"""Damage to what is written as JSON, YAML or bytes: values, keys and depths that nobody expects."""

import copy
import random
from typing import Any

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2.5,
    10**30,
    float("nan"),
    float("-inf"),
    "",
    "x" * 5_000,
    "../../etc/passwd",
    "/dev/zero",
    "a\0b",
    "half \ud800",
    "\u202egnp.exe",
    "😀🏳️‍🌈\u200d",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\x1b]0;t\x07",
    "line\nline\r\n\u2028",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"en": "x", "zh": None},
    list(range(300)),
    ["same", "same"],
    "2001-01-01",
)


def mutated(value: Any, rng: random.Random) -> Any:
    """A copy with one to four of its entries replaced, dropped, doubled, renamed or nested."""
    made = copy.deepcopy(value)
    for _ in range(rng.randint(1, 4)):
        owner, key = _place(made, rng)
        if owner is None:
            return copy.deepcopy(rng.choice(VALUES))
        _change(owner, key, rng)
    return made


def _change(owner: Any, key: Any, rng: random.Random) -> None:
    kind = rng.random()
    if kind < 0.55:
        owner[key] = copy.deepcopy(rng.choice(VALUES))
    elif kind < 0.7:
        del owner[key]
    elif kind < 0.8:
        owner[key] = [owner[key]] * rng.choice((1, 2, 2, 40))
    elif kind < 0.87:
        for _ in range(rng.choice((1, 5, 200))):
            owner[key] = {"a": owner[key]} if rng.random() < 0.5 else [owner[key]]
    elif isinstance(owner, dict):
        owner[rng.choice(("", "id", "media", "x" * 300, str(key) + " ", "\u202e"))] = owner[key]
    else:
        owner.insert(rng.randrange(len(owner) + 1), copy.deepcopy(owner[key]))


def _place(told: Any, rng: random.Random) -> tuple[Any, Any]:
    """A container and a key in it, the deeper the rarer; (None, None) where there is none."""
    owner = told
    while True:
        if not isinstance(owner, dict | list) or not owner:
            return None, None
        key = rng.choice(list(owner)) if isinstance(owner, dict) else rng.randrange(len(owner))
        inner = owner[key]
        if not isinstance(inner, dict | list) or not inner or rng.random() < 0.2:
            return owner, key
        owner = inner


def damaged(data: bytes, rng: random.Random, share: float) -> bytes:
    """The bytes, a ``share`` of the time with some of them changed, cut out, doubled or cut off."""
    if rng.random() >= share or not data:
        return data
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at, length = rng.randrange(len(made)), rng.choice((1, 2, 8, 60))
        piece = bytes(made[at : at + length])
        made[at : at + length] = rng.choice(
            (bytes([rng.randrange(256)]), b"", piece * 2, bytes(rng.randbytes(length)), b"\0" * 4)
        )
        if not made:
            return b""
    return bytes(made[: rng.randrange(len(made)) + 1]) if rng.random() < 0.15 else bytes(made)
