"""``memeprobe run --engine``: a run is asked in this process, or by workers of a Ray cluster."""

from typing import Annotated

import typer

from memeprobe.asked_where import AskedBy

_PANEL = "Where it is asked (docs/scale.md)"
Name = Annotated[
    str,
    typer.Option(
        "--engine",
        help="local: in this process. ray: by workers of the Ray cluster at $RAY_ADDRESS, else on "
        "the devices of this machine.",
        rich_help_panel=_PANEL,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Workers of Ray, each with the model. Default: one a GPU, else one a machine.",
        rich_help_panel=_PANEL,
    ),
]


def asked_by(asked_by_engine: Name = "local", workers: Workers = None) -> AskedBy:
    """The options together. Raises JobError: there is no such engine."""
    return AskedBy(asked_by_engine, workers)
