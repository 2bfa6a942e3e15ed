"""listRules: List rules."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.rule_list import RuleList

if TYPE_CHECKING:
    from ...models.rule_summary import RuleSummary

LIST_RULES: Operation[RuleList, list[RuleSummary]] = Operation(
    contract=CONTRACT,
    id="listRules",
    method="GET",
    path="/rules",
    documentation="https://cartesio.getsequence.io/docs/rules/listRules",
    response=RuleList,
    data=attrgetter("data"),
    permission=Permission(scope="LIST_RULES", location="none"),
)


def list_rules(
    *,
    source_id: str | None = None,
    request_id: str | None = None,
) -> Call[RuleList, list[RuleSummary]]:
    """List rules.

    All rules of the organization in short, or those of one source account.

    Needs the scope `LIST_RULES`.

    Args:
        source_id: Keep the rules of this source account, `acc_…`.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rules/listRules
    """
    query: dict[str, QueryValue] = {}
    if source_id is not None:
        query["source_id"] = checks.resource_id("source_id", source_id, "acc_", others=ID_PREFIXES, max_length=255)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="listRules",
        method="GET",
        path="/rules",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "source_id": source_id,
        },
    )
    return Call(LIST_RULES, request)
