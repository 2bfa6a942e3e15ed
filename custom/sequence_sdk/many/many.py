"""Decides how things are asked for by many IDs at once, and which failure is one ID's and which is everybody's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Any, Concatenate, Generic, TypeVar

import anyio
from attrs import frozen

from sequence_runtime import Call, checks

from ..arguments import checked
from ..binding import Binding, prepare
from ..errors import APIConnectionError, APIError, AuthenticationError, InvalidArgumentError, ManyError
from ..exchange import exchange
from ..session import Session

T = TypeVar("T")

NAMED_FAILURES = 3
"""How many failures the message of a `ManyError` quotes."""


@frozen(kw_only=True)
class Many(Generic[T]):
    """What came of asking for many by their IDs: each is in one of the two, in the order of the IDs."""

    results: Mapping[str, T]
    """What was fetched, by ID."""
    failures: Mapping[str, APIError]
    """What failed, by ID."""


def check_ids(ids: Iterable[str]) -> list[str]:
    """The IDs in a list.

    Raises:
        InvalidArgumentError: They are not several values, such as a single string, whose characters are no IDs.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise InvalidArgumentError(f"ids must be a list of IDs, not {type(ids).__name__}; for one ID there is get")
    return list(ids)


def concerns_one(failure: APIError, *, closed: bool) -> bool:
    """Whether a failure is about the ID that was asked for, so that asking for others is of use.

    Args:
        failure: What the call came to.
        closed: Whether the client was closed by then, which breaks every call.
    """
    return not isinstance(failure, AuthenticationError) and not (closed and isinstance(failure, APIConnectionError))


def many_error(found: Many[T]) -> ManyError:
    """The error of a call some of whose IDs failed."""
    results, failures = found.results, found.failures
    operation = next(iter(failures.values())).operation
    quoted = "".join(f"\n{id}: {failure}" for id, failure in islice(failures.items(), NAMED_FAILURES))
    more = f"\nand {len(failures) - NAMED_FAILURES} more" if len(failures) > NAMED_FAILURES else ""
    return ManyError(
        f"{operation}: {len(failures)} of {len(results) + len(failures)} IDs failed; .results has the others, "
        f".failures each error{quoted}{more}",
        operation=operation,
        results=results,
        failures=failures,
    )


async def fetch_each(
    session: Session, fetch: Callable[[str], Awaitable[T]], ids: Collection[str], concurrency: int
) -> Many[T]:
    """Fetch each of different IDs.

    Raises:
        AuthenticationError: The API key is not valid; the rest was not asked for.
        APIConnectionError: The client was closed meanwhile; the rest was not asked for.
        ConfigurationError: The client cannot be used here and now.
    """
    results: dict[str, T] = {}
    failures: dict[str, APIError] = {}
    ended: list[Exception] = []
    waiting = iter(ids)

    async def work() -> None:
        for id in waiting:  # all workers take from the same iterator
            try:
                results[id] = await fetch(id)
            except Exception as failure:
                if not isinstance(failure, APIError) or not concerns_one(failure, closed=session.connection.closed):
                    ended.append(failure)
                    workers.cancel_scope.cancel()
                    return
                failures[id] = failure

    async with anyio.create_task_group() as workers:
        for _ in range(min(concurrency, len(ids))):
            workers.start_soon(work)
    if ended:
        raise ended[0]
    return Many(
        results={id: results[id] for id in ids if id in results},
        failures={id: failures[id] for id in ids if id in failures},
    )


class BoundMany(Generic[T]):
    """An operation that gets one thing by its ID, for many IDs."""

    def __init__(
        self,
        session: Session,
        function: Callable[Concatenate[str, ...], Call[Any, T]],
    ) -> None:
        self._session = session
        self._function = function

    async def __call__(self, ids: Iterable[str], *, concurrency: int = 8) -> list[T]:
        """Get many by their IDs: `get` for each, several at the same time.

        Each ID is one request, however often it is given; without IDs there is no request.

        Args:
            ids: The IDs.
            concurrency: How many are asked for at the same time, 1 to 100; the client's rate limit holds all the same.

        Returns:
            What `get` gives, one for each of the IDs and in their order.

        Raises:
            InvalidArgumentError: An ID cannot be sent, and the message says which; nothing was.
            ManyError: Some could not be fetched, and all others were: `results` has these, `failures` the errors. With
                `with_failures` they are no error.
            AuthenticationError: The API key is not valid; the rest was not asked for.
            APIConnectionError: The client was closed meanwhile; the rest was not asked for.
            ConfigurationError: The same, where that was between two requests.
        """
        wanted, found = await self._fetch(ids, concurrency)
        if found.failures:
            raise many_error(found) from next(iter(found.failures.values()))
        return [found.results[id] for id in wanted]

    async def with_failures(self, ids: Iterable[str], *, concurrency: int = 8) -> Many[T]:
        """The same call, giving what could be fetched and what failed, by ID, instead of raising a `ManyError`.

        Args:
            ids: The IDs.
            concurrency: How many are asked for at the same time, 1 to 100; the client's rate limit holds all the same.

        Raises:
            InvalidArgumentError: An ID cannot be sent, and the message says which; nothing was.
            AuthenticationError: The API key is not valid; the rest was not asked for.
            APIConnectionError: The client was closed meanwhile; the rest was not asked for.
        """
        return (await self._fetch(ids, concurrency))[1]

    async def _fetch(self, ids: Iterable[str], concurrency: int) -> tuple[list[str], Many[T]]:
        wanted = check_ids(ids)
        checked(checks.integer, "concurrency", concurrency, minimum=1, maximum=100)
        calls: dict[str, Call[Any, T]] = {}
        for position, id in enumerate(wanted):
            try:
                calls[id] = prepare(self._function, id)
            except InvalidArgumentError as problem:
                raise InvalidArgumentError(f"ids[{position}]: {problem}") from None

        async def fetch(id: str) -> T:
            return calls[id].operation.data((await exchange(self._session, calls[id])).data)

        return wanted, await fetch_each(self._session, fetch, calls, concurrency)


def by_ids(load: Callable[[], Callable[Concatenate[str, ...], Call[Any, T]]]) -> Binding[BoundMany[T]]:
    """A line of a table of resources."""
    return Binding(lambda session: BoundMany(session, load()))
