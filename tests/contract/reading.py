"""Reads OpenAPI documents: what a reference leads to, and every object there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any


def resolved(document: Any, node: Any) -> Any:
    """What a reference leads to; anything else is itself."""
    while isinstance(node, dict) and "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document, with its path, but what examples hold."""
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            if not (name == "value" and "/examples/" in path):
                yield from nodes(value, f"{path}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nodes(value, f"{path}/{index}")


def dicts(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in JSON."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from dicts(value)


def same(found: Any, payload: Any) -> bool:
    """Whether re-encoded JSON is the payload, but for the nulls that stand for members which it leaves out."""
    if isinstance(payload, dict):
        absent = [found[name] for name in found if name not in payload]
        return not any(absent) and all(name in found and same(found[name], one) for name, one in payload.items())
    if isinstance(payload, list):
        return len(found) == len(payload) and all(map(same, found, payload))
    if isinstance(payload, str) and re.match(r"\d{4}-\d\d-\d\dT", payload):
        return datetime.fromisoformat(found) == datetime.fromisoformat(payload)
    return type(found) is type(payload) and found == payload


def snake_case(name: str) -> str:
    """What a member or an operation is called in Python."""
    return re.sub("(?<=[a-z0-9])[A-Z]", lambda found: f"_{found[0]}", name).lower()
