"""Binds the generated operations to a session: a table of resources, one line an operation."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Coroutine, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, update_wrapper
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload
from urllib.parse import quote

from attrs import evolve

from sequence_api_client import Operation, Request, Transport, api, checks

from .arguments import checked
from .errors import (
    APIError,
    InvalidArgumentError,
    RuleExecutionFailedError,
    SequenceError,
    TransferFailedError,
    WaitTimeoutError,
)
from .idempotency import in_words_for_later, usable_until
from .pages import ListResponse, Page, to_page, with_page_size
from .pagination import Pager
from .redaction import printable
from .session import APIResponse, Session, logger
from .waiting import check_wait, has_failed, until_done

if TYPE_CHECKING:
    from sequence_api_client.models import (
        RuleExecution,
        RuleExecutionResponse,
        Transfer,
        TransferResponse,
        TriggeredRule,
    )

    from .many import Many
    from .sync import Changes

LONGEST_ID = 1000
"""Characters that an ID may have for a path to hold it, however it is percent-encoded."""

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ResponseT = TypeVar("ResponseT")
ManyT = TypeVar("ManyT")
WaitT = TypeVar("WaitT", bound="Transfer | RuleExecution")
BoundT = TypeVar("BoundT")


class DataResponse(Protocol[T_co]):
    """The response of an operation that is not paginated."""

    @property
    def data(self) -> T_co: ...


class _Prepared(Exception):
    """Carries a finished request out of an operation, instead of sending it."""

    def __init__(self, operation: Operation[Any], request: Request) -> None:
        self.operation = operation
        self.request = request


class _Preparation:
    """The transport that sends nothing."""

    async def send(self, operation: Operation[ResponseT], request: Request, /) -> ResponseT:
        raise _Prepared(operation, request)


def prepare(
    function: Callable[Concatenate[Transport, P], Coroutine[Any, Any, ResponseT]], *args: P.args, **kwargs: P.kwargs
) -> tuple[Operation[ResponseT], Request]:
    """Check the arguments of an operation and build its request, without an event loop and without sending it.

    Raises:
        InvalidArgumentError: An argument cannot be sent.
    """
    call = function(_Preparation(), *args, **kwargs)
    try:
        checked(call.send, None)
    except _Prepared as prepared:
        return prepared.operation, prepared.request
    raise AssertionError("an operation did something else than send one request")


class BoundOperation(Generic[P, T]):
    """An operation of a client: awaiting a call of it gives what the API responds with."""

    def __init__(
        self, session: Session, function: Callable[Concatenate[Transport, P], Coroutine[Any, Any, DataResponse[T]]]
    ) -> None:
        self._session = session
        self._function = function
        _look_like(self, function)

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return (await self._session.send(*prepare(self._function, *args, **kwargs))).data

    async def with_response(self, *args: P.args, **kwargs: P.kwargs) -> APIResponse[T]:
        """The same call, with the whole response: data, request ID, status, headers, bytes, elapsed time, attempts."""
        operation, request = prepare(self._function, *args, **kwargs)
        return (await self._session.exchange(operation, request)).map(lambda response: response.data)


class BoundList(Generic[P, T]):
    """A paginated operation of a client: a call of it gives a `Pager`, which sends nothing before it is iterated."""

    def __init__(
        self, session: Session, function: Callable[Concatenate[Transport, P], Coroutine[Any, Any, ListResponse[T]]]
    ) -> None:
        self._session = session
        self._function = function
        _look_like(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Pager[T]:
        operation, request = prepare(self._function, *args, **kwargs)
        return Pager(self._session, operation, request)

    async def with_response(self, *args: P.args, **kwargs: P.kwargs) -> APIResponse[Page[T]]:
        """The first page, with the whole response: request ID, status, headers, bytes, elapsed time, attempts."""
        operation, request = prepare(self._function, *args, **kwargs)
        response = await self._session.exchange(operation, with_page_size(request))
        return response.map(lambda _: to_page(response))


class BoundMany(Generic[ManyT]):
    """An operation that gets one thing by its ID, for many IDs."""

    def __init__(
        self,
        session: Session,
        function: Callable[Concatenate[Transport, str, ...], Coroutine[Any, Any, DataResponse[ManyT]]],
    ) -> None:
        self._session = session
        self._function = function

    async def __call__(self, ids: Iterable[str], *, concurrency: int = 8) -> list[ManyT]:
        """Get many by their IDs: `get` for each, several at the same time.

        Each ID is one request, however often it is given; no IDs are none.

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

        Documentation: https://cartesio.getsequence.io/docs
        """
        wanted, found = await self._fetch(ids, concurrency)
        if found.failures:
            from .many import many_error  # noqa: PLC0415

            raise many_error(found) from next(iter(found.failures.values()))
        return [found.results[id] for id in wanted]

    async def with_failures(self, ids: Iterable[str], *, concurrency: int = 8) -> Many[ManyT]:
        """The same call, giving what could be fetched and what failed, by ID, instead of raising a `ManyError`.

        Args:
            ids: The IDs.
            concurrency: How many are asked for at the same time, 1 to 100; the client's rate limit holds all the same.

        Raises:
            InvalidArgumentError: An ID cannot be sent, and the message says which; nothing was.
            AuthenticationError: The API key is not valid; the rest was not asked for.
            APIConnectionError: The client was closed meanwhile; the rest was not asked for.

        Documentation: https://cartesio.getsequence.io/docs
        """
        return (await self._fetch(ids, concurrency))[1]

    async def _fetch(self, ids: Iterable[str], concurrency: int) -> tuple[list[str], Many[ManyT]]:
        from . import many  # noqa: PLC0415 - many programs never need it

        wanted = many.check_ids(ids)
        checked(checks.integer, "concurrency", concurrency, minimum=1, maximum=100)
        calls: dict[str, tuple[Operation[DataResponse[ManyT]], Request]] = {}
        for position, id in enumerate(wanted):
            try:
                calls[id] = prepare(self._function, id)
            except InvalidArgumentError as problem:
                raise InvalidArgumentError(f"ids[{position}]: {problem}") from None

        async def fetch(id: str) -> ManyT:
            return (await self._session.send(*calls[id])).data

        return wanted, await many.fetch_each(self._session, fetch, calls, concurrency)


class Resource:
    """Some operations of a client that concern one kind of thing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of a Sequence client>"


class _Binding(Generic[BoundT]):
    """A line of the table: binds its operation to a resource's session when it is first used."""

    def __init__(self, bind: Callable[[Session], BoundT]) -> None:
        self._bind = bind

    def __set_name__(self, owner: type[Resource], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, resource: None, owner: type[Resource]) -> _Binding[BoundT]: ...

    @overload
    def __get__(self, resource: Resource, owner: type[Resource]) -> BoundT: ...

    def __get__(self, resource: Resource | None, owner: type[Resource]) -> BoundT | _Binding[BoundT]:
        if resource is None:
            return self
        bound = self._bind(resource._session)  # pyright: ignore[reportPrivateUsage]
        vars(resource)[self._name] = bound
        return bound


# The lines of the table name their operations in a lambda: what a program does not use is not loaded.


def operation(
    load: Callable[[], Callable[Concatenate[Transport, P], Coroutine[Any, Any, DataResponse[T]]]],
) -> _Binding[BoundOperation[P, T]]:
    return _Binding(lambda session: BoundOperation(session, load()))


def paginated(
    load: Callable[[], Callable[Concatenate[Transport, P], Coroutine[Any, Any, ListResponse[T]]]],
) -> _Binding[BoundList[P, T]]:
    return _Binding(lambda session: BoundList(session, load()))


def by_ids(
    load: Callable[[], Callable[Concatenate[Transport, str, ...], Coroutine[Any, Any, DataResponse[ManyT]]]],
) -> _Binding[BoundMany[ManyT]]:
    return _Binding(lambda session: BoundMany(session, load()))


def _look_like(bound: object, function: Callable[..., object]) -> None:
    """Give a bound operation the name, documentation and signature of its function, less transport and envelope."""
    update_wrapper(bound, function)  # type: ignore[arg-type]
    vars(bound)["__signature__"], vars(bound)["__doc__"] = _face(function)


@cache
def _face(function: Callable[..., object]) -> tuple[inspect.Signature, str]:
    """The signature and documentation of an operation that is bound: the same for all clients, which may be many."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())[1:]
    doc = re.sub(r"\n *transport: .*", "", function.__doc__ or "")
    return signature.replace(parameters=parameters, return_annotation=signature.empty), doc


class Accounts(Resource):
    """Income sources, pods and external accounts."""

    list = operation(lambda: api.list_accounts)
    get = operation(lambda: api.get_account)
    get_many = by_ids(lambda: api.get_account)


class Cards(Resource):
    """Debit cards and their transactions. Coming soon, says the documentation."""

    list = operation(lambda: api.list_cards)
    get = operation(lambda: api.get_card)
    get_many = by_ids(lambda: api.get_card)
    list_transactions = paginated(lambda: api.list_card_transactions)


class Transfers(Resource):
    """Money moved between accounts."""

    list = paginated(lambda: api.list_transfers)
    get = operation(lambda: api.get_transfer)
    get_many = by_ids(lambda: api.get_transfer)
    create = operation(lambda: api.create_transfer)

    async def wait(self, id: str, *, timeout: float | None = 300.0, raise_on_failure: bool = False) -> Transfer:
        """Wait until a transfer is complete, or has failed: until its status is one that nothing follows.

        It is asked for after 1 second and then less and less often, down to once an hour. An ID that is not found is
        taken for one that was just received, for 10 seconds.

        Args:
            id: The ID of the transfer, `txr_…`.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an incomplete, failed or cancelled transfer is an error.

        Raises:
            WaitTimeoutError: It was not done in time; `last` is its last state.
            TransferFailedError: It has failed, and `raise_on_failure` is true; `transfer` is how it ended.
            APIError: It could not be asked for; `last` is its last state.

        Documentation: https://cartesio.getsequence.io/docs/transfers/getTransfer
        """
        asking = prepare(api.get_transfer, id)
        return await _wait_for_transfer(self._session, asking, None, timeout, raise_on_failure=raise_on_failure)

    async def create_and_wait(
        self,
        *,
        source_account_id: str,
        destination_account_id: str,
        amount_in_cents: int,
        description: str | None = None,
        idempotency_key: str | None = None,
        request_id: str | None = None,
        timeout: float | None = 300.0,
        raise_on_failure: bool = False,
    ) -> Transfer:
        """Create a transfer and wait until it is complete, or has failed: `create`, and then `wait`.

        The key also needs `READ_TRANSFERS` for one of the two accounts.

        Args:
            source_account_id: As for `create`, like the other arguments up to `request_id`.
            destination_account_id: The ID of the account that the money goes to, `acc_…`.
            amount_in_cents: The amount in cents.
            description: A note for the people who will read the transfer.
            idempotency_key: Makes a repeat of this call safe for 24 hours, see `idempotency_key_for`.
            request_id: An identifier of the caller's choice for the request that creates it.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an incomplete, failed or cancelled transfer is an error.

        Raises:
            OutcomeUnknownError: It may have been created or not.
            WaitTimeoutError: It was created, and was not done in time; `last` is its last state.
            TransferFailedError: It has failed, and `raise_on_failure` is true; `transfer` is how it ended.
            APIError: It could not be created, and `last` is None; or not be asked for, and `last` is its last state.

        Documentation: https://cartesio.getsequence.io/docs/transfers/createTransfer
        """
        check_wait(timeout)
        response = await self.create.with_response(
            source_account_id=source_account_id,
            destination_account_id=destination_account_id,
            amount_in_cents=amount_in_cents,
            description=description,
            idempotency_key=idempotency_key,
            request_id=request_id,
        )
        created = response.data
        with _done(self._session, "createTransfer", created.id, response, key_made_here=idempotency_key is None):
            asking = _asking_for(api.GET_TRANSFER, created.id, created)
            return await _wait_for_transfer(self._session, asking, created, timeout, raise_on_failure=raise_on_failure)

    async def since(
        self, last: datetime | str, /, *, account_id: str, overlap: timedelta = timedelta(hours=1)
    ) -> Changes[Transfer]:
        """What is new of an account's transfers since last time: those that appeared, or are of another status.

            changes = await sequence.transfers.since(datetime(2024, 4, 1, tzinfo=UTC), account_id="acc_01HDEF0123")
            changes = await sequence.transfers.since(changes.token, account_id="acc_01HDEF0123")

        Store the token together with what became of the data. A program that crashed before that gets the same changes
        again; otherwise none comes twice. Nothing new is one request as long as the part of the list that is read again
        fits on a page of 100.

        Args:
            last: A moment, the first time: what was created then or later is new. From then on the token of the last
                changes.
            account_id: The ID of the account whose transfers are listed, `acc_…`.
            overlap: How much of the time before the newest transfer is read again next time, up to 14 days: one that
                appears within it is found although its moment of creation is before that of others. Of more than 1,000
                transfers in it, the newest 1,000 are read.

        Raises:
            InvalidArgumentError: An argument cannot be used, or the token is none, or another account's; nothing was
                sent.
            PaginationError: The server's cursors do not lead on.
            APIError: A page or a transfer could not be fetched.

        Documentation: https://cartesio.getsequence.io/docs/transfers/listTransfers
        """
        from . import sync  # noqa: PLC0415 - many programs never need it

        sync.check_overlap(overlap)
        position = sync.begin(last, account_id)
        transfers = self.list(account_id=account_id, from_=position.oldest)
        pages = transfers._pages(ahead=False)  # pyright: ignore[reportPrivateUsage] - the next one may not be needed
        return await sync.changes(self._session, position, pages, self.get, overlap)


class Rules(Resource):
    """Rules that move money."""

    list = operation(lambda: api.list_rules)
    get = operation(lambda: api.get_rule)
    get_many = by_ids(lambda: api.get_rule)
    trigger = operation(lambda: api.trigger_rule)

    async def trigger_and_wait(
        self,
        id: str,
        *,
        manual_execute_amount: int | None = None,
        idempotency_key: str | None = None,
        request_id: str | None = None,
        timeout: float | None = 300.0,
        raise_on_failure: bool = False,
    ) -> RuleExecution:
        """Trigger a rule and wait until its execution has ended: `trigger`, and then `rule_executions.wait`.

        The key also needs `READ_RULE_EXECUTIONS` for the rule.

        Args:
            id: As for `trigger`, like the other arguments up to `request_id`.
            manual_execute_amount: An amount in cents instead of the one of the rule.
            idempotency_key: Makes a repeat of this call safe for 24 hours, see `idempotency_key_for`.
            request_id: An identifier of the caller's choice for the request that triggers it.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an execution that failed, or was done in part only, is an error.

        Raises:
            OutcomeUnknownError: It may have been triggered or not.
            WaitTimeoutError: It was triggered, and was not done in time; `last` is its last state.
            RuleExecutionFailedError: It has failed, and `raise_on_failure` is true; `rule_execution` is how it ended.
            APIError: It could not be triggered, and `last` is None; or not be asked for, and `last` is its last state.

        Documentation: https://cartesio.getsequence.io/docs/rules/triggerRule
        """
        check_wait(timeout)
        response = await self.trigger.with_response(
            id, manual_execute_amount=manual_execute_amount, idempotency_key=idempotency_key, request_id=request_id
        )
        triggered = response.data
        with _done(
            self._session, "triggerRule", triggered.execution_id, response, key_made_here=idempotency_key is None
        ):
            asking = _asking_for(api.GET_RULE_EXECUTION, triggered.execution_id, triggered)
            return await _wait_for_execution(
                self._session, asking, triggered, timeout, raise_on_failure=raise_on_failure
            )


class RuleExecutions(Resource):
    """Runs of rules."""

    list = paginated(lambda: api.list_rule_executions)
    get = operation(lambda: api.get_rule_execution)
    get_many = by_ids(lambda: api.get_rule_execution)

    async def wait(self, id: str, *, timeout: float | None = 300.0, raise_on_failure: bool = False) -> RuleExecution:
        """Wait until a rule execution has ended: until its status is one that nothing follows.

        It is asked for after 1 second and then less and less often, down to once an hour. An ID that is not found is
        taken for one that was just received, for 10 seconds.

        Args:
            id: The ID of the rule execution, `rex_…`.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an execution that failed, or was done in part only, is an error.

        Raises:
            WaitTimeoutError: It was not done in time; `last` is its last state.
            RuleExecutionFailedError: It has failed, and `raise_on_failure` is true; `rule_execution` is how it ended.
            APIError: It could not be asked for; `last` is its last state.

        Documentation: https://cartesio.getsequence.io/docs/rule-executions/getRuleExecution
        """
        asking = prepare(api.get_rule_execution, id)
        return await _wait_for_execution(self._session, asking, None, timeout, raise_on_failure=raise_on_failure)


@contextmanager
def _done(
    session: Session, operation: str, id: str, response: APIResponse[Any], *, key_made_here: bool
) -> Generator[None]:
    """Let whatever ends the wait for a write that was done say so.

    Args:
        session: What waits.
        operation: The operationId of the write.
        id: The ID of what it made.
        response: The response to the write.
        key_made_here: Whether the SDK made its idempotency key.
    """

    def usable() -> datetime | None:
        """Until when a repeat with the key does nothing again; None where it may do so."""
        now = session.connection.clock.moment()
        until = usable_until(now, response.first_sent, response.key_first_used)
        return until if until is not None and now.wall < until else None

    try:
        yield
    except SequenceError as error:
        error.done = key_made_here or usable() is None
        if isinstance(error, APIError | WaitTimeoutError):
            error.idempotency_key = response.idempotency_key
        raise
    except BaseException as cancelled:
        until = usable()
        text = f"{operation} was done, and is not waited for any longer: wait for {printable(session.key.scrub(id))}"
        if until is not None:
            key = in_words_for_later(
                response.idempotency_key or "",
                response.key_first_used,
                response.first_sent,
                made_here=key_made_here,
            )
            text += (
                f", or until {until:%Y-%m-%d %H:%M} UTC call it again with the same arguments and idempotency_key={key}"
            )
        logger.warning(text)
        cancelled.add_note(text)
        raise


def _asking_for(operation: Operation[ResponseT], id: str, last: object) -> tuple[Operation[ResponseT], Request]:
    """The request for what a server made, whatever it calls that.

    Raises:
        APIError: No path can hold the ID.
    """
    if id in {"", ".", ".."} or len(id) > LONGEST_ID:
        text = (
            f"{operation.id}: it was made, and cannot be asked for by the ID that the server gave it, {short(id)}; "
            "see .last"
        )
        raise APIError(text, operation=operation.id, request_id="", last=last)
    path = operation.path.replace("{id}", quote(id, safe=""))
    return operation, Request(path=path, query={}, headers={}, content=None, arguments={"id": id})


async def _wait_for(
    session: Session,
    asking: tuple[Operation[Any], Request],
    last: WaitT | TriggeredRule | None,
    timeout: float | None,
) -> WaitT:
    operation, request = asking

    async def poll(deadline: float) -> WaitT:
        response: DataResponse[WaitT] = await evolve(session, deadline=deadline).send(operation, request)
        return response.data

    return await until_done(poll, operation.id, session, timeout=timeout, last=last)


async def _wait_for_transfer(
    session: Session,
    asking: tuple[Operation[TransferResponse], Request],
    last: Transfer | None,
    timeout: float | None,
    *,
    raise_on_failure: bool,
) -> Transfer:
    transfer: Transfer = await _wait_for(session, asking, last, timeout)
    if raise_on_failure and has_failed(transfer.status):
        text = printable(session.key.scrub(f"the transfer {transfer.id} ended as {transfer.status}"))
        raise TransferFailedError(text, transfer=transfer)
    return transfer


async def _wait_for_execution(
    session: Session,
    asking: tuple[Operation[RuleExecutionResponse], Request],
    last: TriggeredRule | None,
    timeout: float | None,
    *,
    raise_on_failure: bool,
) -> RuleExecution:
    execution: RuleExecution = await _wait_for(session, asking, last, timeout)
    if raise_on_failure and has_failed(execution.status):
        text = printable(session.key.scrub(f"the rule execution {execution.id} ended as {execution.status}"))
        raise RuleExecutionFailedError(text, rule_execution=execution)
    return execution
