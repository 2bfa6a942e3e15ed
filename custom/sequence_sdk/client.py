"""The client: what programs make, configure and close."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, NoReturn, Self

from attrs import evolve

from . import settings
from .errors import ConfigurationError
from .permissions import Permissions
from .resources import Accounts, Cards, RuleExecutions, Rules, Transfers
from .session import Connection, HTTPClient, Session, authorization, default_headers


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
        timeout: Seconds that one request may take, from connecting to the end of the answer.
        permissions: What the key grants, as far as known: calls that it does not grant are then refused before
            anything is sent, and errors say which part is missing.
        http_client: An `httpx.AsyncClient` or `httpx2.AsyncClient` to send requests with, for example with a proxy or
            another transport. It is never closed by this client. Redirects are not followed, whatever its settings.

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
        permissions: Permissions | None = None,
        http_client: HTTPClient | None = None,
    ) -> None:
        if api_key is None:
            api_key = settings.environment_api_key()
        problem = settings.api_key_problem(api_key)
        authorize = authorization(api_key or "")
        api_key = None  # no traceback through this frame may show it
        if problem is not None:
            raise ConfigurationError(problem)
        if permissions is not None and not isinstance(permissions, Permissions):
            raise ConfigurationError("permissions must be a Permissions: use Permissions.from_json(…)")
        base_url = settings.resolve_base_url(base_url)
        self._bind(
            Session(
                base_url=base_url,
                timeout=settings.check_timeout(timeout),
                headers=default_headers(),
                permissions=permissions,
                authorize=authorize,
                connection=Connection(http_client, base_url),
            )
        )
        self._owns_connection = True

    def _bind(self, session: Session) -> None:
        self._session = session
        self.accounts = Accounts(session)
        self.cards = Cards(session)
        self.transfers = Transfers(session)
        self.rules = Rules(session)
        self.rule_executions = RuleExecutions(session)

    def with_options(self, *, timeout: float | None = None, headers: Mapping[str, str] | None = None) -> Self:
        """A client with other options on the same connections; options that are not given stay as they are.

        It may be closed or not: its connections are closed with the client that it was made from.

        Args:
            timeout: Seconds that one request may take.
            headers: Headers to send with every request, added to those of this client.

        Raises:
            ConfigurationError: An option is unusable.
        """
        session = self._session
        if timeout is not None:
            session = evolve(session, timeout=settings.check_timeout(timeout))
        if headers is not None:
            session = evolve(session, headers=settings.merge_headers(session.headers, headers))
        other = type(self).__new__(type(self))
        other._bind(session)
        other._owns_connection = False
        return other

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
