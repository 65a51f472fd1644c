"""``memeprobe cache``: what was kept of pictures that were read and edited."""

from typing import Annotated

import typer

from memeprobe.cache.file import cache_beside
from memeprobe.cli.console import AsJson, Workspace, out, print_json
from memeprobe.workspace import workspace_path

KINDS = {
    "boxes": "where text stands in a picture",
    "text": "what a line of text says",
    "caption": "the caption of a picture",
    "keyframes": "which frames of a clip are shown",
    "was read": "that a file was looked at",
    "edit": "a picture with its caption erased or replaced, or why that failed",
}
"""Kind of entry -> what it holds, in the order shown."""


def cache_command(
    clear: Annotated[bool, typer.Option("--clear", help="Forget everything.")] = False,
    workspace_file: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Show or clear what is kept of pictures: readings, keyframes, edited captions.

    Nothing is lost by clearing but time: all of it is made anew when it is needed. The cache lies
    beside the workspace and grows to 1 GiB at most; MEMEPROBE_CACHE_BYTES sets another bound, 0
    none at all.
    """
    cache = cache_beside(workspace_path(workspace_file))
    if clear:
        cache.clear()
    found = cache.content()
    if as_json:
        kinds = {k: {"entries": n, "bytes": size} for k, (n, size) in found.kinds.items()}
        print_json(
            {"path": str(found.path), "bytes": found.bytes, "bound": found.bound, "kinds": kinds}
        )
        return
    for kind, what in KINDS.items():
        count, size = found.kinds.get(kind, (0, 0))
        out.print(f"{count:>9,}  {size / 1e6:>9,.1f} MB  {what}", highlight=False)
    out.print(
        f"{found.bytes / 1e6:,.1f} of at most {found.bound / 1e6:,.0f} MB in {found.path}",
        highlight=False,
        soft_wrap=True,
    )
