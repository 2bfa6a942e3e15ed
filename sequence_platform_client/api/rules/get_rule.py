"""getRule: Get a rule."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.rule_response import RuleResponse

if TYPE_CHECKING:
    from ...models.rule import Rule

GET_RULE: Operation[RuleResponse, Rule] = Operation(
    contract=CONTRACT,
    id="getRule",
    method="GET",
    path="/rules/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/rules",
    response=RuleResponse,
    data=attrgetter("data"),
    permission=Permission(scope="READ_RULES", location="path", name="id"),
    echoes=(("id", "data.id"),),
)


def get_rule(
    id: str,
    *,
    called_reason: str | None = None,
) -> Call[RuleResponse, Rule]:
    """Get a rule.

    One rule in full, with all steps, conditions and actions. It must be among the resources of the key's
    `READ_RULES`. A rule that the API cannot express is refused with the code `INVALID_RULE`.

    Needs the scope `READ_RULES` on `id`.

    Args:
        id: The rule's ID.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/rules
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="getRule",
        method="GET",
        path="/rules/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_RULE, request)
