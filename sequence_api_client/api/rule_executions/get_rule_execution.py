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
    path="/rule-executions/{id}",
    documentation="https://cartesio.getsequence.io/docs/rule-executions/getRuleExecution",
    response=RuleExecutionResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_RULE_EXECUTIONS", location="server", hint="the rule that was executed", response=("data.rule_id",)
    ),
    echoes=(("id", "data.id"),),
    terminal=Terminal(succeeded=frozenset(["executed"]), failed=frozenset(["failed", "partial"])),
)


def get_rule_execution(
    id: str,
    *,
    request_id: str | None = None,
) -> Call[RuleExecutionResponse, RuleExecution]:
    """Get a rule execution.

    One rule execution in full, with what triggered it, its outcome and the IDs of its transfers. Its rule must
    be among the resources of the key's `READ_RULE_EXECUTIONS`.

    Needs the scope `READ_RULE_EXECUTIONS` on the rule that was executed.

    Args:
        id: The rule execution's ID, `rex_…`.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rule-executions/getRuleExecution
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="getRuleExecution",
        method="GET",
        path="/rule-executions/" + checks.path_segment("id", id, "rex_", others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_RULE_EXECUTION, request)
