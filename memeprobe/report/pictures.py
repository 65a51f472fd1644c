"""The pictures of a stored run's trials, made again from its set."""

from collections.abc import Iterator

from memeprobe.conditions.table import conditions
from memeprobe.experiment.find_set import find_set
from memeprobe.report.stored import Stored
from memeprobe.running.trials import PlannedTrial, asked
from memeprobe.stimuli.caption_reader import OcrReader
from memeprobe.stimuli.stimuli import StimulusMaker
from memeprobe.store.rows import TrialRow


def items_again(
    run: Stored,
) -> Iterator[tuple[str, list[tuple[TrialRow, PlannedTrial | None]]]]:
    """Item by item, its rows with their queries made again: pictures in order, and the prompt.

    None where that cannot be: the set has gone or has another content, its file is not read, or
    the condition is no longer known. Only the pictures of a few clips are in memory.
    """
    record = run.record
    meme_set = find_set(record, run.saved)
    by_item: dict[str, list[TrialRow]] = {}
    for row in run.rows:
        by_item.setdefault(row.item, []).append(row)
    if meme_set is None:
        for item, rows in by_item.items():
            yield item, [(row, None) for row in rows]
        return
    table = conditions(record.k or 1)
    items = {item.id: item for item in meme_set.items}
    reader = OcrReader(record.engine, run.cache)
    maker = StimulusMaker(
        meme_set, record.k or 1, record.policy, reader, None, record.seed, run.cache
    )

    def again(row: TrialRow) -> PlannedTrial | None:
        condition, item = table.get(row.condition), items.get(row.item)
        if condition is None or item is None:
            return None
        try:
            material = maker.material(item, condition.from_frame_0)
        except Exception:  # what a decoder throws at one file concerns that item only
            return None
        return asked(condition, material, record.language, record.delivery)

    for item, rows in by_item.items():
        yield item, [(row, again(row)) for row in rows]


def as_the_receipt_says(row: TrialRow, trial: PlannedTrial) -> bool | None:
    """Whether the pictures are those that the model got, by their hashes.

    None where the receipt cannot tell: the delivery made other pictures of them, or there is none.
    """
    receipt = row.receipt
    if receipt is None or not trial.hashes or receipt.n_images != len(trial.hashes):
        return None
    return tuple(receipt.images) == trial.hashes
