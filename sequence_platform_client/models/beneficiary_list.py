from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class BeneficiaryList:
    """One page of beneficiaries, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: BeneficiaryPage
    """One page of beneficiaries."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .beneficiary_page import BeneficiaryPage  # noqa: E402
