"""getRule: Get a rule."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.rule_response import RuleResponse

GET_RULE: Operation[RuleResponse] = Operation(
    id="getRule",
    method="GET",
    path="/rules/{id}",
    scope="READ_RULES",
    resource=CheckedResource(
        location="path",
        name="id",
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=True,
    documentation="https://cartesio.getsequence.io/docs/rules/getRule",
    response=RuleResponse,
    echoes=(("id", "data.id"),),
)


async def get_rule(
    transport: Transport,
    /,
    id: str,
    *,
    request_id: str | None = None,
) -> RuleResponse:
    """Get a rule.

    One rule in full, with its trigger and with the conditions and actions of every step.

    Needs the scope `READ_RULES` on `id`.

    Args:
        transport: What sends the request.
        id: The rule's ID, `rule_…`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rules/getRule
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/rules/" + checks.path_segment("id", id, "rule_", max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return await transport.send(GET_RULE, request)
