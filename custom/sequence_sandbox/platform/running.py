"""The platform API's operations on rules and their executions."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from ..documented import Json
from ..protocol import MAXIMUM_CENTS, members_of
from ..records import RuleExecution
from ..refusals import Refused
from ..rules import source_of
from .identifiers import to_uuid
from .movements import mode_filter
from .protocol import Call, internal, invalid_rule, not_found
from .records import show_execution, show_execution_summary
from .rule_bodies import Changes, NewRule, read, steps_of, trigger_of
from .rules import is_supported, show_rule, show_summary

STATUSES = ("EXECUTED", "PARTIAL", "IN_PROGRESS", "FAILED")
TRIGGER_TYPES = ("MANUAL", "SEQUENCE_API", "SCHEDULED", "ON_FUNDS_TRANSFERRED", "REMOTE_API")


class Trigger(Struct, rename="camel"):
    """The body of triggerRule."""

    execute_amount: Annotated[int, Meta(ge=0, le=MAXIMUM_CENTS)] | UnsetType = UNSET
    simulation: bool = False


def list_rules(call: Call) -> Response:
    source_id = internal(call.uuid("sourceId"), "acc")
    call.grants.require("READ_RULES")
    rules = [rule for rule in call.organization.rules.values() if source_id in {None, source_of(rule)}]
    return call.page(sorted(rules, key=lambda rule: str(rule["created_at"]), reverse=True), show_summary)


def create_rule(call: Call) -> Response:
    body = read(members_of(call.request, call.body), NewRule)
    call.grants.require("CREATE_AND_EDIT_RULES")
    trigger = trigger_of(call.organization, body.trigger)
    steps = steps_of(call.organization, body.steps, trigger)
    return call.response(show_rule(call.organization.create_rule(body.name, trigger, steps)), status=201)


def get_rule(call: Call) -> Response:
    rule = _rule(call, "id", "READ_RULES")
    if not is_supported(rule):
        raise invalid_rule(403, "This version of the API has no words for the rule.")
    return call.response(show_rule(rule))


def update_rule(call: Call) -> Response:
    body = read(members_of(call.request, call.body), Changes)
    rule = _rule(call, "id", "CREATE_AND_EDIT_RULES")
    if not is_supported(rule):
        raise invalid_rule(422, "This version of the API has no words for the rule.")
    changes: Json = {}
    if not isinstance(body.name, UnsetType):
        changes["nickname"] = body.name
    if not isinstance(body.trigger, UnsetType):
        changes["trigger"] = trigger_of(call.organization, body.trigger)
    if not isinstance(body.steps, UnsetType):
        trigger: Json = {**rule, **changes}["trigger"]
        changes["steps"] = steps_of(call.organization, body.steps, trigger)
    return call.response(show_rule(call.organization.update_rule(rule["id"], changes)))


def trigger_rule(call: Call) -> Response:
    body, rule = call.members(Trigger), _rule(call, "id", "TRIGGER_RULES")
    if not is_supported(rule):
        raise invalid_rule(403, "This version of the API cannot run the rule.")
    if rule["status"] == "disabled" and not body.simulation:
        raise Refused(403, "RULE_DEACTIVATED", "The rule is disabled.")
    execution = call.organization.trigger_rule(
        rule["id"],
        None if isinstance(body.execute_amount, UnsetType) else body.execute_amount,
        at=call.now,
        replaces_fixed=False,
        is_simulated=body.simulation,
    )
    call.settings.made(execution.id)
    return call.response({"executionId": to_uuid(execution.id)}, status=202)


def list_rule_executions(call: Call) -> Response:
    status, trigger = call.choice("status", STATUSES), call.choice("triggerType", TRIGGER_TYPES)
    is_wanted, start, end = mode_filter(call), call.moment("from"), call.moment("to")
    rule = _rule(call, "ruleId", "READ_RULES")

    def keep(one: RuleExecution) -> bool:
        return (
            is_wanted(one.is_simulated)
            and status in {None, one.status.upper()}
            and trigger in {None, one.trigger_type.upper()}
        )

    found = call.organization.rule_executions.select([rule["id"]], start=start, end=end)
    return call.page(filter(keep, found), show_execution_summary)


def get_rule_execution(call: Call) -> Response:
    rule, identifier = _rule(call, "ruleId", "READ_RULES"), call.path("id")
    execution = call.organization.rule_executions.get(internal(identifier, "rex") or "")
    if execution is None or execution.rule_id != rule["id"] or call.settings.is_late(execution.id):
        raise not_found("RULE_EXECUTION", identifier)
    return call.response(show_execution(execution))


def _rule(call: Call, name: str, scope: str) -> Json:
    """The rule in the path, if the key may do this with it."""
    identifier = call.path(name)
    call.grants.require(scope, [identifier])
    rule = call.organization.rules.get(internal(identifier, "rule") or "")
    if rule is None:
        raise not_found("RULE", identifier)
    return rule
