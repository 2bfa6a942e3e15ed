"""Reads what our extensions say of operations: permissions, pages, echoes and the like, as their records have it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from .document import Document, Json, Place
from .extensions import (
    CursorPages,
    Head,
    NumberedPages,
    Permission,
    Settling,
    Strict,
    Terminal,
    Timeline,
)
from .operations import Operation
from .settings import Package
from .shapes import Shapes, Type


class Policies:
    """What the extensions of a document say."""

    def __init__(self, document: Document, shapes: Shapes, package: Package) -> None:
        self.document = document
        self.shapes = shapes
        self.package = package
        node = document.root.get("x-sequence-contract")
        if node is None and package.contract:
            (document.place / "x-sequence-contract").refuse("it is missing")
        self.head = None if node is None else (document.place / "x-sequence-contract").read(node, Head)
        self.scopes: dict[str, str] = {}
        """By scope, where its resource is found."""
        self.operations: list[Operation] = []
        """Those that were given what is said of them."""
        if self.head is not None:
            shapes.foreign_ids = tuple(self.head.foreign_ids)

    def check_head(self) -> None:
        """See to it that what the head names is there."""
        place = self.document.place / "x-sequence-contract"
        schemes: Json = self.document.root.get("components", {}).get("securitySchemes", {})
        if self.head is None:
            for name, scheme in schemes.items():
                if (scheme["type"], scheme.get("scheme", "").lower()) == ("http", "bearer"):
                    return
                place.refuse(
                    f"security scheme {name} is none of http and bearer: the head has to name the one that is used"
                )
            return
        if self.head.security not in schemes:
            place.refuse(f"there is no security scheme {self.head.security}")
        scheme = schemes[self.head.security]
        word, at = self.head.auth_scheme.lower(), (scheme.get("in"), scheme.get("name", "").lower())
        as_key = scheme["type"] == "apiKey" and at == ("header", "authorization")
        as_word = scheme["type"] == "http" and scheme.get("scheme", "").lower() == word
        if not (as_key or as_word):
            place.refuse(
                f"security scheme {self.head.security} is not supported: it has to be http with the head's scheme, or "
                "an apiKey in the header Authorization"
            )

    def contract(self) -> str:
        """The contract's record, as Python, without its scopes and operations."""
        info, head = self.document.root["info"], self.head
        servers: list[Json] = self.document.root["servers"]
        documentation = self.document.root.get("externalDocs", {}).get("url")
        if documentation is None and self.package.documentation:
            (self.document.place / "externalDocs").refuse("url is missing")
        members: dict[str, object] = {
            "name": f"{info['title']} {info['version']}",
            "documentation": documentation or "",
            "base_url": servers[0]["url"],
        }
        if head is not None:
            members |= {
                "short_name": head.short_name or "",
                "base_url_variable": head.base_url_variable,
                "other_base_url_variables": tuple(head.other_base_url_variables),
                "api_key_variable": head.api_key_variable,
                "auth_scheme": head.auth_scheme,
                "request_id": head.request_id,
                "response_id": head.response_id and self._response_id(head.response_id),
                "rate_limit": head.rate_limit and (head.rate_limit.requests, head.rate_limit.seconds),
                "errors": _record(
                    "ErrorFormat",
                    code=tuple(head.errors.code.split(".")),
                    message=tuple(head.errors.message.split(".")),
                    request_id=tuple(filter(None, (head.errors.request_id or "").split("."))),
                ),
                "denied": {code.lower(): part for code, part in head.denied.items()},
                "unsupported": head.unsupported and _frozenset(map(str.lower, head.unsupported)),
                "simulation": self._simulation(head),
                "idempotency": self._idempotency(head),
            }
        return ",\n    ".join(f"{name}={value!r}" for name, value in members.items() if value or name in _SHOWN)

    def _response_id(self, path: str) -> str:
        """Where responses have the identifier of their request, in Python: all that have it agree on that."""
        place = self.document.place / "x-sequence-contract" / "response-id"
        responses = filter(None, (operation.response for operation in self.operations))
        paths = {found[1] for kind in responses if (found := self.shapes.found(kind, path)) is not None}
        return paths.pop() if len(paths) == 1 else place.refuse(f"responses do not agree on what {path} is")

    def _simulation(self, head: Head) -> _Code | None:
        found = head.simulation
        if found is None:
            return None
        parameters = [parameter for operation in self.operations for parameter in operation.parameters]
        names = {
            wire_name: {parameter.name for parameter in parameters if parameter.wire_name == wire_name}
            for wire_name in (found.argument, found.filter)
        }
        for wire_name, called in names.items():
            if len(called) != 1:
                place = self.document.place / "x-sequence-contract" / "simulation"
                place.refuse(f"no parameter {wire_name}, or several names for it")
        (argument,), (filter_,) = names[found.argument], names[found.filter]
        return _record(
            "Simulation",
            argument=argument,
            member=found.argument,
            filter=filter_,
            simulated=found.simulated,
            live=found.live,
        )

    def _idempotency(self, head: Head) -> _Code | None:
        keys = head.idempotency
        if keys is None:
            return None
        return _record(
            "Idempotency",
            header=keys.header,
            kept_for=keys.kept_for,
            mismatch=_frozenset(map(str.lower, keys.mismatch)),
            in_progress=tuple(map(str.lower, keys.in_progress)),
        )

    def page_styles(self, operations: list[Operation]) -> dict[str, str]:
        """The page styles, as Python, by name. Their paths are those of the responses that they are used for."""
        found: dict[str, str] = {}
        for name, style in (self.head.pages if self.head else {}).items():
            place = self.document.place / f"page style {name}"
            used = [one for one in operations if one.policies.get("pages") == f"{name.upper()}_PAGES"]
            if not used:
                place.refuse("no operation has it")
            members: dict[str, object] = {"size": style.size, "largest": style.largest, "position": style.position}
            if isinstance(style, NumberedPages) and style.window is not None:
                members["window"] = self._window(place, used, style.window)
            for member in ("more", "cursor") if isinstance(style, CursorPages) else ("more", "length"):
                path = getattr(style, member)
                if path is None:
                    continue
                paths = {self.at(one.place, one, path)[1] for one in used}
                if len(paths) > 1:
                    place.refuse(f"{path} is called differently in Python: {', '.join(sorted(paths))}")
                members[member] = paths.pop()
            found[f"{name.upper()}_PAGES"] = _record(type(style).__name__, **members)
        return found

    def _window(self, place: Place, used: list[Operation], path: str) -> str:
        """Where those responses that cover a part of the time have that, in Python."""
        kinds = [one.response for one in used if one.response is not None]
        paths = {found[1] for kind in kinds if (found := self.shapes.found(kind, path)) is not None}
        return paths.pop() if len(paths) == 1 else place.refuse(f"no response has {path}, or they call it differently")

    def at(self, place: Place, operation: Operation, path: str) -> tuple[Type, str]:
        """The type of what a response has at a path of JSON, and that path in Python."""
        found = self.shapes.found(operation.response, path) if operation.response is not None else None
        return place.refuse(f"the response has nothing at {path}") if found is None else found

    def apply(self, operation: Operation) -> None:
        """Give an operation all that extensions say of it."""
        place, node, said, head = operation.place, operation.node, operation.policies, self.head
        self.operations.append(operation)
        if self.package.documentation and not operation.documentation:
            (place / "externalDocs").refuse("url is missing")
        pages = self._pages(operation, node.get("x-sequence-pages"))
        self._data(operation, pages)
        permission = self._permission(operation, node)
        if permission is not None:
            said["permission"] = permission
        if pages is not None:
            said["pages"] = f"{node['x-sequence-pages'].upper()}_PAGES"
        if "x-sequence-timeline" in node:
            said["timeline"] = self._timeline(operation, node["x-sequence-timeline"], pages)
        if head is not None and head.idempotency is not None and self._takes(operation, head.idempotency.header):
            said["idempotent"] = "True"
        if head is not None and head.request_id is not None:
            self._takes(operation, head.request_id)
        if node.get("x-availability") == "coming-soon":
            said["available"] = "False"
        if echoes := tuple(self._echoes(operation, node.get("x-sequence-echoes", {}))):
            said["echoes"] = repr(echoes)
        if settling := tuple(self._settling(operation, node.get("x-sequence-settling", []))):
            said["settling"] = repr(settling)
        if "x-sequence-makes" in node:
            if operation.method == "GET":
                (place / "x-sequence-makes").refuse("a GET makes nothing")
            path = (place / "x-sequence-makes").read(node["x-sequence-makes"], str)
            said["makes"] = repr(self.at(place / "x-sequence-makes", operation, path)[1])
        if "x-sequence-terminal" in node:
            said["terminal"] = self._terminal(operation, node["x-sequence-terminal"])

    def _data(self, operation: Operation, pages: CursorPages | NumberedPages | None) -> None:
        """Find what a response is about."""
        path, kind = self._data_path(pages), operation.response
        if kind is None or path is None:
            operation.data_type = plain(operation.annotation)
            return
        found = self.shapes.found(kind, path)
        if found is None:
            operation.place.refuse(f"the response has no member {path}, which x-sequence-contract names as its data")
        operation.data_kind, operation.data = found
        operation.data_type = plain(self.shapes.annotation(found[0]))

    def _data_path(self, pages: CursorPages | NumberedPages | None) -> str | None:
        """Where a response has what was asked for, as a path of JSON; None where that is the whole."""
        of_all = self.head.data if self.head is not None else None
        return of_all if pages is None or pages.data is None else pages.data

    def _takes(self, operation: Operation, header: str) -> bool:
        """Whether an operation takes a header, which has to be spelt as in the head."""
        for parameter in operation.at("header"):
            if parameter.wire_name != header and parameter.wire_name.lower() == header.lower():
                operation.place.refuse(f"parameter {parameter.wire_name} is spelt {header} in x-sequence-contract")
        return any(parameter.wire_name == header for parameter in operation.at("header"))

    def _permission(self, operation: Operation, node: Json) -> str | None:
        place = operation.place / "x-sequence-permission"
        if "x-sequence-permission" not in node and not self.package.permissions:
            return None
        permission = place.read(node.get("x-sequence-permission"), Permission)
        roles = [role for scheme in node.get("security", []) for named in scheme.values() for role in named]
        if roles != ([permission.scope] if permission.scope else []):
            operation.place.refuse(f"security names {roles}, x-sequence-permission {permission.scope}")
        if permission.scope is None:
            operation.needs = "Any key may call it."
            return None
        found = self._resource(operation, permission.resource)
        location = self.scopes.setdefault(permission.scope, found["location"])
        if {location, found["location"]} & {"none", "organization"} and location != found["location"]:
            place.refuse(f"{permission.scope} has resources in one operation, and none in another")
        operation.needs = f"Needs the scope `{permission.scope}`{_on(found)}."
        if permission.otherwise is not None:
            found["otherwise"] = permission.otherwise
        return _record("Permission", scope=permission.scope, **found)

    def _resource(self, operation: Operation, resource: Strict) -> dict[str, Any]:
        """Where the checked resource is found, with wire names replaced by the function's own."""
        sent = str(resource.__struct_config__.tag)
        names = {parameter.wire_name: parameter.name for parameter in operation.parameters if parameter.place == sent}
        found: dict[str, Any] = {"location": sent}
        for key, value in msgspec.structs.asdict(resource).items():
            if sent == "server":
                found[key] = tuple(self._server_known(operation, value)) if key == "response" else value
            else:
                found[key] = names.get(value) or (operation.place / "x-sequence-permission").refuse(
                    f"no {sent} parameter {value}"
                )
        return found

    def _server_known(self, operation: Operation, paths: list[str]) -> Iterator[str]:
        for path in paths:
            yield self.at(operation.place / "x-sequence-permission", operation, path)[1]

    def _pages(self, operation: Operation, style: object) -> CursorPages | NumberedPages | None:
        """The page style of an operation, which has to have its parameters and members."""
        place, styles = operation.place / "x-sequence-pages", self.head.pages if self.head is not None else {}
        if style is None:
            for named in styles.values():
                if operation.response is not None and self.shapes.found(operation.response, named.more) is not None:
                    place.refuse(f"it is missing, although the response has {named.more}")
            return None
        if style not in styles:
            place.refuse(f"x-sequence-contract has no page style {style}")
        found = styles[str(style)]
        self._has_queries(place, operation, found.size, found.position)
        size = next(one for one in operation.at("query") if one.wire_name == found.size)
        if size.type.kind != "integer" or found.largest > dict(size.type.limits).get("maximum", found.largest):
            place.refuse(f"largest is {found.largest}, and {found.size} cannot be that")
        if self.at(place, operation, found.more)[0].kind != "boolean":
            place.refuse(f"{found.more} is not true or false")
        if isinstance(found, CursorPages):
            self.at(place, operation, found.cursor)
        return found

    def _has_queries(self, place: Place, operation: Operation, *names: str) -> None:
        for name in names:
            if name not in {parameter.wire_name for parameter in operation.at("query")}:
                place.refuse(f"it has no parameter {name}")

    def _timeline(self, operation: Operation, node: object, pages: CursorPages | NumberedPages | None) -> str:
        place = operation.place / "x-sequence-timeline"
        timeline = place.read(node, Timeline)
        self._has_queries(place, operation, timeline.oldest, timeline.newest)
        for parameter in operation.at("query"):
            if parameter.wire_name in {timeline.oldest, timeline.newest} and parameter.type.kind != "moment":
                place.refuse(f"{parameter.wire_name} is no moment")
        kind, path = self.at(place, operation, f"{self._data_path(pages) or ''}[].{timeline.moment}")
        if kind.kind != "moment":
            place.refuse(f"{timeline.moment} is no moment")
        moment = path.partition("[].")[2]
        return _record("Timeline", oldest=timeline.oldest, newest=timeline.newest, moment=moment)

    def _terminal(self, operation: Operation, node: object) -> str:
        place = operation.place / "x-sequence-terminal"
        terminal = place.read(node, Terminal)
        kind = self.at(place, operation, ".".join(filter(None, (self._data_path(None), "status"))))[0]
        known = self.shapes.enums[kind.name].values.values() if kind.kind == "enum" else ()
        both = [*terminal.succeeded, *terminal.failed]
        for value in both:
            if value not in known:
                place.refuse(f"{value} is no status of the response's")
            if both.count(value) > 1:
                place.refuse(f"{value} is there twice")
        return _record("Terminal", succeeded=_frozenset(terminal.succeeded), failed=_frozenset(terminal.failed))

    def _echoes(self, operation: Operation, echoes: Json) -> Iterator[tuple[str, str]]:
        """Which arguments a response repeats, and at which paths."""
        place = operation.place / "x-sequence-echoes"
        names = {parameter.wire_name: parameter.name for parameter in operation.parameters}
        for wire_name, path in echoes.items():
            name = names.get(wire_name) or place.refuse(f"no parameter {wire_name}")
            yield name, self.at(place, operation, path)[1]

    def _settling(self, operation: Operation, marks: object) -> Iterator[tuple[int, str]]:
        """Which refusals say that a write was not done, whatever became of earlier attempts."""
        place = operation.place / "x-sequence-settling"
        keys = self.head.idempotency if self.head is not None else None
        for mark in place.read(marks, list[Settling]):
            if "idempotent" not in operation.policies or keys is None:
                place.refuse("it takes no idempotency key")
            if mark.status in {408, 429} or mark.code.lower().endswith(tuple(map(str.lower, keys.in_progress))):
                place.refuse(f"{mark.status} {mark.code} is followed by another attempt")
            yield mark.status, mark.code


_SHOWN = {"name", "documentation", "base_url", "request_id"}
"""The members of the contract's record that are written down though they say nothing."""


def plain(annotation: str) -> str:
    """An annotation without what only decoders look at."""
    return re.sub(r"Open\[(\w+)\]", r"\1", annotation)


class _Code(str):
    """Python, which is its own repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _record(kind: str, **members: object) -> _Code:
    """A Python expression that makes a record."""
    return _Code(f"{kind}({', '.join(f'{name}={value!r}' for name, value in members.items())})")


def _frozenset(values: Iterable[str]) -> _Code:
    """A Python expression that makes a set, in an order that stays."""
    return _Code(f"frozenset({sorted(values)!r})")


def _on(found: dict[str, Any]) -> str:
    """What a permission is checked on, in words."""
    match found["location"]:
        case "path" | "query":
            return f" on `{found['name']}`"
        case "body":
            return f" for `{found['source']}`, `{found['target']}` and `{found['max_amount']}`"
        case "server":
            return f" on {found['hint']}"
        case _:
            return ""
