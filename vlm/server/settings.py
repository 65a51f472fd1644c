"""Which server and model a spec means, and how politely it is asked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

from vlm.errors import ModelError
from vlm.settings import LoadOptions

PREFIX = "MEMEPROBE_SERVER_"
OPENAI = "api.openai.com"
PICTURES = ("png", "jpeg")


@dataclass(frozen=True)
class ServerSettings:
    """How a server is asked; each field is read from MEMEPROBE_SERVER_<FIELD>."""

    timeout: float = 120.0
    """Seconds to wait for one answer."""
    attempts: int = 6
    """How often one request is tried in all."""
    longest_wait: float = 60.0
    """Upper bound in seconds on the pause before another try, whatever the server asks for."""
    patience: float = 60.0
    """So many seconds at least a server may not answer at all, before it counts as gone."""
    concurrency: int = 4
    """Requests under way at once."""
    per_minute: float = 0.0
    """Requests begun per minute; 0 sets no bound."""
    body: str = ""
    """A JSON object that is merged into every request (``--server-body``)."""
    pictures: str = "png"
    """How pictures are sent: ``png``, which keeps every pixel, or ``jpeg``, which is smaller."""
    logprobs: int = 1
    """0: never ask for log-probabilities. They cost one short request more for each option."""

    def __post_init__(self) -> None:
        if self.pictures not in PICTURES:
            raise ModelError(
                f"{PREFIX}PICTURES is {self.pictures!r}; it must be one of {', '.join(PICTURES)}"
            )
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                continue
            least = (
                0 if field.name in ("per_minute", "logprobs", "longest_wait", "patience") else 1e-3
            )
            if not value >= least:
                raise ModelError(
                    f"{PREFIX}{field.name.upper()} is {value}; it must be "
                    f"{'at least 0' if least == 0 else 'more than 0'}"
                )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "ServerSettings":
        """Settings from the environment. Raises ModelError: one is no number."""
        found: dict[str, Any] = {}
        for field in fields(cls):
            value = environment.get(f"{PREFIX}{field.name.upper()}")
            if value is None:
                continue
            kind = type(getattr(cls, field.name))
            try:
                found[field.name] = kind(value)
            except ValueError as error:
                raise ModelError(
                    f"{PREFIX}{field.name.upper()} is {value!r}, not a number"
                ) from error
        return cls(**found)

    @classmethod
    def of(cls, options: LoadOptions, asked: str) -> "ServerSettings":
        """From the environment and from the options of a model that runs elsewhere; ``asked``:
        what is asked, for the message.

        Raises ModelError: one is no number, or device, precision or quantisation are given, which
        are the server's own business.
        """
        for name in ("device", "dtype", "quantise"):
            if getattr(options, name) is not None:
                raise ModelError(f"--{name} has no meaning for {asked}")
        found = cls.from_environment()
        return found if options.server_body is None else replace(found, body=options.server_body)


@dataclass(frozen=True)
class Address:
    """A server's base URL and the name of a model there."""

    url: str
    """Up to and including /v1, without a slash at the end."""
    model: str | None
    """None: the only one that the server has."""

    @classmethod
    def parse(cls, spec: str) -> "Address":
        """From ``http://host:port/v1#model``. Raises ModelError: no URL, or a secret in it."""
        url, _, model = spec.partition("#")
        try:
            parts = urlsplit(url)
            known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # half an IPv6 address, a port that there is none
            parts, known = urlsplit(""), False
        if not known:
            raise ModelError(
                f"server:{parts.scheme or '...'} is no address; "
                "write server:http://127.0.0.1:8000/v1#model-name"
            )
        # The spec is kept with the results; a secret in it would be kept with them.
        if parts.username or parts.password or parts.query:
            raise ModelError(
                f"the address of the server {parts.hostname} must hold no user, password or "
                "query; put the key into the environment variable MEMEPROBE_API_KEY"
            )
        return cls(url.rstrip("/"), model or None)

    @property
    def name(self) -> str:
        """The spec again."""
        return f"server:{self.url}#{self.model}" if self.model else f"server:{self.url}"


def api_key(url: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key for a server: MEMEPROBE_API_KEY for any server that the user names;
    OPENAI_API_KEY only for OpenAI itself or the host of OPENAI_BASE_URL, so that it never goes
    to a stranger."""
    own = environment.get("MEMEPROBE_API_KEY")
    if own:
        return own.strip()
    trusted = {OPENAI, urlsplit(environment.get("OPENAI_BASE_URL", "")).hostname}
    if urlsplit(url).hostname in trusted:
        return (environment.get("OPENAI_API_KEY") or "").strip() or None
    return None
