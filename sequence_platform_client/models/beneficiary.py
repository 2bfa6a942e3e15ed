from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class Beneficiary:
    """A person or business that can own accounts."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "beneficiary_type": "beneficiaryType",
    }

    id: str
    """The ID of a beneficiary, a UUID."""
    name: str
    """Its name."""
    beneficiary_type: BeneficiaryType
    """Whether a beneficiary is a person (`INDIVIDUAL`) or a business (`BUSINESS`)."""


from .beneficiary_type import BeneficiaryType  # noqa: E402
