"""How what is sent and taken is described in /openapi.json: nothing here is checked or changed."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")
Sometimes = Annotated[T, Field(exclude_if=lambda _: True)]
"""Of a field that is left out where there is nothing to say."""


class Told(BaseModel):
    """An object that is sent. Never made: it is there for its fields' types and descriptions.

    Dataclasses among its fields, sent with ``asdict``, are described by their own docstrings.
    """

    model_config = ConfigDict(
        use_attribute_docstrings=True, json_schema_serialization_defaults_required=True
    )


class Asked(BaseModel):
    """An object that is taken, and refused where it has other fields."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")


class As:
    """Beside the type of what a route sends: what it is described as.

    ``Annotated[dict[str, Any], As(Clip)]`` goes out as any dictionary does, without a look at its
    fields.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        told = TypeAdapter(self.model).core_schema
        return handler(core_schema.definitions_schema(told, []))  # so that it keeps its name


class OneOf:
    """Beside the type of a text: the names that it may be.

    They are looked at where they are used: what is said there of another one has the nearest.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "enum": self.names}


class JsonOf(As):
    """The same of a text that holds JSON, as the data of a server-sent event does."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        told = super().__get_pydantic_json_schema__(schema, handler)
        return {"type": "string", "contentMediaType": "application/json", "contentSchema": told}
