"""The models that memeprobe knows by name: one visible table."""

import os
from dataclasses import dataclass
from pathlib import Path

from vlm.hub import in_hub_cache

HERE = Path(__file__).parent
MODELS_FOLDER = "MEMEPROBE_MODELS"
"""Environment variable: a directory of checkpoints, each in a subdirectory named as in the table.
What lies there is taken before the hub."""


@dataclass(frozen=True)
class ModelEntry:
    """One row of the table."""

    family: str
    source: str
    """A directory or a hub id; empty for a model that has to be put together from pieces."""
    parameters: int
    language_parameters: int
    """Those in the language model's linear layers, which quantising shrinks."""
    languages: str
    deliveries: tuple[str, ...]
    licence: str
    """Of the weights, in short; docs/models.md says whose it is."""
    about: str
    downloads: tuple[str, ...] = ()
    """What must be fetched, where it is not the source alone."""
    caution: str = ""
    """What to say before its answers about any file of the user's own are believed."""
    translators: tuple[str, str] | None = None
    """Translators around it: Chinese to English, English to Chinese."""

    def __post_init__(self) -> None:
        if not 0 <= self.language_parameters <= self.parameters:
            raise ValueError(
                f"{self.about}: {self.language_parameters} of {self.parameters} parameters "
                "cannot be in the language model"
            )

    @property
    def needed(self) -> tuple[str, ...]:
        """Everything that must be fetched; empty for what ships with the project."""
        if Path(self.source).is_absolute():
            return ()
        return self.downloads or (self.source, *(self.translators or ()))


def place(name: str, entry: ModelEntry) -> str:
    """The directory or hub id that a model of the table is loaded from; empty if it has neither."""
    return _own(name) or entry.source


def translator_place(source: str) -> str:
    """The same for a translator: a directory named as the last part of its hub id, else itself."""
    return _own(source.split("/")[-1]) or source


def _own(name: str) -> str | None:
    root = os.environ.get(MODELS_FOLDER)
    folder = Path(root).expanduser().absolute() / name if root else None
    return str(folder) if folder is not None and folder.is_dir() else None


def available(name: str, entry: ModelEntry) -> bool:
    """Whether the weights, and the translators' if it has any, lie on this machine."""
    sources = [place(name, entry), *map(translator_place, entry.translators or ())]
    return all(
        Path(source).is_dir()
        if Path(source).is_absolute()
        else bool(source) and in_hub_cache(source)
        for source in sources
    )


_CONCAT = ("concat", "grid", "vote", "first_only")
_NATIVE = ("native", "grid", "vote", "first_only")
_VICUNA = "non-commercial"
_EVA = (
    "eva_vit_g.pth and blip2_pretrained_flant5xxl.pth (LAVIS), "
    "or the directory Salesforce/blip2-flan-t5-xxl"
)
_NANO = (
    "blip-nano knows only the rendered world of the built-in sets; what it answers about real "
    "pictures means nothing. Use --model for a real one."
)

MODELS: dict[str, ModelEntry] = {
    "blip-nano": ModelEntry(
        "instructblip",
        str(HERE / "blip_nano"),
        3_118_816,
        929_280,
        "en zh",
        _CONCAT,
        "Apache-2.0",
        "embedded; knows the rendered world of the built-in sets only",
        caution=_NANO,
    ),
    "instructblip-vicuna-7b": ModelEntry(
        "instructblip",
        "Salesforce/instructblip-vicuna-7b",
        7_913_210_624,
        6_476_005_376,
        "en",
        _CONCAT,
        _VICUNA,
        "InstructBLIP over Vicuna 7B",
    ),
    "instructblip-vicuna-13b": ModelEntry(
        "instructblip",
        "Salesforce/instructblip-vicuna-13b",
        14_191_448_832,
        12_687_769_600,
        "en",
        _CONCAT,
        _VICUNA,
        "InstructBLIP over Vicuna 13B",
    ),
    "instructblip-flan-t5-xl": ModelEntry(
        "instructblip",
        "Salesforce/instructblip-flan-t5-xl",
        4_022_969_088,
        2_717_908_992,
        "en",
        _CONCAT,
        "MIT",
        "InstructBLIP over Flan-T5 XL",
    ),
    "instructblip-flan-t5-xxl": ModelEntry(
        "instructblip",
        "Salesforce/instructblip-flan-t5-xxl",
        12_310_119_168,
        10_871_635_968,
        "en",
        _CONCAT,
        "MIT",
        "InstructBLIP over Flan-T5 XXL",
    ),
    "instructblip-zh": ModelEntry(
        "instructblip",
        "Salesforce/instructblip-vicuna-7b",
        8_637_210_624,
        6_476_005_376,
        "zh",
        _CONCAT,
        _VICUNA,
        "InstructBLIP over Vicuna 7B between two DeltaLM translators",
        translators=(
            "IDEA-CCNL/Randeng-Deltalm-362M-Zh-En",
            "IDEA-CCNL/Randeng-Deltalm-362M-En-Zn",
        ),
    ),
    "blip2-opt-2.7b": ModelEntry(
        "blip-2",
        "Salesforce/blip2-opt-2.7b",
        3_744_679_936,
        2_516_582_400,
        "en",
        _CONCAT,
        "non-commercial",
        "BLIP-2 over OPT 2.7B",
    ),
    "blip2-opt-6.7b": ModelEntry(
        "blip-2",
        "Salesforce/blip2-opt-6.7b",
        7_752_738_304,
        6_442_450_944,
        "en",
        _CONCAT,
        "non-commercial",
        "BLIP-2 over OPT 6.7B",
    ),
    "blip2-flan-t5-xl": ModelEntry(
        "blip-2",
        "Salesforce/blip2-flan-t5-xl",
        3_942_446_592,
        2_717_908_992,
        "en",
        _CONCAT,
        "MIT",
        "BLIP-2 over Flan-T5 XL",
    ),
    "blip2-flan-t5-xxl": ModelEntry(
        "blip-2",
        "Salesforce/blip2-flan-t5-xxl",
        12_229_596_672,
        10_871_635_968,
        "en",
        _CONCAT,
        "MIT",
        "BLIP-2 over Flan-T5 XXL",
    ),
    "visualglm-6b": ModelEntry(
        "visualglm",
        "THUDM/visualglm-6b",
        7_802_193_408,
        5_637_144_576,
        "zh en",
        _CONCAT,
        "non-commercial",
        "VisualGLM over ChatGLM 6B; several frames are untrained",
    ),
    "minigpt4-7b": ModelEntry(
        "minigpt4",
        "",
        7_832_679_936,
        6_476_005_376,
        "en",
        _CONCAT,
        _VICUNA,
        "MiniGPT-4 over Vicuna v0 7B; several frames are untrained",
        (_EVA, "prerained_minigpt4_7b.pth (Vision-CAIR)", "Vision-CAIR/vicuna-7b"),
    ),
    "minigpt4-13b": ModelEntry(
        "minigpt4",
        "",
        14_110_916_096,
        12_687_769_600,
        "en",
        _CONCAT,
        _VICUNA,
        "MiniGPT-4 over Vicuna v0 13B; several frames are untrained",
        (_EVA, "pretrained_minigpt4.pth (Vision-CAIR)", "Vision-CAIR/vicuna"),
    ),
    "ziya-blip2-14b": ModelEntry(
        "ziya-blip2",
        "",
        14_186_937_856,
        12_687_769_600,
        "zh en",
        _CONCAT,
        "GPL-3.0",
        "experimental: key names and the picture's place in the prompt are unverified",
        ("IDEA-CCNL/Ziya-BLIP2-14B-Visual-v1", "IDEA-CCNL/Ziya-LLaMA-13B-v1"),
    ),
    "mplug-owl-7b": ModelEntry(
        "mplug-owl",
        "MAGAer13/mplug-owl-llama-7b",
        7_146_692_608,
        6_476_005_376,
        "en",
        _CONCAT,
        _VICUNA,
        "mPLUG-Owl over Llama 7B; several frames as its authors show two",
    ),
    "llava-1.5-7b": ModelEntry(
        "chat",
        "llava-hf/llava-1.5-7b-hf",
        7_062_902_784,
        6_476_005_376,
        "en",
        _NATIVE,
        "Llama 2",
        "LLaVA 1.5; trained on one picture at a time",
    ),
    "qwen2.5-vl-7b": ModelEntry(
        "chat",
        "Qwen/Qwen2.5-VL-7B-Instruct",
        8_292_166_656,
        6_525_288_448,
        "en zh",
        _NATIVE,
        "Apache-2.0",
        "Qwen2.5-VL",
    ),
    "smolvlm2-500m": ModelEntry(
        "chat",
        "HuggingFaceTB/SmolVLM2-500M-Video-Instruct",
        507_482_304,
        314_572_800,
        "en",
        _NATIVE,
        "Apache-2.0",
        "SmolVLM2, small enough for a CPU",
    ),
}
