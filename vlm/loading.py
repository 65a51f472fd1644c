"""Weights from published files into modules that were built without memory.

Reads safetensors, sharded .bin and .pth, never running code from a file (``weights_only=True``).
Modules are built with their parameters on the meta device and filled tensor by tensor, so that
a model never needs much more than its own size.
"""

import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook

from vlm.detect import read_json
from vlm.errors import ModelError
from vlm.keymap import KeyMap, Piece
from vlm.weights import check_finite

PLAIN = KeyMap()
LISTED = 8
"""How many missing or unexpected names an error spells out."""
ROTARY = r"(.*\.)?rotary_emb\.inv_freq|(.*\.)?(embeddings\.)?position_ids"
"""Buffers that old files carry and that modules compute themselves."""
_SINGLE = ("model.safetensors", "pytorch_model.bin")


@dataclass(frozen=True)
class WeightSet:
    """Some weight files, and how their names become ours."""

    files: tuple[Path, ...]
    keymap: KeyMap = PLAIN
    entry: str | None = None
    """The key of a .pth file's dictionary that holds the weights, where there is one."""


def find_weights(folder: Path) -> tuple[Path, ...]:
    """The weight files of a directory in the Hugging Face format, safetensors before .bin.

    Raises ModelError: there are none, or a shard that the index names is missing or elsewhere.
    """
    for single in _SINGLE:
        index = folder / f"{single}.index.json"
        if index.is_file():
            listed = read_json(index).get("weight_map")
            if not isinstance(listed, dict) or not all(isinstance(n, str) for n in listed.values()):
                raise ModelError(f"{index} has no weight_map of names")
            named = sorted(set(listed.values()))
            outside = [name for name in named if Path(name).name != name]
            if outside:
                raise ModelError(f"{index} names files that are not beside it: {outside[0]}")
            files = tuple(folder / name for name in named)
            gone = [f.name for f in files if not f.is_file()]
            if gone:
                raise ModelError(f"{folder} lacks {', '.join(gone)}, which {index.name} names")
            return files
        if (folder / single).is_file():
            return (folder / single,)
    raise ModelError(f"{folder} has no weights: neither {' nor '.join(_SINGLE)} nor their indexes")


def read_weights(path: Path, entry: str | None = None) -> Iterator[tuple[str, torch.Tensor]]:
    """(name, tensor) of one file, one after another. Raises ModelError: damaged, or holds code."""
    if not path.is_file():
        raise ModelError(f"weight file {path} is missing")
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, "pt") as file:
                for name in file.keys():  # noqa: SIM118 - no mapping
                    yield name, file.get_tensor(name)
        except SafetensorError as error:
            raise ModelError(f"weight file {path} is damaged: {error}") from error
        return
    state = _read_pickle(path)
    if entry is not None and isinstance(state.get(entry), dict):
        state = state[entry]
    yield from ((k, v) for k, v in state.items() if isinstance(v, torch.Tensor))


def _read_pickle(path: Path) -> dict[str, Any]:
    # A map of the file costs no memory, but files from before torch 1.6 have no map.
    state: Any = None
    for mapped in (True, False):
        try:
            state = torch.load(path, "cpu", weights_only=True, mmap=mapped)
            break
        except pickle.UnpicklingError as error:
            first = str(error).strip().splitlines()[0]
            raise ModelError(
                f"weight file {path} holds more than weights, and running code from a file is "
                f"refused (or the file is damaged): {first}"
            ) from error
        except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
            if mapped and "mmap" in str(error):
                continue
            first = str(error).strip().splitlines()[0] if str(error).strip() else "it is empty"
            raise ModelError(f"weight file {path} is damaged: {first}") from error
    if not isinstance(state, dict):
        raise ModelError(f"weight file {path} holds {type(state).__name__}, not named weights")
    return state


def shapes(sets: Sequence[WeightSet]) -> dict[str, torch.Size]:
    """Our name -> shape of every tensor in the files, a block counted as its whole."""
    found = {}
    for weights in sets:
        for file in weights.files:
            for name, tensor in _outlines(file, weights.entry):
                for piece in weights.keymap.pieces(name, tensor):
                    found[piece.name] = _whole(piece)
    return found


def _outlines(path: Path, entry: str | None) -> Iterator[tuple[str, torch.Tensor]]:
    if path.suffix != ".safetensors":
        yield from ((name, tensor.to("meta")) for name, tensor in read_weights(path, entry))
        return
    try:
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118 - no mapping
                yield name, torch.empty(file.get_slice(name).get_shape(), device="meta")
    except SafetensorError as error:
        raise ModelError(f"weight file {path} is damaged: {error}") from error


@contextmanager
def without_memory() -> Iterator[None]:
    """Modules built inside have their parameters on the meta device, buffers as they are."""

    here = threading.get_ident()

    def to_meta(module: nn.Module, name: str, parameter: nn.Parameter) -> nn.Parameter | None:
        if parameter is None or parameter.is_meta or threading.get_ident() != here:
            return None
        return nn.Parameter(parameter.detach().to("meta"), requires_grad=False)

    handle = register_module_parameter_registration_hook(cast(Any, to_meta))  # may return one
    try:
        yield
    finally:
        handle.remove()


def fill(
    net: nn.Module,
    sets: Sequence[WeightSet],
    dtype_of: Callable[[str], torch.dtype],
    device_of: Callable[[str], torch.device],
    what: str,
) -> None:
    """Fill a module that was built ``without_memory``, in place; ``what`` names it in errors.

    Raises ModelError: names that are missing, unexpected or of another shape, with a list.
    """
    places = _places(net)
    left: dict[str, int] = {}  # blocks of each tensor that have not come yet
    unexpected, misshapen = [], []
    for weights in sets:
        for file in weights.files:
            for name, tensor in read_weights(file, weights.entry):
                for piece in weights.keymap.pieces(name, tensor):
                    if piece.name not in places:
                        unexpected.append(piece.name)
                        continue
                    if _whole(piece) != _get(net, piece.name).shape:
                        misshapen.append(f"{piece.name} {tuple(_whole(piece))}")
                    else:
                        check_finite(piece.name, piece.tensor, what)
                        _put(net, piece, dtype_of(piece.name), device_of(piece.name))
                    due = piece.block.given if piece.block else 1
                    left[piece.name] = left.get(piece.name, due) - 1
    missing = _share(net, places, {name for name, n in left.items() if n <= 0})
    problems = [
        f"{label}: {', '.join(sorted(names)[:LISTED])}"
        + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")
        for label, names in (
            ("missing keys", missing),
            ("unexpected keys", unexpected),
            ("keys of another shape", misshapen),
        )
        if names
    ]
    if problems:
        raise ModelError(f"the checkpoint {what} has {'; '.join(problems)}")


def _places(net: nn.Module) -> dict[str, list[str]]:
    """Name of each parameter and stored buffer -> all names of the parameters tied to it."""
    tied: dict[int, list[str]] = {}
    for name, parameter in net.named_parameters(remove_duplicate=False):
        tied.setdefault(id(parameter), []).append(name)
    stored = set(net.state_dict(keep_vars=True))
    places = {name: group for group in tied.values() for name in group}
    return places | {name: [name] for name, _ in net.named_buffers() if name in stored}


def _share(net: nn.Module, places: dict[str, list[str]], given: set[str]) -> list[str]:
    """Tie what the files did not give to what they did; returns the names that stay missing.

    A file may also give two tied names with different values (Flan-T5's output layer); then
    they are not tied.
    """
    missing = []
    for name, group in places.items():
        first = next((other for other in group if other in given), None)
        if first is None:
            missing.append(name)
        elif name not in given or (name != first and _equal(_get(net, name), _get(net, first))):
            _set(net, name, _get(net, first))
    return missing


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    return not one.is_meta and not other.is_meta and torch.equal(one, other)


def _whole(piece: Piece) -> torch.Size:
    """Shape of the tensor that a piece is, or is a block of."""
    shape = piece.tensor.shape
    if piece.block is None:
        return shape
    return torch.Size([shape[0] * piece.block.of, *shape[1:]])


def _put(net: nn.Module, piece: Piece, dtype: torch.dtype, device: torch.device) -> None:
    """Put a piece in its place."""
    old, tensor, block = _get(net, piece.name), piece.tensor, piece.block
    dtype = dtype if tensor.is_floating_point() else tensor.dtype
    if block is None:
        new = tensor.to(device, dtype)
        # A copy of its own: what a mapped file holds could change under us.
        new = new.clone() if new.data_ptr() == tensor.data_ptr() else new
    else:
        new = torch.zeros(old.shape, dtype=dtype, device=device) if old.is_meta else old.detach()
        new.chunk(block.of)[block.index].copy_(tensor)
    made = nn.Parameter(new, requires_grad=False) if isinstance(old, nn.Parameter) else new
    _set(net, piece.name, made)


def _get(net: nn.Module, name: str) -> torch.Tensor:
    owner, _, leaf = name.rpartition(".")
    found: torch.Tensor = getattr(net.get_submodule(owner), leaf)
    return found


def _set(net: nn.Module, name: str, value: torch.Tensor) -> None:
    owner, _, leaf = name.rpartition(".")
    setattr(net.get_submodule(owner), leaf, value)
