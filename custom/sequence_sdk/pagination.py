"""Follows a list page by page, one page ahead of its consumer."""

from __future__ import annotations

import math
import sys
import warnings
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Generic, TypeVar

import anyio
from msgspec import Struct

from sequence_runtime import Call

from .background import BackgroundCall
from .errors import APIConnectionError, InvalidArgumentError, PaginationError, of_request
from .exchange import exchange
from .pages import Page, begin, pagination_error, style, to_page
from .session import APIResponse, Session
from .trails import trail

T = TypeVar("T")


class Progress(Struct, frozen=True, kw_only=True):
    """How far a list has been read."""

    items: int
    """How many results arrived."""
    pages: int
    requests: int
    """How many requests were sent for these pages, repeated ones included."""
    waited: float
    """Seconds of waiting for the rate limit; requests that wait at the same time count once."""


class TruncatedListWarning(UserWarning):
    """A list begins later than was asked for, since the API keeps nothing older: `page.window` says when."""


class Tally:
    """Counts the pages that arrive, and says so to whoever wants to know."""

    def __init__(self, tell: Callable[[Progress], object] | None) -> None:
        if tell is not None and (not callable(tell) or iscoroutinefunction(tell)):
            raise InvalidArgumentError(
                f"progress must be a function that takes a Progress and is not async, not {tell!r}"
            )
        self._tell = tell
        self._progress = Progress(items=0, pages=0, requests=0, waited=0.0)
        self._waited_until = -math.inf
        self._warned = False

    def add(self, response: APIResponse[Any], page: Page[Any], items: int, now: float) -> None:
        """Count a page with so many results that did not arrive before; `now` is in seconds."""
        window = page.window
        if window is not None and window.truncated and not self._warned:
            self._warned = True
            begins = window.from_.isoformat() if window.from_ is not None else "later than was asked for"
            text = f"the list begins at {begins}: the API keeps nothing older{of_request(page.request_id)}"
            if sys.version_info >= (3, 12):  # it is about the line that reads the list
                warnings.warn(text, TruncatedListWarning, skip_file_prefixes=(__file__,))
            else:
                warnings.warn(text, TruncatedListWarning, stacklevel=2)
        if self._tell is not None:
            before = self._progress
            began = max(now - response.elapsed, self._waited_until)
            ended = max(now - response.elapsed + response.waited, began)
            self._waited_until = ended
            self._progress = Progress(
                items=before.items + items,
                pages=before.pages + 1,
                requests=before.requests + response.attempts,
                waited=before.waited + ended - began,
            )
            try:
                self._tell(self._progress)
            except StopAsyncIteration as error:  # which would end the list
                raise RuntimeError("progress raised StopAsyncIteration") from error


class Pager(Generic[T]):
    """A list that is read page by page, as it is iterated over.

        async for transfer in sequence.transfers.list(account_id="acc_01HDEF0123"):
            print(transfer.created_at, transfer.amount_in_cents)

    The next page is fetched while the current one is consumed. Every iteration reads the list anew.
    """

    def __init__(self, session: Session, call: Call[Any, list[T]]) -> None:
        self._session = session
        self._call = begin(call)

    def __aiter__(self) -> AsyncIterator[T]:
        """Every result of the list.

        Raises:
            PaginationError: The server's pages do not lead on.
            APIError: A page could not be fetched.
        """
        return Items(self.read(ahead=True))

    def pages(self) -> AsyncIterator[Page[T]]:
        """Every page of the list, as a `Page` of `data`, `has_next_page`, `end_cursor` and `request_id`.

        Raises:
            PaginationError: The server's pages do not lead on.
            APIError: A page could not be fetched.
        """
        return self.read(ahead=True)

    async def collect(
        self, limit: int | None = None, *, progress: Callable[[Progress], object] | None = None
    ) -> list[T]:
        """The results in a list: all of them, or the first `limit`.

        Args:
            limit: How many at most.
            progress: Is called after every page that arrived.

        Raises:
            InvalidArgumentError: `limit` is no whole number of 0 or more.
            PaginationError: The server's pages do not lead on.
            APIError: A page could not be fetched.
        """
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
            raise InvalidArgumentError(f"limit must be a whole number of 0 or more, not {limit!r}")
        collected: list[T] = []
        # Nothing is consumed meanwhile, so nothing is won by fetching ahead.
        pages = self.read(ahead=False, progress=progress)
        while limit is None or len(collected) < limit:
            page = await anext(pages, None)
            if page is None:
                break
            collected += page.data
        return collected[:limit]

    def read(self, *, ahead: bool, progress: Callable[[Progress], object] | None = None) -> Pages[T]:
        """The pages of the list, each fetched when it is asked for, or one ahead."""
        return Pages(self._session, self._call, ahead=ahead, tally=Tally(progress))

    def __repr__(self) -> str:
        return f"<Pager of {self._call.operation.id}>"


class PageIterator(AsyncIterator[Page[T]]):
    """Gives pages to one task at a time, until it is closed.

    Not an async generator: dropped half-way, one of those lives on until its event loop gets round to closing it.
    """

    def __init__(self, session: Session, id: str) -> None:
        self._session = session
        self._id = id
        self._busy = False

    async def __anext__(self) -> Page[T]:
        if self._busy:
            raise RuntimeError(f"{self._id}: two tasks iterate over the same iterator; give each its own")
        self._busy = True
        try:
            return await self._page()
        finally:
            self._busy = False

    @abstractmethod
    async def _page(self) -> Page[T]:
        """The next page, or StopAsyncIteration behind the last one."""

    @abstractmethod
    async def aclose(self) -> None:
        """Stop, as leaving the loop does: what is being fetched is cancelled."""


class Pages(PageIterator[T]):
    """Pages one after the other."""

    def __init__(self, session: Session, call: Call[Any, list[T]], *, ahead: bool, tally: Tally) -> None:
        super().__init__(session, call.operation.id)
        self._next: Call[Any, list[T]] | None = call
        self._ahead = ahead
        self._tally = tally
        self._fetching: BackgroundCall[APIResponse[Any]] | None = None
        self._trail = trail(call)
        self._arrived: deque[Page[T]] = deque()
        self._failure: PaginationError | None = None
        self.size = int(str(call.request.query[style(call).size]))
        """How many results a page is asked to hold."""
        self.headers: Mapping[str, str] = {}
        """Those that the last page came with."""

    async def _page(self) -> Page[T]:
        while not self._arrived and self._failure is None and self._next is not None:
            self._take(await self._fetch(self._next))
        if not self._arrived:
            raise self._failure or StopAsyncIteration
        return self._arrived.popleft()

    def _take(self, response: APIResponse[Any]) -> None:
        """Take note of a page and of what follows it."""
        call = self._next
        if call is None:  # closed meanwhile
            return
        self.headers = response.headers
        page = to_page(call, response)
        step = self._trail.take(call, page)
        self._arrived += step.pages
        self._next = step.next
        if step.problem is not None:  # raised in place of the page, or else of the one behind it
            self._failure = pagination_error(call, step.problem, response)
        elif step.next is not None and self._ahead:
            self._fetching = self._session.connection.start(partial(exchange, self._session, step.next))
        if step.problem is None or step.pages:
            # If this raises, the page is given next time.
            items = sum(len(one.data) for one in step.pages)
            self._tally.add(response, page, items, self._session.connection.now())

    async def _fetch(self, call: Call[Any, list[T]]) -> APIResponse[Any]:
        """The page that was fetched ahead, or else fetched now. Whatever fails can be tried again."""
        self._session.connection.check_place(self._id)
        fetching, self._fetching = self._fetching, None
        if fetching is None:
            response = await exchange(self._session, call)
            await anyio.lowlevel.cancel_shielded_checkpoint()  # to decode a page takes long: others have their turn
            return response
        fetched = await fetching.result()
        if fetched is None:
            raise APIConnectionError(
                f"{self._id}: the client was closed while a page was fetched", operation=self._id, request_id=""
            )
        return fetched

    async def aclose(self) -> None:
        self._next = self._fetching = None
        self._arrived.clear()


class Items(AsyncIterator[T]):
    """The items of pages, one after the other."""

    def __init__(self, pages: PageIterator[T]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).data)

    async def aclose(self) -> None:
        """Stop, as leaving the loop does: what is being fetched is cancelled."""
        self._items = iter(())
        await self._pages.aclose()
