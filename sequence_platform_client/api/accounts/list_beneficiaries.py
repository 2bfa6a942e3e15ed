"""listBeneficiaries: List beneficiaries."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, QueryValue, Request, checks

from ...contract import CONTRACT, NUMBERED_PAGES
from ...models.beneficiary_list import BeneficiaryList

if TYPE_CHECKING:
    from ...models.beneficiary import Beneficiary

LIST_BENEFICIARIES: Operation[BeneficiaryList, list[Beneficiary]] = Operation(
    contract=CONTRACT,
    id="listBeneficiaries",
    method="GET",
    path="/beneficiaries",
    documentation="https://app.getsequence.io/api/platform/#tag/accounts",
    response=BeneficiaryList,
    data=attrgetter("data.items"),
    pages=NUMBERED_PAGES,
)


def list_beneficiaries(
    *,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[BeneficiaryList, list[Beneficiary]]:
    """List beneficiaries.

    The people and businesses that can own accounts of the organization, which are those whose identity is
    verified. Any key that is valid may list them.

    Any key may call it.

    Args:
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/accounts
    """
    query: dict[str, QueryValue] = {}
    if page is not None:
        query["page"] = str(checks.integer("page", page, minimum=1))
    if page_size is not None:
        query["pageSize"] = str(checks.integer("page_size", page_size, minimum=1, maximum=100))

    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="listBeneficiaries",
        method="GET",
        path="/beneficiaries",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_BENEFICIARIES, request)
