"""``memeprobe serve``: the REST service."""

import os
from importlib.util import find_spec
from types import FrameType
from typing import Annotated

import typer

from memeprobe.cli.common import OcrModel, read_by_default
from memeprobe.cli.console import Workspace, out
from memeprobe.errors import JobError
from memeprobe.settings import check
from memeprobe.workspace import workspace_path

TOKENS = "MEMEPROBE_SERVICE_TOKENS"
LAST_SECONDS = 5
"""What requests that are being answered have left once the service is told to stop."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve_command(
    host: Annotated[
        str, typer.Option(help=f"Address to listen on; any but loopback needs {TOKENS}.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8600,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name under which clients reach it (Host header); several times."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            help="A folder, hub id or server that clients may ask besides the models known by "
            "name. On loopback any is allowed as long as none is named here.",
        ),
    ] = None,
    ocr_model: OcrModel = None,
    workspace_file: Workspace = None,
) -> None:
    """Serve memeprobe over HTTP: clips, captions, models, runs; /docs shows how.

    Tokens are taken from MEMEPROBE_SERVICE_TOKENS (separated by commas or spaces) and sent by
    clients as "Authorization: Bearer TOKEN".

    [dim]Example:[/dim]  memeprobe serve --port 8600
    """
    if not all(map(find_spec, ("fastapi", "fastapi_swagger", "prometheus_client"))):
        raise JobError(
            'the service needs FastAPI, which is not installed: pip install "memeprobe[service]"'
        )
    from memeprobe.service.settings import ServiceSettings, is_loopback

    tokens = tuple(os.environ.pop(TOKENS, "").replace(",", " ").split())  # no child inherits them
    if not is_loopback(host) and not tokens:
        raise JobError(
            f"{host} is reached from other machines: set {TOKENS} to at least one token, or listen "
            "on 127.0.0.1"
        )
    if any(len(token) < 16 for token in tokens):
        raise JobError(f"a token of {TOKENS} is shorter than 16 characters; make it longer")
    check()
    read_by_default(ocr_model)
    local = is_loopback(host)
    settings = ServiceSettings(
        workspace_path(workspace_file).resolve(),
        tokens,
        (*LOOPBACK, *(allow_host or ())) if local else tuple(allow_host or ("*",)),
        tuple(model) if model else None if local else (),
    )
    _serve(settings, host, port)


def _serve(settings: object, host: str, port: int) -> None:
    import socket

    import uvicorn

    from memeprobe.service.app import create_app
    from memeprobe.service.connection import BoundedConnection
    from memeprobe.service.settings import ServiceSettings

    assert isinstance(settings, ServiceSettings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host.strip("[]"), port))
        except OSError as error:
            raise JobError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        listener.listen()  # who comes from now on waits for the first answer, and is not refused
        shown = listener.getsockname()[1]
        name = f"[{host}]" if family == socket.AF_INET6 else host
        out.print(f"memeprobe serves http://{name}:{shown}  (/docs shows how)", soft_wrap=True)
        app = create_app(settings)
        config = uvicorn.Config(
            app,
            http=BoundedConnection,
            ws="none",
            backlog=128,  # so many are let in at once, before the bound on their number is kept
            log_level="warning",
            timeout_keep_alive=10,
            timeout_graceful_shutdown=LAST_SECONDS,
            h11_max_incomplete_event_size=65536,
        )

        class Server(uvicorn.Server):
            def handle_exit(self, sig: int, frame: FrameType | None) -> None:
                app.state.memeprobe.closing.set()
                super().handle_exit(sig, frame)

        Server(config).run(sockets=[listener])
