"""listRuleExecutions: List a rule's executions."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, ID_PREFIXES, NUMBERED_PAGES
from ...models.execution_mode_filter import ExecutionModeFilter
from ...models.rule_execution_list import RuleExecutionList
from ...models.rule_execution_status import RuleExecutionStatus
from ...models.rule_execution_trigger_type import RuleExecutionTriggerType

if TYPE_CHECKING:
    from ...models.rule_execution_summary import RuleExecutionSummary

LIST_RULE_EXECUTIONS: Operation[RuleExecutionList, list[RuleExecutionSummary]] = Operation(
    contract=CONTRACT,
    id="listRuleExecutions",
    method="GET",
    path="/rules/{ruleId}/executions",
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=RuleExecutionList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_RULES", location="path", name="rule_id"),
    pages=NUMBERED_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
    echoes=(("rule_id", "data.items[].rule_id"), ("execution_mode", "data.items[].execution_mode")),
)


def list_rule_executions(
    rule_id: str,
    *,
    status: RuleExecutionStatus | str | None = None,
    trigger_type: RuleExecutionTriggerType | str | None = None,
    execution_mode: ExecutionModeFilter | str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[RuleExecutionList, list[RuleExecutionSummary]]:
    """List a rule's executions.

    The executions of one rule, ordered by `createdAt`, the newest first. The rule must be among the resources
    of the key's `READ_RULES`.

    Needs the scope `READ_RULES` on `rule_id`.

    Args:
        rule_id: The ID of the rule that was executed.
        status: Keep executions of this status only.
        trigger_type: Keep executions that were triggered in this way only.
        execution_mode: Whether what was simulated is listed, alone or too; it is left out where this is not
            given.
        from_: Keep what was created at or after this moment (RFC 3339).
        to: Keep what was created at or before this moment (RFC 3339).
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    query: dict[str, QueryValue] = {}
    if status is not None:
        query["status"] = checks.choice("status", status, RuleExecutionStatus)
    if trigger_type is not None:
        query["triggerType"] = checks.choice("trigger_type", trigger_type, RuleExecutionTriggerType)
    if execution_mode is not None:
        query["executionMode"] = checks.choice("execution_mode", execution_mode, ExecutionModeFilter)
    if from_ is not None:
        query["from"] = checks.moment("from_", from_)
    if to is not None:
        query["to"] = checks.moment("to", to)
    if page is not None:
        query["page"] = str(checks.integer("page", page, minimum=1))
    if page_size is not None:
        query["pageSize"] = str(checks.integer("page_size", page_size, minimum=1, maximum=100))

    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="listRuleExecutions",
        method="GET",
        path="/rules/" + checks.path_segment("rule_id", rule_id, others=ID_PREFIXES, max_length=255) + "/executions",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "rule_id": rule_id,
            "status": status,
            "trigger_type": trigger_type,
            "execution_mode": execution_mode,
            "from_": from_,
            "to": to,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_RULE_EXECUTIONS, request)
