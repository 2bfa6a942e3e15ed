from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class ExternalTransactionResponse:
    """One external transaction, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: ExternalTransaction
    """A transaction on an account that Sequence does not manage. With whom it was is not known."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .external_transaction import ExternalTransaction  # noqa: E402
