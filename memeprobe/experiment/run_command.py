"""The command that runs a set, as a new set's owner would type it: checked to ask something."""

import shlex

from meme_sets import BUILTIN, MemeSet
from memeprobe.conditions.presets import PRESETS
from memeprobe.experiment.plan import ModelFacts, Plan
from memeprobe.experiment.spec import RunSpec, SpecError
from vlm import deliveries_of

MODEL = "blip-nano"
"""The model that ``memeprobe run`` asks where none is named."""


def run_command(meme_set: MemeSet) -> str | None:
    """'memeprobe run ./my-set', with the language if it has no questions in English.

    None if a run would have nothing to ask, as of a folder of media without labels.
    """
    language = "en" if "en" in meme_set.languages else meme_set.languages[0]
    folder = str(meme_set.folder)
    source = f"./{folder}" if folder in BUILTIN else folder
    spec = RunSpec(
        str(meme_set.folder),
        MODEL,
        conditions=PRESETS["standard"].conditions,
        language=language,
    )
    try:
        Plan.of(spec, meme_set, ModelFacts(MODEL, deliveries_of(MODEL)))
    except SpecError:
        return None
    words = ["memeprobe", "run", source]
    return shlex.join(words if language == "en" else [*words, "--language", language])
