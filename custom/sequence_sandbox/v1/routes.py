"""The operations: for each a check of the key's permissions, the filters that the documentation names, a response."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from attrs import frozen
from starlette.responses import Response

from .. import dialects
from ..documented import Json
from ..protocol import MAXIMUM_ID
from ..records import RuleExecution, Transfer
from ..refusals import Refused, bad_request
from ..rules import source_of
from .protocol import Body, Query, not_found, page, response
from .records import (
    show_card_transaction,
    show_execution,
    show_execution_summary,
    show_rule,
    show_transfer,
    trigger_type,
)

T = TypeVar("T")


@frozen(kw_only=True)
class Call(dialects.Call):
    """A request to respond to."""

    @property
    def id(self) -> str:
        """The ID in the path.

        Raises:
            Refused: 400, where it is longer than any ID.
        """
        identifier: str = self.request.path_params["id"]
        if len(identifier) > MAXIMUM_ID:
            raise bad_request(f"Path parameter 'id' must have {MAXIMUM_ID} characters at most.")
        return identifier

    @property
    def query(self) -> Query:
        return Query(self.request)

    def response(self, data: object, page_info: Json | None = None, *, status: int = 200) -> Response:
        return response(self.request, data, page_info, status=status)


Handler: TypeAlias = Callable[[Call], Response]

LEAST_TRANSFER = 100
"""Cents. v1's pages do not say it; the vendor's later API does."""

ACCOUNT_TYPES = ("income_source", "pod", "external_account")
CARD_STATUSES = ("active", "inactive", "frozen", "stolen", "lost")
CARD_TYPES = ("virtual", "physical")
CARD_TRANSACTION_DIRECTIONS = ("debit", "credit")
ACCOUNT_ROLES = ("source", "destination", "either")
TRANSFER_DIRECTIONS = ("money_in", "money_out", "internal")
TRANSFER_ORIGINS = ("paycheck", "check_deposit", "cashback", "user_pull", "rule", "user", "external_pull")
TRANSFER_STATUSES = ("pending_approval", "processing", "pending", "complete", "incomplete", "error", "cancelled")
RULE_EXECUTION_STATUSES = ("in_progress", "executed", "partial", "failed")
RULE_EXECUTION_TRIGGER_TYPES = ("manual", "scheduled", "on_funds_transferred")

RULE_SUMMARY = ("id", "nickname", "description", "status")


def list_accounts(call: Call) -> Response:
    call.grants.require("LIST_ACCOUNTS")
    wanted = call.query.choice("type", ACCOUNT_TYPES)
    return call.response([one for one in _accounts(call).values() if wanted in {None, one["type"]}])


def get_account(call: Call) -> Response:
    call.grants.require("READ_ACCOUNTS", [call.id])
    account = call.organization.account(call.id) if call.id in _accounts(call) else None
    return call.response(_found("Account", call.id, account))


def list_cards(call: Call) -> Response:
    account_id = call.query.required_identifier("account_id")
    status, kind = call.query.choice("status", CARD_STATUSES), call.query.choice("type", CARD_TYPES)
    call.grants.require("READ_CARDS", [account_id])
    wanted = {"account_id": account_id, "status": status, "type": kind}
    cards = call.organization.cards.values()
    return call.response([card for card in cards if all(value in {None, card[name]} for name, value in wanted.items())])


def get_card(call: Call) -> Response:
    return call.response(_readable_card(call))


def list_card_transactions(call: Call) -> Response:
    direction = call.query.choice("direction", CARD_TRANSACTION_DIRECTIONS)
    card = _readable_card(call)
    timeline = call.organization.card_transactions
    shown, page_info = page(call.query, timeline, "ctxr_", card["id"], lambda one: direction in {None, one.direction})
    return call.response([show_card_transaction(one) for one in shown], page_info)


def list_transfers(call: Call) -> Response:
    query, account_id = call.query, call.query.required_identifier("account_id")
    role = query.choice("account_role", ACCOUNT_ROLES) or "either"
    direction, origin = query.choice("direction", TRANSFER_DIRECTIONS), query.choice("origin", TRANSFER_ORIGINS)
    status, execution = query.choice("status", TRANSFER_STATUSES), query.identifier("rule_execution_id")
    call.grants.require("READ_TRANSFERS", [account_id])

    def keep(one: Transfer) -> bool:
        side = None if role == "either" else one.source if role == "source" else one.destination
        return (
            not one.is_simulated
            and (role == "either" or (side is not None and side["id"] == account_id))
            and direction in {None, one.direction}
            and origin in {None, one.origin}
            and status in {None, one.status}
            and execution in {None, one.rule_execution_id}
        )

    shown, page_info = page(query, call.organization.transfers, "txr_", account_id, keep)
    return call.response([show_transfer(one) for one in shown], page_info)


def get_transfer(call: Call) -> Response:
    call.grants.require("READ_TRANSFERS")
    transfer = call.organization.transfers.get(call.id)
    transfer = _found("Transfer", call.id, None if transfer is None or transfer.is_simulated else transfer)
    call.grants.require("READ_TRANSFERS", transfer.account_ids)
    return call.response(show_transfer(transfer))


def create_transfer(call: Call) -> Response:
    body = Body(call.request, call.body, required=True)
    source_id, target_id = body.identifier("source_account_id"), body.identifier("destination_account_id")
    amount = body.cents("amount_in_cents")
    body.optional_text("description")
    call.grants.require_transfer(source_id, target_id, amount)
    if amount < LEAST_TRANSFER:
        raise bad_request(f"A transfer must be of {LEAST_TRANSFER} cents at least.")
    if source_id == target_id:
        raise bad_request("The source and the destination must be different accounts.")
    for account_id, ability in ((source_id, "can_be_source"), (target_id, "can_be_destination")):
        account = _accounts(call).get(account_id)
        if account is None or not account[ability]:
            side = ability.removeprefix("can_be_")
            raise bad_request(f"Account with id '{account_id}' cannot be the {side} of a transfer.")
    transfer = call.organization.create_transfer(source_id, target_id, amount, at=call.now)
    return call.response(show_transfer(transfer), status=201)


def list_rules(call: Call) -> Response:
    call.grants.require("LIST_RULES")
    source_id = call.query.identifier("source_id")
    summaries = [_rule_summary(call, rule) for rule in _rules(call).values()]
    return call.response([one for one in summaries if source_id in {None, one["source"]["id"]}])


def get_rule(call: Call) -> Response:
    call.grants.require("READ_RULES", [call.id])
    return call.response(show_rule(_found("Rule", call.id, _rules(call).get(call.id))))


def trigger_rule(call: Call) -> Response:
    amount = Body(call.request, call.body, required=False).optional_cents("manual_execute_amount")
    call.grants.require("TRIGGER_RULES", [call.id])
    rule = _found("Rule", call.id, _rules(call).get(call.id))
    if rule["status"] == "disabled":
        raise Refused(403, "RULE_DEACTIVATED", "The rule is disabled.")
    execution = call.organization.trigger_rule(call.id, amount, at=call.now)
    return call.response({"execution_id": execution.id}, status=202)


def list_rule_executions(call: Call) -> Response:
    query, rule_id = call.query, call.query.required_identifier("rule_id")
    status = query.choice("status", RULE_EXECUTION_STATUSES)
    trigger = query.choice("trigger_type", RULE_EXECUTION_TRIGGER_TYPES)
    call.grants.require("READ_RULE_EXECUTIONS", [rule_id])

    def keep(one: RuleExecution) -> bool:
        return not one.is_simulated and status in {None, one.status} and trigger in {None, trigger_type(one)}

    shown, page_info = page(query, call.organization.rule_executions, "rex_", rule_id, keep)
    return call.response([show_execution_summary(one) for one in shown], page_info)


def get_rule_execution(call: Call) -> Response:
    call.grants.require("READ_RULE_EXECUTIONS")
    execution = call.organization.rule_executions.get(call.id)
    execution = _found("Rule execution", call.id, None if execution is None or execution.is_simulated else execution)
    call.grants.require("READ_RULE_EXECUTIONS", [execution.rule_id])
    return call.response(show_execution(execution))


OPERATIONS: list[tuple[str, str, str, Handler]] = [
    ("listAccounts", "GET", "/accounts", list_accounts),
    ("getAccount", "GET", "/accounts/{id}", get_account),
    ("listCards", "GET", "/cards", list_cards),
    ("getCard", "GET", "/cards/{id}", get_card),
    ("listCardTransactions", "GET", "/cards/{id}/transactions", list_card_transactions),
    ("listTransfers", "GET", "/transfers", list_transfers),
    ("createTransfer", "POST", "/transfers", create_transfer),
    ("getTransfer", "GET", "/transfers/{id}", get_transfer),
    ("listRules", "GET", "/rules", list_rules),
    ("getRule", "GET", "/rules/{id}", get_rule),
    ("triggerRule", "POST", "/rules/{id}/trigger", trigger_rule),
    ("listRuleExecutions", "GET", "/rule-executions", list_rule_executions),
    ("getRuleExecution", "GET", "/rule-executions/{id}", get_rule_execution),
]
"""Name, method, path and handler of every operation."""

COMING_SOON = {"listCards", "getCard", "listCardTransactions"}


def _accounts(call: Call) -> dict[str, Json]:
    return {
        name: one for name, one in call.organization.accounts.items() if name not in call.organization.platform_only
    }


def _rules(call: Call) -> dict[str, Json]:
    return {name: one for name, one in call.organization.rules.items() if name not in call.organization.platform_only}


def _found(kind: str, identifier: str, found: T | None) -> T:
    if found is None:
        raise not_found(kind, identifier)
    return found


def _readable_card(call: Call) -> Json:
    call.grants.require("READ_CARDS")
    card = _found("Card", call.id, call.organization.cards.get(call.id))
    call.grants.require("READ_CARDS", [card["account_id"]])
    return card


def _rule_summary(call: Call, rule: Json) -> Json:
    source = call.organization.accounts[source_of(rule)]
    return {
        **{name: rule[name] for name in RULE_SUMMARY},
        "trigger_type": rule["trigger"]["type"],
        "source": {name: source[name] for name in ("id", "type", "name")},
        "created_at": rule["created_at"],
        "updated_at": rule["updated_at"],
    }
