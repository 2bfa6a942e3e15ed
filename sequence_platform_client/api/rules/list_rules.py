"""listRules: List rules."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, checks

from ...contract import CONTRACT, ID_PREFIXES, NUMBERED_PAGES
from ...models.rule_list import RuleList

if TYPE_CHECKING:
    from ...models.rule_summary import RuleSummary

LIST_RULES: Operation[RuleList, list[RuleSummary]] = Operation(
    contract=CONTRACT,
    id="listRules",
    method="GET",
    path="/rules",
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=RuleList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_RULES", location="server", hint="any rule", response=()),
    pages=NUMBERED_PAGES,
)


def list_rules(
    *,
    source_id: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[RuleList, list[RuleSummary]]:
    """List rules.

    All rules of the organization in short, or those of one source account. Rules that the API cannot express
    are among them: `isSupported` says so. In which order the list is, is not documented.

    Needs the scope `READ_RULES` on any rule.

    Args:
        source_id: Keep the rules of this source account.
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    query: dict[str, QueryValue] = {}
    if source_id is not None:
        query["sourceId"] = checks.resource_id("source_id", source_id, others=ID_PREFIXES, max_length=255)
    if page is not None:
        query["page"] = str(checks.integer("page", page, minimum=1))
    if page_size is not None:
        query["pageSize"] = str(checks.integer("page_size", page_size, minimum=1, maximum=100))

    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="listRules",
        method="GET",
        path="/rules",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "source_id": source_id,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_RULES, request)
