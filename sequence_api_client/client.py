"""What an operation is, what a request holds, and what carries one to the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Generic, Literal, Protocol, TypeVar

import msgspec
from attrs import field, frozen

from .types import decode_open

ResponseT = TypeVar("ResponseT")


@frozen(kw_only=True)
class CheckedResource:
    """Where the resource that the server checks against a key's permissions is found in a call."""

    location: Literal["none", "path", "query", "body", "server"]
    """`none`: the scope has no resources. `server`: only the server knows it."""
    name: str | None = None
    """The argument that holds the ID, for `path` and `query`."""
    source: str | None = None
    """The argument that holds the source account's ID, for `body`."""
    target: str | None = None
    """The argument that holds the target account's ID, for `body`."""
    max_amount: str | None = None
    """The argument that holds the amount in cents, for `body`."""
    hint: str | None = None
    """The resource in words, for `server`."""
    response: tuple[str, ...] = ()
    """Where a response names the resource, for `server`; any one of several is enough."""


@frozen(kw_only=True, eq=False)
class Operation(Generic[ResponseT]):
    """One operation of the API, as openapi.yaml describes it."""

    id: str
    """The operationId, such as `listCards`."""
    method: str
    path: str
    """The path below the base URL, with `{name}` for parameters."""
    scope: str
    """The scope that a key needs, such as `READ_CARDS`."""
    resource: CheckedResource
    paginated: bool
    """Whether the response is one page of a list, with a cursor to the next."""
    takes_idempotency_key: bool
    available: bool
    """False where the documentation says that the endpoint is coming soon."""
    documentation: str
    """Address of the documentation page."""
    response: type[ResponseT]
    echoes: tuple[tuple[str, str], ...] = ()
    """Arguments that a successful response repeats, each with the path at which it does."""
    settling: tuple[tuple[int, str], ...] = ()
    """The statuses and codes of refusals that follow from the request's bytes alone: a write that is refused so was not
    done by an earlier attempt with the same idempotency key either."""

    @cached_property
    def decode(self) -> Callable[[bytes], ResponseT]:
        """From the bytes of a successful response to its model, in one pass.

        Raises:
            msgspec.DecodeError: The bytes are not JSON, or not of this shape (`msgspec.ValidationError`).
        """
        return msgspec.json.Decoder(self.response, dec_hook=decode_open).decode


@frozen(kw_only=True)
class Request:
    """A checked request, without anything that depends on who sends it."""

    path: str
    """The path below the base URL, parameters filled in and percent-encoded."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes | None = field(repr=False)
    """The JSON body, or None where there is none."""
    arguments: Mapping[str, object]
    """What the operation was called with, by argument name; None stands for not given."""


class Transport(Protocol):
    """Whatever sends a request and decodes its response."""

    async def send(self, operation: Operation[ResponseT], request: Request, /) -> ResponseT: ...
