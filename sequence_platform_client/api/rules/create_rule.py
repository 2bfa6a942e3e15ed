"""createRule: Create a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from sequence_runtime import Call, Operation, Permission, Request, checks

from ... import bodies
from ...contract import CONTRACT
from ...models.rule_response import RuleResponse

if TYPE_CHECKING:
    from ...models.new_rule_step import NewRuleStep
    from ...models.new_rule_trigger import NewRuleTrigger
    from ...models.rule import Rule

CREATE_RULE: Operation[RuleResponse, Rule] = Operation(
    contract=CONTRACT,
    id="createRule",
    method="POST",
    path="/rules",
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=RuleResponse,
    data=attrgetter("data"),
    permission=Permission(scope="CREATE_AND_EDIT_RULES", location="server", hint="any rule", response=()),
)


def create_rule(
    *,
    trigger: NewRuleTrigger | Mapping[str, object],
    steps: Sequence[NewRuleStep | Mapping[str, object]],
    name: str | None = None,
    called_reason: str | None = None,
) -> Call[RuleResponse, Rule]:
    """Create a rule.

    Makes a rule, which is disabled until somebody enables it in the dashboard. A rule that is well formed and
    that the API cannot express gets a 422. There is no idempotency key. Which rules a key has to cover with
    `CREATE_AND_EDIT_RULES` is not documented: the rule has no ID yet.

    Needs the scope `CREATE_AND_EDIT_RULES` on any rule.

    Args:
        trigger: What is to make a rule run.
        steps: Its steps. Only the first one whose conditions hold is run. At least 1 item.
        name: Its name.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    body: dict[str, object] = {
        "trigger": bodies.check_new_rule_trigger("trigger", trigger),
        "steps": checks.array("steps", steps, bodies.check_new_rule_step, min_items=1),
    }
    if name is not None:
        body["name"] = checks.text("name", name)

    request = Request(
        operation="createRule",
        method="POST",
        path="/rules",
        query={},
        headers=headers,
        content=msgspec.json.encode(body),
        arguments={
            "trigger": trigger,
            "steps": steps,
            "name": name,
        },
    )
    return Call(CREATE_RULE, request)
