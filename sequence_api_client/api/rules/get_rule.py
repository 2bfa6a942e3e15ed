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
    documentation="https://cartesio.getsequence.io/docs/rules/getRule",
    response=RuleResponse,
    data=attrgetter("data"),
    permission=Permission(scope="READ_RULES", location="path", name="id"),
    echoes=(("id", "data.id"),),
)


def get_rule(
    id: str,
    *,
    request_id: str | None = None,
) -> Call[RuleResponse, Rule]:
    """Get a rule.

    One rule in full, with all steps, conditions and actions. It must be among the resources of the key's
    `READ_RULES`.

    Needs the scope `READ_RULES` on `id`.

    Args:
        id: The rule's ID, `rule_…`.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/rules/getRule
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="getRule",
        method="GET",
        path="/rules/" + checks.path_segment("id", id, "rule_", others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_RULE, request)
