"""Writes sequence_api_client/ from openapi.yaml: openapi-python-client, driven with our templates.

The generator reads the document and names things; it does not hand its templates the extensions, the security
roles and the limits of parameters. This script adds those, so that one document says everything: each template
gets `operations` and `models` beside the generator's own variables.

    python custom/generate.py                 write the package
    python custom/generate.py --check         compare it with what would be written, and name the files that differ
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import keyword
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from filecmp import dircmp
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar, cast

import msgspec
from attrs import define, field
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import AnyProperty, EnumProperty, ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, safe_for_docstring, snake_case
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sequence_api_client"
DOCUMENT = ROOT / "openapi.yaml"
SETTINGS = ROOT / "generator-config.yaml"
TEMPLATES = ROOT / "custom" / "templates"

Json = Mapping[str, Any]

# Names that the generated functions use themselves: a parameter of such a name gets an underscore, as keywords do.
RESERVED = {"query", "headers", "body", "request", "checks", "msgspec", "datetime", "date", "dict", "str"}


def fail(where: str, problem: str) -> NoReturn:
    raise SystemExit(f"openapi.yaml: {where}: {problem}")


@define(kw_only=True)
class Parameter:
    """A parameter of an operation, or a member of its request body, as its Python function takes it."""

    wire_name: str
    name: str
    place: str
    required: bool
    annotation: str
    check: str
    doc: str


@define(kw_only=True)
class Operation:
    """What a template needs of an operation beyond what the generator's endpoint has."""

    id: str
    constant: str
    function: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    documentation: str
    response: str
    data_type: str
    data_models: list[tuple[str, str]]
    """Module and name of each class that the data type mentions."""
    available: bool
    inferred: str | None
    has_body: bool
    body_required: bool
    permission: dict[str, Any] = field(factory=dict[str, Any])
    pages: str | None = None
    timeline: dict[str, str] | None = None
    terminal: dict[str, list[str]] | None = None
    idempotent: bool = False
    echoes: tuple[tuple[str, str], ...] = ()
    settling: tuple[tuple[int, str], ...] = ()
    parameters: list[Parameter] = field(factory=list[Parameter])
    models: set[str] = field(factory=set[str])

    @property
    def positional(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.place == "path"]

    @property
    def keyword(self) -> list[Parameter]:
        """The others: required ones first, headers last."""
        rest = [parameter for parameter in self.parameters if parameter.place != "path"]
        return sorted(rest, key=lambda parameter: (not parameter.required, parameter.place == "header"))

    def at(self, place: str) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.place == place]

    @property
    def path_expression(self) -> str:
        """The path as a Python expression in which the path parameters are checked and encoded."""
        checks = {parameter.wire_name: parameter.check for parameter in self.positional}
        parts = re.split(r"\{(.+?)\}", self.path)
        return " + ".join(checks[part] if index % 2 else repr(part) for index, part in enumerate(parts) if part)


@define(kw_only=True)
class Model:
    """What a template needs of a schema beyond what the generator's model has."""

    bases: str
    """The bases of an open object's class, with the arguments of its creation; empty for other models."""
    parent: str | None
    variants: list[str]
    """The classes that the values of its tag stand for."""
    sensitive: set[str]
    inferred: str | None


class Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Something of the document that may hold nothing but what is known here."""


Text = Annotated[str, msgspec.Meta(min_length=1)]


class KeyRules(Strict):
    header: Text
    kept_for: Annotated[float, msgspec.Meta(gt=0, le=10 * 365 * 86400)]
    mismatch: list[Text] = []
    in_progress: list[Text] = []


class ErrorPaths(Strict):
    code: Text
    message: Text


class RateLimit(Strict):
    requests: Annotated[int, msgspec.Meta(gt=0)]
    seconds: Annotated[float, msgspec.Meta(gt=0)]


class CursorPages(Strict, tag_field="style", tag="cursor"):
    size: Text
    largest: Annotated[int, msgspec.Meta(gt=0)]
    position: Text
    more: Text
    cursor: Text


class NumberedPages(Strict, tag_field="style", tag="number"):
    size: Text
    largest: Annotated[int, msgspec.Meta(gt=0)]
    position: Text
    more: Text


class Head(Strict):
    """`x-sequence-contract`."""

    api_key_variable: Text
    base_url_variable: Text
    auth_scheme: Text
    rate_limit: RateLimit
    data: Text
    errors: ErrorPaths
    request_id: Text | None = None
    denied: dict[str, Literal["amount"] | None] = {}
    idempotency: KeyRules | None = None
    pages: dict[str, CursorPages | NumberedPages] = {}


class NoResource(Strict, tag_field="in", tag="none"):
    """The scope has no resources."""


class PathResource(Strict, tag_field="in", tag="path"):
    name: Text


class QueryResource(Strict, tag_field="in", tag="query"):
    name: Text


class BodyResource(Strict, tag_field="in", tag="body", rename=None):
    source: Text
    target: Text
    max_amount: Text


class ServerResource(Strict, tag_field="in", tag="server"):
    hint: Text
    response: list[Text] = []


class Permission(Strict):
    """`x-sequence-permission`."""

    scope: Text | None
    resource: NoResource | PathResource | QueryResource | BodyResource | ServerResource


class Timeline(Strict):
    """`x-sequence-timeline`."""

    oldest: Text
    newest: Text
    moment: Text


class Terminal(Strict):
    """`x-sequence-terminal`."""

    succeeded: list[Text]
    failed: list[Text]


class Settling(Strict):
    """One of `x-sequence-settling`."""

    status: Annotated[int, msgspec.Meta(ge=400, le=499)]
    code: Text


EXTENSIONS = {
    "x-availability",
    "x-inferred-from",
    "x-provenance",
    "x-sequence-echoes",
    "x-sequence-pages",
    "x-sequence-permission",
    "x-sequence-settling",
    "x-sequence-terminal",
    "x-sequence-timeline",
}
"""Those that an operation may have: any other is a misspelt one."""

T = TypeVar("T")


def read(where: str, node: object, kind: type[T]) -> T:
    """Something of the document, in which nothing is missing, misspelt or of another type."""
    if node is None:
        fail(where, "it is missing")
    try:
        return msgspec.convert(node, kind)
    except msgspec.ValidationError as error:
        fail(where, str(error))


@define(kw_only=True)
class Common:
    """What a template needs of an API as a whole: the members of `sequence_runtime.Contract`, and page styles."""

    name: str
    documentation: str
    base_url: str
    head: Head
    errors: dict[str, tuple[str, ...]]
    denied: dict[str, Literal["amount"] | None]
    idempotency: str
    pages: dict[str, str]


class Contract:
    """openapi.yaml, as far as the generator leaves it unread."""

    def __init__(self, document: Json, models: Iterable[ModelProperty]) -> None:
        self.document = document
        self.common = self._common()
        self.head = self.common.head
        self.responses = {str(model.class_info.name): model for model in models}
        self.schemas: Json = document["components"]["schemas"]
        self.models: dict[str, Model] = {
            ClassName(name, ""): self._model(schema) for name, schema in self.schemas.items()
        }

    def resolve(self, node: Json) -> Json:
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        """What the IDs of every kind begin with."""
        return tuple(sorted(set(re.findall(r'"x-id-prefix": "([^"]+)"', json.dumps(self.document)))))

    @staticmethod
    def class_name(node: Json) -> str:
        return ClassName(node["$ref"].rsplit("/", 1)[1], "")

    def _common(self) -> Common:
        """What all operations have in common."""
        head = read("x-sequence-contract", self.document.get("x-sequence-contract"), Head)
        info, keys = self.document["info"], head.idempotency
        return Common(
            name=f"{info['title']} {info['version']}",
            documentation=self.document.get("externalDocs", {}).get("url") or fail("externalDocs", "url is missing"),
            base_url=self.document["servers"][0]["url"],
            head=head,
            errors={"code": tuple(head.errors.code.split(".")), "message": tuple(head.errors.message.split("."))},
            denied={code.lower(): part for code, part in head.denied.items()},
            idempotency="None"
            if keys is None
            else _record(
                "Idempotency",
                header=keys.header,
                kept_for=keys.kept_for,
                mismatch=frozenset(map(str.lower, keys.mismatch)),
                in_progress=tuple(map(str.lower, keys.in_progress)),
            ),
            pages={
                name: _record(type(style).__name__, **msgspec.structs.asdict(style))
                for name, style in head.pages.items()
            },
        )

    def _model(self, schema: Json) -> Model:
        parts = [self.resolve(part) for part in schema.get("allOf", [])]
        parent = next(
            (
                name
                for name, known in self.schemas.items()
                if known.get("additionalProperties") is True and known in parts
            ),
            None,
        )
        bases = ""
        if parent is not None:
            mapping = self.schemas[parent].get("discriminator", {}).get("mapping", {})
            values = tuple(value for value, ref in mapping.items() if self.resolve({"$ref": ref}) is schema)
            bases = f"{ClassName(parent, '')}, values={values!r}"
        elif schema.get("additionalProperties") is True:
            bases = "OpenObject"
            if "discriminator" in schema:
                bases += f", tag={schema['discriminator']['propertyName']!r}"
        mapped = schema.get("discriminator", {}).get("mapping", {}).values()
        return Model(
            bases=bases,
            parent=parent and ClassName(parent, ""),
            variants=sorted({self.class_name({"$ref": ref}) for ref in mapped}),
            sensitive={
                name
                for part in (schema, *parts)
                for name, member in part.get("properties", {}).items()
                if member.get("x-sensitive") or self.resolve(member).get("x-sensitive")
            },
            inferred=schema.get("x-inferred-from"),
        )

    def operation(self, endpoint: Endpoint) -> Operation:
        path = endpoint.path.get_untrusted_value()
        data = self.document["paths"][path][endpoint.method]
        where = f"{endpoint.method.upper()} {path}"
        identifier = data.get("operationId") or fail(where, "operationId is missing")
        if "parameters" in self.document["paths"][path]:
            fail(where, "parameters of a whole path are not read: give them to each of its operations")
        unknown = {name for name in data if name.startswith("x-")} - EXTENSIONS
        if unknown:
            fail(where, f"{', '.join(sorted(unknown))} is no extension of an operation")
        permission = read(f"{where}: x-sequence-permission", data.get("x-sequence-permission"), Permission)
        roles = [role for scheme in data.get("security", []) for named in scheme.values() for role in named]
        if roles != ([permission.scope] if permission.scope else []):
            fail(where, f"security names {roles}, x-sequence-permission {permission.scope}")
        if data.get("x-availability", "available") not in {"available", "coming-soon"}:
            fail(where, "x-availability is neither available nor coming-soon")
        response = self._response(where, data)
        enums = {
            str(prop.name.get_untrusted_value()): str(prop.class_info.name)
            for prop in [*endpoint.query_parameters, *endpoint.path_parameters]
            if isinstance(prop, EnumProperty)
        }
        model = self.responses[self.class_name(response)]
        member = next((one for one in members(model) if str(one.name.get_untrusted_value()) == self.head.data), None)
        if member is None:
            fail(where, f"the response has no member {self.head.data}, which x-sequence-contract names as its data")
        annotations = Annotations(self)
        operation = Operation(
            id=identifier,
            constant=snake_case(identifier).upper(),
            function=snake_case(identifier),
            method=endpoint.method.upper(),
            path=path,
            tag=str(endpoint.tags[0]),
            summary=data.get("summary") or fail(where, "summary is missing"),
            description=" ".join((data.get("description") or "").split()),
            documentation=data.get("externalDocs", {}).get("url") or fail(where, "externalDocs.url is missing"),
            response=self.class_name(response),
            data_type=re.sub(r"Open\[(\w+)\]", r"\1", annotations.annotation(member)),
            data_models=annotations.mentioned([member]),
            available=data.get("x-availability") != "coming-soon",
            inferred=data.get("x-inferred-from"),
            has_body="requestBody" in data,
            body_required=data.get("requestBody", {}).get("required", False),
        )
        operation.models.add(operation.response)
        for node in data.get("parameters", []):
            self._add(where, operation, self.resolve(node), enums)
        if operation.has_body:
            body = self.resolve(data["requestBody"].get("content", {}).get("application/json", {}).get("schema", {}))
            if "properties" not in body:
                fail(where, "the request body is no JSON object with properties")
            for name, schema in body["properties"].items():
                required = name in body.get("required", ())
                node = {**schema, "name": name, "in": "body", "required": required, "schema": schema}
                self._add(where, operation, node, {})
        keys = self.head.idempotency
        for header in [one for one in (self.head.request_id, keys.header if keys else None) if one is not None]:
            for parameter in operation.at("header"):
                if parameter.wire_name != header and parameter.wire_name.lower() == header.lower():
                    fail(where, f"parameter {parameter.wire_name} is spelt {header} in x-sequence-contract")
        operation.idempotent = keys is not None and any(p.wire_name == keys.header for p in operation.at("header"))
        if permission.scope:
            found = self._resource(where, permission.resource, operation)
            operation.permission = {"scope": permission.scope, **found}
        operation.pages = self._pages(where, data.get("x-sequence-pages"), operation, response)
        operation.timeline = self._timeline(where, data.get("x-sequence-timeline"), operation, response)
        operation.terminal = self._terminal(where, data.get("x-sequence-terminal"), response)
        operation.echoes = tuple(self._echoes(where, data.get("x-sequence-echoes", {}), operation, response))
        operation.settling = tuple(self._settling(where, data.get("x-sequence-settling", []), operation))
        return operation

    def _pages(self, where: str, style: str | None, operation: Operation, response: Json) -> str | None:
        """The page style of an operation, which has to have its parameters and members."""
        if style is None:
            for named in self.head.pages.values():
                if self._found(response, named.more) is not None:
                    fail(where, f"x-sequence-pages is missing, although the response has {named.more}")
            return None
        if style not in self.head.pages:
            fail(where, f"x-sequence-pages: x-sequence-contract has no page style {style}")
        named = self.head.pages[style]
        wire_names = {parameter.wire_name for parameter in operation.at("query")}
        for name in (named.size, named.position):
            if name not in wire_names:
                fail(where, f"x-sequence-pages: it has no parameter {name}")
        for path in (named.more, *([named.cursor] if isinstance(named, CursorPages) else [])):
            self._at(where, "x-sequence-pages", response, path)
        return style

    def _timeline(self, where: str, node: Json | None, operation: Operation, response: Json) -> dict[str, str] | None:
        if node is None:
            return None
        timeline = read(f"{where}: x-sequence-timeline", node, Timeline)
        wire_names = {parameter.wire_name for parameter in operation.at("query")}
        for name in (timeline.oldest, timeline.newest):
            if name not in wire_names:
                fail(where, f"x-sequence-timeline: it has no parameter {name}")
        self._at(where, "x-sequence-timeline", response, f"{self.head.data}[].{timeline.moment}")
        return msgspec.structs.asdict(timeline)

    def _terminal(self, where: str, node: Json | None, response: Json) -> dict[str, list[str]] | None:
        if node is None:
            return None
        terminal = read(f"{where}: x-sequence-terminal", node, Terminal)
        status = self._at(where, "x-sequence-terminal", response, f"{self.head.data}.status")
        both = [*terminal.succeeded, *terminal.failed]
        for value in both:
            if value not in status.get("enum", ()):
                fail(where, f"x-sequence-terminal: {value} is no status of the response's")
            if both.count(value) > 1:
                fail(where, f"x-sequence-terminal: {value} is there twice")
        return {"succeeded": sorted(terminal.succeeded), "failed": sorted(terminal.failed)}

    def _at(self, where: str, extension: str, response: Json, path: str) -> Json:
        """The schema of what a response has at a path."""
        found = self._found(response, path)
        return fail(where, f"{extension}: the response has nothing at {path}") if found is None else found

    def _found(self, response: Json, path: str) -> Json | None:
        node: Json | None = self.resolve(response)
        for step in path.split("."):
            node = self._member(node, step) if node is not None else None
        return node

    def _echoes(self, where: str, echoes: Json, operation: Operation, response: Json) -> Iterator[tuple[str, str]]:
        """Which arguments a response repeats, and at which paths."""
        names = {parameter.wire_name: parameter.name for parameter in operation.parameters}
        for wire_name, path in echoes.items():
            name = names.get(wire_name) or fail(where, f"x-sequence-echoes: no parameter {wire_name}")
            self._at(where, "x-sequence-echoes", response, path)
            yield name, path

    def _member(self, schema: Json, step: str) -> Json | None:
        """The schema of a member, or of the items of one that is written `name[]`."""
        name, is_list = step.removesuffix("[]"), step.endswith("[]")
        parts = [self.resolve(part) for key in ("allOf", "oneOf", "anyOf") for part in schema.get(key, ())]
        for part in (schema, *parts):
            if name in part.get("properties", {}):
                found = self.resolve(part["properties"][name])
                return self.resolve(found["items"]) if is_list else self._not_null(found)
        return None

    def _not_null(self, schema: Json) -> Json:
        """What a schema allows beside null."""
        kinds = schema.get("oneOf", schema.get("anyOf", ()))
        others = [self.resolve(kind) for kind in kinds if kind.get("type") != "null"]
        return others[0] if len(others) == 1 else schema

    def _settling(self, where: str, marks: list[Json], operation: Operation) -> Iterator[tuple[int, str]]:
        """Which refusals say that a write was not done, whatever became of earlier attempts."""
        keys = self.head.idempotency
        for mark in read(f"{where}: x-sequence-settling", marks, list[Settling]):
            if not operation.idempotent or keys is None:
                fail(where, "x-sequence-settling: it takes no idempotency key")
            if mark.status in {408, 429} or mark.code.lower().endswith(tuple(map(str.lower, keys.in_progress))):
                fail(where, f"x-sequence-settling: {mark.status} {mark.code} is followed by another attempt")
            yield mark.status, mark.code

    def _response(self, where: str, data: Json) -> Json:
        for status, response in data["responses"].items():
            if str(status).startswith("2"):
                schema = self.resolve(response).get("content", {}).get("application/json", {}).get("schema", {})
                if "$ref" not in schema:
                    fail(where, "the successful response is no component schema in JSON")
                return cast("Json", schema)
        return fail(where, "no successful response")

    def _resource(self, where: str, resource: Strict, operation: Operation) -> dict[str, Any]:
        """Where the checked resource is found, with wire names replaced by the function's own."""
        place = str(resource.__struct_config__.tag)
        names = {parameter.wire_name: parameter.name for parameter in operation.at(place)}
        found: dict[str, Any] = {"location": place}
        for key, value in msgspec.structs.asdict(resource).items():
            if place == "server":
                found[key] = tuple(cast("list[str]", value)) if isinstance(value, list) else value
            else:
                found[key] = names.get(value) or fail(where, f"no {place} parameter {value}")
        return found

    def _add(self, where: str, operation: Operation, node: Json, enums: Mapping[str, str]) -> None:
        wire_name, place = node["name"], node["in"]
        name = snake_case(wire_name.removeprefix("X-")) if place == "header" else wire_name
        if keyword.iskeyword(name) or name in RESERVED:
            name += "_"
        if not name.isidentifier() or any(parameter.name == name for parameter in operation.parameters):
            fail(where, f"parameter {wire_name} cannot be named {name} in Python")
        schema = node["schema"]
        enum = self.class_name(schema) if "$ref" in schema else enums.get(wire_name)
        if enum is not None:
            operation.models.add(enum)
        annotation, check = self._check(f"{where}, parameter {wire_name}", name, place, self.resolve(schema), enum)
        doc = " ".join(node.get("description", "").split())
        if node.get("x-provenance") == "inferred":
            doc += " (Inferred.)"
        operation.parameters.append(
            Parameter(
                wire_name=wire_name,
                name=name,
                place=place,
                required=bool(node.get("required")),
                annotation=annotation,
                check=check,
                doc=doc,
            )
        )

    @staticmethod
    def _check(where: str, name: str, place: str, schema: Json, enum: str | None) -> tuple[str, str]:
        """The Python type of a parameter, and the expression that checks it and gives its value on the wire."""
        if enum is not None and "enum" in schema:
            return f"{enum} | str", f'checks.choice("{name}", {name}, {enum})'
        kind, form = schema.get("type"), schema.get("format")
        if isinstance(kind, list):  # null stands for not given, which needs no type of its own
            kind = ", ".join(one for one in cast("list[str]", kind) if one != "null")
        if kind == "integer":
            arguments = "".join(f", {key}={schema[key]}" for key in ("minimum", "maximum") if key in schema)
            check = f'checks.integer("{name}", {name}{arguments})'
            return "int", check if place == "body" else f"str({check})"
        if kind == "boolean":
            check = f'checks.boolean("{name}", {name})'
            return "bool", check if place == "body" else f"str({check}).lower()"
        if kind == "string" and form == "date-time":
            return "datetime", f'checks.timestamp("{name}", {name})'
        if kind == "string" and form == "date":
            return "date", f'checks.day("{name}", {name})'
        if kind == "string" and form == "resource-id":
            check = "path_segment" if place == "path" else "resource_id"
            prefix = schema.get("x-id-prefix")
            kind_of = f", {prefix!r}, others=ID_PREFIXES" if prefix else ""
            return "str", f'checks.{check}("{name}", {name}{kind_of}, max_length={schema.get("maxLength", 255)})'
        if kind == "string" and form is None and place != "path":
            check = "header" if place == "header" else "text"
            limits = (
                {"min_length": "minLength"} if check == "text" else {"max_length": "maxLength", "pattern": "pattern"}
            )
            arguments = "".join(f", {name}={schema[key]!r}" for name, key in limits.items() if key in schema)
            return "str", f'checks.{check}("{name}", {name}{arguments})'
        return fail(where, f"no check is known for {kind} {form or ''}; add one to checks.py and generate.py")


class Annotations:
    """The Python type of a member of a model, and the imports that it needs."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    def annotation(self, member: Any) -> str:
        text = self._type(member)
        optional = not member.required and "None" not in text.split(" | ") and text != "Any"
        return f"{text} | None" if optional else text

    def _type(self, member: Any) -> str:
        match member:
            case UnionProperty():
                inner = [self._type(part) for part in member.inner_properties]
                return " | ".join([part for part in inner if part != "None"] + ["None"] * ("None" in inner))
            case ListProperty():
                return f"list[{self.annotation(member.inner_property)}]"
            case ModelProperty():
                name = str(member.class_info.name)
                return f"Open[{name}]" if self.contract.models[name].bases else name
            case EnumProperty():
                return str(member.class_info.name)
            case DateTimeProperty():
                return "Timestamp"
            case DateProperty():
                return "date"
            case StringProperty():
                return "str"
            case BooleanProperty():
                return "bool"
            case IntProperty():
                return "int"
            case FloatProperty():
                return "float"
            case NoneProperty():
                return "None"
            case AnyProperty():
                return "Any"
            case _:
                fail(str(member.name), f"no Python type is known for {type(member).__name__}")

    def siblings(self, model: ModelProperty) -> list[tuple[str, str]]:
        """Module and name of each class that a model's annotations mention, itself left out."""
        own = str(model.class_info.name)
        return [(module, name) for module, name in self.mentioned(members(model)) if name != own]

    def mentioned(self, listed: Iterable[Any]) -> list[tuple[str, str]]:
        """Module and name of each class that the annotations of members mention."""
        return sorted({(str(info.module_name), str(info.name)) for member in listed for info in self._classes(member)})

    def _classes(self, member: Any) -> Iterator[Any]:
        match member:
            case UnionProperty():
                for part in member.inner_properties:
                    yield from self._classes(part)
            case ListProperty():
                yield from self._classes(member.inner_property)
            case ModelProperty() | EnumProperty():
                yield member.class_info
            case _:
                return


def members(model: ModelProperty) -> list[Any]:
    """Members of a model, required ones first; JSON names serve as attribute names, unchanged."""
    found = [*(model.required_properties or ()), *(model.optional_properties or ())]
    for member in found:
        name = member.name.get_untrusted_value()
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
            fail(f"schema {model.class_info.name}", f"member {name} cannot be an attribute's name")
    return found


def _record(kind: str, **members: object) -> str:
    """A Python expression that makes a record."""
    return f"{kind}({', '.join(f'{name}={_literal(value)}' for name, value in members.items())})"


def _literal(value: object) -> str:
    if isinstance(value, frozenset):
        return f"frozenset({sorted(cast('frozenset[str]', value))!r})"  # in an order that stays
    return repr(value)


def prose(text: Any) -> str:
    """Text for a docstring, which it can neither end nor escape from."""
    return re.sub(r'"$', r'\\"', safe_for_docstring(text).strip())


def generate(target: Path) -> None:
    """Write the package to `target`, which must not exist."""
    document: dict[str, Any] = YAML(typ="safe").load(DOCUMENT)  # pyright: ignore[reportUnknownMemberType]
    config = Config.from_sources(
        ConfigFile.load_from_path(SETTINGS), MetaType.NONE, DOCUMENT, "utf-8", overwrite=False, output_path=target
    )
    data = GeneratorData.from_dict(document, config=config)
    if not isinstance(data, GeneratorData):
        raise SystemExit(f"{data.header}\n{data.detail}")
    contract = Contract(document, [model for model in data.models if isinstance(model, ModelProperty)])
    annotations = Annotations(contract)
    project = Project(openapi=data, config=config, custom_template_path=TEMPLATES)
    endpoints = [endpoint for tag in data.endpoint_collections_by_tag.values() for endpoint in tag.endpoints]
    operations = [contract.operation(endpoint) for endpoint in endpoints]
    shown: dict[str, Any] = project.env.globals
    shown.update(
        operations={(operation.method.lower(), operation.path): operation for operation in operations},
        operations_by_tag={
            tag: [operation for operation in operations if operation.tag == tag]
            for tag in data.endpoint_collections_by_tag
        },
        contract=contract.common,
        scopes={one.permission["scope"]: one.permission["location"] for one in operations if one.permission},
        models=contract.models,
        modules={str(model.class_info.name): str(model.class_info.module_name) for model in data.models},
        id_prefixes=contract.id_prefixes,
        members=members,
        annotation=annotations.annotation,
        siblings=annotations.siblings,
        generator=f"openapi-python-client {version('openapi-python-client')}",
    )
    project.env.filters["raw"] = UntrustedString.get_untrusted_value
    project.env.filters["prose"] = prose
    with contextlib.redirect_stdout(io.StringIO()):  # it names the temporary folder
        errors = project.build()
    if errors:
        raise SystemExit("\n".join(f"{error.header}\n{error.detail or ''}" for error in errors))
    # The generator always writes these, which sequence_runtime has for all packages; the others it does not know.
    for name in ("errors.py", "client.py", "types.py"):
        (target / name).unlink()
    (target / "contract.py").write_text(project.env.get_template("contract.py.jinja").render(), encoding="utf-8")
    (target / "py.typed").touch()
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--no-cache", "--quiet", "--config", str(ROOT / "pyproject.toml"), str(target)]
    for command in (["check", "--fix-only", "--select=I,F401"], ["format"]):
        run = subprocess.run([*ruff, *command, *settings], capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(f"what was generated is no valid Python:\n{run.stderr}")


def differences(comparison: dircmp[str], prefix: str = "") -> list[str]:
    """Files that are in one of two folders only, or that differ between them."""
    names = comparison.left_only + comparison.right_only + comparison.diff_files + comparison.funny_files
    found = [prefix + name for name in names]
    for name, below in comparison.subdirs.items():
        found += differences(below, f"{prefix}{name}/")
    return sorted(found)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write sequence_api_client/ from openapi.yaml.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the package is out of date")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE.name
        generate(fresh)
        if check:
            stale = differences(dircmp(fresh, PACKAGE, ignore=["__pycache__"])) if PACKAGE.exists() else [PACKAGE.name]
            for name in stale:
                print(f"out of date: {PACKAGE.name}/{name}")
            print("Run `make generate` and commit the result." if stale else f"{PACKAGE.name}/ is up to date.")
            return 1 if stale else 0
        shutil.rmtree(PACKAGE, ignore_errors=True)
        shutil.copytree(fresh, PACKAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
