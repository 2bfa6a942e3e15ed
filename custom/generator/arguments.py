"""Decides how arguments are checked and written: a type in the place where it is sent, as a Python expression."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias

from attrs import evolve, frozen

from .document import Place as Where
from .layout import module_name
from .shapes import Shapes, Type

Place: TypeAlias = Literal["path", "query", "header", "body"]

TAKEN: dict[str, str] = {
    "string": "str", "id": "str", "uuid": "UUID | str", "moment": "datetime", "day": "date", "integer": "int",
    "number": "float", "boolean": "bool", "any": "object",
}  # fmt: skip
"""What a program gives, by the kind of type."""

KEYWORDS = {
    "minLength": "min_length", "maxLength": "max_length", "pattern": "pattern", "minimum": "minimum",
    "maximum": "maximum", "exclusiveMinimum": "above", "exclusiveMaximum": "below", "multipleOf": "multiple_of",
    "minItems": "min_items", "maxItems": "max_items", "uniqueItems": "unique",
}  # fmt: skip
"""What limits are called in checks."""

_IN_WORDS = {
    "list": "a list",
    "map": "a map",
    "object": "an object",
    "union": "one of several types",
    "any": "any type",
}
SCALARS = {"string", "id", "uuid", "moment", "day", "integer", "number", "boolean", "enum"}


@frozen
class Arguments:
    """The arguments of something in a contract."""

    shapes: Shapes
    where: Where
    bodies: str = "bodies."
    """What the module with the checks of objects is called, with a dot."""

    def annotation(self, kind: Type) -> str:
        """What a program may give, None included where it is sent as null."""
        text = self._annotation(kind)
        return f"{text} | None" if kind.nullable and kind.kind != "any" else text

    def _annotation(self, kind: Type) -> str:
        items = self.annotation(kind.items) if kind.items is not None else ""
        match kind.kind:
            case "enum":
                return f"{kind.name} | {'int' if self._is_of_numbers(kind) else 'str'}"
            case "list":
                return f"Sequence[{items}]"
            case "map":
                return f"Mapping[str, {items}]"
            case "union":
                return " | ".join(dict.fromkeys(self._annotation(part) for part in kind.parts))
            case "object":
                return f"{kind.name} | Mapping[str, object]"
            case _:
                return TAKEN[kind.kind]

    def check(self, kind: Type, place: Place, name: str, value: str) -> str:
        """The expression that checks a value, and gives what is sent for it.

        Args:
            kind: Its type.
            place: Where it is sent.
            name: A Python expression for what messages call it.
            value: A Python expression for the value.
        """
        if kind.nullable and place == "body" and kind.kind != "any":
            return f"None if {value} is None else {self.check(evolve(kind, nullable=False), place, name, value)}"
        given: list[str] = [name, value]
        limits = {KEYWORDS[key]: limit for key, limit in kind.limits if key in KEYWORDS}
        if place in {"path", "header"} and limits.get("min_length") == 1:
            del limits["min_length"]  # nothing shorter can be sent there
        if kind.const is not None:
            return self._written(_call("constant", *given, repr(kind.const)), kind, place, name)
        match kind.kind:
            case "string":
                return _call({"path": "segment", "header": "header"}.get(place, "text"), *given, **limits)
            case "id":
                return self._identifier(kind, place, given)
            case "uuid" | "moment" | "day":
                return self._written(_call(kind.kind, *given), kind, place, name)
            case "integer" | "number" | "boolean":
                return self._written(_call(kind.kind, *given, **limits), kind, place, name)
            case "enum":
                chosen = _call("number_of" if self._is_of_numbers(kind) else "choice", *given, kind.name)
                return self._written(chosen, kind, place, name)
            case "list" if kind.items is not None and place == "query":
                if kind.items.kind not in SCALARS or kind.items.nullable:
                    self.where.refuse("an array of these cannot be sent in a query: only one of scalars can")
                return _call("values", *given, self.function(kind.items, place), **limits)
            case "union" if not any(part.kind not in SCALARS for part in kind.parts):
                return _call("one_of", *given, *(self.function(part, place) for part in kind.parts))
            case _ if place != "body":
                return self.where.refuse(
                    f"{_IN_WORDS[kind.kind]} cannot be sent in a {place}: only a body can hold that"
                )
            case "list" if kind.items is not None:
                return _call("array", *given, self.function(kind.items, place), **limits)
            case "map" if kind.items is not None:
                return _call("mapping", *given, self.function(kind.items, place))
            case "union":
                return _call("one_of", *given, *(self.function(part, place) for part in kind.parts))
            case "object":
                return f"{self.bodies}check_{module_name(kind.name)}({name}, {value})"
            case _:
                return _call("anything", *given)

    def _is_of_numbers(self, kind: Type) -> bool:
        return kind.kind == "enum" and self.shapes.enums[kind.name].base == "OpenIntEnum"

    def _identifier(self, kind: Type, place: Place, given: list[str]) -> str:
        limits = dict(kind.limits)
        prefix = [repr(limits["x-id-prefix"])] if "x-id-prefix" in limits else []
        if prefix or self.shapes.foreign_ids:
            prefix.append("others=ID_PREFIXES")
        function = "path_segment" if place == "path" else "resource_id"
        return _call(function, *given, *prefix, max_length=limits.get("maxLength", 255))

    def function(self, kind: Type, place: Place) -> str:
        """A function that checks the items of a list or map, or one alternative."""
        if kind.kind == "object" and not kind.nullable:
            return f"{self.bodies}check_{module_name(kind.name)}"
        checked = self.check(kind, place, "name", "value")
        plain = re.fullmatch(r"([\w.]+)\(name, value\)", checked)
        return plain[1] if plain else f"lambda name, value: {checked}"

    def _written(self, expression: str, kind: Type, place: Place, name: str) -> str:
        """A scalar as it is sent: as it is in a body, and as text elsewhere."""
        if place == "body":
            return expression
        if kind.kind == "boolean":
            return f"str({expression}).lower()"
        if kind.kind in {"integer", "number"} or self._is_of_numbers(kind):
            return f"str({expression})"
        if kind.kind in {"string", "enum"} and place in {"path", "header"}:  # a value added since may be any text
            return _call({"path": "segment", "header": "header"}[place], name, expression)
        return f"checks.escaped({expression})" if place == "path" else expression


def _call(function: str, *given: str, **limits: object) -> str:
    named = [f"{name}={limit!r}" for name, limit in limits.items()]
    return f"checks.{function}({', '.join([*given, *named])})"


def in_words(kind: Type) -> str:
    """What a value is bounded by, for documentation."""
    limits: dict[str, Any] = {} if kind.kind == "id" else dict(kind.limits)
    said: list[str] = []
    for least, most, unit in (
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
    ):
        if least in limits and most in limits:
            said.append(f"{limits[least]} to {limits[most]}{unit}")
        elif limits.get(least, 0 if unit else None) not in ({0, 1} if unit == " characters" else {None, 0}):
            said.append(f"at least {limits[least]}{unit}")
        elif most in limits:
            said.append(f"at most {limits[most]}{unit}")
    for key, words in {"exclusiveMinimum": "above", "exclusiveMaximum": "below", "multipleOf": "a multiple of"}.items():
        if key in limits:
            said.append(f"{words} {limits[key]}")
    if "pattern" in limits:
        said.append(f"matching `{limits['pattern']}`")
    text = ", ".join(said).replace(" 1 items", " 1 item").replace(" 1 characters", " 1 character")
    return f"{text[:1].upper()}{text[1:]}." if text else ""
