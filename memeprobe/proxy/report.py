"""What the proxy saw, as one HTML page and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, select_autoescape

from memeprobe.errors import JobError
from memeprobe.messages import proxy as messages
from memeprobe.proxy.verdict import RequestReport, summary
from memeprobe.version import __version__


def as_json(reports: Sequence[RequestReport]) -> dict[str, object]:
    """Summary and every request, as plain values."""
    return {**summary(reports), "details": [r.as_json() for r in reports]}


def write(path: Path, reports: Sequence[RequestReport]) -> None:
    """Write the report: HTML, or JSON if the file is called so. Raises JobError: it cannot be."""
    plain = as_json(reports)
    if path.suffix == ".json":
        text = json.dumps(plain, ensure_ascii=False, indent=1)
    else:
        pages = Environment(
            loader=PackageLoader("memeprobe.proxy"), autoescape=select_autoescape(default=True)
        )
        text = pages.get_template("proxy.html").render(
            found=plain, version=__version__, which=messages.which, nothing=messages.NOTHING[0]
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise JobError(f"cannot write the report to {path}: {error.strerror}") from error
