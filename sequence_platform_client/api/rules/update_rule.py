"""updateRule: Update a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from sequence_runtime import Call, Operation, Permission, Request, checks

from ... import bodies
from ...contract import CONTRACT, ID_PREFIXES
from ...models.rule_response import RuleResponse

if TYPE_CHECKING:
    from ...models.new_rule_step import NewRuleStep
    from ...models.new_rule_trigger import NewRuleTrigger
    from ...models.rule import Rule

UPDATE_RULE: Operation[RuleResponse, Rule] = Operation(
    contract=CONTRACT,
    id="updateRule",
    method="PATCH",
    path="/rules/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=RuleResponse,
    data=attrgetter("data"),
    permission=Permission(scope="CREATE_AND_EDIT_RULES", location="path", name="id"),
    echoes=(("id", "data.id"),),
)


def update_rule(
    id: str,
    *,
    name: str | None | UnsetType = UNSET,
    trigger: NewRuleTrigger | Mapping[str, object] | UnsetType = UNSET,
    steps: Sequence[NewRuleStep | Mapping[str, object]] | UnsetType = UNSET,
    called_reason: str | None = None,
) -> Call[RuleResponse, Rule]:
    """Update a rule.

    Changes a rule's name, trigger or steps. What is not given stays as it is; a trigger and steps are replaced
    whole. Its status cannot be changed here. The rule must be among the resources of the key's
    `CREATE_AND_EDIT_RULES`. There is no idempotency key. Whether an enabled rule stays enabled is not
    documented.

    Needs the scope `CREATE_AND_EDIT_RULES` on `id`.

    Args:
        id: The rule's ID.
        name: Its name; null takes it away.
        trigger: What is to make a rule run.
        steps: Its steps, which take the place of all that it had. At least 1 item.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    body: dict[str, object] = {}
    if name is not UNSET:
        body["name"] = None if name is None else checks.text("name", name)
    if trigger is not UNSET:
        body["trigger"] = bodies.check_new_rule_trigger("trigger", trigger)
    if steps is not UNSET:
        body["steps"] = checks.array("steps", steps, bodies.check_new_rule_step, min_items=1)

    request = Request(
        operation="updateRule",
        method="PATCH",
        path="/rules/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=msgspec.json.encode(body),
        arguments={
            "id": id,
            "name": None if name is UNSET else name,
            "trigger": None if trigger is UNSET else trigger,
            "steps": None if steps is UNSET else steps,
        },
    )
    return Call(UPDATE_RULE, request)
