"""Every operation is bound, under the promised name, and with its own parameters."""

from __future__ import annotations

import inspect
from typing import Any

from sequence_api_client.api import OPERATIONS
from sequence_sdk import SequenceClient
from sequence_sdk.arguments import checked
from sequence_sdk.binding import BoundList, BoundOperation, Resource

from ..contract.contract import CALL_OF, CALLS, bound

WITHOUT_OPERATION = {
    "transfers.wait",
    "transfers.create_and_wait",
    "transfers.since",
    "rules.trigger_and_wait",
    "rule_executions.wait",
}
"""The methods that are more than one operation."""


def bindings(client: SequenceClient) -> dict[str, Any]:
    """Every bound operation of a client, by its name."""
    return {
        f"{name}.{method}": getattr(resource, method)
        for name, resource in vars(client).items()
        if isinstance(resource, Resource)
        for method in vars(type(resource))
        if not method.startswith("_")
    }


def test_the_promised_methods_are_there_and_no_others() -> None:
    client = SequenceClient("sk_1")
    methods = {call.method for call in CALLS}
    many = {f"{method}_many" for method in methods if method.endswith(".get")}
    assert set(bindings(client)) == methods | many | WITHOUT_OPERATION


def test_every_operation_of_the_document_has_a_binding() -> None:
    client = SequenceClient("sk_1")
    found: set[str] = set()
    for operation, call in CALL_OF.items():
        record = checked(bound(client, call)._function, *call.positional, **call.keyword).operation
        assert record.id == operation
        assert record is OPERATIONS[operation]
        assert call.method in bindings(client)
        found.add(record.id)
    assert found == set(OPERATIONS)


def test_paginated_operations_are_bound_as_lists() -> None:
    client = SequenceClient("sk_1")
    for operation, call in CALL_OF.items():
        expected = BoundList if OPERATIONS[operation].pages else BoundOperation
        assert isinstance(bound(client, call), expected)


def test_bound_operations_show_their_own_parameters() -> None:
    signature = inspect.signature(SequenceClient("sk_1").transfers.create)
    assert list(signature.parameters) == [
        "source_account_id",
        "destination_account_id",
        "amount_in_cents",
        "description",
        "idempotency_key",
        "request_id",
    ]
