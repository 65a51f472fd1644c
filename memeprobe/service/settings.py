"""How one service is set up."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServiceSettings:
    """Who may use the service, and how much of it."""

    workspace: Path
    """The store's file; jobs and saved sets lie beside it."""
    tokens: tuple[str, ...] = ()
    """Any of them must come with a request, as ``Authorization: Bearer``. Empty: nobody is asked,
    which is allowed on loopback only."""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    """Names under which the service is reached; another ``Host`` header is refused, so that no web
    page can reach it through a name of its own. ``*`` allows all."""
    models: tuple[str, ...] | None = None
    """Models besides those known by name that may be asked (folders, hub ids, servers).
    None: any, which is meant for loopback."""
    upload_bytes: int = 32 * 2**20
    """Largest body of a request with a file."""
    json_bytes: int = 2**20
    """Largest body of any other request; it is held in memory while it arrives."""
    upload_seconds: float = 60.0
    """Longest time that a request's body may take to arrive."""
    clips: int = 256
    """Uploads that are kept; the one not used for longest goes first."""
    clip_bytes: int = 2**30
    """Bytes of all uploads that are kept."""
    waiting: int = 64
    """Requests for decoding, reading or asking at once; more are told to come again (503)."""


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
