"""Sends requests: permission preflight, attempts, HTTP. All I/O of the SDK, and all it knows of httpx, is here."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

import anyio
import httpx
from attrs import evolve, field, frozen

from sequence_api_client import Operation, Request

from . import answers, errors
from ._version import __version__
from .background import BackgroundCall, Run, start
from .permissions import Permissions, requirement

AnswerT = TypeVar("AnswerT")
T = TypeVar("T")
U = TypeVar("U")
RequestT = TypeVar("RequestT", bound="HTTPRequest")


class HTTPRequest(Protocol):
    """The request of an HTTP client, as far as the API key is put on it."""

    @property
    def headers(self) -> Any: ...


class HTTPResponse(Protocol):
    """The response of an HTTP client, as far as it is read."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    async def aread(self) -> bytes: ...


class HTTPClient(Protocol):
    """An HTTP client, as far as it is used: `httpx.AsyncClient` and `httpx2.AsyncClient` are such."""

    def stream(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None,
        headers: Mapping[str, str],
        auth: Callable[[Any], Any],
        follow_redirects: bool,
        timeout: float,
    ) -> AbstractAsyncContextManager[HTTPResponse]: ...

    async def aclose(self) -> None: ...


@frozen(kw_only=True)
class APIResponse(Generic[T]):
    """An answer with what came along: what `.with_response(…)` gives."""

    data: T
    """What the operation answers with."""
    request_id: str
    """The identifier under which the vendor knows the request."""
    status_code: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    content: bytes = field(repr=False)
    """The body, unchanged."""
    elapsed: float
    """Seconds from the call to the end of the answer, all attempts together."""
    attempts: int
    """How many requests were sent."""

    def map(self, function: Callable[[T], U]) -> APIResponse[U]:
        """The same answer with other data."""
        return evolve(self, data=function(self.data))  # type: ignore[arg-type, return-value]


class Connection:
    """The connections that clients share, and what runs on them in the background."""

    def __init__(self, http: HTTPClient | None, base_url: str) -> None:
        self._owned = http is None
        if http is not None and (isinstance(http, type) or not hasattr(http, "stream") or not hasattr(http, "aclose")):
            raise errors.ConfigurationError("http_client must be an httpx.AsyncClient or an httpx2.AsyncClient")
        self.http: HTTPClient = _make_http(base_url) if http is None else http
        self.library = _library(self.http)
        self.closed = False
        self._runs: set[Run[Any]] = set()

    def start(self, call: Callable[[], Awaitable[T]]) -> BackgroundCall[T]:
        """Run a call in the background until it ends, its result is dropped, or the connections are closed."""
        self._runs = {run for run in self._runs if not run.ended.is_set()}
        run = start(call)
        self._runs.add(run)
        return BackgroundCall(run)

    async def aclose(self) -> None:
        """End what runs in the background, and close the connections unless they were given from outside."""
        self.closed = True
        for run in self._runs:
            run.cancel()
        with anyio.CancelScope(shield=True):  # or closing in a cancelled task would leave everything open
            for run in self._runs:
                await run.ended.wait()
            if self._owned:
                await self.http.aclose()


def authorization(api_key: str) -> Callable[[RequestT], RequestT]:
    """What puts the API key on a request.

    The key is held by a function and by nothing else, and set on a request only after our own frames are left behind:
    so no repr, `vars()`, pickle or traceback of ours can show it.
    """

    def authorize(request: RequestT) -> RequestT:
        request.headers["Authorization"] = f"ApiKey {api_key}"
        return request

    return authorize


@frozen(kw_only=True)
class Session:
    """Sends requests with one API key and one set of options; several share one `Connection`."""

    connection: Connection
    authorize: Callable[[Any], Any] = field(repr=False)
    base_url: str
    timeout: float
    headers: Mapping[str, str]
    permissions: Permissions | None

    async def send(self, operation: Operation[AnswerT], request: Request, /) -> AnswerT:
        """Send a request and decode its answer: what makes a session a transport for the generated operations."""
        return (await self.exchange(operation, request)).data

    async def exchange(self, operation: Operation[AnswerT], request: Request) -> APIResponse[AnswerT]:
        """Send a request, and give its answer with what came along.

        Raises:
            PermissionDeniedError: The declared permissions do not grant it; nothing was sent.
            ConfigurationError: The client is closed; nothing was sent.
            APIError: It failed.
        """
        request_id = request.headers.get("X-Request-ID") or str(uuid.uuid4())
        if self.permissions is not None:
            needed = requirement(operation, request.arguments)
            missing = self.permissions.check(needed)
            if missing is not None:
                raise answers.refusal(operation, needed, missing, request_id)
        if self.connection.closed or getattr(self.connection.http, "is_closed", False):
            raise errors.ConfigurationError(f"{operation.id}: this client is closed; make a new one, or close it later")
        # Here, and nowhere else, is the place for more than one attempt.
        started = time.perf_counter()
        answer = await self._attempt(operation, request, request_id)
        elapsed = time.perf_counter() - started
        if not 200 <= answer.status_code < 300:
            raise answers.error_for(operation, request, answer)
        model = answers.decode(operation, answer)
        if self.permissions is not None:
            self.permissions.learn(operation, model)
        return APIResponse(
            data=model,
            request_id=answer.request_id,
            status_code=answer.status_code,
            headers=answer.headers,
            content=answer.content,
            elapsed=elapsed,
            attempts=1,
        )

    async def _attempt(self, operation: Operation[AnswerT], request: Request, request_id: str) -> answers.Answer:
        """One request over HTTP, within the timeout."""
        http, library = self.connection.http, self.connection.library
        headers = {**self.headers, **request.headers, "X-Request-ID": request_id}
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        try:
            with anyio.fail_after(self.timeout):
                async with http.stream(
                    operation.method,
                    _url(self.base_url, request),
                    content=request.content,
                    headers=headers,
                    auth=self.authorize,
                    follow_redirects=False,
                    timeout=self.timeout,
                ) as response:
                    answer = answers.Answer(
                        status_code=response.status_code,
                        headers=response.headers,
                        content=b"",
                        request_id=response.headers.get("X-Request-ID") or request_id,
                    )
                    try:
                        return evolve(answer, content=await response.aread())
                    except library.DecodingError as error:
                        problem = f"its content encoding is broken: {error}"
                        raise answers.invalid_answer(operation, answer, None, problem) from error
        except (TimeoutError, library.TimeoutException) as error:
            raise errors.APITimeoutError(
                f"{operation.id}: no answer from {_origin(self.base_url)} within {self.timeout:g} seconds "
                f"(request {request_id})",
                operation=operation.id,
                request_id=request_id,
            ) from error
        except library.InvalidURL as error:
            raise ValueError(f"{operation.id}: the arguments are too long for a URL: {error}") from error
        except library.RequestError as error:
            raise errors.APIConnectionError(
                f"{operation.id}: no answer from {_origin(self.base_url)}, {type(error).__name__}: {error} "
                f"(request {request_id})",
                operation=operation.id,
                request_id=request_id,
            ) from error


def _make_http(base_url: str) -> httpx.AsyncClient:
    """A client of our own. Proxies of the environment are for https, which they cannot read, and not for loopback."""
    try:
        return httpx.AsyncClient(trust_env=base_url.startswith("https:"))
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise errors.ConfigurationError(
            f"no HTTP client can be made with the proxy and certificate settings of the environment: {error}"
        ) from error


def default_headers() -> dict[str, str]:
    return {"Accept": "application/json", "User-Agent": f"sequence-sdk/{__version__} python/{sys.version.split()[0]}"}


def _origin(base_url: str) -> str:
    return "/".join(base_url.split("/")[:3])


def _url(base_url: str, request: Request) -> str:
    query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
    return f"{base_url}{request.path}{query}"


def _library(http: HTTPClient) -> Any:
    """The package whose exceptions a client raises: httpx, or a successor with the same names, such as httpx2."""
    for cls in type(http).__mro__:
        package = sys.modules.get(cls.__module__.partition(".")[0])
        if package is not None and hasattr(package, "TransportError"):
            return package
    return httpx
