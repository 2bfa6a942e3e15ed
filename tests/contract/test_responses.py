"""Every example of the documentation comes out of the SDK whole, and goes back to the same JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import attrs
import msgspec
import pytest

from sequence_api_client.api import OPERATIONS
from sequence_runtime import Operation
from sequence_sdk import Page, SequenceClient, errors as sdk_errors

from ..conftest import Server
from .contract import CALL_OF, ERRORS, SEEDS, SUCCESSES, perform

CLASSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}


def assert_equal(model: Any, payload: Any) -> None:
    """Every member of the JSON is in the model, with the same meaning."""
    match payload:
        case dict():
            for name, value in payload.items():
                assert_equal(getattr(model, name), value)
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
@pytest.mark.parametrize(("operation", "payload"), SUCCESSES, ids=[name for name, _ in SUCCESSES])
async def test_an_example_comes_out_whole_and_goes_back(
    operation: str, payload: Any, client: SequenceClient, server: Server
) -> None:
    server.reply(json.dumps(payload), headers={"X-Request-ID": payload["request_id"]})
    response = await perform(client, CALL_OF[operation])
    assert response.request_id == payload["request_id"]
    assert json.loads(response.content) == payload
    data = response.data
    if isinstance(data, Page):
        assert_equal(data.data, payload["data"])
        assert data.has_next_page is payload["page_info"]["has_next_page"]
        assert data.end_cursor == payload["page_info"]["end_cursor"]
        data = data.data
    else:
        assert_equal(data, payload["data"])
    assert without_absent(json.loads(msgspec.json.encode(data)), payload["data"]) == payload["data"]


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
@pytest.mark.parametrize(("operation", "status", "payload"), ERRORS, ids=[f"{name}-{code}" for name, code, _ in ERRORS])
async def test_an_error_example_becomes_its_error(
    operation: str, status: int, payload: Any, client: SequenceClient, server: Server
) -> None:
    server.reply(json.dumps(payload), status, headers={"X-Request-ID": "req_01HABC9000"})
    with pytest.raises(sdk_errors.APIError) as caught:
        await perform(client, CALL_OF[operation])
    # A write that is still in progress may have been done; why it is not known is the cause.
    error = caught.value.__cause__ if status == 409 else caught.value
    assert type(error) is getattr(sdk_errors, CLASSES[status])
    assert error.operation == operation
    assert error.status_code == status
    assert (error.code, error.message) == (payload["error"]["code"], payload["error"]["message"])
    assert error.request_id == "req_01HABC9000"
    assert error.headers["x-request-id"] == "req_01HABC9000"
    assert json.loads(error.content) == payload
    assert "req_01HABC9000" in str(error)
    assert operation in str(error)


def test_an_operation_makes_its_decoder_once() -> None:
    operation: Operation[Any] = OPERATIONS["getAccount"]
    assert operation.decode is operation.decode
