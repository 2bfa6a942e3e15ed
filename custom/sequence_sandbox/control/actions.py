"""What can be done with a running sandbox over HTTP: a table, one entry an action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal

import anyio
import msgspec
from attrs import asdict, frozen
from msgspec import UNSET, Struct, UnsetType

from ..faults import Fault
from ..recorded import Exchange
from ..seeds import State
from .bodies import (
    Activate,
    Advance,
    AttemptShown,
    DeliveryShown,
    FaultShown,
    KeyMade,
    KeyShown,
    NewFault,
    NewKey,
    NewSettings,
    NewTime,
    NewWebhook,
    Nothing,
    Removed,
    RequestShown,
    RuleShown,
    SettingsShown,
    StateShown,
    TimeShown,
    WebhookShown,
    Which,
)

if TYPE_CHECKING:
    from ..sandbox import Sandbox


LISTENING = 1.0
"""Seconds in which a server stops to listen: it looks ten times a second whether it is to."""


@frozen
class Action:
    """Something that can be done."""

    method: Literal["GET", "PUT", "POST", "DELETE"]
    path: str
    summary: str
    asked: type[Struct]
    """What is read: a body for PUT and POST, the query otherwise."""
    shown: Any
    """The type of what is responded."""
    act: Callable[[Sandbox, Any], Any]
    """Gives what is responded, or what that is awaited of."""
    example: Any = None
    """A body that is right."""
    maximum_body: int = 65_536
    """Bytes."""

    @property
    def has_body(self) -> bool:
        return self.method in {"PUT", "POST"}


def _reset(sandbox: Sandbox, _: Nothing) -> TimeShown:
    sandbox.reset()
    return _time(sandbox)


def _state(sandbox: Sandbox, _: Nothing) -> Any:
    return sandbox.state()


def _load(sandbox: Sandbox, asked: State) -> StateShown:
    sandbox.load(asked)
    organization = sandbox.organization
    return StateShown(
        now=sandbox.clock.now().astimezone(UTC),
        accounts=len(organization.accounts),
        cards=len(organization.cards),
        rules=len(organization.rules),
        transfers=len(organization.transfers),
        rule_executions=len(organization.rule_executions),
        card_transactions=len(organization.card_transactions),
        external_transactions=len(organization.external_transactions),
        keys=len(sandbox.keys),
    )


def _keys(sandbox: Sandbox, _: Nothing) -> list[KeyShown]:
    return [
        KeyShown(
            id=key.id,
            label=key.label,
            permissions={api: grants.entries for api, grants in key.grants.items()},
            but=[*key.but],
        )
        for key in sandbox.keys.values()
    ]


def _make_key(sandbox: Sandbox, asked: NewKey) -> KeyMade:
    permissions: Any = None if isinstance(asked.permissions, UnsetType) else asked.permissions
    name = sandbox.create_key(permissions, key=asked.key or None, label=asked.label)
    return KeyMade(key=name, id=sandbox.keys[name].id, label=asked.label)


def _faults(sandbox: Sandbox, _: Nothing) -> list[FaultShown]:
    return [_fault(one) for one in [*sandbox.faults.faults]]


async def _fail(sandbox: Sandbox, asked: NewFault) -> FaultShown:
    if asked.kind == "refuse" and (asked.operation is not None or not asked.seconds):
        raise ValueError(
            "a server refuses every connection, for `seconds` above 0: `refuse` needs them, and no `operation`"
        )
    fault = sandbox.fail(**msgspec.structs.asdict(asked))
    with anyio.move_on_after(LISTENING):  # so that the next connection is refused already
        while fault.kind == "refuse" and fault in sandbox.faults.faults:  # noqa: ASYNC110 - the server has no event
            await anyio.sleep(0.01)
    return _fault(fault)


def _forget_faults(sandbox: Sandbox, _: Nothing) -> Removed:
    return Removed(removed=sandbox.faults.clear())


def _clock(sandbox: Sandbox, _: Nothing) -> TimeShown:
    return _time(sandbox)


def _set_clock(sandbox: Sandbox, asked: NewTime) -> TimeShown:
    if asked.now is UNSET and asked.speed is UNSET:
        raise ValueError("`now`, `speed` or both are needed")
    if not isinstance(asked.now, UnsetType):
        sandbox.clock.set(asked.now)
    if not isinstance(asked.speed, UnsetType):
        if asked.speed:
            sandbox.clock.run(asked.speed)
        else:
            sandbox.clock.freeze()
    sandbox.advance(0)
    return _time(sandbox)


def _advance(sandbox: Sandbox, asked: Advance) -> TimeShown:
    sandbox.advance(asked.seconds)
    return _time(sandbox)


def _requests(sandbox: Sandbox, asked: Which) -> list[RequestShown]:
    return [_request(one) for one in sandbox.requests.where(**_filters(asked))]


def _forget_requests(sandbox: Sandbox, asked: Which) -> Removed:
    return Removed(removed=sandbox.requests.clear(**_filters(asked)))


def _settings(sandbox: Sandbox, _: Nothing) -> SettingsShown:
    return SettingsShown(late_gets=sandbox.settings.late_gets)


def _set(sandbox: Sandbox, asked: NewSettings) -> SettingsShown:
    sandbox.settings.late_gets = asked.late_gets
    return SettingsShown(late_gets=asked.late_gets)


def _activate(sandbox: Sandbox, asked: Activate) -> RuleShown:
    rule = sandbox.activate_rule(asked.activate)
    return RuleShown(id=rule["id"], status=rule["status"])


def _webhooks(sandbox: Sandbox, _: Nothing) -> list[WebhookShown]:
    return [WebhookShown(url=one.url, secret=one.secret) for one in [*sandbox.webhooks.endpoints]]


def _register(sandbox: Sandbox, asked: NewWebhook) -> WebhookShown:
    endpoint = sandbox.webhooks.register(asked.url, asked.secret)
    return WebhookShown(url=endpoint.url, secret=endpoint.secret)


def _deliveries(sandbox: Sandbox, _: Nothing) -> list[DeliveryShown]:
    return [
        DeliveryShown(
            event_id=one.event_id,
            type=one.type,
            resource_id=one.resource_id,
            url=one.endpoint.url,
            created_at=one.created,
            attempts=[AttemptShown(at=attempt.at, status=attempt.status) for attempt in one.attempts],
            is_delivered=one.is_delivered,
            next_attempt_at=one.next_attempt,
        )
        for one in [*sandbox.webhooks.deliveries]
    ]


def _time(sandbox: Sandbox) -> TimeShown:
    return TimeShown(now=sandbox.clock.now().astimezone(UTC), speed=sandbox.clock.speed)


def _fault(fault: Fault) -> FaultShown:
    return FaultShown(**asdict(fault))


def _request(one: Exchange) -> RequestShown:
    names = [name for name in RequestShown.__struct_fields__ if name != "body"]
    return RequestShown(body=one.body.decode(errors="replace"), **{name: getattr(one, name) for name in names})


def _filters(asked: Which) -> dict[str, Any]:
    fault = {"true": True, "false": False}.get(asked.fault or "", asked.fault)
    return {**msgspec.structs.asdict(asked), "fault": fault}


ACTIONS = [
    Action("POST", "/reset", "Let everything but keys be as when it started", Nothing, TimeShown, _reset, {}),
    Action("GET", "/state", "All data and keys that there are, in the form of a seed", Nothing, State, _state),
    Action(
        "PUT", "/state", "Replace all data, and the keys where some are given", State, StateShown, _load,
        {
            "now": "2024-05-01T09:00:00Z",
            "accounts": [
                {"id": "acc_01PAYROLL", "name": "Payroll", "type": "income_source", "balance": 500000},
                {"id": "acc_01RENT", "name": "Rent", "type": "pod"},
            ],
            "keys": [{"key": "sk_test", "permissions": [{"scope": "LIST_ACCOUNTS"}]}],
        },
        maximum_body=33_554_432,
    ),
    Action("GET", "/keys", "The keys that there are", Nothing, list[KeyShown], _keys),
    Action(
        "POST", "/keys", "Make a key", NewKey, KeyMade, _make_key,
        {"permissions": [{"scope": "LIST_ACCOUNTS"}], "label": "reader"},
    ),
    Action("GET", "/faults", "The faults that are due", Nothing, list[FaultShown], _faults),
    Action(
        "POST", "/faults", "Make requests fail", NewFault, FaultShown, _fail,
        {"kind": "reset_after", "operation": "createTransfer"},
    ),
    Action("DELETE", "/faults", "Forget the faults that are due", Nothing, Removed, _forget_faults),
    Action("GET", "/clock", "The time, and how fast it runs", Nothing, TimeShown, _clock),
    Action(
        "PUT", "/clock", "Set the clock forward, let it run or stand still", NewTime, TimeShown, _set_clock,
        {"now": "2030-01-01T00:00:00Z", "speed": 1},
    ),
    Action("POST", "/advance", "Set the clock forward by seconds", Advance, TimeShown, _advance, {"seconds": 60}),
    Action("GET", "/requests", "What was asked, and what came of it", Which, list[RequestShown], _requests),
    Action("DELETE", "/requests", "Forget what was asked", Which, Removed, _forget_requests),
    Action("GET", "/settings", "What is set", Nothing, SettingsShown, _settings),
    Action(
        "POST", "/settings", "Find new IDs late, over /platform/v1", NewSettings, SettingsShown, _set,
        {"late_gets": 2},
    ),
    Action(
        "POST", "/rules", "Enable a rule", Activate, RuleShown, _activate, {"activate": "rule_01GSBX0000002"},
    ),
    Action("GET", "/webhooks", "Where events are sent", Nothing, list[WebhookShown], _webhooks),
    Action(
        "POST", "/webhooks", "Send events to an address", NewWebhook, WebhookShown, _register,
        {"url": "http://127.0.0.1:9000/hook", "secret": "whsec_test"},
    ),
    Action("GET", "/deliveries", "What was sent", Nothing, list[DeliveryShown], _deliveries),
]  # fmt: skip
