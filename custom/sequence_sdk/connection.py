"""Holds what clients share: an HTTP client, with all that is known of httpx, the limits, and what runs on them."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import anyio
import httpx

from . import errors
from .background import BackgroundCall, Run, clock, event_loop, start
from .rate_limit import Limiter

if TYPE_CHECKING:
    from sequence_api_client import Operation

T = TypeVar("T")


class HTTPResponse(Protocol):
    """The response of an HTTP client, as far as it is read."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Any:
        """A mapping by name, whatever its case, that has all of them in `raw`, as they were sent."""

    @property
    def is_stream_consumed(self) -> bool: ...

    def aiter_raw(self) -> AsyncIterator[bytes]: ...

    async def aread(self) -> bytes: ...

    async def aclose(self) -> None: ...


class HTTPClient(Protocol):
    """An HTTP client, as far as it is used: `httpx.AsyncClient` and `httpx2.AsyncClient` are such."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    async def send(
        self, request: Any, *, stream: bool, auth: Callable[[Any], Any], follow_redirects: bool
    ) -> HTTPResponse: ...

    async def aclose(self) -> None: ...


class Until:
    """A cancel scope that is in a set for as long as it lasts. What was cancelled by it goes on behind it."""

    __slots__ = ("_scope", "_scopes")

    def __init__(self, scopes: set[anyio.CancelScope], deadline: float) -> None:
        self._scopes = scopes
        self._scope = anyio.CancelScope(deadline=deadline)

    def __enter__(self) -> anyio.CancelScope:
        self._scopes.add(self._scope)
        return self._scope.__enter__()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._scopes.discard(self._scope)
        return self._scope.__exit__(exc_type, exc, traceback) or False


class Connection:
    """What clients share: connections, limits, and what runs on them."""

    def __init__(self, http: HTTPClient | None, base_url: str, limiter: Limiter) -> None:
        from .retries import RetryBudget  # noqa: PLC0415 - loaded with the first client
        from .single_flight import Flights  # noqa: PLC0415

        self._owned = http is None
        if http is not None and (isinstance(http, type) or not hasattr(http, "send") or not hasattr(http, "aclose")):
            raise errors.ConfigurationError("http_client must be an httpx.AsyncClient or an httpx2.AsyncClient")
        self.http: HTTPClient = _make_http(base_url) if http is None else http
        self.library = _library(self.http)
        self.url: Callable[[str], Any] = lru_cache(128)(self.library.URL)  # what is asked for again is not parsed again
        self.limiter = limiter
        self.budget = RetryBudget()
        self.closed = False
        self.flights = Flights(self._run)
        self._runs: set[Run[Any]] = set()
        self._scopes: set[anyio.CancelScope] = set()
        self.now: Callable[[], float] = anyio.current_time
        """The clock of the event loop, in seconds."""
        self._process = os.getpid()
        self._loop: object = None
        self._name = os.urandom(10).hex()
        self._numbers = itertools.count(1)

    def check(self, operation: Operation[Any]) -> None:
        """See to it that this can be used here and now.

        Raises:
            ConfigurationError: It is closed, or belongs to another process or event loop.
        """
        if self.closed or getattr(self.http, "is_closed", False):
            raise errors.ConfigurationError(f"{operation.id}: this client is closed; make a new one, or close it later")
        if os.getpid() != self._process:
            raise errors.ConfigurationError(
                f"{operation.id}: this client was made before the process forked, and its connections belong to the "
                "parent; make a new client in each process"
            )
        loop = event_loop()
        if self._loop is None:
            self._loop, self.now = loop, clock()
        elif self._loop is not loop:
            raise errors.ConfigurationError(
                f"{operation.id}: this client was used in another event loop before, to which its connections belong; "
                "make a new client in each event loop"
            )

    def make_request_id(self) -> str:
        """An identifier for a call: nobody else makes the same, and an answer to another call of ours shows by it."""
        return f"{self._name}-{next(self._numbers)}"

    def is_for_another(self, request_id: str, answered: str) -> bool:
        """Whether an answer is known to be for another request than the one with this identifier."""
        return answered != request_id and answered.startswith(self._name)

    def start(self, call: Callable[[], Awaitable[T]]) -> BackgroundCall[T]:
        """Run a call in the background until it ends, its result is dropped, or the connections are closed."""
        return BackgroundCall(self._run(call))

    def _run(self, call: Callable[[], Awaitable[T]]) -> Run[T]:
        self._runs = {run for run in self._runs if not run.ended.is_set()}
        run = start(call)
        self._runs.add(run)
        return run

    def until(self, deadline: float) -> Until:
        """A scope that is cancelled at the deadline (on the clock of the event loop), and when this is closed."""
        return Until(self._scopes, deadline)

    async def aclose(self) -> None:
        """End what runs, and close the connections unless they were given from outside."""
        self.closed = True
        for run in self._runs:
            run.cancel()
        for scope in self._scopes:
            scope.cancel()
        with anyio.CancelScope(shield=True):  # or closing in a cancelled task would leave everything open
            for run in self._runs:
                await run.ended.wait()
            await self.limiter.aclose()
            if self._owned:
                await self.http.aclose()


def _make_http(base_url: str) -> httpx.AsyncClient:
    """A client of our own. Proxies of the environment are for https, which they cannot read, and not for loopback."""
    try:
        return httpx.AsyncClient(trust_env=base_url.startswith("https:"))
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise errors.ConfigurationError(
            f"no HTTP client can be made with the proxy and certificate settings of the environment: {error}"
        ) from error


def _library(http: HTTPClient) -> Any:
    """The package whose exceptions a client raises: httpx, or a successor with the same names, such as httpx2."""
    for cls in type(http).__mro__:
        package = sys.modules.get(cls.__module__.partition(".")[0])
        if package is not None and hasattr(package, "TransportError"):
            return package
    return httpx
