"""Decides what to ask for to learn what is new of an account's transfers, what of it is new, and what to remember.

Lists are newest first and can begin at a moment; nothing says when a transfer changed, and one may appear late, with a
moment of creation before others that were there already. So the newest part of the list is read again every time, and
what was known of it is remembered by ID and status. Transfers that are not final and older than that part are watched:
read in the list too where that takes fewer requests than asking for each by its ID.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from attrs import field, frozen

from sequence_api_client import checks
from sequence_api_client.types import Timestamp

from .arguments import checked
from .errors import InvalidArgumentError, NotFoundError
from .many import fetch_each
from .pagination import PAGE_SIZE, Page
from .session import Session
from .waiting import is_terminal

if TYPE_CHECKING:
    from sequence_api_client.models import Transfer

T = TypeVar("T")

OVERLAP = timedelta(hours=1)
"""How much of the time before the newest transfer is read again, for those that appear late."""

WATCHED_FOR = timedelta(days=14)
"""How much older than what is read again a transfer that is not final may be, for its end to be reported."""

KEPT = 1000
"""How many transfers are read again and remembered at most, and how many are watched; it bounds requests and tokens."""

CONCURRENCY = 8
"""How many watched transfers are asked for at the same time."""

TOKEN = "since1_"  # noqa: S105 - not of the kind that is secret
"""What tokens begin with: a later form of them will begin otherwise."""

LARGEST_TOKEN = 2**24
"""Bytes that a token may unpack to: no position comes near, and what was never a token shall not fill the memory."""


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
class Watched:
    """A transfer that is not final, from before the part of the list that is read again."""

    id: str
    status: str
    created_at: Timestamp
    place: int
    """How many transfers of the list are newer."""


@frozen(kw_only=True)
class Position:
    """What is known of an account's transfers: what a token holds."""

    account_id: str
    start: Timestamp
    """Every transfer created at this moment or later is known, or will be new."""
    known: Mapping[str, str] = field(factory=dict[str, str])
    """Of those, the status by ID."""
    watched: tuple[Watched, ...] = ()
    """From the newest to the oldest."""

    @property
    def oldest(self) -> datetime:
        """Where the part of the list begins that may have changed."""
        return min(self.start, self.watched[-1].created_at) if self.watched else self.start


def to_token(position: Position) -> str:
    """A position as printable ASCII characters."""
    return TOKEN + base64.urlsafe_b64encode(zlib.compress(msgspec.json.encode(position), 9)).decode()


def from_token(token: str) -> Position:
    """The position that a token holds.

    Raises:
        InvalidArgumentError: It is no token of this version, or not a whole one.
    """
    try:
        if not token.startswith(TOKEN):
            raise ValueError(f"it does not begin with {TOKEN}")
        unpacking = zlib.decompressobj()
        packed = base64.b64decode(token.removeprefix(TOKEN), altchars=b"-_", validate=True)
        content = unpacking.decompress(packed, LARGEST_TOKEN)
        if not unpacking.eof:
            raise ValueError("it is cut off")
        return msgspec.json.decode(content, type=Position)
    except (ValueError, zlib.error, msgspec.DecodeError) as error:
        shown = token if len(token) <= 40 else f"{token[:40]}…"
        raise InvalidArgumentError(
            f"{shown!r} is no token that transfers.since gave, or not all of it: {error}"
        ) from error


def begin(last: datetime | str, account_id: str) -> Position:
    """The position to go on from: that of a token, or one at a moment, of which nothing is known yet.

    Raises:
        InvalidArgumentError: The moment has no time zone; the token is none, or another account's.
    """
    if not isinstance(last, str):
        checked(checks.timestamp, "last", last)
        return Position(account_id=account_id, start=last.astimezone(UTC))
    position = from_token(last)
    if position.account_id != account_id:
        raise InvalidArgumentError(f"the token is of account {position.account_id!r}, not of account_id {account_id!r}")
    return position


def check_overlap(overlap: object) -> timedelta:
    """How much is read again.

    Raises:
        InvalidArgumentError: It is no timedelta from 0 to 14 days.
    """
    if not isinstance(overlap, timedelta):
        raise InvalidArgumentError(f"overlap must be a timedelta, not {type(overlap).__name__}")
    if not timedelta() <= overlap <= WATCHED_FOR:
        raise InvalidArgumentError(f"overlap is {overlap}; it must be from 0 to {WATCHED_FOR.days} days")
    return overlap


def reads_on(position: Position, found: dict[str, Transfer]) -> bool:
    """Whether the next page is worth its request.

    It is where the part that is read every time goes on, and where so many watched transfers come that the pages up to
    them are fewer requests than they are.

    Args:
        position: What was known before.
        found: What the pages so far hold, in their order.
    """
    if not found or next(reversed(found.values())).created_at >= position.start:
        return True
    new = _count_new(position, found)
    awaited = (one for one in position.watched if one.id not in found)
    return any(
        -(-(one.place + new + 1 - len(found)) // PAGE_SIZE) < number for number, one in enumerate(awaited, start=1)
    )


def compare(
    position: Position,
    found: Mapping[str, Transfer],
    asked: Mapping[str, Transfer],
    *,
    now: datetime,
    overlap: timedelta,
) -> tuple[list[Transfer], Position]:
    """What is new, from the oldest to the newest, and what is known then.

    Args:
        position: What was known before.
        found: What the list holds, from the newest on; down to `position.start` at least.
        asked: The watched transfers that were asked for by ID.
        now: The time by the clock of this machine, so that a transfer dated ahead does not hide those until then.
        overlap: How much of the time before the newest is read again next time.
    """
    before = {**position.known, **{one.id: one.status for one in position.watched}}
    new = _count_new(position, found)
    places = {one.id: one.place + new for one in position.watched} | {id: place for place, id in enumerate(found)}
    concerned = [one for one in found.values() if one.created_at >= position.start or one.id in before]
    concerned = sorted([*concerned, *asked.values()], key=lambda one: places[one.id])
    changed = [one for one in reversed(concerned) if before.get(one.id) != one.status]

    start = _next_start(position.start, [one.created_at for one in concerned], now, overlap)
    watched = (
        Watched(id=one.id, status=str(one.status), created_at=one.created_at, place=places[one.id])
        for one in concerned
        if not is_terminal(one.status) and timedelta() < start - one.created_at <= WATCHED_FOR
    )
    return changed, Position(
        account_id=position.account_id,
        start=start,
        known={one.id: str(one.status) for one in concerned if one.created_at >= start},
        watched=tuple(watched)[:KEPT],
    )


def _count_new(position: Position, found: Mapping[str, Transfer]) -> int:
    """How many appeared: all of them are newer than what is watched."""
    return sum(one.created_at >= position.start and one.id not in position.known for one in found.values())


def _next_start(start: datetime, created: list[datetime], now: datetime, overlap: timedelta) -> datetime:
    """Where to read from next time: never before `start`, since what is there is not known."""
    newest = min(max(created, default=start), now)
    if newest > start:
        start = newest - min(overlap, newest - start)  # in this order no moment is before the year 1
    again = sorted((moment for moment in created if moment >= start), reverse=True)
    return again[KEPT - 1] if len(again) > KEPT else start


async def changes(
    session: Session,
    position: Position,
    pages: AsyncIterator[Page[Transfer]],
    get: Callable[[str], Awaitable[Transfer]],
    overlap: timedelta,
) -> Changes[Transfer]:
    """Ask for what may have changed, and say what has.

    Args:
        session: What is asked with.
        position: What was known before.
        pages: The list from `position.oldest` on.
        get: Asks for one transfer by its ID.
        overlap: How much of the time before the newest is read again next time.

    Raises:
        PaginationError: The server's cursors do not lead on.
        APIError: A page or a transfer could not be fetched.
    """
    found: dict[str, Transfer] = {}
    requests = 0
    async for page in pages:
        requests += 1
        found |= {one.id: one for one in page.data}
        if not reads_on(position, found):
            break
    missing = [one.id for one in position.watched if one.id not in found]
    asked, failures = await fetch_each(session, get, missing, CONCURRENCY)
    for failure in failures.values():
        if not isinstance(failure, NotFoundError):  # one that is gone is not watched any longer
            raise failure
    data, then = compare(position, found, asked, now=session.connection.clock.now(), overlap=overlap)
    return Changes(data=data, token=to_token(then), requests=requests + len(missing))
