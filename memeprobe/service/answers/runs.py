"""What is sent of jobs and runs, and of what there is, field by field (see ``described``)."""

from typing import Annotated, Literal

from memeprobe.service.answers.described import JsonOf, Sometimes, Told

State = Literal["running", "finished", "paused", "cancelled", "failed"]


class JobAbout(Told):
    """What a job runs; empty for a calibration."""

    set: Sometimes[str]
    """Name of a built-in set, or of the folder of a saved one: as ``POST /v1/runs`` takes it."""
    set_name: Sometimes[str]
    """What the set is called."""
    model: Sometimes[str]
    """As it was asked for."""
    delivery: Sometimes[str]
    """How frames reach the model."""
    k: Sometimes[int]
    """Keyframes."""
    policy: Sometimes[str]
    """How keyframes are chosen."""
    language: Sometimes[str]
    """Of the questions: en or zh."""
    limit: Sometimes[int | None]
    """Only so many of the first items; null: all."""
    sample: Sometimes[int | None]
    """So many items, drawn by the seed; null: all."""
    engine: Sometimes[str]
    """OCR engine that reads captions."""


class Job(Told):
    """A run under way in a process of its own, or one that has ended."""

    job: str
    """Its id, for ``/v1/jobs/{job}``."""
    state: State
    """How it is."""
    waiting: bool
    """Whether it waits for other jobs to end, although it is ``running``."""
    done: int
    """Trials that have an answer, or a reason why there is none."""
    planned: int
    """Trials in all; 0 before the run has begun."""
    run: str | None
    """Id of the stored run, for ``/v1/runs/{run}``; null before it has begun."""
    about: JobAbout
    """What it runs."""
    log: Sometimes[str]
    """The last lines of what it said; only where it failed."""
    why: Sometimes[str]
    """Why it paused by itself; only where it did."""


class StartedJob(Job):
    """A job that was asked for."""

    trials: int
    """Questions about an item under a condition that the run asks."""
    calls: int
    """Calls of the model that they take."""


class JobEvent(Told):
    """An event each time that the job has changed; the stream ends when the job does."""

    event: State
    """State of the job."""
    data: Annotated[str, JsonOf(Job)]
    """The whole job as a JSON object."""


class RunRow(Told):
    """A stored run."""

    run: str
    """Its id."""
    name: str
    """What people call it; empty if nothing."""
    note: str
    """What they say of it."""
    model: str
    """Name of the model."""
    set: str
    """Name of the set."""
    delivery: str
    """How frames reached the model."""
    language: str
    """Of the questions: en or zh."""
    preset: str | None
    """The preset whose conditions it asks; null if it was put together otherwise."""
    items: int | None
    """How many items it was held to; null: all."""
    done: int
    """Trials that have an answer, or a reason why there is none."""
    planned: int
    """Trials in all."""
    created: float
    """When it began, in seconds since 1970 (UTC)."""
    updated: float
    """When an answer was stored last, in seconds since 1970 (UTC)."""
    seconds: float
    """From the first batch of answers to the last, in seconds."""


class Health(Told):
    """That the service answers."""

    status: Literal["ok"]
    """It does."""
    version: str
    """Of memeprobe."""


class ModelRow(Told):
    """A model that can be asked by its name, or a scripted subject (``known:NAME``)."""

    family: str
    """What kind of model it is; ``known subject`` for a scripted one."""
    parameters: int
    """How many parameters it has; 0 for a scripted one."""
    memory: dict[str, int]
    """Number format (bfloat16, int8, int4) -> memory that the weights take, in bytes."""
    languages: str
    """That it knows, parted by spaces: en, zh."""
    deliveries: list[str]
    """Ways in which frames can reach it, the best first."""
    available: bool
    """Whether its weights are on this machine."""
    licence: str
    """Of the weights, in short."""
    source: str
    """Where the weights come from: a folder or a hub id; ``scripted`` where there are none."""
    downloads: list[str]
    """What must be fetched to use it."""
    translators: list[str]
    """Translators around it: Chinese to English, English to Chinese; empty if it has none."""
    about: str
    """What it is, a sentence."""


class SetRow(Told):
    """A set of clips with questions."""

    name: str
    """As ``POST /v1/runs`` takes it."""
    items: int
    """How many questions it has."""
    languages: list[str]
    """Of the questions: en, zh."""
    about: str
    """What it is, in English."""
    error: Sometimes[str]
    """Why it cannot be read; absent if it can be."""
