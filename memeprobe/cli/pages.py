"""``memeprobe app``: the pages, served by Streamlit from wherever memeprobe is installed."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from memeprobe.cli.common import OcrModel, read_by_default
from memeprobe.cli.console import Workspace
from memeprobe.errors import JobError
from memeprobe.settings import check
from memeprobe.workspace import workspace_path

ENTRY = Path(__file__).resolve().parent.parent / "dashboard" / "entry" / "pages.py"
"""The script; its settings (telemetry off, size of uploads, colours) lie beside it."""


def app_command(
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. Whoever reaches the pages can start runs and name folders "
            "of this machine: give another only behind a proxy that asks who they are."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Default: 8501, or the next that is free.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open a browser.")
    ] = True,
    ocr_model: OcrModel = None,
    workspace_file: Workspace = None,
) -> None:
    """Open the pages in a browser, served on this machine only.

    [dim]Example:[/dim]  memeprobe app --port 8600
    """
    if find_spec("streamlit") is None:
        raise JobError(
            'the pages need Streamlit, which is not installed: pip install "memeprobe[dashboard]"'
        )
    from streamlit.web.cli import main as streamlit

    check()
    read_by_default(ocr_model)
    # The pages and the runs that they start read it from the environment.
    os.environ["MEMEPROBE_WORKSPACE"] = str(workspace_path(workspace_file).resolve())
    streamlit(flags(host, port, browser), prog_name="streamlit")


def flags(host: str, port: int | None, browser: bool) -> list[str]:
    """Streamlit's command line. A flag wins over every settings file, so the host is always one."""
    given = ["run", str(ENTRY), "--server.address", host, "--server.headless", str(not browser)]
    given += ["--browser.gatherUsageStats", "false"]
    # With its welcome go Streamlit's advertisements, in the terminal and over the pages' language.
    given += ["--logger.hideWelcomeMessage", str(browser)]
    return given if port is None else [*given, "--server.port", str(port)]
