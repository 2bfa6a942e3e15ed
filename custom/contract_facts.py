"""What an OpenAPI document says, place by place, so that two documents can be compared however they are written.

References are followed, `allOf` and `oneOf` taken in, and what the document itself marks as inferred is left out.
Nothing is said of prose, examples, tags, names of schemas, formats of IDs, or whether an object may hold other members.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

Json = Mapping[str, Any]
Place = tuple[str, ...]
Facts = dict[Place, dict[str, object]]
"""At each place, such as `("GET /cards", "200", "data")`, what is so: `{"type": "string", "enum A": True}`."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BOUNDS = {
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "minItems", "maxItems", "uniqueItems", "format", "default",
}  # fmt: skip
ID_FORMATS = ("uuid", "resource-id")
NULL = ("null", {"type": "null"})


class Misread(Exception):
    """A document is not as OpenAPI has it."""


class Document:
    """An OpenAPI document, without what it marks as inferred."""

    def __init__(self, root: Json) -> None:
        self._marked = root
        self._root: Json = self._documented(root)
        members = list(_walked(self._root))
        self._words = {str(one) for name, one in members if name == "x-required-scope"}
        self._words |= {str(one) for name, values in members if name == "enum" for one in values}

    def facts(self) -> Facts:
        """All that is compared."""
        schemes: Json = self._root.get("components", {}).get("securitySchemes", {})
        found: Facts = {
            ("servers",): {f"server {server['url']}": True for server in self._root.get("servers", ())},
            ("security",): {f"{one['type']} {one.get('scheme', '')}".strip(): True for one in schemes.values()},
        }
        for kind, items in (("", self._root["paths"]), ("WEBHOOK", self._root.get("webhooks", {}))):
            for path, reference in items.items():
                item = self._followed(reference)
                for method in [one for one in METHODS if one in item]:
                    self._operation(f"{kind or method.upper()} {path}", item[method], item.get("parameters", ()), found)
        return found

    def _operation(self, name: str, operation: Json, shared: list[Json], found: Facts) -> None:
        called = operation.get("x-vendor-operation-id", operation.get("operationId"))
        # The contract's permission may be marked as inferred, but then the resource is, and not the scope.
        roles = [role for one in operation.get("security", ()) for role in next(iter(one.values()), ())]
        scopes = [operation["x-required-scope"]] if "x-required-scope" in operation else roles
        found[name,] = {"operationId": called, **{f"scope {scope}": True for scope in scopes}}
        for parameter in map(self._followed, [*shared, *operation.get("parameters", ())]):
            # Of a list, `a` and `a[]` are the same parameter: the vendor's prose asks for the brackets.
            called = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"].removesuffix("[]")
            self._schema((name, f"{parameter['in']} {called}"), parameter.get("schema", {}), found, parameter)
        if body := self._followed(operation.get("requestBody", {})):
            self._body((name, "request"), body, found)
        for status, reference in operation["responses"].items():
            response, place = self._followed(reference), (name, str(status).upper())
            self._body(place, response, found)
            for header, one in response.get("headers", {}).items():
                held = self._followed(one)
                self._schema((*place, f"header {header.lower()}"), held.get("schema", {}), found, held)
            if not str(status).startswith("2"):
                errors = [
                    cast("Json", one) for key, one in _walked(response) if key == "error" and isinstance(one, dict)
                ]
                codes = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", str(response.get("description")))) - self._words
                codes |= {str(one["code"]) for one in errors if "code" in one}
                found.setdefault((f"errors {place[1]}",), {}).update({f"code {code}": True for code in sorted(codes)})

    def _body(self, place: Place, body: Json, found: Facts) -> None:
        content: Json = body.get("content", {})
        first: Json = content.get("application/json") or next(iter(content.values()), None) or {}
        self._schema(place, first.get("schema", {}), found, body)
        found[place] |= {f"content {media}": True for media in content}

    def _schema(
        self, place: Place, schema: Json, found: Facts, within: Json, seen: frozenset[str] = frozenset()
    ) -> None:
        """What a schema says, and its members. `within` says whether what has the schema is required, or deprecated."""
        here: dict[str, object] = {mark: True for mark in ("required", "deprecated") if within.get(mark) is True}
        found[place] = here
        parts: list[Json] = [one for key in ("oneOf", "anyOf", "allOf") for one in schema.get(key, ())]
        parts = [one for one in parts if one.get("type") != "null"] or [schema]
        if names := sorted(one["$ref"] for one in parts if "$ref" in one):
            inside = f"{len(parts)} of {names}"
            if inside in seen:
                here["recursive"] = True
                return
            seen |= {inside}
        folded = self._folded(schema)
        types = set(folded.get("types", ()))
        if types - {"null"}:
            here["type"] = "|".join(sorted(types - {"null"}))
        here |= {"nullable": True} if "null" in types else {}
        here |= {f"enum {value}": True for value in folded.get("enum", ()) if value is not None}
        here |= {bound: folded[bound] for bound in sorted(BOUNDS & folded.keys()) if folded[bound] not in ID_FORMATS}
        for tag, variant in folded.get("variants", {}).items():
            here[f"variant {tag}"] = True
            self._members((*place, f"<{tag}>"), self._folded(variant), found, seen, folded["tag"])
        if "variants" not in folded:
            self._members(place, folded, found, seen)
        if isinstance(folded.get("items"), dict):
            self._schema((*place, "[]"), folded["items"], found, {}, seen)
        if isinstance(folded.get("additionalProperties"), dict):
            self._schema((*place, "{}"), folded["additionalProperties"], found, {}, seen)

    def _members(self, place: Place, folded: Json, found: Facts, seen: frozenset[str], tag: str | None = None) -> None:
        found.setdefault(place, {})
        for name, member in folded.get("properties", {}).items():
            if name != tag:
                self._schema((*place, name), member, found, {"required": name in folded.get("required", ())}, seen)

    def _folded(self, schema: Json) -> dict[str, Any]:
        """A schema in one object: references followed, `allOf` and `oneOf` taken in, what is told apart by a tag in
        `variants`.
        """
        node = self._followed(schema)
        own: dict[str, Any] = {key: value for key, value in node.items() if key not in {"allOf", "oneOf", "anyOf"}}
        own |= {"enum": [own["const"]]} if "const" in own else {}
        texts = all(isinstance(value, str) for value in own.get("enum", [None]))
        if kinds := own.get("type", "string" if texts else []):
            own["types"] = [kinds] if isinstance(kinds, str) else list(kinds)
        if table := own.get("x-sequence-variants"):
            own |= {"tag": table["tag"], "variants": {tag: {"$ref": ref} for tag, ref in table["schemas"].items()}}
        for part in map(self._folded, node.get("allOf", ())):
            own = _both({key: value for key, value in part.items() if key != "variants"}, own)
        if choice := node.get("oneOf", node.get("anyOf")):
            options = [self._folded(one) for one in choice]
            others = [one for one in options if one.get("types") != ["null"]]
            tag = node.get("discriminator", {}).get("propertyName", "type")
            tags = [self._folded(one.get("properties", {}).get(tag, {})).get("enum", ()) for one in others]
            if len(others) > 1 and all(len(values) == 1 for values in tags):
                own |= {"tag": tag, "types": ["object"]}
                own["variants"] = {values[0]: one for values, one in zip(tags, others, strict=True)}
            else:
                own = _both(_either(others), own)
            if len(others) < len(options):
                own["types"] = [*own.get("types", ()), "null"]
        return own

    def _followed(self, node: Json) -> Json:
        """What a node stands for, its references followed; what stands beside a reference goes before."""
        merged: dict[str, Any] = {}
        for one in _chain(self._root, node):
            merged = {**one, **merged}
        return {key: one for key, one in merged.items() if key != "$ref"}

    def _documented(self, node: Any) -> Any:
        """A part of the document, without what `x-provenance` and `x-inferred` mark."""
        if isinstance(node, list):
            return [self._documented(one) for one in cast("Sequence[Any]", node) if not self._is_inferred(one)]
        if not isinstance(node, dict):
            return node
        kept = {key: one for key, one in cast("Json", node).items() if not self._is_inferred(one)}
        for aspect in kept.pop("x-inferred", ()):
            keyword, _, value = aspect.partition(": ")
            if keyword == "nullable":
                kept |= {key: [one for one in kept[key] if one not in NULL] for key in ("type", "oneOf") if key in kept}
            elif keyword == "response":
                kept["responses"] = {key: one for key, one in kept["responses"].items() if str(key) != value}
            elif value and isinstance(kept.get(keyword), list):
                kept[keyword] = [one for one in kept[keyword] if str(one) != value]
            elif not value:
                kept.pop(keyword, None)
        return {key: self._documented(one) for key, one in kept.items()}

    def _is_inferred(self, node: Any) -> bool:
        return isinstance(node, dict) and any("x-provenance" in one for one in _chain(self._marked, cast("Json", node)))


def _chain(root: Json, node: Json) -> Iterator[Json]:
    """A node, what it refers to, and so on."""
    yield node
    seen: set[str] = set()
    while isinstance(ref := node.get("$ref"), str):
        found: Json | None = root
        for step in ref.removeprefix("#/").split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping) or ref in seen:
            raise Misread(f"{ref} leads {'to itself' if ref in seen else 'nowhere'}")
        seen.add(ref)
        node = found
        yield node


def _walked(node: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object, with its name."""
    if isinstance(node, dict):
        yield from cast("dict[str, Any]", node).items()
    for one in _within(node):
        yield from _walked(one)


def _within(node: Any) -> Sequence[Any]:
    if isinstance(node, list):
        return cast("Sequence[Any]", node)
    return list(cast("Json", node).values()) if isinstance(node, dict) else []


def _both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What fits both of two schemas; where they contradict each other, the second."""
    merged = {**one, **other}
    mine, yours = one.get("properties", {}), other.get("properties", {})
    shared = {name: {"allOf": [mine[name], yours[name]]} for name in mine if name in yours}
    merged["properties"] = {**mine, **yours, **shared}
    merged["required"] = [*one.get("required", ()), *other.get("required", ())]
    for key in ("types", "enum"):
        if key in one and key in other:
            merged[key] = [value for value in one[key] if value in other[key]] or other[key]
    return merged


def _either(options: list[dict[str, Any]]) -> dict[str, Any]:
    """What fits one of several schemas that nothing tells apart."""
    first = options[0] if options else {}
    merged = {key: value for key, value in first.items() if all(one.get(key) == value for one in options)}
    members: dict[str, list[Any]] = {}
    for name, member in [pair for one in options for pair in one.get("properties", {}).items()]:
        if member not in members.setdefault(name, []):
            members[name].append(member)
    merged["properties"] = {name: all_[0] if len(all_) == 1 else {"anyOf": all_} for name, all_ in members.items()}
    merged["required"] = [
        name for name in first.get("required", ()) if all(name in one.get("required", ()) for one in options)
    ]
    for key in ("types", "enum"):
        if all(key in one for one in options):
            merged[key] = [value for one in options for value in one[key]]
    return merged
