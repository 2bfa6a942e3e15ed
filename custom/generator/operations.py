"""Reads the operations and webhooks of a contract: their parameters, bodies and responses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, cast

from attrs import define, evolve, field

from . import nodes
from .arguments import Arguments, Place as Sent, in_words
from .document import Document, Json, Place, described, prose
from .layout import class_name, module_name, snake_case
from .shapes import Shapes, Type, python_name

RESERVED = {
    "query", "headers", "body", "request", "checks", "bodies", "msgspec", "warnings", "datetime", "date", "dict",
    "str", "int", "float", "bool", "object", "UNSET",
}  # fmt: skip
"""Names that the generated functions use themselves: a parameter of such a name gets an underscore, as keywords do."""

USED = RESERVED | {"api", "attrgetter", "import_module", "models", "operations", "whole"}
"""Names that modules of operations use themselves."""

NOT_OURS = {"host", "content-length", "transfer-encoding", "connection", "cookie", "te", "upgrade", "expect"}
"""Headers that only the HTTP library can know."""

OF_HTTP = {"authorization", "content-type", "accept"}
"""Headers that OpenAPI says are no parameters, since all else says already what they are."""


@define(kw_only=True)
class Parameter:
    """A parameter of an operation, or a member of its request body, as its Python function takes it."""

    wire_name: str
    name: str
    place: Sent
    required: bool
    type: Type
    annotation: str
    default: str | None
    check: str
    doc: str
    deprecated: bool = False
    fixed: bool = False
    """Whether there is only one value, which the function gives itself."""

    @property
    def argument(self) -> str:
        """What records of the call have for it: None where it is not given."""
        return f"None if {self.name} is UNSET else {self.name}" if self.default == "UNSET" else self.name

    @property
    def given(self) -> str | None:
        """The condition under which it is sent; None where it always is."""
        return None if self.default is None else f"{self.name} is not {self.default}"


@define(kw_only=True)
class Operation:
    """An operation, as templates see it."""

    place: Place
    node: Json
    """As it is written."""
    id: str
    constant: str
    function: str
    method: str
    path: str
    path_parts: list[str]
    """Python expressions that make the path."""
    tag: str
    summary: str
    description: str
    documentation: str
    deprecated: bool
    response: Type | None
    """None where it has no body."""
    annotation: str
    parameters: list[Parameter]
    has_body: bool
    body_required: bool
    data: str | None = None
    """Where a response has what was asked for, as a path in Python; None where it is the whole."""
    data_type: str = ""
    data_kind: Type | None = None
    policies: dict[str, Any] = field(factory=dict[str, Any])
    """The members of its record that extensions say, as Python."""
    needs: str = ""
    """The permission in words."""
    classes: set[str] = field(factory=set[str])
    """Those that its function uses when it runs."""
    data_classes: set[str] = field(factory=set[str])
    """And those that annotations of what it gives and takes mention."""

    def at(self, place: Sent) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.place == place]

    @property
    def positional(self) -> list[Parameter]:
        return [parameter for parameter in self.at("path") if not parameter.fixed]

    @property
    def keyword(self) -> list[Parameter]:
        """The others: required ones first, headers last."""
        rest = [parameter for parameter in self.parameters if parameter.place != "path" and not parameter.fixed]
        return sorted(rest, key=lambda parameter: (parameter.default is not None, parameter.place == "header"))


@define(kw_only=True)
class Webhook:
    """What an API sends by itself."""

    name: str
    doc: str
    type: Type
    annotation: str


class Operations:
    """The operations and webhooks of a document."""

    def __init__(self, document: Document, shapes: Shapes, *, scheme: str | None) -> None:
        self.document = document
        self.shapes = shapes
        self.scheme = scheme
        """The security scheme that is used; None where any is."""
        found = list(document.operations())
        self._check_ids([(place, node) for place, _, _, node, _ in found])
        self.listed = [self._operation(*one) for one in found]
        self.webhooks = [self._webhook(*found) for found in document.webhooks()]

    def _check_ids(self, found: list[tuple[Place, Json]]) -> None:
        """See to it that all operations are called differently, in Python, too."""
        seen: dict[str, Place] = {}
        tags = {module_name(tag): tag for _, node in found for tag in node.get("tags", ["default"])}
        for name, tag in tags.items():
            if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 _.-]*", tag) or not name.isidentifier():
                self.document.place.refuse(f"tag {tag!r} cannot be the name of a package")
        for place, node in found:
            identifier = node["operationId"]
            name = module_name(identifier)
            if name in USED or name.upper() in {"CONTRACT", "ID_PREFIXES", "OPERATIONS", "UNSET"}:
                place.refuse(f"operationId {identifier} is a name that generated code uses itself: give it another one")
            if name in tags:
                place.refuse(
                    f"operationId {identifier} is called as the tag {tags[name]} in Python: rename one of them"
                )
            if name in seen:
                place.refuse(f"operationId {identifier} is taken by {seen[name]}, or called alike in Python")
            seen[name] = place

    def _operation(self, place: Place, method: str, path: str, node: Json, common: list[Json]) -> Operation:
        identifier = str(node["operationId"])
        if node.get("x-availability", "available") not in {"available", "coming-soon"}:
            place.refuse("x-availability is neither available nor coming-soon")
        self._check_security(place, node)
        name = class_name(identifier)
        response = self._response(place, node, name)
        parameters = list(self._parameters(place, node.get("parameters", []), common, name))
        body = node.get("requestBody")
        if body is not None:
            parameters += self._body(
                place / "request body", self.document.resolve(place, body), name, patch=method == "patch"
            )
        _check_names(place, parameters)
        return Operation(
            place=place,
            node=node,
            id=identifier,
            constant=snake_case(identifier).upper(),
            function=module_name(identifier),
            method=method.upper(),
            path=path,
            path_parts=list(self._path(place, path, parameters)),
            tag=(node.get("tags") or ["default"])[0],
            summary=prose(node.get("summary")) or place.refuse("summary is missing"),
            description=described({**node, "deprecated": False}),
            documentation=node.get("externalDocs", {}).get("url", ""),
            deprecated=bool(node.get("deprecated")),
            response=response,
            annotation="None" if response is None else self.shapes.annotation(response),
            parameters=parameters,
            has_body=body is not None,
            body_required=bool(body is not None and self.document.resolve(place, body).get("required")),
        )

    def _check_security(self, place: Place, node: Json) -> None:
        """See to it that the operation can be called with the scheme that is used, and nothing else."""
        if self.scheme is None:
            return
        if node.get("security") == []:
            place.refuse("security: an operation without any is not supported, for the key is sent with every one")
        listed = node.get("security", self.document.root.get("security", []))
        if listed and not any(set(one) <= {self.scheme} for one in listed):
            place.refuse(f"security: it cannot be called with {self.scheme} alone")

    def _path(self, place: Place, path: str, parameters: list[Parameter]) -> Iterator[str]:
        """The path as Python expressions, in which parameters are checked and percent-encoded."""
        checks = {parameter.wire_name: parameter.check for parameter in parameters if parameter.place == "path"}
        left = set(checks)
        if not re.fullmatch(r"([^{}]|\{[^{}]+\})+", path):
            place.refuse("its braces do not match")
        for index, part in enumerate(path.replace("}", "{").split("{")):
            if index % 2:
                yield checks.get(part) or place.refuse(f"the path has {{{part}}}, and no parameter of this name")
                left.discard(part)
            elif part:
                yield repr(part)
        if left:
            place.refuse(f"path parameter {', '.join(sorted(left))} is not in the path")

    def _parameters(self, place: Place, own: list[Json], common: list[Json], name: str) -> Iterator[Parameter]:
        """The parameters of an operation, and those of its path that it does not have anew."""
        seen: set[tuple[str, str]] = set()
        for listed in (own, common):
            found = [self.document.resolve(place, one) for one in listed]
            keys = [(str(one.get("in")), str(one.get("name"))) for one in found]
            if len(set(keys)) < len(keys):
                place.refuse("a parameter is listed twice")
            # What is deprecated makes room for what it was renamed to.
            places = [place / f"parameter {wire_name}" for _, wire_name in keys]
            called = [_name(here, sent, wire_name) for here, (sent, wire_name) in zip(places, keys, strict=True)]
            taken = {one for one, node in zip(called, found, strict=True) if not node.get("deprecated")}
            for here, key, node in zip(places, keys, found, strict=True):
                if key not in seen and not (key[0] == "header" and key[1].lower() in OF_HTTP):
                    yield self._parameter(here, node, name, taken)
            seen |= set(keys)

    def _parameter(self, place: Place, node: Json, operation: str, taken: Collection[str]) -> Parameter:
        wire_name, sent = str(node.get("name")), str(node.get("in"))
        if sent not in {"path", "query", "header"}:
            place.refuse(f"parameters in a {sent} are not supported: only in path, query and header")
        if "content" in node:
            place.refuse("content is not supported: describe it by a schema")
        place.check(node, nodes.Parameter)
        if sent == "header" and not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", wire_name):
            place.refuse("it cannot be the name of a header")
        if sent == "header" and wire_name.lower() in NOT_OURS:
            place.refuse("HTTP libraries set this header themselves: leave it out")
        if sent == "path" and node.get("required") is not True:
            place.refuse("a path parameter has to be required")
        if node.get("x-sensitive"):
            place.refuse("x-sensitive is not supported for parameters: requests are shown")
        if "schema" not in node:
            place.refuse("schema is missing")
        kind = self.shapes.type_of(place, node["schema"], class_name(f"{operation}_{wire_name}"))
        schema: Json = {} if node["schema"] is True else self.document.resolve(place, node["schema"])
        found = self._argument(
            place,
            wire_name,
            cast("Sent", sent),
            kind,
            {**schema, **node},
            required=bool(node.get("required")),
            taken=taken,
        )
        usual = {"path": "simple", "header": "simple", "query": "form"}[sent]
        if node.get("style", usual) != usual or node.get("allowReserved"):
            place.refuse(f"style {node.get('style')} is not supported: use {usual}")
        if kind.kind == "list" and not node.get("explode", True):
            found.check = f'checks.joined("{found.name}", {found.check})'
        return found

    def _body(self, place: Place, body: Json, operation: str, *, patch: bool) -> Iterator[Parameter]:
        """The members of a JSON body, each an argument."""
        place.check(body, nodes.Body)
        schema = _json(place, body)
        if schema is None:
            place.refuse("it is not JSON: only application/json is supported")
        kind = self.shapes.type_of(place, schema, class_name(f"{operation}_body"))
        model = self.shapes.classes.get(kind.name)
        if kind.kind != "object" or kind.nullable or model is None or model.variants or model.alternatives:
            place.refuse("it is no JSON object with properties, of one kind")
        if model.takes_more:
            place.refuse("additionalProperties of a whole body is not supported: describe its members")
        for member in model.all_members:
            node = {"description": member.doc}
            found = self._argument(
                place / f"member {member.wire_name}", member.wire_name, "body", member.type, node,
                required=member.required, unset=patch,
            )  # fmt: skip
            found.deprecated = member.deprecated  # which its documentation says already
            yield found

    def _argument(
        self, place: Place, wire_name: str, sent: Sent, kind: Type, node: Json, *, required: bool, unset: bool = False,
        taken: Collection[str] = (),
    ) -> Parameter:  # fmt: skip
        """A parameter or a member of a body, as an argument."""
        name = _name(place, sent, wire_name)
        if node.get("deprecated") and name in taken:
            name = f"{name}_deprecated"
        arguments = Arguments(self.shapes, place)
        null = sent == "body" and (required or unset) and kind.nullable
        kind = evolve(kind, nullable=null)
        default = None if required else "UNSET" if unset else "None"
        fixed = kind.const is not None and required and not kind.nullable
        annotation = arguments.annotation(kind)
        if default == "UNSET" or (default == "None" and not kind.nullable):
            annotation += " | UnsetType" if default == "UNSET" else " | None"
        return Parameter(
            wire_name=wire_name,
            name=name,
            place=sent,
            required=required,
            type=kind,
            annotation=annotation,
            default=default,
            check=arguments.check(kind, sent, f'"{name}"', repr(kind.const) if fixed else name),
            fixed=fixed,
            doc=_doc(node, kind),
            deprecated=bool(node.get("deprecated")),
        )

    def _response(self, place: Place, node: Json, operation: str) -> Type | None:
        """What an operation responds with; None where that has no body."""
        responses = {str(status): response for status, response in node.get("responses", {}).items()}
        successes = [status for status in responses if status.startswith("2")]
        if not successes:
            place.refuse("no successful response")
        if len(successes) > 1:
            place.refuse(f"several successful responses ({', '.join(successes)}) are not supported: give it one")
        here = place / f"response {successes[0]}"
        response = self.document.resolve(here, responses[successes[0]])
        here.check(response, nodes.Response)
        if successes[0] == "204" and response.get("content"):
            here.refuse("204 has no content")
        if not response.get("content"):
            return None
        schema = _json(here, response)
        if schema is None:
            here.refuse("it is not JSON: only application/json is supported")
        found = self.shapes.type_of(here, schema, f"{operation}Response")
        if found.nullable or found.kind == "union":
            here.refuse("a response that may be null, or of several types, is not supported: put it into an object")
        return found

    def _webhook(self, place: Place, name: str, node: Json) -> Webhook:
        body = self.document.resolve(place, node.get("requestBody") or place.refuse("requestBody is missing"))
        schema = _json(place, body)
        if schema is None:
            place.refuse("its body is not JSON")
        kind = self.shapes.type_of(place, schema, class_name(f"{name}_event"))
        return Webhook(
            name=name,
            doc=prose(node.get("summary") or described(node)),
            type=kind,
            annotation=self.shapes.annotation(kind),
        )


def _name(place: Place, sent: str, wire_name: str) -> str:
    """What a parameter is called in Python: a header without its X-."""
    is_marked = sent == "header" and wire_name.lower().startswith("x-")
    return python_name(place, wire_name[2:] if is_marked else wire_name, RESERVED)


def _check_names(place: Place, parameters: list[Parameter]) -> None:
    """See to it that no two parameters have one name in Python."""
    for index, one in enumerate(parameters):
        for other in parameters[:index]:
            if other.name == one.name:
                place.refuse(
                    f"parameters {other.wire_name} and {one.wire_name} would both be called {one.name} in Python"
                )


def _doc(node: Json, kind: Type) -> str:
    """What an argument is and what it is bounded by, before what is inferred of that."""
    text, limits = described(node), in_words(kind)
    before, mark, after = text.partition("(Inferred")
    return " ".join(filter(None, (before.strip(), limits, mark + after)))


def _json(place: Place, node: Json) -> Any:
    """The schema of a body in JSON; None where it is something else."""
    content: Json = node.get("content") or {}
    if set(content) - {"application/json"}:
        place.refuse(
            f"{', '.join(sorted(set(content) - {'application/json'}))} is not supported: only application/json is"
        )
    media = content.get("application/json")
    if media is None:
        return None
    place.check(media, nodes.Media)
    return media.get("schema", {})
