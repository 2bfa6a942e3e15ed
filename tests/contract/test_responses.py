"""Every example of the documentation comes out of the SDK whole, and goes back to the same JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import attrs
import msgspec
import pytest
from attrs import evolve

from sequence_api_client.api import OPERATIONS
from sequence_runtime import Operation
from sequence_sdk import Page, errors as sdk_errors, to_json

from ..conftest import Server
from .apis import API, of_both
from .contract import SEEDS, perform
from .reading import snake_case

CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}

CODES = {
    (400, "IDEMPOTENCY_KEY_MISMATCH"): "IdempotencyKeyMismatchError",
    (403, "INVALID_RULE"): "UnsupportedResourceError",
}
"""Codes that have an error of their own."""


def assert_equal(model: Any, payload: Any) -> None:
    """Every member of the JSON is in the model, with the same meaning."""
    match payload:
        case dict():
            for name, value in payload.items():
                assert_equal(getattr(model, snake_case(name)), value)
        case list():
            assert len(model) == len(payload)
            for item, value in zip(model, payload, strict=True):
                assert_equal(item, value)
        case str() if isinstance(model, datetime):
            assert model == datetime.fromisoformat(payload)
            assert model.tzinfo is not None
        case str() if isinstance(model, date):
            assert model == date.fromisoformat(payload)
        case str():
            assert str(model) == payload
        case _:
            assert model == payload
            assert type(model) is type(payload) or isinstance(payload, int)


def without_absent(encoded: Any, payload: Any) -> Any:
    """Re-encoded JSON less the nulls that stand for members which the payload leaves out."""
    if isinstance(payload, dict):
        absent = {name for name in encoded if name not in payload}
        assert all(encoded[name] is None for name in absent)
        return {name: without_absent(encoded[name], value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [without_absent(item, value) for item, value in zip(encoded, payload, strict=True)]
    return encoded


@pytest.mark.anyio
@of_both("operation, payload", lambda api: api.successes)
async def test_an_example_comes_out_whole_and_goes_back(
    api: API, operation: str, payload: Any, anyio_backend: str, server: Server
) -> None:
    request_id = payload.get("request_id") or payload["requestId"]
    server.reply(json.dumps(payload), headers={"X-Request-ID": request_id})
    async with api.connect(server) as client:
        response = await perform(client, api.call_for(operation, payload))
    assert response.request_id == request_id
    assert json.loads(response.content) == payload
    data, found = response.data, payload["data"]
    if isinstance(data, Page):
        page_info = payload.get("page_info") or found["pagination"]
        assert data.has_next_page is page_info.get("has_next_page", page_info.get("hasNextPage"))
        assert data.end_cursor == page_info.get("end_cursor")
        if "window" in found:
            assert_equal(data.window, found["window"])
        data, found = data.data, found if isinstance(found, list) else found["items"]
    assert_equal(data, found)
    assert without_absent(json.loads(to_json(data, wire_names=True)), found) == found


@pytest.mark.parametrize("operation", SEEDS)
def test_a_documented_payload_goes_back_to_the_same_json_without_any_difference(operation: str) -> None:
    payload = SEEDS[operation]["200"]
    model = OPERATIONS[operation].decode(json.dumps(payload).encode())
    assert json.loads(msgspec.json.encode(model)) == payload


def test_models_are_typed() -> None:
    response = OPERATIONS["getAccount"].decode(json.dumps(SEEDS["getAccount"]["200"]).encode())
    account = response.data
    assert isinstance(account.type, StrEnum)
    assert account.balance.next_payment_due_date == date(2024, 5, 15)
    assert account.created_at == datetime(2024, 1, 20, 11, tzinfo=UTC)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        account.name = "another"


def test_account_numbers_are_not_printed() -> None:
    response = OPERATIONS["getAccount"].decode(json.dumps(SEEDS["getAccount"]["200"]).encode())
    assert "••••1234" not in repr(response)
    assert "••••0021" not in repr(response)
    assert response.data.bank_account_number == "••••1234"


@pytest.mark.anyio
@of_both("operation", lambda api: api.documented)
async def test_an_error_example_becomes_its_error(api: API, operation: str, anyio_backend: str, server: Server) -> None:
    examples = [(status, payload) for name, status, payload in api.errors if name == operation]
    assert {status for status, _ in examples} >= {400, 401, 429}
    in_header, call = api.contract.request_id is not None, api.call(operation)
    # With a key of its own each: what one refusal leaves open no other settles.
    call = evolve(call, keyword={name: value for name, value in call.keyword.items() if name != "idempotency_key"})
    async with api.connect(server) as client:
        for status, payload in examples:
            server.reply(json.dumps(payload), status, headers={"X-Request-ID": "req_01HABC9000"} if in_header else {})
            with pytest.raises(sdk_errors.APIError) as caught:
                await perform(client, call)
            # A write that is still in progress may have been done; why it is not known is the cause.
            error = caught.value.__cause__ if status == 409 else caught.value
            code = payload["error"]["code"]
            assert type(error) is getattr(sdk_errors, CODES.get((status, code), CLASSES[status]))
            assert error.operation == operation
            assert error.status_code == status
            assert (error.code, error.message) == (code, payload["error"]["message"])
            assert error.request_id == ("req_01HABC9000" if in_header else payload.get("requestId", ""))
            assert json.loads(error.content) == payload
            assert error.request_id in str(error)
            assert operation in str(error)


def test_an_operation_makes_its_decoder_once() -> None:
    operation: Operation[Any] = OPERATIONS["getAccount"]
    assert operation.decode is operation.decode
