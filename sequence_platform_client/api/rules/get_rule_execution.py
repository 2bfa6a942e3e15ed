"""getRuleExecution: Get a rule execution."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, Terminal, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.rule_execution_response import RuleExecutionResponse

if TYPE_CHECKING:
    from ...models.rule_execution import RuleExecution

GET_RULE_EXECUTION: Operation[RuleExecutionResponse, RuleExecution] = Operation(
    contract=CONTRACT,
    id="getRuleExecution",
    method="GET",
    path="/rules/{ruleId}/executions/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=RuleExecutionResponse,
    data=attrgetter("data"),
    permission=Permission(scope="READ_RULES", location="path", name="rule_id"),
    echoes=(("rule_id", "data.rule_id"), ("id", "data.id")),
    terminal=Terminal(succeeded=frozenset(["EXECUTED"]), failed=frozenset(["FAILED", "PARTIAL"])),
)


def get_rule_execution(
    rule_id: str,
    id: str,
    *,
    called_reason: str | None = None,
) -> Call[RuleExecutionResponse, RuleExecution]:
    """Get a rule execution.

    One rule execution in full, with what triggered it, its outcome and the IDs of its transfers. Its rule must
    be among the resources of the key's `READ_RULES`.

    Needs the scope `READ_RULES` on `rule_id`.

    Args:
        rule_id: The ID of the rule that was executed.
        id: The rule execution's ID.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="getRuleExecution",
        method="GET",
        path="/rules/"
        + checks.path_segment("rule_id", rule_id, others=ID_PREFIXES, max_length=255)
        + "/executions/"
        + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "rule_id": rule_id,
            "id": id,
        },
    )
    return Call(GET_RULE_EXECUTION, request)
