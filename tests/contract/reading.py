"""Reads OpenAPI documents: what a reference leads to, and every object there is."""

from __future__ import annotations

from collections.abc import Iterator
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
