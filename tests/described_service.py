"""A service that is asked by what its /openapi.json says, and what it sent."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

JSON, EVENTS = "application/json", "text/event-stream"


@dataclass
class DescribedService:
    """The service at an address."""

    url: str
    sent: list[tuple[str, str, str, Any]] = field(default_factory=list)
    """(method, route, status, body) of every answer; of a stream each event's (name, data)."""

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=300)
        self.told: dict[str, Any] = self.http.get("/openapi.json").json()
        self.schemas = strict(self.told["components"])["schemas"]

    def ask(self, method: str, route: str, place: Any = (), **options: Any) -> Any:
        """The body of an answer; ``place`` fills the braces of the route, one by one."""
        parts = [place] if isinstance(place, str) else list(place)
        path = "/".join(parts.pop(0) if p[:1] == "{" else p for p in route.split("/"))
        answer = self.http.request(method, path, **options)
        stream = answer.headers["content-type"].startswith(EVENTS)
        body = list(events(answer.text)) if stream else answer.json()
        self.sent.append((method, route, str(answer.status_code), body))
        return body

    def answers(self) -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
        """(method, route, status, media type, what is said of it) of all that is described."""
        for route, methods in self.told["paths"].items():
            for method, about in methods.items():
                for status, answer in about["responses"].items():
                    for kind, said in answer.get("content", {}).items():
                        yield method.upper(), route, status, kind, said

    def wrong(self, method: str, route: str, status: str, body: Any) -> list[str]:
        """What of a body that was sent is not as it is described; a field too many is wrong too."""
        responses = self.told["paths"][route][method.lower()]["responses"]
        content = responses.get(status, responses.get(f"{status[0]}XX"))["content"]
        if JSON in content:
            return self._errors(content[JSON]["schema"], body)
        found = []
        for name, data in body:
            event = self._event(content[EVENTS]["itemSchema"], name)
            found += self._errors(event, {"event": name, "data": data})
            found += self._errors(event["properties"]["data"]["contentSchema"], json.loads(data))
        return found

    def _event(self, schema: dict[str, Any], name: str) -> Any:
        """What is said of the event of this name."""
        for one in schema.get("oneOf", [schema]):
            event = self.schemas[one["$ref"].rpartition("/")[2]]
            named = event["properties"]["event"]
            if name in named.get("enum", [named.get("const")]):
                return event
        raise AssertionError(f"no event {name} is described")

    def _errors(self, schema: dict[str, Any], value: Any) -> list[str]:
        from jsonschema import Draft202012Validator

        whole = {**strict(schema), "components": {"schemas": self.schemas}}
        wrong = Draft202012Validator(whole).iter_errors(value)
        return [f"{one.json_path}: {one.message[:200]}" for one in wrong]


def strict(schema: Any) -> Any:
    """The schema, by which an object has no field that is not described."""
    schema = deepcopy(schema)
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
        if isinstance(node, dict | list):
            waiting.extend(node.values() if isinstance(node, dict) else node)
    return schema


def events(text: str) -> Iterator[tuple[str, str]]:
    """(name, data) of the events of a whole stream."""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            yield fields["event"], fields["data"]
