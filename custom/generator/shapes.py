"""Reads the schemas of a contract: which classes there are, and which types their members have."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection
from typing import Any, Literal, TypeAlias, cast

from attrs import define, evolve, field, frozen

from .document import ANNOTATIONS, Document, Json, Place, described, extensions, prose
from .extensions import OF_SCHEMAS, Variants
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
    "Any", "Call", "ClassVar", "Contract", "CursorPages", "Day", "ErrorFormat", "Idempotency", "Mapping",
    "NumberedPages", "Open", "OpenEnum", "OpenIntEnum", "OpenObject", "Operation", "Operations", "Permission",
    "QueryValue", "Request", "Sequence", "Terminal", "Timeline", "Timestamp", "UUID", "UnsetType", "Webhook",
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
        schemas = document.schemas
        for name in schemas:
            self._note_variants(name)
        for name in schemas:
            self.component(name)

    def component(self, name: str) -> Type:
        """The type that a component schema stands for."""
        place = self.document.place / f"schema {name}"
        if name not in self.document.schemas:
            place.refuse("there is none of this name")
        found = self._components.get(name)
        if found is None:
            if name in self._components:  # it is being read: an object may hold others of its kind
                if not self._is_object(place, self.document.schemas[name]):
                    place.refuse("it is made of itself, with no object in between")
                return Type(kind="object", name=class_name(name))
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
        component = self.document.schema_name(schema)
        if component is not None:
            place.allow(schema, {"$ref", *ANNOTATIONS, *extensions(schema)})
            return self.component(component)
        if "$ref" in schema:
            self.document.at(place, str(schema["$ref"]))
            place.refuse(f"{schema['$ref']} is no component schema")
        return self._read(place, schema, name, None)

    # ---------------------------------------------------------------------------------------------- reading

    def _read(self, place: Place, node: Json, name: str, component: str | None) -> Type:
        own = {*extensions(node), *ANNOTATIONS}
        if set(node) & {"oneOf", "anyOf"}:
            return self._alternatives(place, node, name, component)
        if "allOf" in node:
            return self._all_of(place, node, name, component)
        if "const" in node:
            return self._const(place, node)
        kinds: Any = node.get("type")
        listed = cast("list[str | None]", kinds) if isinstance(kinds, list) else [cast("str | None", kinds)]
        nullable = "null" in listed or None in node.get("enum", ())
        rest = [str(kind) for kind in listed if kind not in {"null", None}]
        if "enum" in node:
            place.allow(node, {"type", "enum", *own})
            return evolve(self._enum(place, node, name), nullable=nullable)
        if len(rest) > 1:
            parts = tuple(self._read(place, {**node, "type": kind}, name, None) for kind in rest)
            return self._union(place, parts, nullable=nullable)
        if not rest and not node.keys() & {"properties", "additionalProperties", "items"}:
            place.allow(node, {"type", *own})
            return Type(kind="any")
        kind = rest[0] if rest else "array" if "items" in node else "object"
        if kind == "object":
            return evolve(self._object(place, node, name, component), nullable=nullable)
        if kind == "array":
            place.allow(node, {"type", "items", *LIMITS["list"], *own})
            items = self.type_of(place / "items", node.get("items", {}), class_name(f"{name}_item"))
            return Type(kind="list", nullable=nullable, items=items, limits=_limits(node, "list"))
        found = FORMATS.get(kind, {}).get(node.get("format"))
        if found is None:
            known = ", ".join(sorted(str(one) for one in FORMATS.get(kind, {}) if one))
            place.refuse(
                f"{kind} of format {node.get('format')} is not supported: use none, or one of {known or 'no format'}"
            )
        place.allow(node, {"type", "format", *LIMITS.get(found, ()), *own})
        if "pattern" in node:
            _check_pattern(place, node["pattern"])
        return Type(kind=found, nullable=nullable, limits=_limits(node, found))

    def _const(self, place: Place, node: Json) -> Type:
        place.allow(node, {"type", "const", *extensions(node), *ANNOTATIONS})
        kinds: dict[type, Kind] = {str: "string", bool: "boolean", int: "integer", float: "number"}
        kind = kinds.get(cast("Any", type(node["const"])))
        if kind is None:
            place.refuse(f"const {node['const']!r} is not supported: use a string, a number or a boolean")
        return Type(kind=kind, const=node["const"])

    def _enum(self, place: Place, node: Json, name: str) -> Type:
        values = [value for value in node["enum"] if value is not None]
        if not values or not (
            all(isinstance(value, str) for value in values)
            or all(isinstance(value, int) and not isinstance(value, bool) for value in values)
        ):
            place.refuse("an enum must have strings only, or whole numbers only, beside null")
        if len(values) == 1:
            return self._const(place, {"const": values[0]})
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
        place.allow(node, {key, "type", "discriminator", *extensions(node), *ANNOTATIONS})
        listed: list[Json] = node[key]
        others = [one for one in listed if one.get("type") != "null"]
        nullable = len(others) < len(listed)
        if len(others) == 1:
            return (
                evolve(self.type_of(place / key, others[0], name), nullable=True)
                if nullable
                else self.type_of(place / key, others[0], name)
            )
        described_by = {**node, "description": node.get("description")}
        names = [self.document.schema_name(one) for one in others]
        objects = [self._is_object(place / key, one) for one in others]
        if all(objects) and all(names):
            return evolve(
                self._variants(place, described_by, name, component, cast("list[str]", names)), nullable=nullable
            )
        if all(objects) and not any(names) and "discriminator" not in node:
            return evolve(self._one_of_members(place / key, described_by, name, others), nullable=nullable)
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
        kinds = [JSON_KINDS.get(part.kind, part.kind) for part in parts]
        if len(set(kinds)) < len(kinds) or {"any", "object", "map"} & {*kinds} or {"integer", "number"} <= {*kinds}:
            place.refuse(
                "JSON does not tell these alternatives apart: give them one type, or make them objects with a name"
            )
        return Type(kind="union", parts=parts, nullable=nullable or any(part.nullable for part in parts))

    def _is_object(self, place: Place, node: Json) -> bool:
        """Whether a schema describes objects with members."""
        found = self.document.resolve(place, node)
        return bool(found.keys() & {"properties", "allOf"}) or bool(
            found.keys() & {"oneOf", "anyOf"}
            and all(self._is_object(place, one) for one in found.get("oneOf", found.get("anyOf")))
        )

    # ---------------------------------------------------------------------------------------------- variants

    def _note_variants(self, name: str) -> None:
        """Take note of which schemas are variants of a component schema, before any is read."""
        node, place = self.document.schemas[name], self.document.place / f"schema {name}"
        mapping: dict[str, tuple[str, ...]] = {}
        if "x-sequence-variants" in node:
            variants = place.read(node["x-sequence-variants"], Variants)
            mapping = self._mapped(place / "x-sequence-variants", variants.schemas)
        elif set(node) & {"oneOf", "anyOf"}:
            others = [one for one in node.get("oneOf", node.get("anyOf")) if one.get("type") != "null"]
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
            tag = self._common_tag(place, names)
            return {name: (self._tag_value(place, name, tag),) if tag else () for name in names}  # type: ignore[misc]
        place.allow(discriminator, {"propertyName", "mapping"})
        if "propertyName" not in discriminator:
            (place / "discriminator").refuse("propertyName is missing")
        mapping = discriminator.get("mapping") or {name: f"#/components/schemas/{name}" for name in names}
        found = self._mapped(place / "discriminator", mapping)
        for name in {*found} ^ {*names}:
            (place / "discriminator").refuse(f"{name} is not both among the alternatives and in the mapping")
        return found

    def _tag_value(self, place: Place, name: str, tag: str) -> str | None:
        """The only value that a member of a schema may have."""
        parts = self._parts(place, {"$ref": f"#/components/schemas/{name}"})
        if tag not in parts.properties or tag not in parts.required:
            return None
        node = self.document.resolve(*parts.properties[tag])
        values = [node["const"]] if "const" in node else node.get("enum", [])
        return values[0] if len(values) == 1 and isinstance(values[0], str) else None

    def _common_tag(self, place: Place, names: list[str]) -> str | None:
        """The member by whose value schemas can be told apart, though nothing says so."""
        first = self._parts(place, {"$ref": f"#/components/schemas/{names[0]}"})
        for tag in first.properties:
            values = [self._tag_value(place, name, tag) for name in names]
            if all(values) and len(set(values)) == len(values):
                return tag
        return None

    def _variants(self, place: Place, node: Json, name: str, component: str | None, names: list[str]) -> Type:
        """The class of a union of objects with a name each: its variants are subclasses."""
        if component is None:
            place.refuse("alternatives that are component schemas must be one themselves: give this union a name there")
        tag = node.get("discriminator", {}).get("propertyName") or self._common_tag(place, names)
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
            place.allow(node, {"allOf", *ANNOTATIONS, *extensions(node)})
            return self.type_of(place, listed[0], name)
        return self._object(place, node, name, component)

    def _object(self, place: Place, node: Json, name: str, component: str | None) -> Type:
        parts = self._parts(place, node)
        additional = parts.additional
        if not parts.properties and additional is not False:
            place.allow(node, {"type", "additionalProperties", *ANNOTATIONS, *extensions(node)})
            if isinstance(additional, dict):
                items = self.type_of(place / "additionalProperties", additional, class_name(f"{name}_value"))
                return Type(kind="map", items=items)
            return Type(kind="map", items=Type(kind="any"))
        if isinstance(additional, dict):
            place.refuse("properties beside a schema of additionalProperties are not supported: use one of the two")
        base = self._bases.get(component or "")
        found = self._class(place, name, _doc(node, name), parts, open_ended=additional is True or base is not None)
        if "x-sequence-variants" in node:
            variants = place.read(node["x-sequence-variants"], Variants)
            if not found.open_ended:
                place.refuse("x-sequence-variants: additionalProperties must be true")
            if found.member(variants.tag) is None:
                place.refuse(f"x-sequence-variants: it has no member {variants.tag}")
            found.tag = variants.tag
            found.variants = sorted({class_name(one) for one in self._mapped(place, variants.schemas)})
        if base is not None and component is not None:
            union = self.component(base[0])
            found.base, found.values = self.classes[union.name], base[1]
            inherited = {member.wire_name: member.type for member in found.base.all_members}
            found.members = [one for one in found.members if inherited.get(one.wire_name) != one.type]
        return Type(kind="object", name=name)

    def _parts(self, place: Place, node: Json) -> Parts:
        """The members of an object, those of its `allOf` among them."""
        name = self.document.schema_name(node)
        if name is not None:
            place = self.document.place / f"schema {name}"
        node = self.document.resolve(place, node)
        place.allow(
            node,
            {
                "type",
                "properties",
                "required",
                "additionalProperties",
                "allOf",
                *ANNOTATIONS,
                *OF_SCHEMAS,
                *extensions(node),
            },
        )
        if node.get("type", "object") not in ("object", ["object", "null"], ["null", "object"]):
            place.refuse(f"an object is expected, and this is {node['type']}")
        parts = Parts()
        for part in node.get("allOf", ()):
            of = self._parts(place, part)
            parts.properties |= of.properties
            parts.required |= of.required
            if of.additional is not None and not self.document.schema_name(part):
                parts.additional = of.additional
        for wire_name, member in node.get("properties", {}).items():
            parts.properties[wire_name] = (place / f"member {wire_name}", member)
        parts.required |= set(node.get("required", ()))
        if unknown := parts.required - parts.properties.keys():
            place.refuse(f"{', '.join(sorted(unknown))} is required, and no member")
        if "additionalProperties" in node:
            parts.additional = node["additionalProperties"]
        return parts

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
            )
            if any(one.name == member.name for one in found.members):
                where.refuse(f"another member is called {member.name} in Python, too")
            found.members.append(member)
        return found

    def _claim(self, name: str, place: Place) -> None:
        """Let nobody else have a class or module of this name."""
        if name in USED:
            place.refuse(f"its class would be called {name}, which generated code uses itself: give it another name")
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


def python_name(place: Place, wire_name: str, reserved: Collection[str] = BUILTINS) -> str:
    """What something of JSON is called in Python."""
    name = snake_case(re.sub(r"\W+", "_", wire_name)).strip("_")
    if not name:
        place.refuse(f"{wire_name!r} leaves no name in Python")
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


def _limits(node: Json, kind: Kind) -> tuple[tuple[str, Any], ...]:
    return tuple((key, node[key]) for key in LIMITS.get(kind, ()) if key in node)


def _doc(node: Json, name: str) -> str:
    text = described(node) or f"What the API calls `{name}`."
    source = prose(node.get("x-inferred-from")) if node.get("x-provenance") == "inferred" else ""
    return f"{text}\n\nInferred from {source}." if source else text


def _check_pattern(place: Place, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        place.refuse(f"pattern {pattern} means nothing to Python: {error}")
