"""The parameters that several routes take: what each means, in which unit, and what it may be."""

from typing import Annotated

from fastapi import Path, Query

from memeprobe.service.answers.described import OneOf
from ocr import policy_names
from ocr.engines import ENGINES

Sha256 = Annotated[
    str,
    Path(description="SHA-256 of the clip's bytes, 64 hexadecimal digits, as its upload gave it."),
]
JobId = Annotated[str, Path(description="Id of the job, as `POST /v1/runs` gave it.")]
RunId = Annotated[
    str,
    Path(description="Id of the run, or the first characters of it that no other run has."),
]
Policy = Annotated[str, OneOf(policy_names()), Query(description="How keyframes are chosen.")]
Engine = Annotated[
    Annotated[str, OneOf(ENGINES)] | None,
    Query(description="OCR engine that reads; if left out, the one that the service reads with."),
]
Keyframes = Annotated[int, Query(ge=1, le=64, description="How many keyframes, at most.")]
Limit = Annotated[
    int | None, Query(ge=1, description="At most so many rows; all of them if left out.")
]
Offset = Annotated[int, Query(ge=0, description="So many rows, the latest, are passed over.")]
