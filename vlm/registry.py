"""The models that memeprobe knows by name, and how any other is found: one visible table."""

import difflib
import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vlm.detect import detect
from vlm.query import Model, ModelError
from vlm.scripted import SUBJECTS
from vlm.settings import DEFAULTS, LoadOptions

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """One row of the table."""

    family: str
    source: str
    """A directory or hub id in the Hugging Face format."""
    parameters: int
    languages: str
    deliveries: tuple[str, ...]
    licence: str
    """Of the weights."""
    about: str
    caution: str = ""
    """What to say before its answers about any file of the user's own are believed."""
    translators: tuple[str, str] | None = None
    """Translators around it: Chinese to English, English to Chinese."""

    @property
    def where(self) -> str:
        """The directory or hub id that it is loaded from."""
        return self.source

    @property
    def available(self) -> bool:
        """Whether the weights lie in a directory here or in the hub's cache."""
        return Path(self.source).is_dir() or _in_hub_cache(self.source)


Loader = Callable[[str, LoadOptions], Model]
SCHEMES: dict[str, str] = {"server:": "vlm.server:load"}
"""Beginning of a spec -> ``module:function``, called with the rest of the spec and LoadOptions:
``server:http://127.0.0.1:8000/v1#model-name``."""

_BLIP = ("concat", "grid", "vote", "first_only")

MODELS: dict[str, Entry] = {
    "blip-nano": Entry(
        "instructblip", str(HERE / "blip_nano"), 3_118_816, "en zh", _BLIP, "Apache-2.0",
        "embedded; knows the rendered world of the built-in sets only",
        "blip-nano knows only the rendered world of the built-in sets; what it answers about "
        "real pictures means nothing. Use --model for a real one.",
    ),
    "instructblip-vicuna-7b": Entry(
        "instructblip", "Salesforce/instructblip-vicuna-7b", 7_913_000_000, "en", _BLIP,
        "Vicuna's non-commercial licence", "InstructBLIP over Vicuna 7B",
    ),
    "instructblip-vicuna-13b": Entry(
        "instructblip", "Salesforce/instructblip-vicuna-13b", 14_193_000_000, "en", _BLIP,
        "Vicuna's non-commercial licence", "InstructBLIP over Vicuna 13B",
    ),
    "instructblip-flan-t5-xl": Entry(
        "instructblip", "Salesforce/instructblip-flan-t5-xl", 4_023_000_000, "en", _BLIP, "MIT",
        "InstructBLIP over Flan-T5 XL",
    ),
    "instructblip-flan-t5-xxl": Entry(
        "instructblip", "Salesforce/instructblip-flan-t5-xxl", 12_310_000_000, "en", _BLIP, "MIT",
        "InstructBLIP over Flan-T5 XXL",
    ),
}  # fmt: skip


def known_names() -> list[str]:
    """Every name that ``load_model`` takes beside directories and hub ids."""
    return [*MODELS, *(f"known:{s}" for s in SUBJECTS)]


def load_model(
    spec: str, options: LoadOptions = DEFAULTS,
    scripted: Callable[[str], Model] | None = None,
) -> Model:  # fmt: skip
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
    return _named("vlm.translate:Sandwich")(model, *pair) if pair else model


def _load_alone(spec: str, entry: Entry | None, options: LoadOptions) -> Model:
    """The model without translators."""
    for scheme, loader in SCHEMES.items():
        if spec.startswith(scheme):
            model: Model = _named(loader)(spec.removeprefix(scheme), options)
            return model
    source, name = (entry.where, spec) if entry else (_source(spec), None)
    model = _named(detect(source).adapter)(source, name, options)
    return model


def _source(spec: str) -> str:
    """The absolute directory or the hub id that a spec outside the table names."""
    if spec.startswith((".", "/", "~")) or Path(spec).expanduser().exists():
        return str(Path(spec).expanduser().absolute())
    if "/" not in spec:
        raise ModelError(_unknown(spec))
    return spec


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


def _in_hub_cache(source: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    try:
        return isinstance(try_to_load_from_cache(source, "config.json"), str)
    except ValueError:  # a path that is no hub id
        return False
