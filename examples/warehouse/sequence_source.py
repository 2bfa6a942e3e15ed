"""A dlt source: accounts, balances, transfers, card transactions and rules of Sequence, by one API key or several.

    pipeline.run(sequence({"main": os.environ["SEQUENCE_API_KEY"]}, begin=datetime(2024, 1, 1, tzinfo=UTC)))

It only reads. dlt runs all of it in one event loop: the keys, and the accounts of each, are read at the same time, and
everything that is read with a key goes through one client, which keeps the rate limit. Rows go on page by page.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, cast

import dlt
from attrs import define, field, frozen
from dlt.extract import DltResource, DltSource

from rows import Column, Row, columns_of, hints, row
from sequence_sdk import APIError, AuthenticationError, NotFoundError, PermissionDeniedError, PlatformClient
from sequence_sdk.platform.models import Account, AccountSummary, CardTransaction, Rule, RuleSummary, Transfer

logger = logging.getLogger("sequence_source")

COLUMNS: dict[str, tuple[Column, ...]] = {
    "accounts": columns_of(AccountSummary),
    "balances": columns_of(Account, "id", "balance", "savings_target_in_cents", "linked_account"),
    "transfers": columns_of(Transfer),
    "card_transactions": columns_of(CardTransaction),
    "rules": columns_of(RuleSummary),
    "rule_definitions": columns_of(Rule, "id", "trigger", "steps"),
}
"""The tables. What every key sees of an account or a rule is apart from what a key may be refused, so that with several
keys one that sees less takes nothing away."""

FINAL = {"COMPLETE", "INCOMPLETE", "ERROR", "CANCELLED"}
WATCHED_FOR = timedelta(days=14)
"""For how long before its overlap `transfers.since` reports the end of what is open."""


class Position(TypedDict):
    """What is kept of an account's transfers, in dlt's state."""

    token: str
    """Where `transfers.since` goes on."""
    open: dict[str, str]
    """The moments of creation of those that are not final, by ID."""


REFUSED = (AuthenticationError, PermissionDeniedError)
"""What is about a key, or what it may read. That a whole list is not found is neither."""

OnFailure = Callable[[str, APIError], None]
"""Called with what could not be read, and why. What it raises ends the run, and nothing of that is loaded."""


def skip_refused(what: str, error: APIError) -> None:
    """Go on without what the key may not read, or what is gone, and say so; any other failure ends the run."""
    if not isinstance(error, PermissionDeniedError | NotFoundError):
        raise error
    logger.warning("%s: %s", what, error)


def never_skip(what: str, error: APIError) -> None:
    """End the run."""
    logger.error("%s: %s", what, error)
    raise error


def make_client(api_key: str) -> PlatformClient:
    return PlatformClient(api_key, reason="warehouse")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Clients:
    """One client a key, made in the event loop that dlt reads in, and closed there."""

    def __init__(self, keys: Mapping[str, str], connect: Callable[[str], PlatformClient]) -> None:
        self._keys = keys
        self._connect = connect
        self._clients: dict[str, PlatformClient] = {}
        self._holders: list[AsyncGenerator[None]] = []

    async def of(self, label: str) -> PlatformClient:
        if label not in self._clients:
            self._clients[label] = client = self._connect(self._keys[label])
            holder = self._hold(client)
            self._holders.append(holder)
            await anext(holder)
        return self._clients[label]

    async def _hold(self, client: PlatformClient) -> AsyncGenerator[None]:
        # When dlt has read all, or has failed, it ends the async generators of its event loop: this one, too.
        async with client:
            yield


@frozen
class Listed:
    """An account that a key lists."""

    label: str
    summary: AccountSummary

    def __str__(self) -> str:
        return f"{self.summary.name} ({self.summary.id}), with the key {self.label!r}"


@define
class Reader:
    """What dlt reads, all in one event loop. Positions are in dlt's state, by labels of keys and IDs of accounts."""

    clients: Clients
    begin: datetime
    again: datetime | None
    overlap: timedelta
    on_failure: OnFailure
    now: Callable[[], datetime]
    last: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    """When rows were read last."""

    def to_rows(self, table: str, models: Iterable[object]) -> list[Row]:
        self.last = max(self.now(), self.last + timedelta(microseconds=1))  # what was read later has a later moment
        return [row(one, COLUMNS[table], self.last) for one in models]

    @contextmanager
    def skipping(self, what: str, *failures: type[APIError]) -> Iterator[None]:
        """Leave the rest of this out after one of the failures, if `on_failure` raises nothing."""
        try:
            yield
        except failures as error:
            self.on_failure(what, error)

    async def listed(self, label: str) -> AsyncGenerator[list[Listed]]:
        client = await self.clients.of(label)
        with self.skipping(f"accounts, with the key {label!r}", *REFUSED):
            async for page in client.accounts.list(state="ALL").pages():
                yield [Listed(label, summary) for summary in page.data]

    async def listed_rules(self, label: str) -> AsyncGenerator[tuple[str, list[RuleSummary]]]:
        client = await self.clients.of(label)
        with self.skipping(f"rules, with the key {label!r}", *REFUSED):
            async for page in client.rules.list().pages():
                yield label, page.data

    def accounts(self, page: list[Listed]) -> list[Row]:
        return self.to_rows("accounts", (one.summary for one in page))

    async def balances(self, page: list[Listed]) -> AsyncGenerator[list[Row]]:
        by_id = {one.summary.id: one for one in page}
        label = page[0].label
        client = await self.clients.of(label)
        with self.skipping(f"balances, with the key {label!r}", AuthenticationError):
            found = await client.accounts.get_many.with_failures(by_id)
            for id, failure in found.failures.items():
                self.on_failure(f"balance of {by_id[id]}", failure)
            yield self.to_rows("balances", found.results.values())

    def rules(self, found: tuple[str, list[RuleSummary]]) -> list[Row]:
        return self.to_rows("rules", found[1])

    async def rule_definitions(self, found: tuple[str, list[RuleSummary]]) -> AsyncGenerator[list[Row]]:
        label, summaries = found
        names = {one.id: one.name for one in summaries if one.is_supported}
        client = await self.clients.of(label)
        with self.skipping(f"definitions of rules, with the key {label!r}", AuthenticationError):
            rules = await client.rules.get_many.with_failures(names)
            for id, failure in rules.failures.items():
                self.on_failure(f"the rule {names[id]} ({id}), with the key {label!r}", failure)
            yield self.to_rows("rule_definitions", rules.results.values())

    def transfers(self, page: list[Listed]) -> Iterator[AsyncGenerator[list[Row]]]:
        positions = cast("dict[str, dict[str, Position]]", dlt.current.resource_state("transfers"))
        for account in page:
            yield self.transfers_of(account, positions.setdefault(account.label, {}))

    async def transfers_of(self, account: Listed, positions: dict[str, Position]) -> AsyncGenerator[list[Row]]:
        """Older transfers are listed, the first time; `since` gives younger ones, and all that becomes of them.

        What is read again is listed as well, and `since` goes on from where it was: what came in between is not lost.
        """
        id, transfers = account.summary.id, (await self.clients.of(account.label)).transfers
        known, watched_from = positions.get(id), self.now() - WATCHED_FOR
        still_open = dict(known["open"]) if known else {}
        not_read = dict(still_open)
        listed_from, listed_to = self.again, None
        position: datetime | str
        if known:
            position = known["token"]
        else:
            listed_from, listed_to = min(self.begin, self.again or self.begin), watched_from
            position = max(listed_from, watched_from)

        def rows_of(found: Collection[Transfer]) -> list[Row]:
            for one in found:
                not_read.pop(one.id, None)
                still_open[one.id] = one.created_at.isoformat()
                if one.status in FINAL:
                    del still_open[one.id]
            return self.to_rows("transfers", found)

        with self.skipping(f"transfers of {account}", *REFUSED, NotFoundError):
            if listed_from and (listed_to is None or listed_from < listed_to):
                async for page in transfers.list(account_ids=[id], from_=listed_from, to=listed_to).pages():
                    yield rows_of(page.data)
            changes = await transfers.since(position, account_ids=[id], overlap=self.overlap)
            yield rows_of(changes.data)
            # What was that old when its account was first read is in no token, so nobody else asks for it.
            old = watched_from.isoformat()
            asked = await transfers.get_many.with_failures([one for one, at in not_read.items() if at < old])
            for one, failure in asked.failures.items():
                self.on_failure(f"the open transfer {one} of {account}", failure)
            yield rows_of(asked.results.values())
            positions[id] = {"token": changes.token, "open": still_open}

    def card_transactions(self, page: list[Listed]) -> Iterator[AsyncGenerator[list[Row]]]:
        read_until = cast("dict[str, dict[str, str]]", dlt.current.resource_state("card_transactions"))
        for account in page:
            if account.summary.type == "POD":
                yield self.card_transactions_of(account, read_until.setdefault(account.label, {}))

    async def card_transactions_of(self, account: Listed, read_until: dict[str, str]) -> AsyncGenerator[list[Row]]:
        """They are settled, and do not change: of those before the last time, only what appears late is of interest."""
        id, client, began = account.summary.id, await self.clients.of(account.label), self.now()
        first = datetime.fromisoformat(read_until[id]) - WATCHED_FOR if id in read_until else self.begin
        first = min(first, self.again or first)
        with self.skipping(f"card transactions of {account}", *REFUSED, NotFoundError):
            async for page in client.card_transactions.list(account_id=id, from_=first).pages():
                yield self.to_rows("card_transactions", page.data)
            read_until[id] = began.isoformat()


def sequence(
    keys: Mapping[str, str],
    *,
    begin: datetime,
    again: datetime | None = None,
    overlap: timedelta = WATCHED_FOR,
    on_failure: OnFailure = skip_refused,
    connect: Callable[[str], PlatformClient] = make_client,
    now: Callable[[], datetime] = utc_now,
) -> DltSource:
    """The source: a resource for each of the tables in `COLUMNS`.

    Args:
        keys: The API keys, by labels of yours that stay the same when a key is rotated.
        begin: From when on transfers and card transactions are read, the first time.
        again: From when on everything is read once more, besides what is new; None for what is new only.
        overlap: For how long any change of a transfer's status is found, up to 14 days; an open one's end is always.
        on_failure: What becomes of what cannot be read.
        connect: Makes a client of a key.
        now: The time, UTC.
    """
    reader = Reader(Clients(keys, connect), begin, again, overlap, on_failure, now)

    def parent(name: str, data_from: DltResource, read: Callable[[Any], Any]) -> DltResource:
        def call(item: Any) -> Any:  # dlt marks the functions that it is given, which methods do not allow
            return read(item)

        return dlt.transformer(call, name=name, data_from=data_from, selected=False)

    def table(name: str, data_from: DltResource, read: Callable[[Any], Any]) -> DltResource:
        resource = parent(name, data_from, read)
        resource.selected = True
        return resource.apply_hints(primary_key="id", write_disposition="merge", columns=hints(COLUMNS[name]))

    @dlt.source(name="sequence", max_table_nesting=0)
    def source() -> list[DltResource]:
        labels = dlt.resource(list(keys), name="labels", selected=False)
        listed = parent("listed", labels, reader.listed)
        listed_rules = parent("listed_rules", labels, reader.listed_rules)
        return [
            labels,
            listed,
            listed_rules,
            table("accounts", listed, reader.accounts),
            table("balances", listed, reader.balances),
            table("transfers", listed, reader.transfers),
            table("card_transactions", listed, reader.card_transactions),
            table("rules", listed_rules, reader.rules),
            table("rule_definitions", listed_rules, reader.rule_definitions),
        ]

    return source()
