"""listRuleExecutions: List a rule's executions."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, CURSOR_PAGES, ID_PREFIXES
from ...models.rule_execution_list import RuleExecutionList
from ...models.rule_execution_status import RuleExecutionStatus
from ...models.rule_execution_trigger_type import RuleExecutionTriggerType

if TYPE_CHECKING:
    from ...models.rule_execution_summary import RuleExecutionSummary

LIST_RULE_EXECUTIONS: Operation[RuleExecutionList, list[RuleExecutionSummary]] = Operation(
    contract=CONTRACT,
    id="listRuleExecutions",
    method="GET",
    path="/rule-executions",
    documentation="https://cartesio.getsequence.io/docs/rule-executions/listRuleExecutions",
    response=RuleExecutionList,
    data=attrgetter("data"),
    permission=Permission(scope="READ_RULE_EXECUTIONS", location="query", name="rule_id"),
    pages=CURSOR_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
)


def list_rule_executions(
    *,
    rule_id: str,
    status: RuleExecutionStatus | str | None = None,
    trigger_type: RuleExecutionTriggerType | str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    first: int | None = None,
    after: str | None = None,
    request_id: str | None = None,
) -> Call[RuleExecutionList, list[RuleExecutionSummary]]:
    """List a rule's executions.

    Rule executions of the organization, ordered by `created_at`, the newest first. `rule_id` is required, and
    must be among the resources of the key's `READ_RULE_EXECUTIONS`.

    Needs the scope `READ_RULE_EXECUTIONS` on `rule_id`.

    Args:
        rule_id: The ID of the rule whose executions are listed, `rule_…`. It must be among the resources
            of the key's `READ_RULE_EXECUTIONS`.
        status: Keep executions of this status only. (Inferred: “final”.)
        trigger_type: Keep executions that were triggered in this way only.
        from_: Keep what was created at or after this moment (ISO 8601).
        to: Keep what was created at or before this moment (ISO 8601).
        first: How many results a page holds; 20 where this is not given, and at most 100. 1 to 100.
            (Inferred: its limits.)
        after: The cursor after which the page begins, from the previous page's `page_info.end_cursor`.
            (Inferred: its limits.)
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rule-executions/listRuleExecutions
    """
    query: dict[str, QueryValue] = {
        "rule_id": checks.resource_id("rule_id", rule_id, "rule_", others=ID_PREFIXES, max_length=255),
    }
    if status is not None:
        query["status"] = checks.choice("status", status, RuleExecutionStatus)
    if trigger_type is not None:
        query["trigger_type"] = checks.choice("trigger_type", trigger_type, RuleExecutionTriggerType)
    if from_ is not None:
        query["from"] = checks.moment("from_", from_)
    if to is not None:
        query["to"] = checks.moment("to", to)
    if first is not None:
        query["first"] = str(checks.integer("first", first, minimum=1, maximum=100))
    if after is not None:
        query["after"] = checks.text("after", after, min_length=1)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="listRuleExecutions",
        method="GET",
        path="/rule-executions",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "rule_id": rule_id,
            "status": status,
            "trigger_type": trigger_type,
            "from_": from_,
            "to": to,
            "first": first,
            "after": after,
        },
    )
    return Call(LIST_RULE_EXECUTIONS, request)
