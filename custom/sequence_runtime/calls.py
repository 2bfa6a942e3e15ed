"""What a call is: an operation and a checked request for it; and what carries requests to the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from .contract import Operation
from .pages import Query

ResponseT = TypeVar("ResponseT")
DataT = TypeVar("DataT")


class Shown:
    """The repr of a Struct that every call makes: those are made in a fifth of the time that attrs classes take."""

    __slots__ = ()
    __struct_fields__: ClassVar[tuple[str, ...]]
    hidden: ClassVar[tuple[str, ...]] = ()
    """The members that it does not show."""

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.hidden]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class Request(Shown, Struct, frozen=True, kw_only=True):
    """A checked request, without anything that depends on who sends it."""

    hidden = ("content",)

    operation: str
    """The operationId."""
    method: str
    path: str
    """The path below the base URL, parameters filled in and percent-encoded."""
    query: Query
    """Values by parameter; a tuple for one that is there several times."""
    headers: Mapping[str, str]
    content: bytes | None
    """The JSON body, or None where there is none."""
    arguments: Mapping[str, object]
    """What the operation was called with, by argument name; None stands for not given."""


class Response(Shown, Struct, frozen=True, kw_only=True):
    """What came back."""

    hidden = ("headers", "content")  # a server may echo what it was sent

    status_code: int
    headers: Mapping[str, str]
    content: bytes


class Transport(Protocol):
    """Carries requests: one in; status, headers and bytes out."""

    async def send(self, request: Request, /) -> Response: ...


class ResponseError(Exception):
    """A response that is an error, or not what the operation responds with."""

    def __init__(self, request: Request, response: Response, problem: str) -> None:
        super().__init__(f"{response.status_code}: {request.operation}: {problem}")
        self.request = request
        self.response = response
        self.problem = problem

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.request, self.response, self.problem)


class Call(Shown, Struct, Generic[ResponseT, DataT], frozen=True):
    """An operation with checked arguments. Nothing is sent before it is sent by a transport."""

    operation: Operation[ResponseT, DataT]
    request: Request

    async def send(self, transport: Transport) -> ResponseT:
        """Send it once, and decode the response.

        Raises:
            ResponseError: The response is an error, or not as the contract says.
        """
        response = await transport.send(self.request)
        if not 200 <= response.status_code < 300:
            raise ResponseError(self.request, response, "it was refused; see .response")
        try:
            return self.operation.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ResponseError(self.request, response, f"the response is not as documented: {error}") from error
