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
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=TriggeredRuleResponse,
    data=attrgetter("data"),
    permission=Permission(scope="TRIGGER_RULES", location="path", name="id"),
    idempotent=True,
    makes="data.execution_id",
)


def trigger_rule(
    id: str,
    *,
    execute_amount: int | None = None,
    simulation: bool | None = None,
    idempotency_key: str | None = None,
    called_reason: str | None = None,
) -> Call[TriggeredRuleResponse, TriggeredRule]:
    """Trigger a rule.

    Runs a rule now, or simulates that, of whatever trigger type. The response has the ID of the rule execution;
    getting that tells how far it has come. The rule must be among the resources of the key's `TRIGGER_RULES`. A
    disabled rule can be simulated only: otherwise it gets a 403 with the code `RULE_DEACTIVATED`. One that was
    deleted, or whose trigger the API cannot express, gets a 403 with the code `INVALID_RULE`.

    Needs the scope `TRIGGER_RULES` on `id`.

    Args:
        id: The rule's ID.
        execute_amount: The amount in cents that the run begins with, and that the source is taken to hold; in a
            simulation, also what is taken to have come in. Fixed amounts stay as they are. Where it
            is not given, balances are as they are. 0 to 9007199254740991. (Inferred: its limits.)
        simulation: Whether no money is moved; money is, where this is not given.
        idempotency_key: A unique key that makes a repeat safe: for 24 hours, requests with the same key and body
            get the response to the first one, and nothing is done again. After that, it is as if the
            key were new. A UUID v4 is recommended. 1 to 36 characters, matching
            `^[A-Za-z0-9._:/|-]+$`.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    headers: dict[str, str] = {}
    if idempotency_key is not None:
        headers["idempotency-key"] = checks.header(
            "idempotency_key", idempotency_key, max_length=36, pattern="^[A-Za-z0-9._:/|-]+$"
        )
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    body: dict[str, object] = {}
    if execute_amount is not None:
        body["executeAmount"] = checks.integer("execute_amount", execute_amount, minimum=0, maximum=9007199254740991)
    if simulation is not None:
        body["simulation"] = checks.boolean("simulation", simulation)

    request = Request(
        operation="triggerRule",
        method="POST",
        path="/rules/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255) + "/trigger",
        query={},
        headers=headers,
        content=msgspec.json.encode(body),
        arguments={
            "id": id,
            "execute_amount": execute_amount,
            "simulation": simulation,
        },
    )
    return Call(TRIGGER_RULE, request)
