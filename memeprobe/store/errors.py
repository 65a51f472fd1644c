"""What can be wrong with a workspace file, in one line that says what to do."""

import functools
import sqlite3
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class StoreError(ValueError):
    """The workspace file cannot be used, or does not hold what was asked for."""


class NoRun(StoreError):
    """No run, or more than one, is called so."""


class _HasPath(Protocol):
    path: Any


S = TypeVar("S", bound=_HasPath)


def describe(path: object, error: Exception) -> str:
    """An error of SQLite, or of a row that holds what it cannot, as one line."""
    # SQLite quotes what it could not decode, whatever that is.
    said = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())[:200]
    if isinstance(error, sqlite3.OperationalError):
        if "locked" in said or "busy" in said:
            return (
                f"{path}: another program has held it for {WAIT:.0f} s; when it has ended, the "
                "same command goes on"
            )
        if "full" in said or "disk I/O" in said:
            return (
                f"{path}: the disk is full or cannot be written ({said}); what was answered before "
                "is kept, and with more room the same command goes on"
            )
        if "readonly" in said:
            return f"{path}: it, or its folder, cannot be written; give another with --workspace"
    return (
        f"{path}: it is damaged ({type(error).__name__}: {said}); `memeprobe store check` says "
        "what is left, a copy made by `memeprobe store backup` can take its place"
    )


WAIT = 30.0
"""Seconds to wait for another program that writes."""


def guarded(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method that reads a store: what it meets in a damaged file becomes a StoreError."""
    return _guarded(method, (sqlite3.Error, ValueError, LookupError, TypeError, OverflowError))


def written(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method that writes: a full disk, a lock or damage becomes a StoreError."""
    return _guarded(method, (sqlite3.OperationalError,))


def _guarded(
    method: Callable[Concatenate[S, P], T], foreign: tuple[type[Exception], ...]
) -> Callable[Concatenate[S, P], T]:
    @functools.wraps(method)
    def call(self: S, /, *args: P.args, **named: P.kwargs) -> T:
        try:
            return method(self, *args, **named)
        except StoreError:
            raise
        except foreign as error:
            raise StoreError(describe(self.path, error)) from error
        except sqlite3.DatabaseError as error:
            if type(error) is sqlite3.DatabaseError:  # its subclasses are mistakes of the caller
                raise StoreError(describe(self.path, error)) from error
            raise

    return call
