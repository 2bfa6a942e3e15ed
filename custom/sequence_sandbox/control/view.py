"""What there is to see of a sandbox: its accounts, the newest of what happened, and what is set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from ..dialects import Dialect
from ..documented import Json
from ..faults import EXPLANATIONS
from ..keys import API, Entry
from ..platform.identifiers import to_uuid
from ..recorded import Exchange
from ..records import RuleExecution, Transfer
from .actions import ACTIONS
from .bodies import FaultShown, KeyShown, Nothing, Shown, TimeShown

if TYPE_CHECKING:
    from ..sandbox import Sandbox

NEWEST = 50
"""How many transfers, and how many runs of rules, are in view."""
NEWEST_REQUESTS = 200


class About(Shown):
    """What stays as it is: where the APIs are, and which faults can be asked for."""

    paths: dict[API, str]
    operations: list[str]
    """The operationIds of both APIs."""
    faults: dict[str, str]
    """Each kind, and what it does."""


class AccountSeen(Shown):
    """An account, and what it holds."""

    id: str
    uuid: str
    name: str
    type: str
    is_liability: bool
    """Whether its balance is what is owed on it."""
    is_deleted: bool
    balance: Literal["known", "unknown", "none"]
    """`unknown` where its bank cannot be reached, `none` where there is no balance at all."""
    balance_in_cents: int | None


class End(Shown):
    """One end of a transfer."""

    id: str
    name: str


class TransferSeen(Shown):
    """Money on its way, or arrived; an end is null where it is outside of the organization."""

    id: str
    uuid: str
    amount_in_cents: int
    status: str
    error_code: str | None
    origin: str
    source: End | None
    destination: End | None
    description: str | None
    created_at: datetime
    completed_at: datetime | None
    is_simulated: bool


class ExecutionSeen(Shown):
    """A run of a rule."""

    id: str
    uuid: str
    rule_id: str
    rule_name: str | None
    trigger_type: str
    status: str
    created_at: datetime
    transfers_completed: int
    transfers_failed: int
    transfers_in_flight: int
    conditions_not_met: bool
    error_message: str | None
    is_simulated: bool


class RequestSeen(Shown):
    """A request, without what was in it."""

    number: int
    """Rises from request to request."""
    at: datetime
    api: API
    operation: str | None
    method: str
    path: str
    key_label: str | None
    permission: Literal["granted", "denied"] | None
    grant: Entry | None
    """The entry that was needed: of a request that was denied, the one that its key lacks."""
    status: int | None
    code: str | None
    fault: str | None
    is_repeat: bool
    duration: float | None
    """Seconds; null as long as it lasts."""


class View(Shown, omit_defaults=True):
    """What there is to see, or those parts of it that changed; the newest comes first."""

    about: About | None = None
    clock: TimeShown | None = None
    accounts: list[AccountSeen] | None = None
    transfers: list[TransferSeen] | None = None
    executions: list[ExecutionSeen] | None = None
    requests: list[RequestSeen] | None = None
    keys: list[KeyShown] | None = None
    faults: list[FaultShown] | None = None


PARTS = ("accounts", "transfers", "executions", "requests", "keys", "faults")
"""What changes of a view, but for the clock, which changes all the time."""
_SHOW: dict[str, Callable[[Sandbox, Nothing], Any]] = {one.path: one.act for one in ACTIONS if one.method == "GET"}


def about(dialects: list[Dialect[Any]]) -> About:
    operations = {name for dialect in dialects for name, *_ in dialect.operations}
    paths: dict[API, str] = {dialect.name: dialect.base_path for dialect in dialects}
    return About(paths=paths, operations=sorted(operations), faults=EXPLANATIONS)


def clock(sandbox: Sandbox) -> TimeShown:
    shown: TimeShown = _SHOW["/clock"](sandbox, Nothing())
    return shown


def changing(sandbox: Sandbox) -> View:
    """All that changes but the clock, as it is now.

    Other threads go on meanwhile: each list is copied before it is read.
    """
    organization = sandbox.organization
    return View(
        accounts=[
            _account(one, organization.account_details[one["id"]]["balance"], organization.account_extras)
            for one in [*organization.accounts.values()]
        ],
        transfers=[_transfer(one) for one in organization.transfers.newest(NEWEST)],
        executions=[_execution(one) for one in organization.rule_executions.newest(NEWEST)],
        requests=[_request(one) for one in reversed(sandbox.requests[-NEWEST_REQUESTS:])],
        keys=_SHOW["/keys"](sandbox, Nothing()),
        faults=_SHOW["/faults"](sandbox, Nothing()),
    )


def _account(account: Json, balance: Json | None, extras: Any) -> AccountSeen:
    cents: int | None = None if balance is None else balance["balance_in_cents"]
    return AccountSeen(
        id=account["id"],
        uuid=to_uuid(account["id"]),
        name=account["name"],
        type=account["type"],
        is_liability=account["external_account_type"] == "LIABILITY",
        is_deleted=extras.get(account["id"], {}).get("deleted_at") is not None,
        balance="none" if balance is None else "unknown" if cents is None else "known",
        balance_in_cents=cents,
    )


def _transfer(one: Transfer) -> TransferSeen:
    return TransferSeen(
        id=one.id,
        uuid=to_uuid(one.id),
        amount_in_cents=one.amount_in_cents,
        status=one.status,
        error_code=one.error_code,
        origin=one.origin,
        source=_end(one.source),
        destination=_end(one.destination),
        description=one.description,
        created_at=one.created,
        completed_at=one.completed,
        is_simulated=one.is_simulated,
    )


def _end(account: Json | None) -> End | None:
    return None if account is None else End(id=account["id"], name=account["name"])


def _execution(one: RuleExecution) -> ExecutionSeen:
    complete, failed, in_flight = one.counts()
    return ExecutionSeen(
        id=one.id,
        uuid=to_uuid(one.id),
        rule_id=one.rule_id,
        rule_name=one.rule_name,
        trigger_type=one.trigger_type,
        status=one.status,
        created_at=one.created,
        transfers_completed=complete,
        transfers_failed=failed,
        transfers_in_flight=in_flight,
        conditions_not_met=one.conditions_not_met,
        error_message=one.error_message,
        is_simulated=one.is_simulated,
    )


def _request(one: Exchange) -> RequestSeen:
    return RequestSeen(**{name: getattr(one, name) for name in RequestSeen.__struct_fields__})
