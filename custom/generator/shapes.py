"""Reads the schemas of a contract: which classes there are, and which types their members have."""

from __future__ import annotations

import difflib
import keyword
import re
from collections.abc import Collection
from typing import Any, Literal, TypeAlias, cast

from attrs import define, evolve, field, frozen

from . import nodes
from .document import ANNOTATIONS, Document, Json, Place, described, prose
from .extensions import Variants
from .layout import class_name, module_name, snake_case

Kind: TypeAlias = Literal[
    "any", "string", "id", "uuid", "moment", "day", "integer", "number", "boolean", "enum", "object", "list", "map",
    "union",
]  # fmt: skip

FORMATS: dict[str, dict[str | None, Kind]] = {
    "string": {
        None: "string",
        "uri": "string",
        "email": "string",
        "password": "string",
        "resource-id": "id",
        "uuid": "uuid",
        "date-time": "moment",
        "date": "day",
    },
    "integer": {None: "integer", "int32": "integer", "int64": "integer"},
    "number": {None: "number", "float": "number", "double": "number"},
    "boolean": {None: "boolean"},
}
"""The scalar types, by type and format."""

LIMITS: dict[Kind, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern"),
    "id": ("minLength", "maxLength", "x-id-prefix"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "list": ("minItems", "maxItems", "uniqueItems"),
}
"""What a type may be bounded by. It holds for what is sent; a server's responses are taken as they come."""

PYTHON: dict[Kind, str] = {
    "any": "Any", "string": "str", "id": "str", "uuid": "UUID", "moment": "Timestamp", "day": "Day", "integer": "int",
    "number": "float", "boolean": "bool",
}  # fmt: skip

JSON_KINDS: dict[Kind, str] = {"id": "string", "uuid": "string", "moment": "string", "day": "string", "enum": "string"}
"""What a type is in JSON, where that is called otherwise."""

BUILTINS = {"str", "int", "float", "bool", "list", "dict", "field", "self", "raw"}
"""Names that a generated class uses itself, or has."""

USED = {
    "Any", "CONTRACT", "Call", "ClassVar", "Contract", "CursorPages", "Day", "ErrorFormat", "Idempotency", "Mapping",
    "NumberedPages", "Open", "OpenEnum", "OpenIntEnum", "OpenObject", "Operation", "Operations", "Permission",
    "QueryValue", "Request", "Sequence", "Terminal", "Timeline", "Timestamp", "UNSET", "UUID",
    "UnsetType", "WEBHOOKS", "Webhook",
}  # fmt: skip
"""Names that generated modules import."""


@frozen(kw_only=True)
class Type:
    """The type of a value."""

    kind: Kind
    nullable: bool = False
    name: str = ""
    """Of the class, for enums and objects."""
    items: Type | None = None
    """Of lists and maps."""
    parts: tuple[Type, ...] = ()
    """Of unions."""
    limits: tuple[tuple[str, Any], ...] = ()
    const: Any = None
    """The only value there is."""


@define(kw_only=True)
class Member:
    """A member of an object."""

    wire_name: str
    name: str
    type: Type
    required: bool
    doc: str
    sensitive: bool
    deprecated: bool = False


@define(kw_only=True)
class Enum:
    name: str
    doc: str
    values: dict[str, str | int]
    """By the names of its members."""

    @property
    def base(self) -> str:
        return "OpenIntEnum" if all(isinstance(value, int) for value in self.values.values()) else "OpenEnum"


@define(kw_only=True)
class Class:
    """A class of objects."""

    name: str
    place: Place
    doc: str
    members: list[Member] = field(factory=list[Member])
    """Its own, without those of its base."""
    open_ended: bool = False
    """Whether it keeps what it does not know."""
    takes_more: bool = False
    """Whether it may be sent with members that it does not know."""
    base: Class | None = None
    tag: str | None = None
    """The member, as in JSON, whose value says which variant an object is of."""
    values: tuple[str, ...] = ()
    """Those of its base's tag that stand for it."""
    variants: list[str] = field(factory=list[str])
    """The names of the classes that an object may be of more precisely."""
    alternatives: list[frozenset[str]] = field(factory=list[frozenset[str]])
    """Of which members, as in JSON, exactly one set is there; empty where nothing is said of that."""

    @property
    def all_members(self) -> list[Member]:
        own = {member.wire_name for member in self.members}
        inherited = self.base.all_members if self.base is not None else []
        return [*(member for member in inherited if member.wire_name not in own), *self.members]

    def member(self, wire_name: str) -> Member | None:
        return next((member for member in self.all_members if member.wire_name == wire_name), None)


@define
class Parts:
    """What an object's schema comes to when its `allOf` are put together."""

    properties: dict[str, tuple[Place, Json]] = field(factory=dict[str, tuple[Place, Json]])
    required: set[str] = field(factory=set[str])
    additional: Any = None


class Shapes:
    """The classes and types of a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.classes: dict[str, Class] = {}
        self.enums: dict[str, Enum] = {}
        self._places: dict[str, Place] = {}
        """Where each class comes from."""
        self._bases: dict[str, tuple[str, tuple[str, ...]]] = {}
        """The union that a component schema is a variant of, and the values of the tag that stand for it."""
        self._components: dict[str, Type | None] = {}
        self.id_prefixes: set[str] = set()
        self.foreign_ids: tuple[str, ...] = ()
        """What the IDs of the vendor's other APIs begin with."""
        """What the IDs of every kind begin with."""
        self._valid: set[int] = set()
        """Schemas that were looked through, by identity."""
        schemas = document.schemas
        for name, node in schemas.items():
            self._validate(document.place / f"schema {name}", node)
        for name in schemas:
            self._note_variants(name)
        for name in schemas:
            self.component(name)

    def component(self, name: str) -> Type:
        """The type that a component schema stands for."""
        place = self.document.place / f"schema {name}"
        found = self._components.get(name)
        if found is None:
            if name in self._components:  # it is being read: an object may hold others of its kind
                node = self.document.schemas[name]
                if not self._is_object(place, node):
                    place.refuse("it is made of itself, with no object in between")
                return Type(kind="object", name=class_name(name), nullable=self._is_nullable(place, node))
            self._components[name] = None
            node = self.document.schemas[name]
            made = self.type_of(place, node, "") if "$ref" in node else self._read(place, node, class_name(name), name)
            self._components[name] = found = made
        return found

    def type_of(self, place: Place, node: Any, name: str) -> Type:
        """The type that a schema describes.

        Args:
            place: Where it stands.
            node: The schema.
            name: What its class is called, if it needs one of its own.
        """
        if node is True or node == {}:
            return Type(kind="any")
        if not isinstance(node, dict):
            place.refuse("it is no schema")
        schema = cast("Json", node)
        self._validate(place, schema)
        component = self.document.schema_name(schema)
        if component is not None:
            if component not in self.document.schemas:
                near = difflib.get_close_matches(component, self.document.schemas, 1)
                place.refuse(f"there is no schema {component}{f'; there is {near[0]}' if near else ''}")
            return self.component(component)
        if "$ref" in schema:
            self.document.at(place, str(schema["$ref"]))
            place.refuse(f"{schema['$ref']} is no component schema")
        return self._read(place, schema, name, None)

    def _validate(self, place: Place, node: Any) -> None:
        """See to it that a schema, and all below it, hold what schemas hold."""
        if isinstance(node, bool) or id(node) in self._valid:
            return
        is_reference = isinstance(node, dict) and "$ref" in node
        schema = place.check(cast("object", node), nodes.Reference if is_reference else nodes.Schema)
        self._valid.add(id(schema))
        for wire_name, member in schema.get("properties", {}).items():
            self._validate(place / f"member {wire_name}", member)
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key, []):
                self._validate(place / key, part)
        for key in ("items", "additionalProperties"):
            self._validate(place / key, schema.get(key, True))

    # ---------------------------------------------------------------------------------------------- reading

    def _read(self, place: Place, node: Json, name: str, component: str | None) -> Type:
        if set(node) & {"oneOf", "anyOf"}:
            return self._alternatives(place, node, name, component)
        if "allOf" in node:
            return self._all_of(place, node, name, component)
        kinds, nullable = self._kinds(place, node)
        if "const" in node:
            return evolve(self._const(place, node, kinds), nullable=nullable)
        if "enum" in node:
            place.check(node, nodes.Schema, {"type", "enum"})
            return evolve(self._enum(place, node, name, kinds), nullable=nullable or None in node["enum"])
        if len(kinds) > 1:
            parts = tuple(self._read(place, {**node, "type": kind}, name, None) for kind in kinds)
            return self._union(place, parts, nullable=nullable)
        if not kinds and not node.keys() & {"properties", "additionalProperties", "items"}:
            place.check(node, nodes.Schema, {"type"})
            return Type(kind="any")
        kind = kinds[0] if kinds else "array" if "items" in node else "object"
        if kind == "object":
            return evolve(self._object(place, node, name, component), nullable=nullable)
        if kind == "array":
            place.check(node, nodes.Schema, {"type", "items", *LIMITS["list"]})
            items = self.type_of(place / "items", node.get("items", {}), class_name(f"{name}_item"))
            return Type(kind="list", nullable=nullable, items=items, limits=_limits(place, node, "list"))
        found = FORMATS.get(kind, {}).get(node.get("format"))
        if found is None:
            known = ", ".join(sorted(str(one) for one in FORMATS.get(kind, {}) if one)) or "no format"
            place.refuse(f"{kind} of format {node.get('format')} is not supported: use none, or one of {known}")
        place.check(node, nodes.Schema, {"type", "format", *LIMITS.get(found, ())})
        if "x-id-prefix" in node:
            self.id_prefixes.add(node["x-id-prefix"])
        return Type(kind=found, nullable=nullable, limits=_limits(place, node, found))

    def _kinds(self, place: Place, node: Json) -> tuple[list[str], bool]:
        """The types of JSON that a schema names, and whether null is one of them."""
        named: Any = node.get("type", [])
        listed = [named] if isinstance(named, str) else cast("list[str]", named)
        known = {"null", "string", "integer", "number", "boolean", "array", "object"}
        for kind in listed:
            if kind not in known:
                place.refuse(f"{kind} is no type: use one of {', '.join(sorted(known))}")
            if listed.count(kind) > 1:
                place.refuse(f"type {kind} is there twice")
        if "type" in node and listed == ["null"]:
            place.refuse("type null alone says nothing: leave it out")
        return [kind for kind in listed if kind != "null"], "null" in listed

    def _const(self, place: Place, node: Json, kinds: list[str]) -> Type:
        place.check(node, nodes.Schema, {"type", "const"})
        of: dict[type, tuple[Kind, set[str]]] = {
            str: ("string", {"string"}),
            bool: ("boolean", {"boolean"}),
            int: ("integer", {"integer", "number"}),
            float: ("number", {"number"}),
        }
        found = of.get(cast("Any", type(node["const"])))
        if found is None:
            place.refuse(f"const {node['const']!r} is not supported: use a string, a number or a boolean")
        if kinds and not found[1] & {*kinds}:
            place.refuse(f"const {node['const']!r} is none of {', '.join(kinds)}")
        return Type(kind=found[0], const=node["const"])

    def _enum(self, place: Place, node: Json, name: str, kinds: list[str]) -> Type:
        values = [value for value in node["enum"] if value is not None]
        if not values or not (
            all(isinstance(value, str) for value in values)
            or all(isinstance(value, int) and not isinstance(value, bool) for value in values)
        ):
            place.refuse("an enum must have strings only, or whole numbers only, beside null")
        if kinds and kinds not in (["string"] if isinstance(values[0], str) else ["integer"],):
            place.refuse(f"its values are not of type {', '.join(kinds)}")
        if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values):
            place.refuse("a value does not fit into 64 bits")
        if len(values) == 1:
            return self._const(place, {"const": values[0]}, [])
        if len(set(values)) < len(values):
            place.refuse("a value is listed twice")
        names = [_member_name(value) for value in values]
        if twice := {one for one in names if names.count(one) > 1}:
            place.refuse(f"several values would be called {', '.join(sorted(twice))} in Python")
        self._claim(name, place)
        self.enums[name] = Enum(name=name, doc=_doc(node, name), values=dict(zip(names, values, strict=True)))
        return Type(kind="enum", name=name)

    def _alternatives(self, place: Place, node: Json, name: str, component: str | None) -> Type:
        """The type of a `oneOf` or `anyOf`."""
        key = "oneOf" if "oneOf" in node else "anyOf"
        place.check(node, nodes.Schema, {key, "type", "discriminator"})
        if self._kinds(place, node)[0] not in ([], ["object"]):
            place.refuse(f"type beside {key} is not supported: give each alternative its own")
        others = alternatives_of(node)
        if not others:
            place.refuse(f"{key} has no alternative but null")
        nullable = self._is_nullable(place, node) or any(self._is_nullable(place, one) for one in others)
        if len(others) == 1:
            return _or_null(self.type_of(place / key, others[0], name), nullable)
        names = [self.document.schema_name(one) for one in others]
        objects = [self._is_object(place / key, one) for one in others]
        if all(objects) and all(names):
            found = self._variants(place, node, name, component, cast("list[str]", names))
            return _or_null(found, nullable)
        if all(objects) and not any(names) and "discriminator" not in node:
            return _or_null(self._one_of_members(place / key, node, name, others), nullable)
        if any(objects):
            place.refuse(
                f"{key} of objects with and without a name, or of objects and others, is not supported: "
                "make each object a component schema, and put nothing else beside them"
            )
        parts = tuple(
            self.type_of(place / key / str(index), one, class_name(f"{name}_{index}"))
            for index, one in enumerate(others, 1)
        )
        return self._union(place, parts, nullable=nullable)

    def _union(self, place: Place, parts: tuple[Type, ...], *, nullable: bool) -> Type:
        """A type of several, which JSON has to tell apart."""
        kinds = [
            "integer"
            if part.kind == "enum" and self.enums[part.name].base == "OpenIntEnum"
            else JSON_KINDS.get(part.kind, part.kind)
            for part in parts
        ]
        if (
            len(set(kinds)) < len(kinds)
            or {"any", "object", "map", "union"} & {*kinds}
            or {"integer", "number"} <= {*kinds}
        ):
            place.refuse(
                "JSON does not tell these alternatives apart: give them one type, or make them objects with a name"
            )
        return Type(kind="union", parts=parts, nullable=nullable or any(part.nullable for part in parts))

    def _is_object(self, place: Place, node: Json, seen: tuple[Json, ...] = ()) -> bool:
        """Whether a schema describes objects with members."""
        found = self.document.resolve(place, node)
        if any(found is one for one in seen):
            place.refuse("it is made of itself, with no object in between")
        if found.keys() & {"properties", "allOf"}:
            return True
        others = alternatives_of(found)
        return bool(others) and all(self._is_object(place, one, (*seen, found)) for one in others)

    def _is_nullable(self, place: Place, node: Json) -> bool:
        """Whether a schema of objects allows null."""
        found = self.document.resolve(place, node)
        return self._kinds(place, found)[1] or len(alternatives_of(found)) < len(alternatives_of(found, null=True))

    # ---------------------------------------------------------------------------------------------- variants

    def _note_variants(self, name: str) -> None:
        """Take note of which schemas are variants of a component schema, before any is read."""
        node, place = self.document.schemas[name], self.document.place / f"schema {name}"
        mapping: dict[str, tuple[str, ...]] = {}
        if "x-sequence-variants" in node:
            variants = place.read(node["x-sequence-variants"], Variants)
            mapping = self._mapped(place / "x-sequence-variants", variants.schemas)
        elif set(node) & {"oneOf", "anyOf"}:
            others = alternatives_of(node)
            names = [self.document.schema_name(one) for one in others]
            if len(names) < 2 or not all(names) or not all(self._is_object(place, one) for one in others):
                return
            mapping = self._values_of(place, node, cast("list[str]", names))
        for variant, values in mapping.items():
            if variant in self._bases:
                place.refuse(f"{variant} is a variant of {self._bases[variant][0]} already: give each its own")
            self._bases[variant] = (name, values)

    def _mapped(self, place: Place, mapping: dict[str, str]) -> dict[str, tuple[str, ...]]:
        """The values that stand for each schema of a mapping."""
        found: dict[str, tuple[str, ...]] = {}
        for value, ref in mapping.items():
            name = self.document.schema_name({"$ref": ref if "/" in ref else f"#/components/schemas/{ref}"})
            if name not in self.document.schemas:
                place.refuse(f"{value} stands for {ref}, which is no component schema")
            found[name] = (*found.get(name, ()), value)
        return found

    def _values_of(self, place: Place, node: Json, names: list[str]) -> dict[str, tuple[str, ...]]:
        """The variants of a union with the values of its tag; no values where it has no tag."""
        discriminator = node.get("discriminator")
        if discriminator is None:
            tag = self._common_tag(names)
            if tag is None:
                self._check_told_apart(place, names)
                return dict.fromkeys(names, ())
            return {name: (str(self._tag_value(name, tag)),) for name in names}
        (place / "discriminator").check(discriminator, nodes.Discriminator)
        mapping = discriminator.get("mapping") or {name: f"#/components/schemas/{name}" for name in names}
        found = self._mapped(place / "discriminator", mapping)
        for name in sorted({*found} ^ {*names}):
            (place / "discriminator").refuse(f"{name} is not both among the alternatives and in the mapping")
        self._check_tag(place / "discriminator", discriminator["propertyName"], found)
        return found

    def _check_tag(self, place: Place, tag: str, variants: dict[str, tuple[str, ...]]) -> None:
        """See to it that each variant has the member by which it is told, with the values that stand for it."""
        for name, values in variants.items():
            parts = self._parts_of(name)
            if tag not in parts.properties:
                place.refuse(f"{name} has no member {tag}, by which it is told")
            member = self.document.resolve(*parts.properties[tag])
            own = [member["const"]] if "const" in member else member.get("enum", values)
            for value in values:
                if value not in own:
                    place.refuse(f"{value} stands for {name}, whose {tag} cannot be that")

    def _check_told_apart(self, place: Place, names: list[str]) -> None:
        """See to it that objects of schemas without a tag can be told by their members."""
        found = {name: self._parts_of(name) for name in names}
        for one, parts in found.items():
            for other in names:
                if one != other and not parts.required - found[other].properties.keys():
                    place.refuse(
                        f"{one} cannot be told from {other}: give them a discriminator, or let each require a member "
                        "that the other has not"
                    )

    def _tag_value(self, name: str, tag: str) -> str | None:
        """The only value that a member of a schema may have."""
        parts = self._parts_of(name)
        if tag not in parts.properties or tag not in parts.required:
            return None
        node = self.document.resolve(*parts.properties[tag])
        values = [node["const"]] if "const" in node else node.get("enum", [])
        return values[0] if len(values) == 1 and isinstance(values[0], str) else None

    def _common_tag(self, names: list[str]) -> str | None:
        """The member by whose value schemas can be told apart, though nothing says so."""
        for tag in self._parts_of(names[0]).properties:
            values = [self._tag_value(name, tag) for name in names]
            if all(values) and len(set(values)) == len(values):
                return tag
        return None

    def _variants(self, place: Place, node: Json, name: str, component: str | None, names: list[str]) -> Type:
        """The class of a union of objects with a name each: its variants are subclasses."""
        if component is None:
            place.refuse("alternatives that are component schemas must be one themselves: give this union a name there")
        tag = node.get("discriminator", {}).get("propertyName") or self._common_tag(names)
        self._claim(name, place)
        found = self.classes[name] = Class(name=name, place=place, doc=_doc(node, name), open_ended=True, tag=tag)
        found.variants = [class_name(one) for one in names]
        if tag is not None:
            found.members = [
                Member(wire_name=tag, name=python_name(place, tag), type=Type(kind="string"), required=False,
                       doc="Which variant it is.", sensitive=False)
            ]  # fmt: skip
        return Type(kind="object", name=name)

    def _one_of_members(self, place: Place, node: Json, name: str, others: list[Json]) -> Type:
        """The class of a union of objects without names: it has the members of all of them, none of them required."""
        together = Parts()
        alternatives: list[frozenset[str]] = []
        for index, one in enumerate(others, 1):
            parts = self._parts(place / str(index), one)
            if not parts.required:
                (place / str(index)).refuse(
                    "it has no required member by which it can be told: make it a component schema"
                )
            for wire_name, (where, member) in parts.properties.items():
                if wire_name in together.properties and together.properties[wire_name][1] != member:
                    where.refuse("another alternative has it with another type: make each a component schema")
                together.properties[wire_name] = (where, member)
            if parts.additional is True:
                (place / str(index)).refuse("additionalProperties is not supported here: make it a component schema")
            alternatives.append(frozenset(parts.required))
        found = self._class(place, name, _doc(node, name), together, open_ended=True)
        found.alternatives = alternatives
        return Type(kind="object", name=name)

    # ---------------------------------------------------------------------------------------------- objects

    def _all_of(self, place: Place, node: Json, name: str, component: str | None) -> Type:
        listed: list[Json] = node["allOf"]
        if (
            len(listed) == 1
            and "$ref" in listed[0]
            and not node.keys() & {"properties", "required"}
            and component is None
        ):
            place.check(node, nodes.Schema, {"allOf", "type"})
            return _or_null(self.type_of(place, listed[0], name), self._kinds(place, node)[1])
        return self._object(place, node, name, component)

    def _object(self, place: Place, node: Json, name: str, component: str | None) -> Type:
        parts = self._parts(place, node)
        additional = parts.additional
        if not parts.properties and additional is not False:
            place.check(node, nodes.Schema, {"type", "additionalProperties"})
            if isinstance(additional, dict):
                items = self.type_of(place / "additionalProperties", additional, class_name(f"{name}_value"))
                return Type(kind="map", items=items)
            return Type(kind="map", items=Type(kind="any"))
        if isinstance(additional, dict):
            place.refuse("properties beside a schema of additionalProperties are not supported: use one of the two")
        base = self._bases.get(component or "")
        found = self._class(place, name, _doc(node, name), parts, open_ended=additional is True or base is not None)
        found.takes_more = additional is True
        if "x-sequence-variants" in node and component is None:
            place.refuse("x-sequence-variants: only a component schema can have variants")
        if "x-sequence-variants" in node:
            variants = place.read(node["x-sequence-variants"], Variants)
            if not found.open_ended:
                place.refuse("x-sequence-variants: additionalProperties must be true")
            if found.member(variants.tag) is None:
                place.refuse(f"x-sequence-variants: it has no member {variants.tag}")
            mapped = self._mapped(place / "x-sequence-variants", variants.schemas)
            self._check_tag(place / "x-sequence-variants", variants.tag, mapped)
            found.tag = variants.tag
            found.variants = sorted({class_name(one) for one in mapped})
        if base is not None and component is not None:
            union = self.component(base[0])
            found.base, found.values = self.classes[union.name], base[1]
            inherited = {member.wire_name: member.type for member in found.base.all_members}
            for one in found.members:
                before = inherited.get(one.wire_name, one.type)
                if one.wire_name == found.base.tag and one.type.const is None:
                    one.type = before  # it is one of several values, as any variant's
                elif before != one.type and (one.wire_name != found.base.tag or one.type.kind != "string"):
                    place.refuse(
                        f"member {one.wire_name} has another type than in {found.base.name}, whose variant it is"
                    )
            found.members = [one for one in found.members if inherited.get(one.wire_name) != one.type]
        return Type(kind="object", name=name)

    def _put(self, parts: Parts, wire_name: str, place: Place, member: Any) -> None:
        """Add a member. One that is there already may be narrowed: JSON has to fit both."""
        before = parts.properties.get(wire_name)
        if before is not None and not self._narrows(before[1], member, place):
            place.refuse("another part of allOf has this member with another type: describe it once")
        parts.properties[wire_name] = (place, {} if member is True else member)

    def _narrows(self, before: Any, after: Any, place: Place) -> bool:
        """Whether what fits a schema fits an earlier one, too, as far as that is easily seen."""
        if before in (after, {}):
            return True
        one, other = (self._without_null(schema) for schema in (before, after))
        plain = {key for key in one if key not in ANNOTATIONS and not key.startswith("x-")} <= {"type"}
        if plain and "$ref" not in one:
            same = self._kinds(place, self.document.resolve(place, other))[0]
            return self._kinds(place, one)[0] == same
        name, later = self.document.schema_name(one), self.document.schema_name(other)
        return name is not None and later is not None and self._is_made_of(later, name)

    def _is_made_of(self, schema: str, other: str) -> bool:
        parts = self.document.schemas.get(schema, {}).get("allOf", [])
        names = [self.document.schema_name(part) for part in parts]
        return schema == other or any(name is not None and self._is_made_of(name, other) for name in names)

    @staticmethod
    def _without_null(schema: Any) -> Json:
        """The one alternative of a schema beside null, or the schema itself."""
        found: Json = cast("Json", schema) if isinstance(schema, dict) else dict[str, Any]()
        others = alternatives_of(found)
        return others[0] if len(others) == 1 else found

    def _parts(self, place: Place, node: Json, within: tuple[Json, ...] = ()) -> Parts:
        """The members of an object, those of its `allOf` among them."""
        name = self.document.schema_name(node)
        if name is not None:
            place = self.document.place / f"schema {name}"
        node = self.document.resolve(place, node)
        if any(node is one for one in within):
            place.refuse("its allOf leads back to it")
        of_objects = {"type", "properties", "required", "additionalProperties", "allOf", "x-sequence-variants"}
        place.check(node, nodes.Schema, of_objects)
        kinds, _ = self._kinds(place, node)
        if kinds not in ([], ["object"]):
            place.refuse(f"an object is expected, and this is {', '.join(kinds)}")
        parts = Parts()
        for part in node.get("allOf", ()):
            of = self._parts(place, part, (*within, node))
            for wire_name, (where, member) in of.properties.items():
                self._put(parts, wire_name, where, member)
            parts.required |= of.required
            if of.additional is not None and not self.document.schema_name(part):
                parts.additional = of.additional
        for wire_name, member in node.get("properties", {}).items():
            self._put(parts, wire_name, place / f"member {wire_name}", member)
        parts.required |= set(node.get("required", ()))
        if unknown := parts.required - parts.properties.keys():
            place.refuse(f"{', '.join(sorted(unknown))} is required, and no member")
        if "additionalProperties" in node:
            parts.additional = node["additionalProperties"]
        return parts

    def _parts_of(self, name: str) -> Parts:
        """The members of a component schema."""
        return self._parts(self.document.place, {"$ref": f"#/components/schemas/{name}"})

    def _class(self, place: Place, name: str, doc: str, parts: Parts, *, open_ended: bool) -> Class:
        self._claim(name, place)
        found = self.classes[name] = Class(name=name, place=place, doc=doc, open_ended=open_ended)
        for wire_name, (where, node) in parts.properties.items():
            member = Member(
                wire_name=wire_name,
                name=python_name(where, wire_name),
                type=self.type_of(where, node, class_name(f"{name}_{wire_name}")),
                required=wire_name in parts.required,
                doc=described(node) or described(self.document.resolve(where, node)),
                sensitive=bool(node.get("x-sensitive") or self.document.resolve(where, node).get("x-sensitive")),
                deprecated=bool(node.get("deprecated") or self.document.resolve(where, node).get("deprecated")),
            )
            if any(one.name == member.name for one in found.members):
                where.refuse(f"another member is called {member.name} in Python, too")
            found.members.append(member)
        return found

    def _claim(self, name: str, place: Place) -> None:
        """Let nobody else have a class or module of this name."""
        if name in USED:
            place.refuse(f"its class would be called {name}, which generated code uses itself: give it another name")
        if not re.fullmatch(r"[A-Za-z]\w{0,150}", name, re.ASCII):
            place.refuse(f"{name!r} cannot be a class's name")
        for taken, other in self._places.items():
            if taken == name or module_name(taken) == module_name(name):
                place.refuse(f"its class would be called {name}, as that of {other}: give it another name")
        self._places[name] = place

    # ---------------------------------------------------------------------------------------------- what is there

    def found(self, kind: Type, path: str) -> tuple[Type, str] | None:
        """The type at a path of JSON, such as `data[].accountId`, and the path in Python; None if nothing is there."""
        steps: list[str] = []
        for step in path.split("."):
            wire_name, is_list = step.removesuffix("[]"), step.endswith("[]")
            member = self.classes[kind.name].member(wire_name) if kind.kind == "object" else None
            if member is None:
                return None
            kind = member.type
            if is_list:
                if kind.kind != "list" or kind.items is None:
                    return None
                kind = kind.items
            steps.append(member.name + "[]" * is_list)
        return kind, ".".join(steps)

    def annotation(self, kind: Type, *, required: bool = True) -> str:
        """The annotation of a member or of what an operation gives."""
        text = self._annotation(kind)
        nullable = (kind.nullable or not required) and text != "Any"
        return f"{text} | None" if nullable else text

    def _annotation(self, kind: Type) -> str:
        match kind.kind:
            case "list":
                return f"list[{self.annotation(cast('Type', kind.items))}]"
            case "map":
                return f"dict[str, {self.annotation(cast('Type', kind.items))}]"
            case "union":
                return " | ".join(self._annotation(part) for part in kind.parts)
            case "object":
                return f"Open[{kind.name}]" if self.classes[kind.name].open_ended else kind.name
            case "enum":
                return kind.name
            case _:
                return PYTHON[kind.kind]

    def mentioned(self, *kinds: Type) -> set[str]:
        """The names of the classes that the annotations of types mention."""
        found: set[str] = set()
        for kind in kinds:
            found |= {kind.name} - {""}
            found |= self.mentioned(*kind.parts, *([kind.items] if kind.items else []))
        return found


def alternatives_of(node: Json, *, null: bool = False) -> list[Json]:
    """The schemas that a schema is one of, without null unless it is asked for."""
    listed: list[Any] = node.get("oneOf") or node.get("anyOf") or []
    found = [cast("Json", one) for one in listed if isinstance(one, dict)]
    return [one for one in found if null or one.get("type") != "null"]


def _or_null(kind: Type, nullable: bool) -> Type:
    """A type that allows null, too, where that is so."""
    return evolve(kind, nullable=kind.nullable or nullable)


def python_name(place: Place, wire_name: str, reserved: Collection[str] = BUILTINS) -> str:
    """What something of JSON is called in Python."""
    if wire_name.startswith("__") and wire_name.endswith("__"):
        place.refuse(f"{wire_name!r} would be a special name in Python: it is not supported")
    name = snake_case(re.sub(r"\W+", "_", wire_name)).strip("_")
    if not name or not name.isascii():
        place.refuse(f"{wire_name!r} leaves no name in Python: it needs letters of ASCII")
    if name[0].isdigit():
        name = f"n{name}"
    if not name.isidentifier():
        place.refuse(f"{wire_name!r} cannot be a name in Python")
    return f"{name}_" if keyword.iskeyword(name) or name in reserved else name


def _member_name(value: str | int) -> str:
    """What a value of an enum is called."""
    name = (
        re.sub(r"\W+", "_", snake_case(str(value)) if isinstance(value, str) else f"value_{value}").strip("_").upper()
    )
    name = name or "EMPTY"
    return f"VALUE_{name}" if not name[0].isalpha() else f"{name}_" if name in {"MRO", "NAME", "VALUE"} else name


def _limits(place: Place, node: Json, kind: Kind) -> tuple[tuple[str, Any], ...]:
    """The limits of a schema, which somebody can keep to."""
    for least, most in (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems")):
        if least in node and most in node and node[least] > node[most]:
            place.refuse(f"{least} is above {most}: nothing is allowed")
    if kind == "id" and node.get("minLength", 1) > 1:
        place.refuse("minLength of an ID is not supported: leave it out, it is never empty")
    if "pattern" in node:
        try:
            re.compile(node["pattern"])
        except re.error as error:
            place.refuse(f"pattern {node['pattern']} means nothing to Python: {error}")
    return tuple((key, node[key]) for key in LIMITS.get(kind, ()) if key in node)


def _doc(node: Json, name: str) -> str:
    text = described(node) or f"What the API calls `{name}`."
    source = prose(node.get("x-inferred-from")) if node.get("x-provenance") == "inferred" else ""
    return f"{text}\n\nInferred from {source}." if source else text
