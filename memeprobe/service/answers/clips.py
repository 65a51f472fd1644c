"""What is sent of clips and of questions about them, field by field (see ``described``)."""

from typing import Annotated, Literal

from pydantic import Field

from memeprobe.first_picture import FirstPicture
from memeprobe.service.answers.described import JsonOf, Told
from memeprobe.service.problems import Said
from vlm import Receipt

Point = tuple[float, float]


class Clip(Told):
    """A GIF, picture or clip that the service holds."""

    sha256: str
    """SHA-256 of the file's bytes, 64 hexadecimal digits: its name in paths."""
    kind: str
    """What it is by its content: gif, png, apng, jpeg, webp, avif, heic, bmp, mp4, webm or
    matroska."""
    width: int
    """Of a frame, in pixels."""
    height: int
    """Of a frame, in pixels."""
    duration_ms: int
    """How long it plays once, in milliseconds; 0 for a still."""
    warnings: list[str]
    """What is damaged or odd in the file, a sentence each."""
    name: str
    """As its sender called it, or the id of the item that it was taken from."""
    frames: int
    """How many frames it has."""
    timings: list[tuple[int, int]]
    """For each frame: when it begins, and how long it shows, in milliseconds."""


class Line(Told):
    """One line of text that OCR read."""

    text: str
    """What it says."""
    confidence: float
    """How sure the OCR engine is, 0 to 1."""
    box: tuple[Point, Point, Point, Point]
    """Its corners (x, y) in pixels, clockwise from the top left of the text."""
    role: Literal["caption", "other"]
    """Whether it is caption; other: a watermark, a mark, text that belongs to the picture."""


class Keyframe(Told):
    """A frame that a model is shown, and what OCR reads on it."""

    index: int
    """Number of the frame in the clip, from 0."""
    start_ms: int
    """When it begins, in milliseconds from the start of the clip."""
    duration_ms: int
    """How long it shows, in milliseconds; 0 for a still."""
    text: str
    """The caption: its lines, parted by line breaks; empty if there is none."""
    lines: list[Line]
    """Every line that was read, caption or not, in reading order."""
    picture: str
    """Path of its picture at this service."""


class Keyframes(Told):
    """The frames that a model is shown."""

    policy: str
    """How they were chosen."""
    keyframes: list[Keyframe]
    """In order of time."""


class Caption(Told):
    """One caption over the time in which it shows."""

    text: str
    """Its lines, parted by line breaks."""
    start_ms: int
    """When it comes, in milliseconds from the start of the clip."""
    end_ms: int
    """When it goes, in milliseconds from the start of the clip."""
    first_index: int
    """Number of the first frame that shows it, from 0."""
    last_index: int
    """Number of the last frame that shows it, from 0."""
    confidence: float
    """How sure the OCR engine is, 0 to 1."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in pixels, around all its lines."""
    lines: list[Line]
    """Its lines."""


class Captions(Told):
    """What is written in a clip."""

    captions: list[Caption]
    """By the time at which they come."""


class Plan(Told):
    """What will be asked."""

    answers: int
    """How many answers there will be, but for questions that are asked again."""
    keyframes: list[int]
    """Numbers of the keyframes in the clip, from 0."""


class Answer(Told):
    """One answer of the model."""

    condition: str
    """What was shown: ``single@N`` (the N-th keyframe alone, from 1), ``keyframes``, ``reversed``,
    ``first_repeated`` or ``last_repeated`` (as many pictures, all alike); with ``_once_more``
    or ``_twice_more`` behind it where the very same was asked a second or a third time."""
    delivery: str
    """How the frames reached the model."""
    frames: list[int]
    """Numbers of the frames shown, from 0, in the order given."""
    text: str | None
    """The model's own words; null if it failed."""
    error: str | None
    """Why it failed; null if it did not."""
    repeatable: bool
    """Whether the very same question, asked again, gets the very same words (a local model's do; a
    server may draw its words by chance)."""
    receipt: Receipt | None
    """What was really delivered to the model; null where it failed before that."""


class Found(Told):
    """What the answers show together."""

    first_picture: dict[str, FirstPicture]
    """Delivery -> whether the first picture alone decides the answer."""


class PlanEvent(Told):
    """The first event."""

    event: Literal["plan"]
    """Name of the event."""
    data: Annotated[str, JsonOf(Plan)]
    """A JSON object."""


class AnswerEvent(Told):
    """An event for each answer, when it comes."""

    event: Literal["answer"]
    """Name of the event."""
    data: Annotated[str, JsonOf(Answer)]
    """A JSON object."""


class ResultEvent(Told):
    """The last event."""

    event: Literal["result"]
    """Name of the event."""
    data: Annotated[str, JsonOf(Found)]
    """A JSON object."""


class ErrorEvent(Told):
    """The last event where something went wrong."""

    event: Literal["error"]
    """Name of the event."""
    data: Annotated[str, JsonOf(Said)]
    """A JSON object."""


AskEvent = Annotated[
    PlanEvent | AnswerEvent | ResultEvent | ErrorEvent, Field(discriminator="event")
]
