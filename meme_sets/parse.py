"""JSON and YAML that strangers wrote: read within bounds, or refused with one line."""

import json
from collections.abc import Callable
from typing import Any

import yaml

from meme_sets.errors import SetError

MOST_NODES = 2_000_000
"""Values that a YAML file may hold, aliases counted as often as they are used."""
DEEPEST = 50
"""Lists and maps inside each other; no set has more than five."""

Pairs = Callable[[list[tuple[str, Any]]], Any]


def json_value(text: str, where: str, pairs: Pairs | None = None) -> Any:
    """One JSON text. Raises SetError: no JSON, nested too deeply, a number too long to be one."""
    return _decoded(lambda: json.loads(text, object_pairs_hook=pairs), where, lambda line: "")


def json_at(text: str, start: int, file: str) -> tuple[Any, int]:
    """The JSON value that begins at ``start``, and where it ends. Raises SetError with the line."""

    def line_of(number: int) -> str:
        return f" line {number}"

    where = f"{file}{line_of(text.count(chr(10), 0, start) + 1)}"
    return _decoded(lambda: json.JSONDecoder().raw_decode(text, start), where, line_of, file)


def _decoded(
    decode: Callable[[], Any], where: str, line_of: Callable[[int], str], file: str = ""
) -> Any:
    try:
        return decode()
    except json.JSONDecodeError as error:
        place = f"{file}{line_of(error.lineno)}" if file else where
        raise SetError(f"{place}: not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise SetError(f"{where}: lists or fields are nested too deeply") from None
    except ValueError as error:  # Python refuses whole numbers of thousands of digits
        raise SetError(f"{where}: a number is too long to be one ({error!s:.60})") from None


def yaml_value(text: str, where: str) -> tuple[yaml.Node | None, Any]:
    """One YAML document as its nodes and its plain values.

    Raises SetError: no YAML, a reference to itself, or aliases that unfold to more than
    ``MOST_NODES`` values.
    """
    try:
        tree = yaml.compose(text, Loader=_Loader)
        if tree is not None:
            _measure(tree, where)
        return tree, yaml.load(text, Loader=_Loader)
    except SetError:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise SetError(f"{where}{line}: not YAML: {problem:.200}") from None
    except RecursionError:
        raise SetError(f"{where}: lists or fields are nested too deeply") from None
    except (ValueError, TypeError, OverflowError) as error:  # dates and numbers that are none
        raise SetError(f"{where}: not YAML: {error!s:.100}") from None


class _Loader(yaml.SafeLoader):
    """Dates stay the text that they are: no field of a set is a date."""


def _as_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


def _measure(tree: yaml.Node, where: str) -> None:
    """Raise SetError if the document, its aliases unfolded, is too large, too deep or endless."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node, above: tuple[int, ...]) -> int:
        if id(node) in above:
            line = node.start_mark.line + 1
            raise SetError(f"{where} line {line}: refers to itself; a set is no circle")
        if id(node) not in sizes:
            inside = [] if isinstance(node, yaml.ScalarNode) else _children(node)
            if inside and len(above) >= DEEPEST:
                raise SetError(f"{where}: lists or fields are nested too deeply")
            sizes[id(node)] = 1 + sum(size(child, (*above, id(node))) for child in inside)
        if sizes[id(node)] > MOST_NODES:
            raise SetError(
                f"{where}: its aliases unfold to more than {MOST_NODES:,} values; "
                "write them out, or leave them out"
            )
        return sizes[id(node)]

    size(tree, ())


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value)
