"""getRuleExecution: Get a rule execution."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.rule_execution_response import RuleExecutionResponse

GET_RULE_EXECUTION: Operation[RuleExecutionResponse] = Operation(
    id="getRuleExecution",
    method="GET",
    path="/rule-executions/{id}",
    scope="READ_RULE_EXECUTIONS",
    resource=CheckedResource(
        location="server",
        hint="the rule that was executed",
        response=("data.rule_id",),
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=True,
    documentation="https://cartesio.getsequence.io/docs/rule-executions/getRuleExecution",
    response=RuleExecutionResponse,
    echoes=(("id", "data.id"),),
)


async def get_rule_execution(
    transport: Transport,
    /,
    id: str,
    *,
    request_id: str | None = None,
) -> RuleExecutionResponse:
    """Get a rule execution.

    One run of a rule, with what triggered it, how it ended and the transfers that it made.

    Needs the scope `READ_RULE_EXECUTIONS` on the rule that was executed.

    Args:
        transport: What sends the request.
        id: The rule execution's ID, `rex_…`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rule-executions/getRuleExecution
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/rule-executions/" + checks.path_segment("id", id, "rex_", max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return await transport.send(GET_RULE_EXECUTION, request)
