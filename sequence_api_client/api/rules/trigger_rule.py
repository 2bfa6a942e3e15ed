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
    permission=Permission(scope="TRIGGER_RULES", location="path", name="id"),
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

    Runs a rule now, of whatever trigger type: neither its schedule nor what it waits for otherwise matters. The
    response has the ID of the rule execution; getting that tells how far it has come. For a rule with the
    trigger type `MANUAL`, an amount can be given. The rule must be among the resources of the key's
    `TRIGGER_RULES`.

    Needs the scope `TRIGGER_RULES` on `id`.

    Args:
        id: The rule's ID, `rule_…`.
        manual_execute_amount: The amount in cents to use instead of the rule's own; for rules whose trigger type is
            `MANUAL`. 1 to 9007199254740991. (Inferred: its limits.)
        idempotency_key: A unique key that makes a repeat safe: for 24 hours, requests with the same key get the
            response to the first one, and nothing is done again. A UUID v4 is recommended. 1 to 36
            characters, matching `^[A-Za-z0-9._:/|-]+$`. (Inferred: its limits.)
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

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
