"""The client of the platform API: its resources, and what only this API can do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast

from attrs import evolve
from msgspec.structs import replace

from sequence_platform_client import CONTRACT, api
from sequence_runtime import Call, checks

from ..arguments import checked
from ..binding import Resource, operation, paginated
from ..client import Client
from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, InvalidArgumentError, OutcomeUnknownError
from ..exchange import exchange
from ..history import history
from ..idempotency import kept_for
from ..many import by_ids
from ..observation import Observer
from ..rate_limit import DOCUMENTED, RateLimit
from ..responses import canonical, disagreement
from ..session import APIResponse, Grants, Session
from ..settings import ResponseLimits, check_flag, merge_headers
from ..simulation import is_simulated
from ..telemetry import telemetry
from ..transport import HTTPClient
from .balances import STALE_AFTER, balances_of

if TYPE_CHECKING:
    import aiohttp  # noqa: TID251 - its type only

    from sequence_platform_client.models import (
        AccountSummary,
        Rule,
        RuleExecution,
        RuleExecutionSummary,
        RuleSummary,
        Transfer,
        TriggeredRule,
    )

    from ..changes import Changes
    from .balances import Balances

REASON, IDEMPOTENCY_KEY = "x-called-reason", "idempotency-key"

CLOCKS_DIFFER_BY = timedelta(days=1)
"""How much earlier than a call, by this machine's clock, its result may be dated by the server's."""


class Accounts(Resource):
    """Income sources, pods and external accounts."""

    list = paginated(lambda: api.list_accounts)
    get = operation(lambda: api.get_account)
    get_many = by_ids(lambda: api.get_account)
    create = operation(lambda: api.create_account)
    list_transfers = history(lambda: api.list_account_transfers)

    async def balances(self, *, stale_after: timedelta = STALE_AFTER, concurrency: int = 8) -> Balances:
        """What all accounts hold, and the net worth.

            balances = await platform.accounts.balances()
            print(balances.total_in_cents, [one.account.name for one in balances.missing])

        A request for each account, and two for each page of accounts where there are several, within the rate limit:
        the vendor asks for that every six hours at most. What is owed, of a liability, is below zero, so that a sum is
        a net worth. Liabilities that belong to a pod count, too. The key needs `READ_ACCOUNTS` on all accounts; those
        that it lacks are in `failures`.

        Args:
            stale_after: How old a balance may be before it counts as stale.
            concurrency: How many accounts are asked for at the same time, 1 to 100.

        Raises:
            InvalidArgumentError: An argument cannot be used; nothing was sent.
            PaginationError: The list of accounts did not stay the same for long enough.
            APIError: The accounts could not be listed.

        Documentation: https://app.getsequence.io/api/platform/#tag/accounts
        """
        if not isinstance(stale_after, timedelta):
            raise InvalidArgumentError(f"stale_after must be a timedelta, not {type(stale_after).__name__}")
        checked(checks.integer, "concurrency", concurrency, minimum=1, maximum=100)
        summaries = await self.list().collect()
        found = await self.get_many.with_failures([one.id for one in summaries], concurrency=concurrency)
        now = self._session.connection.clock.now()
        return balances_of(summaries, found.results, found.failures, now=now, stale_after=stale_after)


class Beneficiaries(Resource):
    """The people and companies that own accounts."""

    list = paginated(lambda: api.list_beneficiaries)


class Transfers(Resource):
    """Money moved into, out of and between accounts."""

    list = history(lambda: api.list_transfers)
    get = operation(lambda: api.get_transfer)
    get_many = by_ids(lambda: api.get_transfer)
    create = operation(lambda: api.create_transfer)

    async def wait(self, id: str, *, timeout: float | None = 300.0, raise_on_failure: bool = False) -> Transfer:
        """Wait until a transfer is complete, or has failed: until its status is one that nothing follows.

        It is asked for after 1 second and then less and less often, down to once an hour. An ID that is not found is
        taken for one that was just received, for 10 seconds.

        Args:
            id: The ID of the transfer.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an incomplete, failed or cancelled transfer is an error.

        Raises:
            WaitTimeoutError: It was not done in time; `last` is its last state.
            TransferFailedError: It has failed, and `raise_on_failure` is true; `transfer` is how it ended.
            APIError: It could not be asked for; `last` is its last state.

        Documentation: https://app.getsequence.io/api/platform/#tag/transfers
        """
        from ..ended import wait_for  # noqa: PLC0415 - many programs never need it

        asking = checked(api.get_transfer, id)
        return await wait_for("transfer", self._session, asking, timeout=timeout, raise_on_failure=raise_on_failure)

    async def create_and_wait(
        self,
        *,
        source_account_id: str,
        destination_account_id: str,
        amount_in_cents: int,
        description: str | None = None,
        simulation: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = 300.0,
        raise_on_failure: bool = False,
    ) -> Transfer:
        """Create a transfer and wait until it is complete, or has failed: `create`, and then `wait`.

        The key also needs `READ_TRANSFERS` for one of the two accounts.

        Args:
            source_account_id: As for `create`, like the other arguments up to `idempotency_key`.
            destination_account_id: The ID of the account that the money goes to.
            amount_in_cents: The amount in cents, at least 100.
            description: What the recipient's statement calls it, up to 10 letters, digits and spaces.
            simulation: Whether no money is moved.
            idempotency_key: Makes a repeat of this call safe for 24 hours, see `idempotency_key_for`.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an incomplete, failed or cancelled transfer is an error.

        Raises:
            OutcomeUnknownError: It may have been created or not.
            WaitTimeoutError: It was created, and was not done in time; `last` is its last state.
            TransferFailedError: It has failed, and `raise_on_failure` is true; `transfer` is how it ended.
            APIError: It could not be created, and `last` is None; or not be asked for, and `last` is its last state.

        Documentation: https://app.getsequence.io/api/platform/#tag/transfers
        """
        from ..ended import wait_for_made  # noqa: PLC0415 - many programs never need it
        from ..polling import check_wait  # noqa: PLC0415

        check_wait(timeout)
        response = await self.create.with_response(
            source_account_id=source_account_id,
            destination_account_id=destination_account_id,
            amount_in_cents=amount_in_cents,
            description=description,
            simulation=simulation,
            idempotency_key=idempotency_key,
        )
        return await wait_for_made(
            "transfer",
            self._session,
            api.CREATE_TRANSFER,
            response,
            asking=api.GET_TRANSFER,
            ids={"id": response.data.id},
            key_made_here=idempotency_key is None,
            timeout=timeout,
            raise_on_failure=raise_on_failure,
        )

    async def since(
        self, last: datetime | str, /, *, account_ids: Sequence[str], overlap: timedelta = timedelta(hours=1)
    ) -> Changes[Transfer]:
        """What is new of the transfers of accounts since last time: those that appeared, or are of another status.

            changes = await platform.transfers.since(datetime(2026, 4, 1, tzinfo=UTC), account_ids=[account.id])
            changes = await platform.transfers.since(changes.token, account_ids=[account.id])

        Store the token together with what became of the data. A program that crashed before that gets the same changes
        again; otherwise none comes twice. Nothing new is one request as long as the part of the list that is read again
        fits on a page of 100.

        Args:
            last: A moment, the first time: what was created then or later is new. From then on the token of the last
                changes.
            account_ids: The IDs of the accounts whose transfers are listed, the same ones every time.
            overlap: How much of the time before the newest transfer is read again next time, up to 14 days: one that
                appears within it is found although its moment of creation is before that of others. Of more than 1,000
                transfers in it, the newest 1,000 are read.

        Raises:
            InvalidArgumentError: An argument cannot be used, or the token is none, or that of other accounts; nothing
                was sent.
            PaginationError: The pages of the list do not lead on.
            APIError: A page or a transfer could not be fetched.

        Documentation: https://app.getsequence.io/api/platform/#tag/transfers
        """
        from ..changes import begin, changes  # noqa: PLC0415 - many programs never need it

        checked(api.list_transfers, account_ids=account_ids)  # or sorting them might fail
        of = [*sorted(set(map(canonical, account_ids))), *(["simulated"] if self._session.simulation else [])]
        position = begin(last, ",".join(of), api.get_transfer)
        pages = self.list(account_ids=account_ids, from_=position.asked_from).read(ahead=False)
        ends = api.GET_TRANSFER.is_terminal
        get_many = self.get_many.with_failures
        return await changes(self._session, position, pages, get_many, is_terminal=ends, overlap=overlap)


class Rules(Resource):
    """Rules that move money."""

    list = paginated(lambda: api.list_rules)
    get = operation(lambda: api.get_rule)
    get_many = by_ids(lambda: api.get_rule)
    create = operation(lambda: api.create_rule)
    update = operation(lambda: api.update_rule)
    trigger = operation(lambda: api.trigger_rule)

    async def trigger_and_wait(
        self,
        id: str,
        *,
        execute_amount: int | None = None,
        simulation: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = 300.0,
        raise_on_failure: bool = False,
    ) -> RuleExecution:
        """Trigger a rule and wait until its execution has ended: `trigger`, and then `rule_executions.wait`.

        The key also needs `READ_RULES` for the rule.

        Args:
            id: As for `trigger`, like the other arguments up to `idempotency_key`.
            execute_amount: An amount in cents that is taken for the balance of the source and for what came in.
            simulation: Whether no money is moved.
            idempotency_key: Makes a repeat of this call safe for 24 hours, see `idempotency_key_for`.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an execution that failed, or was done in part only, is an error.

        Raises:
            OutcomeUnknownError: It may have been triggered or not.
            WaitTimeoutError: It was triggered, and was not done in time; `last` is its last state.
            RuleExecutionFailedError: It has failed, and `raise_on_failure` is true; `rule_execution` is how it ended.
            APIError: It could not be triggered, and `last` is None; or not be asked for, and `last` is its last state.

        Documentation: https://app.getsequence.io/api/platform/#tag/rules
        """
        from ..ended import wait_for_made  # noqa: PLC0415 - many programs never need it
        from ..polling import check_wait  # noqa: PLC0415

        check_wait(timeout)
        call = self.trigger.prepared(
            id, execute_amount=execute_amount, simulation=simulation, idempotency_key=idempotency_key
        )
        response = (await exchange(self._session, call)).map(call.operation.data)

        def look(execution: RuleExecution) -> None:
            if (execution.execution_mode == "SIMULATION") is not is_simulated(call):
                made_here = idempotency_key is None
                raise _of_another_mode(self._session, call, response, execution, key_made_here=made_here)

        return await wait_for_made(
            "rule_execution",
            self._session,
            api.TRIGGER_RULE,
            response,
            asking=api.GET_RULE_EXECUTION,
            ids={"rule_id": id, "id": response.data.execution_id},
            key_made_here=idempotency_key is None,
            timeout=timeout,
            raise_on_failure=raise_on_failure,
            look=look,
        )


class RuleExecutions(Resource):
    """Runs of rules."""

    list = history(lambda: api.list_rule_executions)
    get = operation(lambda: api.get_rule_execution)

    async def wait(
        self, rule_id: str, id: str, *, timeout: float | None = 300.0, raise_on_failure: bool = False
    ) -> RuleExecution:
        """Wait until a rule execution has ended: until its status is one that nothing follows.

        It is asked for after 1 second and then less and less often, down to once an hour. An ID that is not found is
        taken for one that was just received, for 10 seconds.

        Args:
            rule_id: The ID of the rule.
            id: The ID of the rule execution.
            timeout: Seconds to wait at most; None for any time.
            raise_on_failure: Whether an execution that failed, or was done in part only, is an error.

        Raises:
            WaitTimeoutError: It was not done in time; `last` is its last state.
            RuleExecutionFailedError: It has failed, and `raise_on_failure` is true; `rule_execution` is how it ended.
            APIError: It could not be asked for; `last` is its last state.

        Documentation: https://app.getsequence.io/api/platform/#tag/rules
        """
        from ..ended import wait_for  # noqa: PLC0415 - many programs never need it

        asking = checked(api.get_rule_execution, rule_id, id)
        return await wait_for(
            "rule_execution", self._session, asking, timeout=timeout, raise_on_failure=raise_on_failure
        )


class ExternalTransactions(Resource):
    """What happened on connected accounts that Sequence does not manage."""

    list = history(lambda: api.list_external_transactions)
    get = operation(lambda: api.get_external_transaction)


class CardTransactions(Resource):
    """Settled purchases, refunds and payouts of cards."""

    list = history(lambda: api.list_card_transactions)
    get = operation(lambda: api.get_card_transaction)


class AuditLogs(Resource):
    """The calls that were made with the organization's API keys."""

    list = history(lambda: api.list_audit_logs)


class PlatformClient(Client):
    """A client of the Sequence platform API, for asyncio and trio.

        async with PlatformClient() as platform:  # key from SEQUENCE_API_KEY
            async for account in platform.accounts.list(type="POD"):
                print(account.name)

    One client serves any number of tasks of one event loop. Make it once, and close it at the end.

    Args:
        api_key: The API key; without it, the environment variable `SEQUENCE_API_KEY`.
        base_url: Where the API is, if not in production; without it, the environment variable
            `SEQUENCE_PLATFORM_BASE_URL`. `https`, or `http` on this machine.
        reason: Why calls are made, in a few words of printable ASCII: the organization's audit log keeps it.
        simulation: Whether nothing is done for real: every write is a simulation, or is refused where the API has none,
            and lists have what was simulated. No client made by `with_options` can switch that off.
        timeout: Seconds that one attempt may take, from connecting to the end of the response.
        deadline: Seconds that a call may take with all of its attempts and waits, also those for the rate limit; None
            for any time.
        max_retries: How often a call is attempted again after a failure that may pass; a write carries the same
            idempotency key every time, and one without a key is not sent again once a byte of it may have arrived.
        rate_limit: How many requests are sent in a time; more wait for their turn. None for any number. Clients made by
            `with_options` share it; `RedisRateLimit` shares it with other processes.
        response_limits: How large a response may be.
        permissions: What the key grants, as far as known: calls that it does not grant are then refused before
            anything is sent, and errors say which part is missing.
        observe: A function, or several, called with a `CallRecord` after each call; what they raise changes no call.
        http_client: An `httpx.AsyncClient`, an `httpx2.AsyncClient` or an `aiohttp.ClientSession` to send requests
            with, for example with a proxy. It is never closed by this client. Redirects are not followed, whatever its
            settings.
        clock: What tells the time and waits between attempts and polls; a test gives one of its own.

    Raises:
        ConfigurationError: An argument or a variable of the environment is missing or unusable; or
            `SEQUENCE_BASE_URL` is set alone, so that a program meant for a sandbox would reach production.

    Documentation: https://app.getsequence.io/api/platform/
    """

    contract = CONTRACT
    _telemetry = staticmethod(telemetry)
    accounts: Accounts
    beneficiaries: Beneficiaries
    transfers: Transfers
    rules: Rules
    rule_executions: RuleExecutions
    external_transactions: ExternalTransactions
    card_transactions: CardTransactions
    audit_logs: AuditLogs

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        reason: str | None = None,
        simulation: bool = False,
        timeout: float = 30.0,
        deadline: float | None = None,
        max_retries: int = 3,
        rate_limit: RateLimit | None = DOCUMENTED,
        response_limits: ResponseLimits = ResponseLimits(),  # noqa: B008 - it is immutable
        permissions: Grants | None = None,
        observe: Observer | Iterable[Observer] = (),
        http_client: HTTPClient | aiohttp.ClientSession | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        keys = [api_key]
        api_key = None  # no traceback through this frame may show it
        super().__init__(
            keys.pop(),
            base_url=base_url,
            timeout=timeout,
            deadline=deadline,
            max_retries=max_retries,
            rate_limit=rate_limit,
            response_limits=response_limits,
            permissions=permissions,
            observe=observe,
            http_client=http_client,
            clock=clock,
        )
        self._bind(_with(self._session, reason, simulation=check_flag("simulation", simulation)))

    def _bind(self, session: Session) -> None:
        super()._bind(session)
        self.accounts = Accounts(session)
        self.beneficiaries = Beneficiaries(session)
        self.transfers = Transfers(session)
        self.rules = Rules(session)
        self.rule_executions = RuleExecutions(session)
        self.external_transactions = ExternalTransactions(session)
        self.card_transactions = CardTransactions(session)
        self.audit_logs = AuditLogs(session)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        observe: Observer | Iterable[Observer] | None = None,
        reason: str | None = None,
        simulation: bool | None = None,
    ) -> Self:
        """A client with other options on the same connections; options that are not given stay as they are.

        It may be closed or not: its connections are closed with the client that it was made from.

        Args:
            timeout: Seconds that one attempt may take.
            deadline: Seconds that a call may take with all of its attempts and waits; `math.inf` for any time.
            max_retries: How often a call is attempted again.
            headers: Headers to send with every request, added to those of this client.
            observe: A function, or several, called with each `CallRecord`; they are added to those of this client.
            reason: Why calls are made, for the audit log.
            simulation: True for nothing to be done for real. What only simulates stays so.

        Raises:
            ConfigurationError: An option is unusable.
        """
        other = super().with_options(
            timeout=timeout, deadline=deadline, max_retries=max_retries, headers=headers, observe=observe
        )
        other._bind(_with(other._session, reason, simulation=simulation))
        return other

    async def resume(
        self, error: OutcomeUnknownError, *, key_first_used: datetime | None = None
    ) -> Transfer | TriggeredRule:
        """Repeat a write whose outcome is unknown: what `error.resume(client)` does, and documents."""
        return cast("Transfer | TriggeredRule", await super().resume(error, key_first_used=key_first_used))

    async def candidates(
        self, error: OutcomeUnknownError
    ) -> list[Transfer] | list[RuleExecutionSummary] | list[AccountSummary] | list[RuleSummary] | list[Rule]:
        """What a write may have made: what `error.candidates(client)` gives, and documents.

        Transfers of the same source, destination, amount and mode; executions of the same rule; the account of that
        name and type; rules that are as old as the call and of that name; or the rule that was to be changed, as it is
        now.
        """
        if error.base_url != self.base_url:
            raise ConfigurationError(
                f"{error.operation} was sent to {error.base_url}: look there, with a client of that"
            )
        given = error.arguments
        since = min(filter(None, (error.first_sent.wall, error.key_first_used))) - CLOCKS_DIFFER_BY
        mode: str = "SIMULATION" if given.get("simulation") is True else "LIVE"
        match error.operation:
            case "triggerRule":
                return await self.rule_executions.list(str(given["id"]), execution_mode=mode, from_=since).collect()
            case "createAccount":
                accounts = await self.accounts.list(type=str(given["type"])).collect()
                named = [one for one in accounts if one.name.strip() == str(given["name"]).strip()]
                recent = [one for one in named if one.created_at >= since]
                return sorted(recent, key=lambda one: one.created_at, reverse=True)
            case "createRule":
                rules = await self.rules.list().collect()
                alike = [one for one in rules if one.created_at >= since and given.get("name") in {None, one.name}]
                return sorted(alike, key=lambda one: one.created_at, reverse=True)
            case "updateRule":
                return [await self.rules.get(str(given["id"]))]
            case _:
                echoes = [(name, path.removeprefix("data.")) for name, path in api.CREATE_TRANSFER.echoes]
                asked = {**given, "simulation": mode}
                source = str(given["source_account_id"])
                transfers = self.transfers.list(account_ids=[source], execution_mode=mode, from_=since)
                return [one async for one in transfers if disagreement(echoes, asked, one) is None]


def _of_another_mode(
    session: Session,
    call: Call[Any, Any],
    response: APIResponse[TriggeredRule],
    execution: RuleExecution,
    *,
    key_made_here: bool,
) -> OutcomeUnknownError:
    """The error of a rule execution that is live and should not be, or the other way round."""
    now, kept = session.connection.clock.moment(), kept_for(session.contract)
    mode = execution.execution_mode or "of no mode that it names, which is live"
    error = OutcomeUnknownError(
        f"triggerRule: what was triggered is {mode}, and that is not what was asked for: see what it did, in "
        f"rule_executions.get({execution.rule_id!r}, {execution.id!r})",
        operation=call.operation.id,
        request_id=response.request_id,
        idempotency_key=response.idempotency_key,
        arguments={name: value for name, value in call.request.arguments.items() if value is not None},
        remembered_until=response.key_age.usable_until(now, kept),
        key_first_used=response.key_age.first_used,
        first_sent=response.key_age.first_sent or now,
        key_kept_for=kept,
        base_url=session.base_url,
        request=replace(
            call.request, headers={**call.request.headers, IDEMPOTENCY_KEY: response.idempotency_key or ""}
        ),
        status_code=response.status_code,
        key_made_here=key_made_here,
        api_key_fingerprint=session.key.fingerprint(),
    )
    error.last = execution
    return error


def _with(session: Session, reason: str | None, *, simulation: Any) -> Session:
    """A session with this API's own options.

    Raises:
        ConfigurationError: The reason cannot be sent, or what simulates would do something for real.
    """
    if reason is not None:
        try:
            checks.header("reason", reason)
        except ValueError as refused:
            raise ConfigurationError(str(refused)) from None
        session = evolve(session, headers=merge_headers(session.contract, session.headers, {REASON: reason}))
    if simulation is not None and check_flag("simulation", simulation) != session.simulation:
        if not simulation:
            raise ConfigurationError("this client only simulates, and so do those made from it: make a new one")
        session = evolve(session, simulation=True)
    return session
