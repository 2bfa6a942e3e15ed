"""Says in words what is wrong with JSON that is not as a type has it: the place, the problem, what would be right."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import inspect

_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")


def in_words(error: msgspec.ValidationError, into: object) -> tuple[str, str]:
    """The place of a mistake, such as `accounts[0].type` (empty for the whole), and what is wrong there."""
    what, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`")
    node = _at(inspect.type_info(into), place)
    what = what[:1].lower() + what[1:]
    if what.startswith(("invalid enum value", "invalid value")):
        what += f"; use one of {', '.join(map(str, _choices(node)))}" if _choices(node) else ""
    if "unknown field" in what:
        known = [one.encode_name for kind in _members(node) for one in kind.fields]
        what += f"; the members that there can be: {', '.join(known) or 'none'}"
    return place.removeprefix("."), what


def _at(node: inspect.Type, place: str) -> inspect.Type:
    for name, _ in _STEP.findall(place):
        inner = [_inside(kind, name) for kind in _kinds(node)]
        node = next((one for one in inner if one is not None), node)
    return node


def _inside(kind: inspect.Type, name: str) -> inspect.Type | None:
    """The type of a member, or of the items where there is no name."""
    if name and isinstance(kind, inspect.StructType):
        return next((one.type for one in kind.fields if one.encode_name == name), None)
    return kind.item_type if not name and isinstance(kind, inspect.ListType) else None


def _kinds(node: inspect.Type) -> list[inspect.Type]:
    while isinstance(node, inspect.Metadata):
        node = node.type
    return [one for each in node.types for one in _kinds(each)] if isinstance(node, inspect.UnionType) else [node]


def _members(node: inspect.Type) -> list[inspect.StructType]:
    return [kind for kind in _kinds(node) if isinstance(kind, inspect.StructType)]


def _choices(node: inspect.Type) -> list[Any]:
    return [value for kind in _kinds(node) if isinstance(kind, inspect.LiteralType) for value in kind.values]
