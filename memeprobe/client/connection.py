"""Requests to a service, and what it says against them."""

import json
from collections.abc import Iterator
from typing import Any, Self

import httpx2 as httpx


class ServiceError(RuntimeError):
    """The service refused; ``type`` is for programs, the message says what was wrong."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(f"{message} ({kind}, HTTP {status})")
        self.status, self.type = status, kind


class Connection:
    """The connections to one service, as ``mp.Client`` describes them."""

    def __init__(self, url: str, token: str | None = None, timeout: float = 300.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; the response's status is a good one."""
        return _good(self._http.request(method, path, **options))

    def get(self, path: str, **params: Any) -> Any:
        """What a path holds, as plain values."""
        given = {k: v for k, v in params.items() if v is not None}
        return self.request("GET", path, params=given).json()

    def events(self, method: str, path: str, **options: Any) -> Iterator[tuple[str, Any]]:
        """(event, data) of a stream, as they come. Raises ServiceError for the event 'error'."""
        with self._http.stream(method, path, **options) as response:
            if response.status_code >= 400:
                response.read()
            for name, data in _parsed(_good(response).iter_lines()):
                if name == "error":
                    raise ServiceError(response.status_code, data["type"], data["message"])
                yield name, data


def _good(response: httpx.Response) -> httpx.Response:
    if response.status_code < 400:
        return response
    try:
        found = response.json()["error"]
        kind, message = str(found["type"]), str(found["message"])
    except (ValueError, KeyError, TypeError):
        kind, message = "unknown", response.text[:500]
    raise ServiceError(response.status_code, kind, message)


def _parsed(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Server-sent events (HTML standard, 9.2.6) whose data is JSON; comments are passed over."""
    name = "message"
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
