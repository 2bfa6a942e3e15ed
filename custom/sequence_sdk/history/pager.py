"""Adds concurrent reading to the lists of an API that are sorted by time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from sequence_runtime import Call

from .. import pagination
from ..binding import Binding, BoundList
from ..errors import InvalidArgumentError
from ..pages import Page, style
from ..pagination import Items, Progress, Tally

if TYPE_CHECKING:
    from .concurrent_pages import ConcurrentPages

P = ParamSpec("P")
T = TypeVar("T")

MOST_AT_ONCE = 32
"""How many pages of a list may be fetched at once."""


class Pager(pagination.Pager[T]):
    """A list that is read page by page, as it is iterated over, or in several windows of time at once.

        async for transfer in sequence.transfers.list(account_id="acc_01HDEF0123"):
            print(transfer.created_at, transfer.amount_in_cents)

    The next page is fetched while the current one is consumed. Every iteration reads the list anew.
    """

    def concurrently(
        self, n: int = 8, *, after: str | None = None, progress: Callable[[Progress], object] | None = None
    ) -> ConcurrentItems[T]:
        """Every result of a long list, as iterating over it gives them, read in up to `n` windows of time at once.

            async for transfer in pager.concurrently(8):
                print(transfer.id)

        For lists with `from_`; without `to`, they end now. The windows follow from how dense the results are. That
        takes a few requests more than reading page by page: at most a quarter of them, and 6, and those for results
        within a second of where two windows meet, where the server takes times less exactly than to a millisecond. At
        most `5 * n` pages are held that the consumer has not come to; leaving the loop cancels what is being fetched.

        `.pages()` of it gives pages. Their `end_cursor` is for `after` here, and not for the list itself.

        Args:
            n: How many pages are fetched at once, 1 to 32.
            after: The `end_cursor` of a page of an earlier call, to go on behind it.
            progress: Is called after every page that arrived.

        Raises:
            InvalidArgumentError: `n` is no such number, `after` no such cursor, or the list was asked for without
                `from_`, or with `after`; nothing was sent.
            PaginationError: The server's pages do not lead on, or are not what was asked for.
            APIError: A page could not be fetched. All others are given up; what is complete before it is given first.
        """
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_AT_ONCE:
            raise InvalidArgumentError(f"n must be a whole number from 1 to {MOST_AT_ONCE}, not {n!r}")
        operation, query = self._call.operation, self._call.request.query
        if operation.timeline is None:
            raise InvalidArgumentError(f"{operation.id}: this list cannot be divided up by time")
        if operation.timeline.oldest not in query:
            raise InvalidArgumentError(
                f"{operation.id}: {_python_name(operation.timeline.oldest)} must be given, or there is no end to "
                "divide the list up to"
            )
        if style(self._call).position in query:
            raise InvalidArgumentError(
                f"{operation.id}: after cannot be given to the list; concurrently(after=…) has cursors of its own"
            )
        from .concurrent_pages import ConcurrentPages  # noqa: PLC0415 - most lists are not read so

        return ConcurrentItems(ConcurrentPages(self._session, self._call, n=n, after=after, tally=Tally(progress)))


class ConcurrentItems(Items[T]):
    """The items of a list, of which several pages are fetched at once."""

    def __init__(self, pages: ConcurrentPages[T]) -> None:
        super().__init__(pages)
        self._source = pages

    def pages(self) -> AsyncIterator[Page[T]]:
        """The pages that hold these items: read either the pages or the items.

        Their `end_cursor` is for `concurrently(after=…)`. There is at least one page, and the last has no next one.
        """
        self._source.with_cursors = True
        return self._source


class BoundHistory(BoundList[P, T]):
    """A paginated operation of a client, whose lists can be read concurrently."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Pager[T]:
        return Pager(self._session, self.prepared(*args, **kwargs))


def history(load: Callable[[], Callable[P, Call[Any, list[T]]]]) -> Binding[BoundHistory[P, T]]:
    """A line of a table of resources."""
    return Binding(lambda resource: BoundHistory(resource._session, load()))


def _python_name(parameter: str) -> str:
    return f"{parameter}_" if iskeyword(parameter) else parameter
