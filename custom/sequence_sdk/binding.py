"""Binds the operations of a generated package to a client: a table of resources has one line an operation."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, ParamSpec, TypeVar

from sequence_runtime import Call, Operation

from .arguments import checked
from .exchange import exchange
from .pages import Page, begin, to_page
from .pagination import Pager
from .session import APIResponse, Session
from .simulation import filled

P = ParamSpec("P")
T = TypeVar("T")
DataT = TypeVar("DataT")


class Bound(Generic[P, DataT]):
    """An operation of a client, with the name, documentation and signature of its generated function."""

    gives: ClassVar[str] = "{}"
    """What a call of it gives, around what the API responds with."""

    def __init__(self, session: Session, function: Callable[P, Call[Any, DataT]]) -> None:
        self._session = session
        self._function = function
        self.__doc__, self.__module__ = function.__doc__, function.__module__
        self.__annotations__ = function.__annotations__

    if not TYPE_CHECKING:  # or editors would take any name for an attribute

        def __getattr__(self, name: str) -> object:
            """What is looked up of functions: `help` and editors do, and no call."""
            match name:
                case "__name__" | "__qualname__":
                    return getattr(self._function, name)
                case "__wrapped__":
                    return self._function
                case "__signature__":
                    return _signature(self._function, self.gives)
                case _:
                    raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def prepared(self, *args: P.args, **kwargs: P.kwargs) -> Call[Any, DataT]:
        """The call, with all of its arguments checked: nothing is sent.

        Raises:
            InvalidArgumentError: One of them cannot be sent.
        """
        if self._session.simulation:
            signature = inspect.signature(self._function)
            kwargs = filled(self._session.contract, signature.parameters, kwargs)  # type: ignore[assignment]
        return checked(self._function, *args, **kwargs)

    def __repr__(self) -> str:
        return f"{getattr(self._function, '__name__', '')}{_signature(self._function, self.gives)}"


class BoundOperation(Bound[P, T]):
    """An operation of a client: awaiting a call of it gives what the API responds with."""

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        call = self.prepared(*args, **kwargs)
        return call.operation.data((await exchange(self._session, call)).data)

    async def with_response(self, *args: P.args, **kwargs: P.kwargs) -> APIResponse[T]:
        """The same call, with the whole response: data, request ID, status, headers, bytes, elapsed time, attempts."""
        call = self.prepared(*args, **kwargs)
        return (await exchange(self._session, call)).map(call.operation.data)


class BoundList(Bound[P, list[T]]):
    """A paginated operation of a client: a call of it gives a `Pager`, which sends nothing before it is iterated."""

    gives = "Pager[{}]"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Pager[T]:
        return Pager(self._session, self.prepared(*args, **kwargs))

    async def with_response(self, *args: P.args, **kwargs: P.kwargs) -> APIResponse[Page[T]]:
        """The first page, with the whole response: request ID, status, headers, bytes, elapsed time, attempts."""
        call = begin(self.prepared(*args, **kwargs))
        response = await exchange(self._session, call)
        return response.map(lambda _: to_page(call, response))


class Resource:
    """Some operations of a client that concern one kind of thing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of a Sequence client>"


Binding = cached_property
"""A line of the table: binds its operation to a resource's session when it is first used."""


# The lines of a table name their operations in a lambda: what a program does not use is not loaded.


def operation(load: Callable[[], Callable[P, Call[Any, T]]]) -> Binding[BoundOperation[P, T]]:
    return Binding(lambda resource: BoundOperation(resource._session, load()))


def paginated(load: Callable[[], Callable[P, Call[Any, list[T]]]]) -> Binding[BoundList[P, T]]:
    return Binding(lambda resource: BoundList(resource._session, load()))


@cache
def _signature(function: Callable[..., object], gives: str) -> inspect.Signature:
    """The signature of an operation that is bound: the same for all clients, which may be many."""
    signature = inspect.signature(function)
    found = vars(sys.modules[function.__module__]).get(getattr(function, "__name__", "").upper())
    if isinstance(found, Operation) and found.pages is not None and not found.pages.resumes:
        kept = [one for one in signature.parameters.values() if one.name != found.pages.position]  # which is refused
        signature = signature.replace(parameters=kept)
    data = re.sub(r"^Call\[\w+, (.*)\]$", r"\1", str(signature.return_annotation))
    item = data.removeprefix("list[").removesuffix("]") if "[" in gives else data
    return signature.replace(return_annotation=gives.format(item))
