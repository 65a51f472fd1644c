"""Models by name, folder, hub id or server."""

import vlm
from memeprobe.errors import JobError
from vlm import LoadOptions, Model


def load_model(
    spec: str,
    *,
    device: str | None = None,
    dtype: str | None = None,
    quantise: str | None = None,
    translators: tuple[str, str] | None = None,
    revision: str | None = None,
    max_visual_tokens: int | None = None,
    max_new_tokens: int | None = None,
    server_body: str | None = None,
) -> Model:
    """A model by its name in ``memeprobe models``, its folder, its hub id, or
    ``server:http://HOST/v1#NAME``.

    ``device``: 'cpu', 'cuda', 'cuda:1', 'mps'; ``dtype``: 'float32', 'float16', 'bfloat16';
    ``quantise``: 'int8' or 'int4', for the language model only; ``translators``: sources of a
    Chinese-to-English and an English-to-Chinese translator to put around it; ``revision``: commit,
    tag or branch of a hub id; ``max_visual_tokens``: bound for a picture; ``max_new_tokens``: room
    for a model that thinks aloud; ``server_body``: a JSON object for every request to a server.
    None takes what suits the machine. The known subjects ('known:fair', ...) look through a set's
    labels: give their name to ``run``. Raises ModelError: unknown, not here, or not to be loaded;
    it says what to do.
    """
    options = LoadOptions(
        device,
        dtype,
        quantise,
        translators,
        revision,
        max_visual_tokens,
        max_new_tokens,
        server_body,
    )
    model = vlm.load_model(spec, options)
    LOADED[id(model)] = (model, spec, options)
    return model


def loaded_as(model: Model) -> tuple[str, LoadOptions]:
    """(spec, options) that ``load_model`` was called with; a model of one's own is named by
    itself."""
    known = LOADED.get(id(model))
    if known is not None and known[0] is model:
        return known[1], known[2]
    return model.name, vlm.DEFAULTS


def spec_to_load(model: str | Model) -> tuple[str, LoadOptions]:
    """(spec, options) with which other processes can load a model. Raises JobError: it is one of
    one's own, which no name leads to."""
    if isinstance(model, str):
        return model, vlm.DEFAULTS
    if LOADED.get(id(model), (None,))[0] is not model:
        raise JobError(
            f"the model {model.name!r} was made in this process, and engine='ray' loads it in "
            "others: give its name or folder, a model from load_model, or bring it as a plugin "
            "(entry point memeprobe.models)"
        )
    return loaded_as(model)


LOADED: dict[int, tuple[Model, str, LoadOptions]] = {}
"""How each model of this process was loaded, for the records of its runs."""
