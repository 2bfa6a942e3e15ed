"""What a call is: an operation and a checked request for it; and what carries requests to the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

import msgspec
from attrs import field, frozen

from .contract import Operation
from .pages import Query

ResponseT = TypeVar("ResponseT")
DataT = TypeVar("DataT")


@frozen(kw_only=True)
class Request:
    """A checked request, without anything that depends on who sends it."""

    operation: str
    """The operationId."""
    method: str
    path: str
    """The path below the base URL, parameters filled in and percent-encoded."""
    query: Query
    """Values by parameter; a tuple for one that is there several times."""
    headers: Mapping[str, str]
    content: bytes | None = field(repr=False)
    """The JSON body, or None where there is none."""
    arguments: Mapping[str, object]
    """What the operation was called with, by argument name; None stands for not given."""


@frozen(kw_only=True)
class Response:
    """What came back."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)  # a server may echo what it was sent
    content: bytes = field(repr=False)


class Transport(Protocol):
    """Carries requests: one in; status, headers and bytes out."""

    async def send(self, request: Request, /) -> Response: ...


class ResponseError(Exception):
    """A response that is an error, or not what the operation responds with."""

    def __init__(self, request: Request, response: Response, problem: str) -> None:
        super().__init__(f"{response.status_code}: {request.operation}: {problem}")
        self.request = request
        self.response = response

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (str(self), self.request, self.response)


def _restore(text: str, request: Request, response: Response) -> ResponseError:
    error = ResponseError(request, response, "")
    error.args = (text,)
    return error


@frozen
class Call(Generic[ResponseT, DataT]):
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
