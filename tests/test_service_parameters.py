"""/openapi.json says of everything that can be asked what it means and what it may be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason='needs pip install "memeprobe[service]"')

BOILERPLATE = {"Successful Response", "Validation Error", "Client Error", "Server Error", ""}
"""What FastAPI says where nobody else has said anything."""
FINITE = {"policy", "engine", "action", "form", "preset", "delivery", "deliveries", "language"}
FINITE |= {"scoring", "type", "event", "state"}
"""What takes one of some names, wherever it stands."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from memeprobe.service.app import create_app
    from memeprobe.service.settings import ServiceSettings

    app = create_app(ServiceSettings(tmp_path_factory.mktemp("told") / "w.sqlite"))
    description: dict[str, Any] = app.openapi()
    return description


def operations(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for route, methods in told["paths"].items():
        for method, about in methods.items():
            yield f"{method.upper()} {route}", about


def asked(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
    """(where, name, schema with its description, whether it may be left out) of every parameter,
    and of every field of every body that is taken."""
    for where, about in operations(told):
        for one in about.get("parameters", ()):
            schema = {**one["schema"], "description": one.get("description", "")}
            yield f"{where} ({one['in']})", one["name"], schema, not one["required"]
        for content in about.get("requestBody", {}).get("content", {}).values():
            model = told["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
            for name, schema in model["properties"].items():
                yield f"{where} (body)", name, schema, name not in model.get("required", ())


def within(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and those of what it may hold."""
    yield schema
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from within(inner)


def test_every_parameter_and_field_is_described(told: dict[str, Any]) -> None:
    found = list(asked(told))
    assert len(found) > 45
    bare = [(where, name) for where, name, schema, _ in found if not schema.get("description")]
    assert bare == []


def test_what_may_be_left_out_says_what_then_holds(told: dict[str, Any]) -> None:
    silent = [
        (where, name)
        for where, name, schema, optional in asked(told)
        if optional
        and schema.get("default") is None
        and not re.search("left out|null: ", schema["description"])
    ]
    assert silent == []


def test_names_and_numbers_have_their_bounds(told: dict[str, Any]) -> None:
    for where, name, schema, _ in asked(told):
        parts = list(within(schema))
        if name in FINITE:
            assert any(part.get("enum") for part in parts), (where, name)
        if any(part.get("type") == "integer" for part in parts) and name != "index":
            assert any("minimum" in part for part in parts), (where, name)


def test_the_names_are_those_that_are_taken(told: dict[str, Any]) -> None:
    from meme_sets import BUILTIN
    from memeprobe.conditions.presets import PRESETS
    from memeprobe.report.formats import FORMATS
    from ocr import policy_names
    from ocr.engines import ENGINES
    from vlm import DELIVERIES

    known = {
        "policy": policy_names(),
        "engine": list(ENGINES),
        "form": [*FORMATS, "png", "webp"],
        "preset": list(PRESETS),
        "delivery": list(DELIVERIES),
        "deliveries": list(DELIVERIES),
        "action": ["pause", "resume", "cancel"],
    }
    seen: dict[str, set[str]] = {}
    for where, name, schema, _ in asked(told):
        for part in within(schema):
            seen.setdefault(name, set()).update(part.get("enum", ()))
            if name == "set" and "from-set" in where:
                assert part["enum"] == list(BUILTIN)
    assert {name: seen[name] for name in known} == {n: set(names) for n, names in known.items()}


def test_every_response_says_what_it_is(told: dict[str, Any]) -> None:
    for where, about in operations(told):
        assert about["summary"].strip() and about["operationId"], where
        assert {"4XX", "5XX", "422"} <= set(about["responses"]), where
        for status, answer in about["responses"].items():
            assert answer["description"] not in BOILERPLATE, (where, status)


def test_every_schema_and_each_of_its_fields_is_described(told: dict[str, Any]) -> None:
    for name, schema in told["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            assert "description" in about or "$ref" in about, (name, field)


def test_every_problem_has_a_type_that_is_listed(told: dict[str, Any]) -> None:
    source = Path(__file__).parent.parent / "memeprobe" / "service"
    text = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py"))
    said = set(re.findall(r'\b[45]\d\d, "([a-z_]+)"', text))
    listed = told["components"]["schemas"]["Said"]["properties"]["type"]["enum"]
    assert {"unknown_host", "busy", "media_error", "timeout"} <= said <= set(listed)
