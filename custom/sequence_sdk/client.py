"""The client: what programs make, configure and close."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from attrs import evolve

from sequence_runtime import Call, Contract, Request, Response

from . import settings
from .arguments import as_its_operations, check_moment
from .clock import SYSTEM_CLOCK, Clock
from .connection import Connection
from .errors import ConfigurationError, InvalidArgumentError, OutcomeUnknownError
from .exchange import exchange, resume
from .observation import MakesTelemetry, Observer
from .rate_limit import DOCUMENTED, RateLimit, pauses_only
from .redaction import APIKey
from .session import DEFAULT_HEADERS, Grants, Session
from .settings import ResponseLimits
from .transport import HTTPClient, adapter_for

if TYPE_CHECKING:
    import aiohttp  # noqa: TID251 - its type only


class Client:
    """A client of one API: what the clients of all APIs have in common. Its arguments are documented with each."""

    contract: ClassVar[Contract]
    _telemetry: ClassVar[MakesTelemetry] = staticmethod(lambda *_: None)

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        deadline: float | None = None,
        max_retries: int = 3,
        rate_limit: RateLimit | None = DOCUMENTED,
        response_limits: ResponseLimits = ResponseLimits(),  # noqa: B008 - it is immutable
        permissions: Grants | None = None,
        observe: Observer | Iterable[Observer] = (),
        http_client: HTTPClient | aiohttp.ClientSession | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        contract = self.contract
        if api_key is None:
            api_key = os.environ.get(contract.api_key_variable)
        problem = settings.api_key_problem(api_key, contract)
        key = APIKey("" if problem else str(api_key), contract.auth_scheme)
        api_key = None  # no traceback through this frame may show it
        if problem is not None:
            raise ConfigurationError(problem)
        if permissions is not None:
            if not hasattr(permissions, "of"):
                raise ConfigurationError("permissions must be Permissions, such as of Permissions.from_json(…)")
            permissions = permissions.of(contract)
        if rate_limit is not None and not isinstance(rate_limit, RateLimit):
            raise ConfigurationError("rate_limit must be a RateLimit, such as RateLimit(100, per=60), or None")
        if not isinstance(response_limits, ResponseLimits):
            raise ConfigurationError("response_limits must be a ResponseLimits, such as ResponseLimits(body=1_000_000)")
        if not isinstance(clock, Clock):
            raise ConfigurationError("clock must be a Clock, such as one of a subclass for tests")
        base_url = settings.resolve_base_url(base_url, contract)
        transport = adapter_for(http_client, base_url, key)
        if rate_limit is DOCUMENTED:
            limit = contract.rate_limit
            rate_limit = None if limit is None else RateLimit(limit[0], per=limit[1])
        limiter = pauses_only(clock) if rate_limit is None else rate_limit.limiter(clock)
        self._bind(
            Session(
                contract=contract,
                base_url=base_url,
                timeout=settings.check_seconds("timeout", timeout),
                deadline=math.inf if deadline is None else settings.check_seconds("deadline", deadline),
                max_retries=settings.check_count("max_retries", max_retries, minimum=0),
                limits=response_limits,
                headers=DEFAULT_HEADERS,
                permissions=permissions,
                telemetry=self._telemetry(observe),
                key=key,
                connection=Connection(transport, limiter, clock),
            )
        )
        self._owns_connection = True

    @property
    def base_url(self) -> str:
        """Where requests go, without a slash at its end."""
        return self._session.base_url

    def api_key_fingerprint(self) -> str:
        """What the API key can be recognized by, and not be found by: for your books, and `idempotency_key_for`.

        Each call gives another one; all of them belong to the key.
        """
        return self._session.key.fingerprint()

    def _bind(self, session: Session) -> None:
        self._session = session

    async def send(self, request: Request, /) -> Response:
        """Carry a request: what makes a client a transport for the calls of its generated package.

            await api.get_account("acc_01HDEF0123").send(client)

        Raises:
            APIError: It failed.
        """
        operation = self.contract.operations.get(request.operation)
        if operation is None:
            raise InvalidArgumentError(
                f"{request.operation} is no operation of the {self.contract.name}: use its client"
            )
        call = Call(operation, as_its_operations(operation, request))
        response = await exchange(self._session, call)
        return Response(status_code=response.status_code, headers=response.headers, content=response.content)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        observe: Observer | Iterable[Observer] | None = None,
    ) -> Self:
        """A client with other options on the same connections; options that are not given stay as they are.

        It may be closed or not: its connections are closed with the client that it was made from.

        Args:
            timeout: Seconds that one attempt may take.
            deadline: Seconds that a call may take with all of its attempts and waits; `math.inf` for any time.
            max_retries: How often a call is attempted again.
            headers: Headers to send with every request, added to those of this client.
            observe: A function, or several, called with each `CallRecord`; they are added to those of this client.

        Raises:
            ConfigurationError: An option is unusable.
        """
        session = self._session
        if timeout is not None:
            session = evolve(session, timeout=settings.check_seconds("timeout", timeout))
        if deadline is not None:
            seconds = math.inf if deadline == math.inf else settings.check_seconds("deadline", deadline)
            session = evolve(session, deadline=seconds)
        if max_retries is not None:
            session = evolve(session, max_retries=settings.check_count("max_retries", max_retries, minimum=0))
        if headers is not None:
            session = evolve(session, headers=settings.merge_headers(self.contract, session.headers, headers))
        if observe is not None:
            session = evolve(session, telemetry=self._telemetry(observe, session.telemetry))
        other = type(self).__new__(type(self))
        other._bind(session)
        other._owns_connection = False
        return other

    async def resume(self, error: OutcomeUnknownError, *, key_first_used: datetime | None = None) -> object:
        """Repeat a write whose outcome is unknown: what `error.resume(client)` does, and documents."""
        if not isinstance(error, OutcomeUnknownError):
            raise InvalidArgumentError(f"error must be an OutcomeUnknownError, not {type(error).__name__}")
        if key_first_used is not None:
            key_first_used = check_moment("key_first_used", key_first_used)
        operation = self.contract.operations.get(error.operation)
        if operation is None:
            raise ConfigurationError(f"{error.operation} is no operation of the {self.contract.name}: use its client")
        data: object = operation.data((await resume(self._session, error, key_first_used)).data)
        return data

    async def aclose(self) -> None:
        """Close the client: what it fetches in the background ends, and its connections are closed.

        An `http_client` that was given stays open. Calls made afterwards raise a `ConfigurationError`.
        """
        if self._owns_connection:
            await self._session.connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        session = vars(self).get("_session")  # not there yet in the traceback of a failed __init__
        return f"<{type(self).__name__}{f' of {session.base_url}' if session else ''}>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled: it holds an API key and connections; make a new one")
