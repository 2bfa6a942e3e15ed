"""triggerRule: Trigger a rule."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.triggered_rule_response import TriggeredRuleResponse

if TYPE_CHECKING:
    from ...models.triggered_rule import TriggeredRule

TRIGGER_RULE: Operation[TriggeredRuleResponse, TriggeredRule] = Operation(
    contract=CONTRACT,
    id="triggerRule",
    method="POST",
    path="/rules/{id}/trigger",
    documentation="https://cartesio.getsequence.io/docs/rules/triggerRule",
    response=TriggeredRuleResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="TRIGGER_RULES",
        location="path",
        name="id",
    ),
    idempotent=True,
)


def trigger_rule(
    id: str,
    *,
    manual_execute_amount: int | None = None,
    idempotency_key: str | None = None,
    request_id: str | None = None,
) -> Call[TriggeredRuleResponse, TriggeredRule]:
    """Trigger a rule.

    Runs a rule now, whatever its trigger type. The response only says that the run is queued: get the rule
    execution until its status is final.

    Needs the scope `TRIGGER_RULES` on `id`.

    Args:
        id: The rule's ID, `rule_…`.
        manual_execute_amount: The amount in cents to use instead of the rule's own; for rules whose trigger type is
            `MANUAL`.
        idempotency_key: Makes a repeat safe: within 24 hours, a call with the same key gets the first call's
            response and nothing is done again. A UUID v4 is recommended.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rules/triggerRule
    """
    headers: dict[str, str] = {}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = checks.header(
            "idempotency_key", idempotency_key, max_length=36, pattern="^[A-Za-z0-9._:/|-]+$"
        )
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    body: dict[str, object] = {}
    if manual_execute_amount is not None:
        body["manual_execute_amount"] = checks.integer(
            "manual_execute_amount", manual_execute_amount, minimum=1, maximum=9007199254740991
        )

    request = Request(
        operation="triggerRule",
        method="POST",
        path="/rules/" + checks.path_segment("id", id, "rule_", others=ID_PREFIXES, max_length=255) + "/trigger",
        query={},
        headers=headers,
        content=msgspec.json.encode(body) if body else None,
        arguments={
            "id": id,
            "manual_execute_amount": manual_execute_amount,
        },
    )
    return Call(TRIGGER_RULE, request)
