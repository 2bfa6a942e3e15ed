"""The client: what programs make, configure and close."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from attrs import evolve

from . import settings
from .clock import SYSTEM_CLOCK, Clock
from .connection import Connection
from .errors import ConfigurationError, InvalidArgumentError, OutcomeUnknownError
from .rate_limit import RateLimit, pauses_only
from .settings import ResponseLimits

if TYPE_CHECKING:
    import aiohttp  # noqa: TID251 - its type only

    from sequence_api_client import Operation
    from sequence_api_client.models import Transfer, TransferResponse, TriggeredRule, TriggeredRuleResponse

    from .httpx_transport import HTTPClient
    from .permissions import Permissions
    from .resources import Accounts, Cards, RuleExecutions, Rules, Transfers
    from .session import Session

# What is slow to load, and needed by nobody who only imports this, is loaded with the first client.


class SequenceClient:
    """A client of the Sequence API, for asyncio and trio.

        async with SequenceClient() as sequence:  # key from SEQUENCE_API_KEY
            for account in await sequence.accounts.list(type="pod"):
                print(account.name)

    One client serves any number of tasks of one event loop. Make it once, and close it at the end.

    Args:
        api_key: The API key; without it, the environment variable `SEQUENCE_API_KEY`.
        base_url: Where the API is, if not in production; without it, the environment variable `SEQUENCE_BASE_URL`.
            `https`, or `http` on this machine.
        timeout: Seconds that one attempt may take, from connecting to the end of the response.
        deadline: Seconds that a call may take with all of its attempts and waits, also those for the rate limit; None
            for any time.
        max_retries: How often a call is attempted again after a failure that may pass; a write carries the same
            idempotency key every time.
        rate_limit: How many requests are sent in a time; more wait for their turn. None for any number. Clients made by
            `with_options` share it; `RedisRateLimit` shares it with other processes.
        response_limits: How large a response may be.
        permissions: What the key grants, as far as known: calls that it does not grant are then refused before
            anything is sent, and errors say which part is missing.
        http_client: An `httpx.AsyncClient`, an `httpx2.AsyncClient` or an `aiohttp.ClientSession` to send requests
            with, for example with a proxy. It is never closed by this client. Redirects are not followed, whatever its
            settings.
        clock: What tells the time and waits between attempts and polls; a test gives one of its own.

    Raises:
        ConfigurationError: An argument or a variable of the environment is missing or unusable.

    Documentation: https://cartesio.getsequence.io/docs
    """

    accounts: Accounts
    cards: Cards
    transfers: Transfers
    rules: Rules
    rule_executions: RuleExecutions

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        deadline: float | None = None,
        max_retries: int = 3,
        rate_limit: RateLimit | None = RateLimit(100, per=60),  # noqa: B008 - it is immutable
        response_limits: ResponseLimits = ResponseLimits(),  # noqa: B008 - it is immutable
        permissions: Permissions | None = None,
        http_client: HTTPClient | aiohttp.ClientSession | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        from .redaction import APIKey  # noqa: PLC0415
        from .session import Session, default_headers  # noqa: PLC0415
        from .transport import transport_for  # noqa: PLC0415

        if api_key is None:
            api_key = settings.environment_api_key()
        problem = settings.api_key_problem(api_key)
        key = APIKey("" if problem else str(api_key))
        api_key = None  # no traceback through this frame may show it
        if problem is not None:
            raise ConfigurationError(problem)
        if permissions is not None:
            from .permissions import Permissions  # noqa: PLC0415

            if not isinstance(permissions, Permissions):
                raise ConfigurationError("permissions must be a Permissions: use Permissions.from_json(…)")
        if rate_limit is not None and not isinstance(rate_limit, RateLimit):
            raise ConfigurationError("rate_limit must be a RateLimit, such as RateLimit(100, per=60), or None")
        if not isinstance(response_limits, ResponseLimits):
            raise ConfigurationError("response_limits must be a ResponseLimits, such as ResponseLimits(body=1_000_000)")
        if not isinstance(clock, Clock):
            raise ConfigurationError("clock must be a Clock, such as one of a subclass for tests")
        base_url = settings.resolve_base_url(base_url)
        transport = transport_for(http_client, base_url, key)
        limiter = pauses_only(clock) if rate_limit is None else rate_limit.limiter(clock)
        self._bind(
            Session(
                base_url=base_url,
                timeout=settings.check_seconds("timeout", timeout),
                deadline=None if deadline is None else settings.check_seconds("deadline", deadline),
                max_retries=settings.check_count("max_retries", max_retries, minimum=0),
                limits=response_limits,
                headers=default_headers(),
                permissions=permissions,
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
        from .resources import Accounts, Cards, RuleExecutions, Rules, Transfers  # noqa: PLC0415

        self._session = session
        self.accounts = Accounts(session)
        self.cards = Cards(session)
        self.transfers = Transfers(session)
        self.rules = Rules(session)
        self.rule_executions = RuleExecutions(session)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """A client with other options on the same connections; options that are not given stay as they are.

        It may be closed or not: its connections are closed with the client that it was made from.

        Args:
            timeout: Seconds that one attempt may take.
            deadline: Seconds that a call may take with all of its attempts and waits; `math.inf` for any time.
            max_retries: How often a call is attempted again.
            headers: Headers to send with every request, added to those of this client.

        Raises:
            ConfigurationError: An option is unusable.
        """
        session = self._session
        if timeout is not None:
            session = evolve(session, timeout=settings.check_seconds("timeout", timeout))
        if deadline is not None:
            seconds = None if deadline == math.inf else settings.check_seconds("deadline", deadline)
            session = evolve(session, deadline=seconds)
        if max_retries is not None:
            session = evolve(session, max_retries=settings.check_count("max_retries", max_retries, minimum=0))
        if headers is not None:
            session = evolve(session, headers=settings.merge_headers(session.headers, headers))
        other = type(self).__new__(type(self))
        other._bind(session)
        other._owns_connection = False
        return other

    async def resume(
        self, error: OutcomeUnknownError, *, key_first_used: datetime | None = None
    ) -> Transfer | TriggeredRule:
        """Repeat a write whose outcome is unknown: what `error.resume(client)` does, and documents."""
        from sequence_api_client import api  # noqa: PLC0415

        from .arguments import check_moment  # noqa: PLC0415

        session = self._session
        if not isinstance(error, OutcomeUnknownError):
            raise InvalidArgumentError(f"error must be an OutcomeUnknownError, not {type(error).__name__}")
        if error.base_url != session.base_url:
            raise ConfigurationError(f"{error.operation} was sent to {error.base_url}: resume it with a client of that")
        if key_first_used is not None:
            key_first_used = check_moment("key_first_used", key_first_used)
        if error.idempotency_key is None:
            raise ConfigurationError(f"{error.operation} has no idempotency key, so that a repeat could do it twice")
        operation: Operation[TransferResponse | TriggeredRuleResponse] = api.OPERATIONS[error.operation]
        session.check_owner(operation, error.api_key_fingerprint)
        return (await session.resume(operation, error, key_first_used)).data

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
