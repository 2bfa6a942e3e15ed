"""Defines what each extension of a contract, `x-sequence-…`, may hold. docs/contract-extensions.md explains them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Something of a contract that may hold nothing but what is known here."""


Text = Annotated[str, msgspec.Meta(min_length=1)]
Path = Annotated[str, msgspec.Meta(pattern=r"^[^.]+(\.[^.]+)*\Z")]
"""Names of members, one below the other, with dots between them."""
Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]*\Z")]


class KeyRules(Strict):
    """How writes are recognized that are repeated."""

    header: Word
    kept_for: Annotated[float, msgspec.Meta(gt=0, le=10 * 365 * 86400)]
    mismatch: list[Text] = []
    in_progress: list[Text] = []


class ErrorPaths(Strict):
    code: Path
    message: Path


class RateLimit(Strict):
    requests: Annotated[int, msgspec.Meta(gt=0)]
    seconds: Annotated[float, msgspec.Meta(gt=0)]


class CursorPages(Strict, tag_field="style", tag="cursor"):
    size: Text
    largest: Annotated[int, msgspec.Meta(gt=0)]
    position: Text
    more: Text
    cursor: Text
    data: Text | None = None
    """Where a page has its results, if not where other responses have what was asked for."""


class NumberedPages(Strict, tag_field="style", tag="number"):
    size: Text
    largest: Annotated[int, msgspec.Meta(gt=0)]
    position: Text
    more: Text
    data: Text | None = None


class Head(Strict):
    """`x-sequence-contract`: what all operations have in common."""

    api_key_variable: Word
    base_url_variable: Word
    security: Text
    """Which of the security schemes is used."""
    auth_scheme: Word
    errors: ErrorPaths
    rate_limit: RateLimit | None = None
    data: Path | None = None
    """Where a response has what was asked for; None where it is the whole."""
    request_id: Word | None = None
    denied: dict[str, Literal["amount"] | None] = {}
    idempotency: KeyRules | None = None
    pages: dict[Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*\Z")], CursorPages | NumberedPages] = {}


class NoResource(Strict, tag_field="in", tag="none"):
    """The scope has no resources."""


class PathResource(Strict, tag_field="in", tag="path"):
    name: Text


class QueryResource(Strict, tag_field="in", tag="query"):
    name: Text


class BodyResource(Strict, tag_field="in", tag="body", rename=None):
    source: Text
    target: Text
    max_amount: Text


class ServerResource(Strict, tag_field="in", tag="server"):
    hint: Text
    response: list[Text] = []


class Permission(Strict):
    """`x-sequence-permission`."""

    scope: Text | None
    resource: NoResource | PathResource | QueryResource | BodyResource | ServerResource


class Timeline(Strict):
    """`x-sequence-timeline`."""

    oldest: Text
    newest: Text
    moment: Text


class Terminal(Strict):
    """`x-sequence-terminal`."""

    succeeded: list[Text]
    failed: list[Text]


class Settling(Strict):
    """One of `x-sequence-settling`."""

    status: Annotated[int, msgspec.Meta(ge=400, le=499)]
    code: Text


class Variants(Strict):
    """`x-sequence-variants`: the schemas that an open object may be of, by the values of a member."""

    tag: Text
    schemas: Annotated[dict[str, Text], msgspec.Meta(min_length=1)]
