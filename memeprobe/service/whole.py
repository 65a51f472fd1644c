"""A request is taken as a whole: what a route would pass over is refused, with its name."""

import json
from typing import Any

from fastapi import Request

from memeprobe.errors import unknown
from memeprobe.service.problems import Invalid


def known_parameters(request: Request) -> None:
    """Raises Invalid: the address has a parameter that its route does not know, or one twice."""
    if not request.query_params:
        return
    path = request.scope["route"].path_format
    told = request.app.openapi()["paths"][path][request.method.lower()].get("parameters", ())
    known = {one["name"]: one["schema"] for one in told if one["in"] == "query"}
    for name in request.query_params:
        if not known:
            raise Invalid(f"{request.url.path[:200]} takes no parameters, not {name[:80]!r} either")
        if name not in known:
            raise Invalid(unknown("parameter", name[:80], known))
        times = len(request.query_params.getlist(name))
        if times > 1 and known[name].get("type") != "array":
            raise Invalid(f"{name} is given {times} times; give it once")


async def each_field_once(request: Request) -> None:
    """Raises Invalid: an object of a JSON body has a field twice, of which one would count."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.endswith(("/json", "+json")):
        return
    twice: list[str] = []

    def fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                twice.append(name)
            found[name] = value
        return found

    try:
        json.loads(await request.body(), object_pairs_hook=fields)
    except (ValueError, RecursionError):
        return  # told where it is read
    if twice:
        raise Invalid(f"{twice[0][:80]}: the field is given twice; give it once")


async def one_file(request: Request) -> None:
    """Raises Invalid: the form has other fields, which would be passed over, or several files."""
    form = await request.form()
    for name in form:
        if name != "file":
            known = "the form has one field, file (curl -F file=@cat.gif)"
            raise Invalid(f"unknown field {name[:80]!r}; {known}")
    if len(form.getlist("file")) > 1:
        raise Invalid("one file a request; send each in one of its own")
