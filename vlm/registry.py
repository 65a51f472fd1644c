"""The models that memeprobe knows by name, and how any other is found: one visible table."""

import difflib
import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vlm.query import Model, ModelError
from vlm.scripted import SUBJECTS

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

    @property
    def available(self) -> bool:
        """Whether the weights lie in a directory here or in the hub's cache."""
        return Path(self.source).is_dir() or _in_hub_cache(self.source)


ADAPTERS: dict[str, str] = {"instructblip": "vlm.instructblip:InstructBlip"}
"""``model_type`` of a checkpoint's config.json -> the adapter that drives it."""

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
    spec: str, device: str | None = None, dtype: str | None = None,
    scripted: Callable[[str], Model] | None = None,
) -> Model:  # fmt: skip
    """Load a model by its name in the table, its directory or its hub id.

    ``scripted`` builds the known subjects ("known:fair"), which need a viewer of the set.
    Raises ModelError: unknown name (with the nearest), missing files, unknown model type.
    """
    if spec.startswith("known:"):
        if scripted is None or spec.removeprefix("known:") not in SUBJECTS:
            raise ModelError(_unknown(spec))
        return scripted(spec.removeprefix("known:"))
    source, name = (MODELS[spec].source, spec) if spec in MODELS else (spec, None)
    looks_like_path = spec.startswith((".", "/", "~")) or Path(spec).expanduser().exists()
    if name is None and not looks_like_path and "/" not in spec:
        raise ModelError(_unknown(spec))
    if name is None and looks_like_path:
        source = str(Path(spec).expanduser().absolute())
    module, adapter = ADAPTERS[_model_type(source)].split(":")
    model: Model = getattr(importlib.import_module(module), adapter)(source, name, device, dtype)
    return model


def _unknown(spec: str) -> str:
    near = difflib.get_close_matches(spec, known_names(), 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return (
        f"unknown model {spec!r}{hint} (`memeprobe models` lists them; "
        "a directory or hub id works too)"
    )


def _model_type(source: str) -> str:
    """The ``model_type`` that a checkpoint's config.json names."""
    folder = Path(source)
    if folder.is_absolute():
        path = folder / "config.json"
        if not path.is_file():
            raise ModelError(
                f"{source} is no checkpoint in the Hugging Face format: "
                "config.json is missing there"
            )
        try:
            kind = json.loads(path.read_text(encoding="utf-8")).get("model_type")
        except json.JSONDecodeError as error:
            raise ModelError(f"{path} is no valid JSON: {error}") from error
    else:
        kind = _hub_model_type(source)
    if kind not in ADAPTERS:
        raise ModelError(
            f"{source} has model_type {kind!r}; there are adapters for {', '.join(ADAPTERS)}"
        )
    return str(kind)


def _hub_model_type(source: str) -> str | None:
    from transformers import AutoConfig

    try:
        kind: str = AutoConfig.from_pretrained(source, trust_remote_code=False).model_type
    except (OSError, ValueError) as error:
        first = str(error).strip().splitlines()[0]
        raise ModelError(
            f"cannot get {source} from the hub: {first} "
            "Give a local directory with the checkpoint instead."
        ) from error
    return kind


def _in_hub_cache(source: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    try:
        return isinstance(try_to_load_from_cache(source, "config.json"), str)
    except ValueError:  # a path that is no hub id
        return False
