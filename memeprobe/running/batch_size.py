"""How many questions a device was found to bear at once, remembered beside the workspace."""

from collections.abc import Iterator
from contextlib import contextmanager

from memeprobe.cache.file import Cache
from memeprobe.experiment.experiment import Experiment
from vlm.adapter import Adapter

KIND = "batch size"
"""Of the entries in the cache; their key says all, their value nothing."""


@contextmanager
def remembered(experiment: Experiment, cache: Cache) -> Iterator[None]:
    """Meanwhile the model is asked no more at once than its device bore in earlier runs.

    An adapter halves its batches where the memory does not suffice (``vlm.adapter``); what it
    learns is kept for the same weights, precision, device, number of frames and delivery. A batch
    size that the user gave stays as it is.
    """
    model, options = experiment.plain_model, experiment.options
    if not isinstance(model, Adapter) or options.batch_size is not None:
        yield
        return
    device = str(getattr(model, "device", ""))
    shown = experiment.spec.k, experiment.plan.delivery
    key = model.name, model.revision, options.dtype, device, *shown
    sizes = range(1, model.batch_size)
    borne = next((size for size in sizes if cache.get(KIND, *key, size) is not None), None)
    before = model.batch_size = borne or model.batch_size
    try:
        yield
    finally:
        if model.batch_size < before:
            cache.put(KIND, *key, model.batch_size, value=b"1")
