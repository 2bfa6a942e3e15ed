"""Reads a contract: an OpenAPI document, whose references are followed, and whose every mistake has a place."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast
from urllib.parse import unquote

import msgspec
from attrs import frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from . import nodes
from .nodes import Node

T = TypeVar("T")

Json = Mapping[str, Any]

ANNOTATIONS = {
    "description", "title", "summary", "example", "examples", "externalDocs", "default", "deprecated", "x-sensitive",
}  # fmt: skip
"""What says something of a schema, and changes nothing in what it allows."""


class Refused(Exception):
    """A mistake in a contract, or something that the generator does not support. It says where, and what to do."""


@frozen
class Place:
    """Somewhere in a document, for messages: `openapi.yaml: GET /cards: parameter first`."""

    path: tuple[str, ...]

    def __truediv__(self, step: str) -> Place:
        return Place((*self.path, step))

    def __str__(self) -> str:
        return ": ".join(self.path)

    def refuse(self, problem: str) -> NoReturn:
        raise Refused(f"{self}: {problem}")

    def check(self, node: object, kind: type[Node], only: Collection[str] | None = None) -> Json:
        """A part of the document that holds what its kind may hold, of the right types, and nothing else.

        Args:
            node: The part.
            kind: What it is to be.
            only: What it may hold here, where that is less.
        """
        if not isinstance(node, dict):
            self.refuse(f"an object is expected, and this is {_shown(node)}")
        found = cast("Json", node)
        if odd := [key for key in found if not isinstance(key, str)]:
            self.refuse(f"the key {odd[0]!r} is no text: put it in quotes")
        known = kind.__struct_encode_fields__
        ours = {
            key: one for key, one in found.items() if key in known or not key.startswith("x-") or "x-sequence-" in key
        }
        allowed = known if only is None else (*only, *ANNOTATIONS)
        if unknown := sorted(key for key in ours if key not in allowed):
            self.refuse(f"{', '.join(unknown)} is not supported here: remove it, or teach the generator what it means")
        self.read(ours, kind)
        return found

    def read(self, node: object, kind: type[T]) -> T:
        """A part of the document, in which nothing is missing, misspelt or of another type."""
        if node is None:
            self.refuse("it is missing")
        try:
            return msgspec.convert(node, kind)
        except msgspec.ValidationError as error:
            return self.refuse(str(error))


def _shown(node: object) -> str:
    """A part of a document in a message, on one line."""
    text = repr(node)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Document:
    """A contract as it is written."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name
        self.place = Place((self.name,))
        try:
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".json":
                self.root: Json = json.loads(text, object_pairs_hook=_once)
            else:
                self.root = YAML(typ="safe").load(text)  # pyright: ignore[reportUnknownMemberType]
        except (OSError, ValueError, RecursionError, YAMLError) as error:
            self.place.refuse(f"it cannot be read: {' '.join(str(error).split())}")
        if not isinstance(self.root, dict) or not str(self.root.get("openapi", "")).startswith("3.1"):
            self.place.refuse("it is no OpenAPI 3.1 document")
        self.place.check(self.root, nodes.Root)
        (self.place / "info").check(self.root["info"], nodes.Info)
        (self.place / "servers").check(self.root["servers"][0], nodes.Server)
        components = (self.place / "components").check(self.root.get("components", {}), nodes.Components)
        for name, scheme in components.get("securitySchemes", {}).items():
            (self.place / f"security scheme {name}").check(scheme, nodes.SecurityScheme)
        self.schemas: dict[str, Json] = components.get("schemas", {})

    def resolve(self, place: Place, node: Any) -> Json:
        """What a node stands for, its references followed."""
        seen: list[str] = []
        while isinstance(node, dict) and "$ref" in node:
            ref = str(place.check(cast("Json", node), nodes.Reference)["$ref"])
            if ref in seen:
                place.refuse(f"{ref} refers to itself")
            seen.append(ref)
            node = self.at(place, ref)
        if not isinstance(node, dict):
            place.refuse(f"an object is expected, and this is {_shown(node)}")
        return cast("Json", node)

    def at(self, place: Place, ref: str) -> Any:
        """What a reference refers to."""
        if not ref.startswith("#/"):
            place.refuse(f"{ref} refers to another document: copy what it refers to into this one")
        found: Any = self.root
        for step in ref.removeprefix("#/").split("/"):
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                place.refuse(f"there is nothing at {ref}")
            found = cast("Json", found)[name]
        return found

    def schema_name(self, node: Json) -> str | None:
        """The name of the component schema that a node refers to, if it refers to one."""
        ref = node.get("$ref")
        prefix = "#/components/schemas/"
        return ref.removeprefix(prefix) if isinstance(ref, str) and ref.startswith(prefix) else None

    def operations(self) -> Iterator[tuple[Place, str, str, Json, list[Json]]]:
        """Place, method, path, the operation, and the parameters of its whole path."""
        for path, item in self.root["paths"].items():
            here = self.place / path
            if "$ref" in item:
                here.refuse("a reference in place of a path's operations is not supported: write them here")
            here.check(item, nodes.PathItem)
            for method in [one for one in item if one in METHODS]:
                place = self.place / f"{method.upper()} {path}"
                yield place, method, path, place.check(item[method], nodes.Operation), item.get("parameters", [])

    def webhooks(self) -> Iterator[tuple[Place, str, Json]]:
        """Place, name and operation of each webhook."""
        for name, item in self.root.get("webhooks", {}).items():
            here = self.place / f"webhook {name}"
            yield here, name, here.check(here.check(item, nodes.WebhookItem)["post"], nodes.WebhookOperation)


METHODS = {"get", "put", "post", "delete", "patch"}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, in which no name is there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)} is there twice in one object")
    return found


def prose(text: object) -> str:
    """A description as one paragraph."""
    return " ".join(str(text or "").split())


WORDS = {
    "nullable": "that it may be null",
    "required": "that it is required",
    "type": "its type",
    "name": "its name",
    "format": "its format",
} | dict.fromkeys(
    ("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems"),
    "its limits",
)
"""What aspects of a schema are called that a contract marks as inferred."""


def inferred(node: Json) -> str:
    """What a contract says of how sure it is, at the end of a description."""
    if node.get("x-provenance") == "inferred":
        return "(Inferred.)"
    listed = node.get("x-inferred")
    aspects = [str(one) for one in cast("list[object]", listed)] if isinstance(listed, list) else []
    said = [WORDS[one] for one in aspects if one in WORDS]
    if node.get("format") == "resource-id":  # whose limits are wide enough for any
        said = [one for one in said if one != "its limits"]
    said += [f"`{one.partition(': ')[2]}`" for one in aspects if one.startswith("enum: ")]
    said += [f"“{one.partition(': ')[2]}”" for one in aspects if one.startswith("description: ")]
    return f"(Inferred: {', '.join(dict.fromkeys(said))}.)" if said else ""


def described(node: Json) -> str:
    """A description with all that is marked on it."""
    deprecated = "Deprecated." if node.get("deprecated") else ""
    return " ".join(filter(None, (prose(node.get("description")), deprecated, inferred(node))))
