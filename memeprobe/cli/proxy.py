"""``memeprobe proxy``: what an application really sends of a GIF."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from memeprobe.cli.console import AsJson, err, out, print_json
from memeprobe.errors import JobError

if TYPE_CHECKING:
    from memeprobe.proxy.clips import KnownClip
    from memeprobe.proxy.verdict import RequestReport

BUILT_IN = 6
"""Clips of the set 'reveal' that are known where none is named."""


def proxy_command(
    upstream: Annotated[
        str | None,
        typer.Option(
            help="The server that requests go on to, without /v1: http://127.0.0.1:8000. Without "
            "it every question is answered with ok."
        ),
    ] = None,
    clip: Annotated[
        list[Path] | None,
        typer.Option("--clip", help="A GIF that you send; may stand several times."),
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8765,
    report: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write a report at the end: .html or .json."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Stand before a model's server and say what an application really sends of a GIF.

    Point the application at the address shown, send it the clips named, and stop with Ctrl-C.
    Requests, answers and streams pass unchanged; keys are passed on and never kept; nothing is
    written but the report asked for.  [dim]Example:[/dim]  memeprobe proxy --upstream
    https://api.openai.com --clip cat.gif -o sent.html
    """
    from memeprobe.proxy.clips import open_clips
    from memeprobe.proxy.report import as_json as plain
    from memeprobe.proxy.report import write

    paths = clip or _built_in()
    reports = _record(upstream, open_clips(paths), host, port, paths)
    if report is not None:
        write(report, reports)
        out.print(f"Report: {escape(str(report.resolve()))}", soft_wrap=True)
    if as_json:
        print_json(plain(reports))


def _record(
    upstream: str | None, known: "Sequence[KnownClip]", host: str, port: int, paths: Sequence[Path]
) -> "list[RequestReport]":
    """Serve until Ctrl-C; what was seen. Raises JobError: the extra is not installed."""
    try:
        import uvicorn

        from memeprobe.proxy.app import Recorder, proxy
    except ModuleNotFoundError as error:
        raise JobError(
            f"the proxy needs {error.name}; install it with: pip install 'memeprobe[service]'"
        ) from None
    recorder = Recorder(known, _say)
    application = proxy(upstream, recorder)
    err.print(f"Send your application these clips: {', '.join(escape(str(p)) for p in paths)}")
    err.print(f"and point it at http://{host}:{port}/v1 (Ctrl-C ends the recording)")
    settings = uvicorn.Config(
        application, host=host, port=port, log_level="error", access_log=False
    )
    try:
        uvicorn.Server(settings).run()
    except KeyboardInterrupt:
        pass
    finally:
        recorder.close()
    return recorder.reports


def _say(found: "RequestReport") -> None:
    for one in found.clips:
        err.print(f"{escape(one.clip)}: {escape(one.as_json()['text'])}")
    if not found.clips:
        err.print("[dim]pictures, but no frame of a known clip[/dim]")


def _built_in() -> list[Path]:
    """Clips of the built-in set whose frames differ."""
    from meme_sets import load_set

    chosen = load_set("reveal")
    step = max(1, len(chosen.items) // BUILT_IN)
    return [chosen.media_path(item) for item in chosen.items[::step][:BUILT_IN]]
