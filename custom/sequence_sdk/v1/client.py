"""The client of the API v1: its resources, and what only this API can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from sequence_api_client import CONTRACT, api

from ..arguments import checked
from ..binding import Resource, operation
from ..client import Client
from ..errors import ConfigurationError, OutcomeUnknownError
from ..history import history
from ..many import by_ids
from ..responses import disagreement
from ..session import Session
from ..telemetry import telemetry

if TYPE_CHECKING:
    from sequence_api_client.models import RuleExecution, RuleExecutionSummary, Transfer, TriggeredRule

    from ..changes import Changes

CLOCKS_DIFFER_BY = timedelta(days=1)
"""How much earlier than a call, by this machine's clock, its result may be dated by the server's."""


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
    list_transactions = history(lambda: api.list_card_transactions)


class Transfers(Resource):
    """Money moved between accounts."""

    list = history(lambda: api.list_transfers)
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
        from ..ended import wait_for_made  # noqa: PLC0415 - many programs never need it
        from ..polling import check_wait  # noqa: PLC0415

        check_wait(timeout)
        response = await self.create.with_response(
            source_account_id=source_account_id,
            destination_account_id=destination_account_id,
            amount_in_cents=amount_in_cents,
            description=description,
            idempotency_key=idempotency_key,
            request_id=request_id,
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
            PaginationError: The server's pages do not lead on.
            APIError: A page or a transfer could not be fetched.

        Documentation: https://cartesio.getsequence.io/docs/transfers/listTransfers
        """
        from ..changes import begin, changes  # noqa: PLC0415 - many programs never need it

        position = begin(last, account_id, api.get_transfer)
        transfers = self.list(account_id=account_id, from_=position.asked_from)
        pages = transfers.read(ahead=False)  # the next one may not be needed
        ends = api.GET_TRANSFER.is_terminal
        get_many = self.get_many.with_failures
        return await changes(self._session, position, pages, get_many, is_terminal=ends, overlap=overlap)


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
        from ..ended import wait_for_made  # noqa: PLC0415 - many programs never need it
        from ..polling import check_wait  # noqa: PLC0415

        check_wait(timeout)
        response = await self.trigger.with_response(
            id, manual_execute_amount=manual_execute_amount, idempotency_key=idempotency_key, request_id=request_id
        )
        return await wait_for_made(
            "rule_execution",
            self._session,
            api.TRIGGER_RULE,
            response,
            asking=api.GET_RULE_EXECUTION,
            ids={"id": response.data.execution_id},
            key_made_here=idempotency_key is None,
            timeout=timeout,
            raise_on_failure=raise_on_failure,
        )


class RuleExecutions(Resource):
    """Runs of rules."""

    list = history(lambda: api.list_rule_executions)
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
        from ..ended import wait_for  # noqa: PLC0415 - many programs never need it

        asking = checked(api.get_rule_execution, id)
        return await wait_for(
            "rule_execution", self._session, asking, timeout=timeout, raise_on_failure=raise_on_failure
        )


class SequenceClient(Client):
    """A client of the Sequence API, for asyncio and trio.

        async with SequenceClient() as sequence:  # key from SEQUENCE_API_KEY
            for account in await sequence.accounts.list(type="pod"):
                print(account.name)

    One client serves any number of tasks of one event loop. Make it once, and close it at the end.

    Args:
        api_key: The API key; without it, the environment variable `SEQUENCE_API_KEY`.
        base_url: Where the API is, if not in production; without it, the environment variable `SEQUENCE_BASE_URL`.
            `https`, or `http` on this machine.
        timeout: Seconds that one attempt may take, from connecting to the end of the response.
        deadline: Seconds that a call may take with all of its attempts and waits, also those for the rate limit; None
            for any time.
        max_retries: How often a call is attempted again after a failure that may pass; a write carries the same
            idempotency key every time.
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
        ConfigurationError: An argument or a variable of the environment is missing or unusable.

    Documentation: https://cartesio.getsequence.io/docs
    """

    contract = CONTRACT
    _telemetry = staticmethod(telemetry)
    accounts: Accounts
    cards: Cards
    transfers: Transfers
    rules: Rules
    rule_executions: RuleExecutions

    def _bind(self, session: Session) -> None:
        super()._bind(session)
        self.accounts = Accounts(session)
        self.cards = Cards(session)
        self.transfers = Transfers(session)
        self.rules = Rules(session)
        self.rule_executions = RuleExecutions(session)

    async def resume(
        self, error: OutcomeUnknownError, *, key_first_used: datetime | None = None
    ) -> Transfer | TriggeredRule:
        """Repeat a write whose outcome is unknown: what `error.resume(client)` does, and documents."""
        return cast("Transfer | TriggeredRule", await super().resume(error, key_first_used=key_first_used))

    async def candidates(self, error: OutcomeUnknownError) -> list[Transfer] | list[RuleExecutionSummary]:
        """What a write may have made: what `error.candidates(client)` gives, and documents.

        Transfers of the same source, destination and amount, or executions of the same rule. The key needs
        `READ_TRANSFERS` on the source, or `READ_RULE_EXECUTIONS` on the rule.
        """
        if error.base_url != self.base_url:
            raise ConfigurationError(
                f"{error.operation} was sent to {error.base_url}: look there, with a client of that"
            )
        since = min(filter(None, (error.first_sent.wall, error.key_first_used))) - CLOCKS_DIFFER_BY
        if error.operation == "triggerRule":
            return await self.rule_executions.list(rule_id=str(error.arguments["id"]), from_=since).collect()
        echoes = [(argument, path.removeprefix("data.")) for argument, path in api.CREATE_TRANSFER.echoes]
        source = str(error.arguments["source_account_id"])
        transfers = self.transfers.list(account_id=source, account_role="source", from_=since)
        return [one async for one in transfers if disagreement(echoes, error.arguments, one) is None]
