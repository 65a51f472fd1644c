"""From a specification to the trials: each with its query, made item by item."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meme_sets import Item
from memeprobe.cache.file import Cache
from memeprobe.conditions.prompts import TRANSCRIBE_TOKENS, listed, rotated, said
from memeprobe.conditions.table import Condition
from memeprobe.experiment.experiment import Experiment
from memeprobe.experiment.plan import Plan, in_one_picture
from memeprobe.running.ahead import NOBODY, Ahead
from memeprobe.scoring.answers import FAILED
from memeprobe.stimuli.caption_reader import CaptionReader, Unreadable
from memeprobe.stimuli.spans import slot_times, telling
from memeprobe.stimuli.stimuli import Stimuli, StimulusMaker
from memeprobe.store.schema import UNREADABLE
from vlm import Model, Query
from vlm.delivery import picked
from vlm.query import TIMED


@dataclass(frozen=True)
class PlannedTrial:
    """One trial before it is asked: the query, or why there is none."""

    item: Item
    condition: Condition
    query: Query | None = None
    hashes: tuple[str, ...] = ()
    outcome: str = FAILED
    """Without a query: failed or unreadable."""
    problem: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    language: str = "en"
    """The language that is asked in."""
    telling: tuple[int, ...] = ()
    """Where a whole clip is shown: the pictures that show its decisive span."""

    def forms(self, scoring: str) -> tuple[Query, ...]:
        """The queries that make up the trial: one, or with ``scoring`` 'listed' one for each
        rotation of the options, so that no option gains by its place."""
        if self.query is None:
            return ()
        options = self.query.options
        if scoring != "listed" or not options:
            return (self.query,)
        return tuple(
            replace(
                self.query,
                options=(),
                text=listed(self.query.text, rotated(options, by), self.language),
            )
            for by in range(len(options))
        )


def trials_of(
    experiment: Experiment,
    reader: CaptionReader,
    wanted: Sequence[tuple[Item, Sequence[Condition]]],
    cache: Cache | None = None,
    ahead: Ahead = NOBODY,
) -> Iterator[PlannedTrial]:
    """Every ``wanted`` trial, item by item; only the material of a few clips is in memory.

    Stimuli that ``cache`` holds are not made again. ``ahead`` makes the next items' stimuli
    meanwhile.
    """
    spec, plan = experiment.spec, experiment.plan
    workshop = StimulusMaker(
        experiment.meme_set,
        spec.k,
        spec.policy,
        reader,
        spec.limits,
        spec.seed,
        cache,
        ahead.start,
    )
    for item, conditions in wanted:
        ahead.wait(item.id)
        for condition in conditions:
            try:
                material = workshop.material(item, condition.from_frame_0)
            except Exception as error:  # what a decoder throws at one file concerns that item only
                yield PlannedTrial(item, condition, problem=f"{error}")
                continue
            if condition.fits(material):
                bound = experiment.options.max_new_tokens
                yield asked(condition, material, spec.language, plan.delivery, bound)


def wanted_of(
    plan: Plan,
    settled: Collection[tuple[str, str]] = frozenset(),
    alter: Callable[[Condition], Condition] = lambda condition: condition,
) -> list[tuple[Item, list[Condition]]]:
    """The items that are not settled yet, each with the conditions to ask, in order. ``alter`` may
    change the conditions: calibration is tested on broken ones."""
    rows = [alter(row) for row in plan.conditions]
    found = [
        (item, [c for c in rows if c.applies(item) and (item.id, c.name) not in settled])
        for item in plan.own_items
    ]
    return [(item, wanted) for item, wanted in found if wanted]


def asked(
    condition: Condition,
    material: Stimuli,
    language: str,
    delivery: str,
    bound: int | None = None,
) -> PlannedTrial:
    """The trial of the material's item under one condition, its pictures made; ``bound`` of an
    answer in tokens. What fails here is told in the trial."""
    language = condition.language or language
    item = material.item  # with the captions that its keyframes show
    detail: dict[str, object] = {"keyframes": list(material.indices)}
    if condition.probe == "frames":
        detail["frame_0"] = material.frame_0
    if material.decisive_hit is not None:
        detail["decisive_hit"] = material.decisive_hit
    if condition.language is not None:
        detail["options"] = [o.in_language(language) for o in item.options]
    if condition.asks == "transcribe":
        detail["shown_caption"] = condition.caption(item)
    try:
        images = tuple(condition.images(material))
        free = condition.asks == "transcribe"
        options = () if free else tuple(o.in_language(language) for o in item.options)
        tokens = {"max_new_tokens": bound or TRANSCRIBE_TOKENS} if bound or free else {}
        times = slot_times(material.clip, material.indices, len(images))
        text = condition.prompt(item, language)
        query = Query(images, text, options, delivery, times=times, **tokens)
        if condition.said is not None and images:
            kept = [times[i] for i in picked(query)]
            form = said_of(delivery, len(kept)) if condition.said == "fit" else condition.said
            query = replace(query, text=said(form, text, kept, language))
    except Unreadable as failed:
        detail["edit_read"] = failed.read
        return PlannedTrial(item, condition, None, (), UNREADABLE, str(failed), detail)
    except Exception as error:  # a broken frame or OCR engine concerns this trial only
        problem = f"{type(error).__name__}: {error}"
        return PlannedTrial(item, condition, None, (), FAILED, problem, detail)
    hashes = tuple(map(material.sha256, images))
    shows = telling(material.clip, item.decisive) if len(images) == material.n_frames else ()
    return PlannedTrial(
        item, condition, query, hashes, detail=detail, language=language, telling=shows
    )


def said_of(delivery: str, count: int) -> str:
    """The key of ``prompts.SAID`` that fits how ``count`` frames are delivered."""
    if count < 2:
        return "one"
    return "sheet" if in_one_picture(delivery) else "order"


def answer_key(query: Query, hashes: Sequence[str], model: Model) -> str:
    """Address of an answer: SHA-256 over all that it depends on. ``revision`` covers weights,
    default generation settings and adapter code."""
    parts = [
        list(hashes),
        query.text,
        list(query.options),
        query.delivery,
        query.max_new_tokens,
        model.name,
        model.revision,
    ]
    if query.delivery in TIMED and query.images:
        parts.append(list(query.times))
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
