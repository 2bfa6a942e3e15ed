"""Decides how things are asked for by many IDs at once, and which failure is one ID's and which is everybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Concatenate, Generic, TypeVar

import anyio
from attrs import frozen

from sequence_runtime import Call, checks

from ..arguments import checked
from ..binding import Binding
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
    quoted = [f"{id}: {failure}" for id, failure in failures.items()][:NAMED_FAILURES]
    if len(failures) > NAMED_FAILURES:
        quoted.append(f"and {len(failures) - NAMED_FAILURES} more")
    count = f"{len(failures)} of {len(results) + len(failures)} IDs failed"
    text = "\n".join([f"{operation}: {count}; .results has the others, .failures each error", *quoted])
    return ManyError(text, operation=operation, results=results, failures=failures)


def listed(ids: Iterable[str]) -> list[str]:
    """The IDs in a list.

    Raises:
        InvalidArgumentError: They are not several values, such as a single string, whose characters are no IDs.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise InvalidArgumentError(f"ids must be a list of IDs, not {type(ids).__name__}; for one ID there is get")
    return list(ids)


class BoundMany(Generic[T]):
    """An operation that gets one thing by its ID, for many IDs."""

    def __init__(self, session: Session, function: Callable[Concatenate[str, ...], Call[Any, T]]) -> None:
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
        wanted = listed(ids)
        found = await self.with_failures(wanted, concurrency=concurrency)
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
        wanted = listed(ids)
        checked(checks.integer, "concurrency", concurrency, minimum=1, maximum=100)
        calls = self._calls(wanted)
        results: dict[str, T] = {}
        failures: dict[str, APIError] = {}
        waiting = iter(calls.items())

        async def work() -> None:
            for id, call in waiting:  # all workers take from the same iterator
                try:
                    results[id] = call.operation.data((await exchange(self._session, call)).data)
                except APIError as failure:
                    if not concerns_one(failure, closed=self._session.connection.closed):
                        raise  # which ends the other workers
                    failures[id] = failure

        try:
            async with anyio.create_task_group() as workers:
                for _ in range(min(concurrency, len(calls))):
                    workers.start_soon(work)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        return Many(
            results={id: results[id] for id in calls if id in results},
            failures={id: failures[id] for id in calls if id in failures},
        )

    def _calls(self, ids: list[str]) -> dict[str, Call[Any, T]]:
        calls: dict[str, Call[Any, T]] = {}
        for position, id in enumerate(ids):
            try:
                calls[id] = checked(self._function, id)
            except InvalidArgumentError as problem:
                raise InvalidArgumentError(f"ids[{position}]: {problem}") from None
        return calls


def by_ids(load: Callable[[], Callable[Concatenate[str, ...], Call[Any, T]]]) -> Binding[BoundMany[T]]:
    """A line of a table of resources."""
    return Binding(lambda resource: BoundMany(resource._session, load()))
