"""A checkpoint's own processor (chat template, tokenizer, pictures), without torchvision.

Two things of transformers need torchvision: the fast image processors, which differ slightly from
the PIL ones that most models were published with, and every video processor. So pictures always
go through PIL, here and where torchvision is installed, and so do the frames of videos
(``vlm.chat.video``), which stands where a processor insists on a part for them. A few families
have none but torchvision's (Llama 4, LFM2-VL, Kimi K2.5, Command A Vision) or ask for torchvision
all the same (Pixtral, Mistral 3): those are refused in one line where it is missing.
"""

import json
from typing import Any

import transformers
from transformers import AutoConfig, AutoFeatureExtractor, AutoImageProcessor, AutoTokenizer
from transformers.models.auto.processing_auto import (  # type: ignore[attr-defined]
    PROCESSOR_MAPPING_NAMES,
)
from transformers.utils.hub import cached_file
from transformers.utils.import_utils import is_torchvision_available

from vlm.chat.video import LAYOUTS, FrameVideos
from vlm.errors import ModelError
from vlm.hub import split

NAMED_IN = ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json")
"""Files of a checkpoint that may name its processor's class."""
TORCHVISION = "torchvision==0.28.0"
"""The release that goes with the pinned torch 2.13; a newer one would replace torch."""


def load_processor(source: str) -> Any:
    """The processor of a directory or ``id@commit``. Raises ModelError: no such class here, no chat
    template, or what transformers raises while it reads the files."""
    name, revision = split(source)
    kind = _processor_class(source)

    class Stills(kind):  # type: ignore[valid-type, misc]
        """The checkpoint's processor with pictures, and the frames of videos, through PIL."""

        @classmethod
        def _get_arguments_from_pretrained(
            cls, name: str, processor_dict: Any = None, **more: Any
        ) -> list[Any]:
            more.pop("subfolder", None)
            parts = {
                part: _part(part, name, more)
                for part in cls.get_attributes()
                if part != "video_processor"
            }
            layout = LAYOUTS.get(kind.__name__)
            parts["video_processor"] = FrameVideos(parts.get("image_processor"), layout)
            return [parts[part] for part in cls.get_attributes()]

        def __repr__(self) -> str:
            return kind.__name__  # its own is JSON, which what stands for videos is not

        def check_argument_for_proper_class(self, name: str, part: Any) -> Any:
            if name == "video_processor":
                return None
            return super().check_argument_for_proper_class(name, part)

    Stills.__name__ = kind.__name__
    try:
        made = Stills.from_pretrained(name, trust_remote_code=False, **pin(revision))
    except (OSError, ValueError, TypeError, ImportError, AttributeError) as error:
        if not is_torchvision_available() and "torchvision" in str(error).lower():
            raise ModelError(
                f"{source}: its {kind.__name__} needs torchvision, which memeprobe does without; "
                f"pip install {TORCHVISION}"
            ) from error
        raise
    if not (made.chat_template or made.tokenizer.chat_template):
        raise ModelError(
            f"{source} has no chat template (chat_template.jinja, or chat_template in "
            "tokenizer_config.json); without it the form of its prompts is unknown"
        )
    if not made.chat_template:
        made.chat_template = made.tokenizer.chat_template
    made.tokenizer.padding_side = "left"
    if made.tokenizer.pad_token is None:
        made.tokenizer.pad_token = made.tokenizer.eos_token
    return made


def _part(part: str, source: str, more: dict[str, Any]) -> Any:
    if "tokenizer" in part:
        return AutoTokenizer.from_pretrained(source, **more)
    if "image_processor" in part:
        return AutoImageProcessor.from_pretrained(source, backend="pil", **more)
    if "feature_extractor" in part:  # for sounds, which are never asked about
        return AutoFeatureExtractor.from_pretrained(source, **more)
    raise ValueError(f"its {part} takes something other than pictures and text")


def _processor_class(source: str) -> type:
    name = _named_class(source)
    if name is None:
        repository, revision = split(source)
        config = AutoConfig.from_pretrained(repository, trust_remote_code=False, **pin(revision))
        kind = config.model_type
        name = PROCESSOR_MAPPING_NAMES.get(kind)
    found = getattr(transformers, name or "", None)
    if not isinstance(found, type):
        raise ModelError(
            f"{source} wants the processor {name!r}, which transformers {transformers.__version__} "
            "does not have; code that comes with a checkpoint is never run"
        )
    return found


def pin(revision: str | None) -> dict[str, Any]:
    """Named argument for ``from_pretrained``."""
    return {} if revision is None else {"revision": revision}


def _named_class(source: str) -> str | None:
    name, revision = split(source)
    for file in NAMED_IN:
        path = cached_file(name, file, _raise_exceptions_for_missing_entries=False, **pin(revision))
        if path is None:
            continue
        with open(path, encoding="utf-8") as text:
            named = json.load(text).get("processor_class")
        if named:
            return str(named)
    return None
