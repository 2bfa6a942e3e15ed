"""Decides what to ask for to learn what is new of a list of transfers, what of it is new, and what to remember.

Lists are newest first and can begin at a moment; nothing says when a transfer changed, and one may appear late, with a
moment of creation before others that were there already. So the newest part of the list is read again every time, and
what was known of it is remembered by ID and status. Transfers that are not final and older than that part are watched:
read in the list too where that takes fewer requests than asking for each by its ID.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from attrs import evolve, field, frozen

from sequence_runtime import Timestamp, checks

from ..arguments import checked
from ..errors import InvalidArgumentError, NotFoundError
from ..pagination import Pages
from ..retries import date_of
from ..session import Session
from ..tokens import pack, unpack


class Tracked(Protocol):
    """What a list holds."""

    @property
    def id(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def created_at(self) -> datetime: ...


T = TypeVar("T")
TrackedT = TypeVar("TrackedT", bound=Tracked)
T_co = TypeVar("T_co", covariant=True)

WATCHED_FOR = timedelta(days=14)
"""How much older than what is read again a transfer that is not final may be, for its end to be reported."""

KEPT = 1000
"""How many transfers are read again and remembered at most, and how many are watched; it bounds requests and tokens."""

RANGES_DIFFER_BY = timedelta(seconds=1)
"""How much earlier than needed a list is asked for: a server may leave the end of a range out, or show times less
exactly than it compares them."""

EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
"""Earlier moments are asked for as this one."""

TOKEN = "since3_"  # noqa: S105 - not of the kind that is secret
"""What tokens begin with: a later form of them will begin otherwise."""


@frozen(kw_only=True)
class Changes(Generic[T]):
    """What is new since last time, and where to go on next time."""

    data: list[T]
    """What appeared, or is of another status; from the oldest to the newest."""
    token: str = field(repr=False)
    """Where to go on: store it together with what became of the data."""
    requests: int
    """How many requests it took, not counting those that were repeated after a failure."""


@frozen(kw_only=True)
class Seen:
    """What was last seen of a transfer."""

    id: str
    status: str
    created_at: Timestamp
    place: int
    """How many transfers of the list were newer."""


@frozen(kw_only=True)
class Position:
    """What is known of a list of transfers: what a token holds."""

    of: str
    """Whose they are: the ID of an account, or several with commas between them."""
    start: Timestamp
    """Every transfer created at this moment or later is known, or will be new."""
    split: bool = False
    """Whether so many were created at that moment that only the first ones of them are known: the others are old."""
    seen: tuple[Seen, ...] = ()
    """Those from `start` on, and the older ones that are not final; in the order of the list."""

    @property
    def first(self) -> set[str]:
        """The IDs of those that were created at `start`."""
        return {one.id for one in self.seen if one.created_at == self.start}

    @property
    def watched(self) -> list[Seen]:
        """The older ones: each may change until it is final."""
        return [one for one in self.seen if one.created_at < self.start]

    @property
    def oldest(self) -> datetime:
        """Where the part of the list begins that may have changed."""
        return min((one.created_at for one in self.watched), default=self.start)

    @property
    def asked_from(self) -> datetime:
        """Where the list is asked for from."""
        return max(self.oldest, EARLIEST) - RANGES_DIFFER_BY


class Fetched(Protocol[T_co]):
    """What came of asking for some by their IDs."""

    @property
    def results(self) -> Mapping[str, T_co]: ...

    @property
    def failures(self) -> Mapping[str, Exception]: ...


def begin(last: datetime | str, of: str, check_id: Callable[[str], object]) -> Position:
    """The position to go on from: that of a token, or one at a moment, of which nothing is known yet.

    Raises:
        InvalidArgumentError: The moment has no time zone; the token is none, or another list's.
    """
    if not isinstance(last, str):
        checked(checks.moment, "last", last)
        # The API shows times in whole seconds: of what is shown as that second any may be later than the moment.
        return Position(of=of, start=last.astimezone(UTC).replace(microsecond=0))
    position = unpack(TOKEN, last, Position, "transfers.since")
    if position.of != of:
        raise InvalidArgumentError(f"the token is of the transfers of {position.of!r}, not of {of!r}")
    ids = {one.id for one in position.seen}
    for id in ids:
        try:
            checked(check_id, id)
        except InvalidArgumentError as problem:
            raise InvalidArgumentError(f"the token's {problem}") from None
    if len(ids) < len(position.seen) or len(position.watched) > KEPT:
        raise InvalidArgumentError("the token is none that transfers.since gave: it holds too much")
    return position


def _check_overlap(overlap: object) -> None:
    if not isinstance(overlap, timedelta):
        raise InvalidArgumentError(f"overlap must be a timedelta, not {type(overlap).__name__}")
    if not timedelta() <= overlap <= WATCHED_FOR:
        raise InvalidArgumentError(f"overlap is {overlap}; it must be from 0 to {WATCHED_FOR.days} days")


def reads_on(position: Position, found: dict[str, TrackedT], page_size: int) -> bool:
    """Whether the next page is worth its request.

    It is where the part that is read every time goes on, and where so many watched transfers come that the pages up to
    them are fewer requests than they are.

    Args:
        position: What was known before.
        found: What the pages so far hold, in their order.
        page_size: How many a page holds.
    """
    if not found:
        return True
    last = next(reversed(found.values()))
    if last.created_at > position.start:
        return True
    if last.created_at == position.start and (
        not position.split or last.id in position.first or position.first.isdisjoint(found)
    ):
        return True
    new = _count_new(position, _concerned(position, found))
    awaited = (one for one in position.watched if one.id not in found)
    return any(
        -(-(one.place + new + 1 - len(found)) // page_size) < number for number, one in enumerate(awaited, start=1)
    )


def compare(
    position: Position,
    found: Mapping[str, TrackedT],
    asked: Mapping[str, TrackedT],
    is_terminal: Callable[[str], bool],
    *,
    now: datetime,
    overlap: timedelta,
) -> tuple[list[TrackedT], Position]:
    """What is new, from the oldest to the newest, and what is known then.

    What was seen before and is in neither stays as it was: a server that responds from a copy may leave it out once, or
    show it as it was before it ended.

    Args:
        position: What was known before.
        found: What the list holds, from the newest on; down to `position.start` at least.
        asked: The watched ones that were asked for by ID.
        is_terminal: Whether nothing follows a status.
        now: The time by clocks that are not fast, so that a transfer dated ahead does not hide those until then.
        overlap: How much of the time before the newest is read again next time.
    """
    before = {one.id: one for one in position.seen}
    listed = _concerned(position, found)
    new = _count_new(position, listed)
    places = {one.id: one.place + new for one in position.seen} | {id: place for place, id in enumerate(found)}
    ended = {id for id, one in before.items() if is_terminal(one.status)}
    shown = (one for one in (*listed, *asked.values()) if one.id not in ended or is_terminal(one.status))
    concerned = sorted(shown, key=lambda one: places[one.id])
    changed = [one for one in reversed(concerned) if one.id not in before or before[one.id].status != one.status]

    seen = {id: evolve(one, place=places[id]) for id, one in before.items()}
    for one in concerned:
        seen[one.id] = Seen(id=one.id, status=str(one.status), created_at=one.created_at, place=places[one.id])
    again = {one.id for one in position.seen if one.created_at >= position.start}
    return changed, _next_position(
        position, _by_place(seen.values()), now, overlap, is_terminal, complete=again <= found.keys()
    )


def _concerned(position: Position, found: Mapping[str, TrackedT]) -> list[TrackedT]:
    """Those of the list that are known or new."""
    before, first = {one.id for one in position.seen}, position.first
    # Behind the last one known of a moment that is split are those of it that were old already.
    split_at = max((place for place, id in enumerate(found) if id in first), default=-1)
    return [
        one
        for place, one in enumerate(found.values())
        if one.id in before
        or one.created_at > position.start
        or (one.created_at == position.start and (not position.split or place < split_at))
    ]


def _count_new(position: Position, concerned: Iterable[Tracked]) -> int:
    """How many appeared: all of them are newer than what is watched."""
    before = {one.id for one in position.seen}
    return sum(one.id not in before for one in concerned)


def _next_position(
    position: Position,
    seen: list[Seen],
    now: datetime,
    overlap: timedelta,
    is_terminal: Callable[[str], bool],
    *,
    complete: bool,
) -> Position:
    """Where to read from next time: never before `start`, since what is there is not known.

    Where a copy that lags behind has left something out (it is not `complete`), nobody knows in which order the list
    has it: then a moment that is split stays so, and more is remembered.
    """
    start, split = position.start, position.split
    newest = max((one.created_at for one in seen if one.created_at <= now), default=start)
    if newest > start and (complete or not split):
        later = newest - min(overlap, newest - start)  # in this order no moment is before the year 1
        start, split = later, split and later == start
    ahead = [one for one in seen if one.created_at > max(newest, start)]  # of now: they must not hide what is new
    again = [one for one in seen if start <= one.created_at <= max(newest, start)]
    kept = KEPT if complete else 2 * KEPT
    if len(again) > kept:
        again = sorted(again, key=lambda one: one.created_at, reverse=True)  # those of one moment stay in their order
        moment = again[kept - 1].created_at
        split = again[kept].created_at == moment or (split and moment == start)
        start, again = moment, again[:kept]
    watched = [
        one for one in seen if not is_terminal(one.status) and timedelta() < start - one.created_at <= WATCHED_FOR
    ]
    return Position(
        of=position.of,
        start=start,
        split=split,
        seen=(*_by_place([*ahead, *again]), *watched[:KEPT]),
    )


def _by_place(seen: Iterable[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda one: one.place)


async def changes(
    session: Session,
    position: Position,
    pages: Pages[TrackedT],
    get_many: Callable[[list[str]], Awaitable[Fetched[TrackedT]]],
    *,
    is_terminal: Callable[[str], bool],
    overlap: timedelta,
) -> Changes[TrackedT]:
    """Ask for what may have changed, and say what has.

    Args:
        session: What is asked with.
        position: What was known before.
        pages: The list from `position.asked_from` on.
        get_many: Asks for some by their IDs.
        is_terminal: Whether nothing follows a status.
        overlap: How much of the time before the newest transfer is read again next time.

    Raises:
        InvalidArgumentError: The overlap is no timedelta from 0 to 14 days; nothing was sent.
        PaginationError: The server's pages do not lead on.
        APIError: A page or a transfer could not be fetched.
    """
    _check_overlap(overlap)
    found: dict[str, TrackedT] = {}
    requests = 0
    async for page in pages:
        requests += 1
        found |= {one.id: one for one in page.data}
        if not reads_on(position, found, pages.size):
            break
    missing = [one.id for one in position.watched if one.id not in found]
    asked = await get_many(missing)
    for failure in asked.failures.values():
        if not isinstance(failure, NotFoundError):  # that may be of a copy that lags behind: it is asked for again
            raise failure
    now = session.connection.clock.now()
    # By a fast clock a transfer that is dated ahead would not look so: the server's clock counts, too.
    now = min(now, date_of(pages.headers) or now)
    data, then = compare(position, found, asked.results, is_terminal, now=now, overlap=overlap)
    return Changes(data=data, token=pack(TOKEN, then), requests=requests + len(missing))
