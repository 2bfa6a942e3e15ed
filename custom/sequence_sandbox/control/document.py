"""The OpenAPI document of the control of a sandbox, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from .actions import Action
from .bodies import Mistaken
from .events import EVENTS_PATH
from .view import View

_REFERENCE = "#/components/schemas/{name}"
_ERRORS = {
    "400": "The body or the query is wrong; the message says how.",
    "401": "The sandbox has a token, and it is missing.",
    "403": "From a page or a machine elsewhere, or for another host.",
}


def document(actions: Sequence[Action], path: str) -> dict[str, Any]:
    """The document; `path` is where all actions are below."""
    types = [Mistaken, View, *(one.asked for one in actions), *(one.shown for one in actions)]
    _, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    paths: dict[str, Any] = {}
    for action in actions:
        paths.setdefault(path + action.path, {})[action.method.lower()] = _operation(action)
    paths[path + EVENTS_PATH] = {"get": _events()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control of a Sequence sandbox", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(action: Action) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": action.method.lower() + action.path.strip("/").title(),
        "summary": action.summary,
        "responses": {
            "200": {"description": "Done.", "content": _content(_schema(action.shown))},
            **{status: _error(text) for status, text in _ERRORS.items()},
        },
    }
    if action.has_body:
        content = {"schema": _schema(action.asked), "example": action.example}
        required = bool(_struct(action.asked).get("required"))
        operation["requestBody"] = {"required": required, "content": {"application/json": content}}
    else:
        operation["parameters"] = [
            {"name": name, "in": "query", "schema": schema}
            for name, schema in _struct(action.asked).get("properties", {}).items()
        ]
    return operation


def _events() -> dict[str, Any]:
    text = (
        "An event `view` with all there is to see, then events `change` with the parts that changed, at most ten in a "
        "second, and with the time where nothing else changes. The data of each is this JSON. It ends with the sandbox."
    )
    return {
        "operationId": "getEvents",
        "summary": "What there is to see, and what changes of it, as server-sent events",
        "responses": {
            "200": {"description": text, "content": {"text/event-stream": {"schema": _schema(View)}}},
            **{status: _error(why) for status, why in _ERRORS.items() if status != "400"},
        },
    }


def _schema(of: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([of], ref_template=_REFERENCE)
    return schema


def _struct(of: Any) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([of])
    found: dict[str, Any] = components[of.__name__]
    return found


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _error(description: str) -> dict[str, Any]:
    return {"description": description, "content": _content(_schema(Mistaken))}
