"""A spec -> a model: by name in the table, by directory, by hub id, or by a scheme."""

import difflib
import importlib
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from vlm.adapter import Adapter, out_of_memory
from vlm.detect import detect, open_checkpoint
from vlm.errors import ModelError
from vlm.hub import absolute, local, pinned
from vlm.models import MODELS, MODELS_FOLDER, ModelEntry, place, translator_place
from vlm.query import Model
from vlm.scripted import Scripted
from vlm.settings import DEFAULTS, LoadOptions
from vlm.sound import check as check_sound
from vlm.subjects import SUBJECTS

Loader = Callable[[str, LoadOptions], Model]
SCHEMES: dict[str, str] = {
    "server:": "vlm.server:ServerModel",
    "batch:": "vlm.server.batch:BatchModel",
}
"""Beginning of a spec -> ``module:Class`` with a ``load``, called with the rest of the spec and
LoadOptions: ``server:http://127.0.0.1:8000/v1#model-name``, ``batch:openai#model-name``."""
PLUGINS = "memeprobe.models"
"""Group of entry points by which other packages bring adapters."""
WRAP = "vlm.translate:wrap"
"""Puts translators around a model; called with (model, Chinese to English, English to Chinese,
device)."""


def known_names() -> list[str]:
    """Every name that ``load_model`` takes beside directories and hub ids."""
    return [*MODELS, *(f"known:{s}" for s in SUBJECTS)]


def load_model(
    spec: str,
    options: LoadOptions = DEFAULTS,
    scripted: Callable[[str], Model] | None = None,
) -> Model:
    """Load a model by its name in the table, its directory, its hub id, or a scheme's spec.

    ``scripted`` builds the known subjects ("known:fair"), which need a viewer of the set.
    Raises ModelError: unknown name (with the nearest), missing files, unknown model type, a
    package that is not installed.
    """
    if spec.startswith("known:"):
        if scripted is None or spec.removeprefix("known:") not in SUBJECTS:
            raise ModelError(_unknown(spec))
        return scripted(spec.removeprefix("known:"))
    entry = MODELS.get(spec)
    pair = options.translators or (entry.translators if entry else None)
    model = _load_alone(spec, entry, replace(options, translators=None))
    if options.batch_size is not None and isinstance(model, Adapter):
        model.batch_size = options.batch_size
    if pair is None:
        return model
    return _named(WRAP)(model, *map(translator_place, pair), options.device)


def check_spec(spec: str) -> None:
    """Refuse what ``load_model`` would refuse, at once: imports no model code, reads no weights.

    A hub id is let pass, for looking it up takes the network. Raises ModelError.
    """
    if spec in MODELS:
        _place_of(spec, MODELS[spec])
    elif spec.startswith("known:"):
        if spec.removeprefix("known:") not in SUBJECTS:
            raise ModelError(_unknown(spec))
    elif spec.startswith("server:"):
        _named("vlm.server.settings:Address").parse(spec.removeprefix("server:"))
    elif _scheme(spec) is None and Path(source := _source(spec)).is_absolute():
        open_checkpoint(source)


def deliveries_of(spec: str) -> tuple[str, ...]:
    """The deliveries that a model supports, its best first, without loading its weights.

    Raises ModelError: no such name, no checkpoint there, or one that no adapter drives.
    """
    if spec in MODELS:
        return MODELS[spec].deliveries
    if spec in known_names():
        return Scripted.deliveries
    scheme = _scheme(spec)
    adapter = schemes()[scheme] if scheme else detect(_source(spec)).adapter
    deliveries: tuple[str, ...] = _named(adapter).deliveries
    return deliveries


def may_vary(spec: str) -> bool:
    """Whether the very same question may get other words when it is asked again, told without
    loading the model: so of servers, and perhaps of what another package brings."""
    return _scheme(spec) is not None


def _load_alone(spec: str, entry: ModelEntry | None, options: LoadOptions) -> Model:
    """The model without translators."""
    scheme = _scheme(spec)
    if scheme:
        model: Model = _named(schemes()[scheme]).load(spec.removeprefix(scheme), options)
        return model
    source = _place_of(spec, entry) if entry else _source(spec)
    # A directory's name is its absolute path, whatever way led there.
    name = None if entry is None and Path(source).is_absolute() else spec
    source = pinned(source, options.revision)
    return _made(_named(detect(source).adapter), source, name, options)


def _made(adapter: Any, source: str, name: str | None, options: LoadOptions) -> Model:
    """The loaded model. Raises ModelError for whatever is wrong with the checkpoint: libraries
    raise all kinds of errors where a file is not what they take it for."""
    if options.quantise is not None:
        _named("vlm.quantise:check")(options.quantise)
    folder = local(source)  # of a hub id its snapshot, which a stranger may have made as well
    if folder.is_dir():
        check_sound(folder)
    try:
        model: Model = adapter(source, name, options)
    except ModelError:
        raise
    except (MemoryError, Exception) as error:
        if out_of_memory(error):
            raise ModelError(
                f"{source} does not fit into memory ({_first_line(error)}); "
                "try --quantise int4, --dtype bfloat16 or another --device"
            ) from error
        raise ModelError(f"the checkpoint {source} makes no model: {_first_line(error)}") from error
    return model


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # transformers says of a missing package: "...: " and in the next line how to install it.
    first = " ".join(lines[: 2 if lines[0].endswith(":") else 1]) if lines else ""
    return f"{type(error).__name__}: {first[:300]}" if first else type(error).__name__


def source_of(spec: str) -> str:
    """The directory or hub id behind a spec; the spec itself where it has neither (a server).

    Raises ModelError: unknown name, or pieces are missing.
    """
    if spec in MODELS:
        return _place_of(spec, MODELS[spec])
    if spec.startswith("known:") or _scheme(spec) is not None:
        return spec
    return _source(spec)


def _place_of(name: str, entry: ModelEntry) -> str:
    """The directory or hub id of a model in the table. Raises ModelError: pieces are missing."""
    source = place(name, entry)
    if not source:
        raise ModelError(
            f"{name} comes in pieces: put {'; '.join(entry.needed)} into ${MODELS_FOLDER}/{name} "
            "(docs/models.md says how)"
        )
    return source


def _scheme(spec: str) -> str | None:
    """The beginning of a spec that one of ``schemes`` claims."""
    if ":" not in spec:
        return None
    return next((scheme for scheme in schemes() if spec.startswith(scheme)), None)


def schemes() -> dict[str, str]:
    """``SCHEMES`` and those of other packages: an entry point ``mine = "module:Class"`` in the
    group ``PLUGINS`` takes the specs that begin with ``mine:``."""
    found = {f"{entry.name}:": entry.value for entry in entry_points(group=PLUGINS)}
    return {**found, **SCHEMES}


def _source(spec: str) -> str:
    """The absolute directory or the hub id that a spec outside the table names."""
    source = absolute(spec)
    if "/" not in source:
        raise ModelError(_unknown(spec))
    return source


def _named(path: str) -> Any:
    """The object that ``module:name`` means. Raises ModelError: it is not there."""
    module, name = path.split(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{path} needs the package {error.name!r}, which is not installed here"
        ) from error


def _unknown(spec: str) -> str:
    near = difflib.get_close_matches(spec, known_names(), 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return (
        f"unknown model {spec!r}{hint} (`memeprobe models` lists them; "
        "a directory or hub id works too)"
    )


def is_named(spec: str, model: Model) -> bool:
    """Whether ``spec`` is one that this model was loaded by.

    A model in a folder is named by its absolute path, a server's model by its address, the others
    by the spec itself; translators around a model do not change which one it is.
    """
    name = str(getattr(model, "inner", model).name)
    if name == spec or name.startswith(f"{spec.rstrip('/')}#"):
        return True
    return name == str(Path(spec).expanduser().absolute())
