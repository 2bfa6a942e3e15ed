"""Decides how things are asked for by many IDs at once, and which failure is one ID's and which is everybody's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Generic, TypeVar

import anyio
from attrs import frozen

from .errors import APIConnectionError, APIError, AuthenticationError, InvalidArgumentError, ManyError
from .session import Session

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
