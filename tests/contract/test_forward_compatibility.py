"""What the vendor may add tomorrow breaks nothing today, and nothing of it is lost."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from sequence_api_client.api import OPERATIONS
from sequence_api_client.models import (
    AccountType,
    Condition,
    ConditionTree,
    FixedAction,
    FundsTransferredDetails,
    FundsTransferredTrigger,
    ManualDetails,
    PercentageAction,
    RuleAction,
    RuleTrigger,
    ScheduledDetails,
    TransferStatus,
    TriggerDetails,
)
from sequence_platform_client import models as platform
from sequence_runtime.models import to_builtins

from ..conftest import Server
from .apis import API, PLATFORM, of_both
from .contract import SEEDS, to_json
from .platform_contract import RESPONSES
from .reading import dicts, same, snake_case


def decode(operation: str, payload: Any) -> Any:
    return OPERATIONS[operation].decode(json.dumps(payload).encode()).data


def rule(**members: Any) -> Any:
    data = {"id": "rule_1", "status": "enabled", "trigger": {"type": "MANUAL"}, "steps": [], **members}
    return decode("getRule", {"request_id": "req_1", "data": data})


def execution(**details: Any) -> Any:
    data = {"id": "rex_1", "rule_id": "rule_1", "status": "executed", "created_at": "2024-04-23T09:15:00Z"}
    return decode("getRuleExecution", {"request_id": "req_1", "data": {**data, "trigger_details": details}})


def test_an_unknown_enum_value_is_data() -> None:
    payload = copy.deepcopy(SEEDS["getTransfer"]["200"])
    payload["data"]["status"] = "on_hold"
    payload["data"]["source"]["type"] = "crypto_wallet"
    transfer = decode("getTransfer", payload)
    assert transfer.status == "on_hold"
    assert isinstance(transfer.status, TransferStatus)
    assert transfer.status not in list(TransferStatus)
    assert transfer.status.value == transfer.status.name == "on_hold"
    assert transfer.source.type == AccountType("crypto_wallet")
    assert hash(transfer.status) == hash("on_hold")
    assert pickle.loads(pickle.dumps(transfer)) == transfer
    assert json.loads(msgspec.json.encode(transfer))["status"] == "on_hold"


def test_an_enum_takes_strings_only() -> None:
    with pytest.raises(ValueError, match="5 is not a valid TransferStatus"):
        TransferStatus(5)


@of_both("operation, payload", lambda api: api.successes)
def test_unknown_members_are_ignored_everywhere(api: API, operation: str, payload: Any) -> None:
    def grown(node: Any) -> Any:
        if isinstance(node, dict):
            return {"new_member": {"nested": [1]}} | {name: grown(value) for name, value in node.items()}
        return [grown(item) for item in node] if isinstance(node, list) else node

    decode = api.contract.operations[operation].decode
    before, after = decode(to_json(payload)), decode(to_json(grown(payload)))
    if "new_member" not in repr(after):  # open objects keep what is new
        assert after == before
    assert "new_member" not in repr(after) or operation in KEEP_WHAT_IS_NEW


KEEP_WHAT_IS_NEW = {"getRule", "getRuleExecution", "triggerRule", "createRule", "updateRule"}
"""What these respond with has open objects in it."""


@pytest.mark.parametrize(("operation", "name", "payload"), RESPONSES, ids=[f"{one[0]}-{one[1]}" for one in RESPONSES])
def test_whatever_value_an_enum_of_the_platform_api_gets_nothing_is_lost(
    operation: str, name: str, payload: Any
) -> None:
    tomorrow = json.loads(re.sub('"([A-Z][A-Z_]+)"', '"TOMORROW_\\1"', json.dumps(payload)))
    model = PLATFORM.contract.operations[operation].decode(to_json(tomorrow))
    assert same(to_builtins(model, wire_names=True), tomorrow)
    assert pickle.loads(pickle.dumps(model)) == model


def test_triggers_and_details_of_unknown_types_are_of_the_base() -> None:
    rule, execution = PLATFORM.example("getRule"), PLATFORM.example("getRuleExecution")
    trigger = {"type": "AT_FULL_MOON", "phase": {"of": "moon"}}
    payload = {**rule, "data": {**rule["data"], "trigger": trigger}}
    found = PLATFORM.contract.operations["getRule"].decode(to_json(payload)).data.trigger
    assert (type(found), found.type, found.raw) == (platform.RuleTrigger, "AT_FULL_MOON", trigger)
    details = {"type": "BY_PIGEON", "pigeon": "Frieda"}
    payload = {**execution, "data": {**execution["data"], "triggerDetails": details}}
    found = PLATFORM.contract.operations["getRuleExecution"].decode(to_json(payload)).data.trigger_details
    assert (type(found), found.type, found.raw) == (platform.TriggerDetails, "BY_PIGEON", details)


LEFT_OUT = [
    "hasNextPage", "canBeDestination", "linkedAccount", "lastStatementDate", "interestRatePercentage",
    "originalLoanAmountInCents", "executionMode", "reason", "window", "startDate", "addenda",
]  # fmt: skip
"""The members that the platform API's document requires, or required once, and its own examples lack."""


def with_models(model: Any, node: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Every object in JSON, with what became of it."""
    if isinstance(node, dict):
        yield model, node
        for name, value in node.items():
            yield from with_models(getattr(model, snake_case(name), None), value)
    elif isinstance(node, list):
        for one, value in zip(model or (), node, strict=False):
            yield from with_models(one, value)


@pytest.mark.parametrize("member", LEFT_OUT)
def test_members_that_the_platform_apis_own_examples_lack_may_be_absent(member: str) -> None:
    found = 0
    for operation, payload in PLATFORM.successes:
        lean = copy.deepcopy(payload)
        for node in dicts(lean):
            node.pop(member, None)
        model = PLATFORM.contract.operations[operation].decode(to_json(lean))
        for one, node in with_models(model, payload):
            if member in node and one is not None:
                assert getattr(one, snake_case(member)) is None
                found += 1
    assert found


@pytest.mark.anyio
@pytest.mark.parametrize(("page_size", "more"), [(2, True), (3, False)])
async def test_a_page_that_does_not_say_whether_another_follows_is_the_last_unless_it_is_full(
    page_size: int, more: bool, anyio_backend: str, server: Server
) -> None:
    payload = copy.deepcopy(PLATFORM.example("listBeneficiaries"))
    payload["data"]["pagination"] = {"page": 1, "pageSize": page_size}
    server.reply(json.dumps(payload))
    async with PLATFORM.connect(server) as client:
        response = await client.beneficiaries.list.with_response(page_size=page_size)
    assert len(response.data.data) == 2
    assert response.data.has_next_page is more


@pytest.mark.parametrize("operation", SEEDS)
def test_members_that_may_be_null_may_be_absent(operation: str) -> None:
    def pruned(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: pruned(value) for name, value in node.items() if value is not None}
        return [pruned(item) for item in node] if isinstance(node, list) else node

    payload = SEEDS[operation]["200"]
    assert decode(operation, pruned(payload)) == decode(operation, payload)


def test_a_rule_execution_whose_id_has_another_name_is_not_lost() -> None:
    triggered = decode("triggerRule", {"request_id": "req_1", "data": {"id": "rex_1"}})
    assert triggered.execution_id is None
    assert triggered.raw == {"id": "rex_1"}


def test_a_balance_may_be_absent_or_null_or_empty() -> None:
    payload = copy.deepcopy(SEEDS["getAccount"]["200"])
    payload["data"]["balance"] = None
    assert decode("getAccount", payload).balance is None
    del payload["data"]["balance"]
    assert decode("getAccount", payload).balance is None
    payload["data"]["balance"] = {}
    assert decode("getAccount", payload).balance.balance_in_cents is None


@pytest.mark.parametrize(
    ("trigger", "cls"),
    [
        ({"type": "ON_FUNDS_TRANSFERRED", "account_id": "acc_1"}, FundsTransferredTrigger),
        ({"type": "AT_FULL_MOON", "phase": {"of": "moon"}}, RuleTrigger),
    ],
)
def test_a_trigger_is_typed_by_its_type(trigger: dict[str, Any], cls: type) -> None:
    found = rule(trigger=trigger).trigger
    assert type(found) is cls
    assert isinstance(found, RuleTrigger)
    assert found.type == trigger["type"]
    assert found.raw == trigger


@pytest.mark.parametrize(
    ("details", "cls"),
    [
        ({"type": "on_funds_transferred", "amount_in_cents": 500}, FundsTransferredDetails),
        ({"type": "scheduled", "scheduled_time": "2024-04-23T09:00:00Z"}, ScheduledDetails),
        ({"type": "manual", "amount_in_cents": 500}, ManualDetails),
        ({"type": "by_pigeon", "pigeon": "Frieda"}, TriggerDetails),
    ],
)
def test_trigger_details_are_typed_by_their_type(details: dict[str, Any], cls: type) -> None:
    found = execution(**details).trigger_details
    assert type(found) is cls
    assert found.raw == details
    assert json.loads(msgspec.json.encode(found)) == details


def test_actions_are_typed_by_their_type_and_lose_nothing() -> None:
    actions = [
        {"type": "FIXED", "amount_in_cents": 5000, "new": [1, {"two": None}]},
        {"type": "PERCENTAGE", "percentage": 20.5, "source": None},
        {"type": "ROULETTE", "colour": "red", "odd-name": 1},
        {"type": "FIXED", "amount_in_cents": "a lot"},  # fits nothing that is known of the type
    ]
    found = rule(steps=[{"actions": actions, "new": True}]).steps[0]
    fixed, percentage, roulette, unfitting = found.actions
    assert isinstance(fixed, FixedAction)
    assert fixed.amount_in_cents == 5000
    assert fixed.new == [1, {"two": None}]
    assert isinstance(percentage, PercentageAction)
    assert percentage.percentage == 20.5
    assert percentage.destination is None
    assert type(roulette) is type(unfitting) is RuleAction
    assert roulette.colour == "red"
    assert [action.raw for action in found.actions] == actions
    assert json.loads(msgspec.json.encode(found)) == {"actions": actions, "new": True}


def test_condition_trees_are_followed_to_any_depth() -> None:
    tree = {
        "all": [
            {"condition": {"fact": "BALANCE", "operator": "GREATER_THAN", "value": 100}},
            {"any": [{"condition": {"fact": "MOON", "operator": "~", "value": [1]}}, {"not": {"condition": {}}}]},
        ]
    }
    found = rule(steps=[{"conditions": tree, "actions": []}]).steps[0].conditions
    assert isinstance(found, ConditionTree)
    balance, either = found.all
    assert balance.condition == Condition(fact="BALANCE", operator="GREATER_THAN", value=100)
    moon, unknown = either.any
    assert moon.condition.fact == "MOON"
    assert (unknown.condition, unknown.any, unknown.all) == (None, None, None)
    assert unknown.raw == {"not": {"condition": {}}}
    assert json.loads(msgspec.json.encode(found)) == tree


@pytest.mark.parametrize(
    "step",
    [
        {"actions": [{"type": "FIXED", "source": "acc_1", "amount_in_cents": 5}]},
        {"actions": [{"type": "NEW", "source": {"id": "acc_1"}}]},
        {"actions": [{}, {"type": None}, {"type": 5}]},
        {"actions": {"type": "FIXED"}},
        {"conditions": [{"condition": {}}]},
        {"conditions": {"any": {"condition": {}}}},
        {"conditions": {"condition": {"fact": 3, "operator": {"is": "new"}}}},
        {},
    ],
)
def test_what_does_not_fit_an_inferred_shape_is_kept_as_it_was_sent(step: dict[str, Any]) -> None:
    found = rule(steps=[step], trigger={}).steps[0]
    assert found.raw == step
    assert json.loads(msgspec.json.encode(found)) == step


def test_a_member_that_does_not_fit_leaves_the_others_typed() -> None:
    (action,) = (
        rule(steps=[{"actions": [{"type": "FIXED", "source": "acc_1", "destination": None, "x": 1}]}]).steps[0].actions
    )
    assert type(action) is RuleAction
    assert (action.type, action.source, action.destination, action.x) == ("FIXED", "acc_1", None, 1)
    found = execution(type="scheduled", scheduled_time="at noon")
    assert type(found.trigger_details) is TriggerDetails
    data = {"transfers_attempted": ["1"], "transfer_ids": [{}], "next_attempt_at": "soon", "step_index_matched": 2}
    payload = {"id": "rex_1", "rule_id": "rule_1", "status": "executed", "created_at": "2024-04-23T09:15:00Z", **data}
    found = decode("getRuleExecution", {"request_id": "r", "data": payload})
    assert found.raw == payload
    assert found.created_at.tzinfo is not None
    assert (found.step_index_matched, found.transfers_attempted, found.next_attempt_at) == (2, ["1"], "soon")


def test_raw_is_what_was_sent_and_not_what_became_of_it() -> None:
    details = {"type": "scheduled", "scheduled_time": "2024-04-23T09:00:00.000+00:00"}
    assert execution(**details).trigger_details.raw == details


def test_open_objects_behave_like_values() -> None:
    one, other = (rule(trigger={"type": "NEW", "n": n}).trigger for n in (1, 2))
    assert one != other
    assert one == rule(trigger={"type": "NEW", "n": 1}).trigger
    assert repr(one) == "RuleTrigger(type=<RuleTriggerType.NEW: 'NEW'>, n=1)"
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one
    with pytest.raises(AttributeError, match="has no attribute 'm'"):
        _ = one.m
    made = FixedAction(type="FIXED", amount_in_cents=5)
    assert made.raw == {"type": "FIXED", "amount_in_cents": 5}
