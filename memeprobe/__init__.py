"""memeprobe: what vision-language models do with memes and animated GIFs.

    import memeprobe as mp

    clip = mp.open_clip("cat.gif")          # frames with their times
    mp.keyframes(clip, 4)                   # the frames worth showing
    mp.captions(clip)                       # what is written on it, and when
    model = mp.load_model("blip-nano")
    mp.look("cat.gif", model)               # what the model says of each frame and of all
    run = mp.run("reveal", model)           # a whole set; the same call goes on where it stopped
    run.verdicts, run.measures, run.to_pandas(), run.report("report.html")
    mp.compare(run, mp.open_run("0123abcd"))

Names are loaded when they are first used: importing memeprobe imports neither torch nor an OCR
engine.
"""

import importlib
from typing import Any

_NAMES: dict[str, str] = {
    "__version__": "memeprobe.version",
    # One meme
    "Clip": "frames",
    "Frame": "frames",
    "Limits": "frames",
    "MediaError": "frames",
    "open_clip": "memeprobe.api.media",
    "keyframes": "memeprobe.api.media",
    "captions": "memeprobe.api.media",
    "Track": "ocr",
    "Policy": "ocr.policies",
    "OcrError": "ocr",
    "look": "memeprobe.api.media",
    "Look": "memeprobe.one_meme",
    # The same over HTTP, from ``memeprobe serve``
    "Client": "memeprobe.client.client",
    "ServiceError": "memeprobe.client.connection",
    # Models
    "load_model": "memeprobe.api.models",
    "LoadOptions": "vlm",
    "ModelError": "vlm",
    # Runs
    "run": "memeprobe.api.runs",
    "open_run": "memeprobe.api.runs",
    "list_runs": "memeprobe.api.runs",
    "compare": "memeprobe.api.runs",
    "Run": "memeprobe.api.runs",
    "Comparison": "memeprobe.api.runs",
    "RunResult": "memeprobe.verdicts.run_result",
    "load_set": "meme_sets",
    "MemeSet": "meme_sets",
    "SetError": "meme_sets",
    "SpecError": "memeprobe.experiment.spec",
    "StoreError": "memeprobe.store.store",
    # For a model, a keyframe policy or an importer of one's own
    "Adapter": "vlm.adapter",
    "ModelInput": "vlm.delivery",
    "ModelOutput": "vlm.delivery",
    "Model": "vlm",
    "Query": "vlm",
    "Answer": "vlm",
    "Receipt": "vlm",
    "ImportEntry": "meme_sets.importers.entry",
    "ImportSource": "meme_sets.importers.entry",
    "Item": "meme_sets",
}
"""Public name -> the module that has it. ``__init__.pyi`` says the same to type checkers."""

__all__ = list(_NAMES)


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'memeprobe' has no attribute {name!r}")
    return getattr(importlib.import_module(_NAMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES})
