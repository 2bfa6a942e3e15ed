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
    request_id: Path | None = None


class Simulation(Strict):
    """How calls say that nothing is to be done for real."""

    argument: Text
    """The member of a request that says so, where it is true."""
    filter: Text
    """The query parameter of lists that says which are meant."""
    simulated: Text
    """What that and responses say of what was simulated."""
    live: Text
    """And of all else."""


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
    length: Text | None = None
    """Where a response says how many results a page holds."""
    window: Text | None = None
    """Where the response of a list says which part of the time that was asked for it covers."""
    data: Text | None = None


class Head(Strict):
    """`x-sequence-contract`: what all operations have in common."""

    api_key_variable: Word
    base_url_variable: Word
    security: Text
    """Which of the security schemes is used."""
    auth_scheme: Word
    errors: ErrorPaths
    short_name: Word | None = None
    """What the API is called beside others of the same vendor."""
    other_base_url_variables: list[Word] = []
    """Those of the vendor's other APIs."""
    rate_limit: RateLimit | None = None
    data: Path | None = None
    """Where a response has what was asked for; None where it is the whole."""
    request_id: Word | None = None
    """The header with the identifier of a request."""
    response_id: Path | None = None
    """Where a successful response has it, if not in a header."""
    denied: dict[str, Literal["amount"] | None] = {}
    unsupported: list[Text] = []
    """The codes of a 403 for what the API cannot handle."""
    foreign_ids: list[Text] = []
    """What the IDs of the vendor's other APIs begin with."""
    simulation: Simulation | None = None
    idempotency: KeyRules | None = None
    pages: dict[Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*\Z")], CursorPages | NumberedPages] = {}


class NoResource(Strict, tag_field="in", tag="none"):
    """The scope has no resources."""


class OrganizationResource(Strict, tag_field="in", tag="organization"):
    """The scope is of the whole organization, and has `*` for resources."""


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
    resource: NoResource | OrganizationResource | PathResource | QueryResource | BodyResource | ServerResource
    otherwise: Text | None = None
    """What else a 403 with the same code may be about, in words."""


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
