"""listRules: List rules."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.rule_list import RuleList

LIST_RULES: Operation[RuleList] = Operation(
    id="listRules",
    method="GET",
    path="/rules",
    scope="LIST_RULES",
    resource=CheckedResource(
        location="none",
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=True,
    documentation="https://cartesio.getsequence.io/docs/rules/listRules",
    response=RuleList,
)


async def list_rules(
    transport: Transport,
    /,
    *,
    source_id: str | None = None,
    request_id: str | None = None,
) -> RuleList:
    """List rules.

    All rules of the organization in short, without their steps.

    Needs the scope `LIST_RULES`.

    Args:
        transport: What sends the request.
        source_id: Keep the rules whose source is this account, `acc_…`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rules/listRules
    """
    query: dict[str, str] = {}
    if source_id is not None:
        query["source_id"] = checks.resource_id("source_id", source_id, "acc_", max_length=255)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/rules",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "source_id": source_id,
        },
    )
    return await transport.send(LIST_RULES, request)
