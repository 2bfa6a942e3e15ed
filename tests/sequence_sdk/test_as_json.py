"""Models become dicts and JSON in one way, which web frameworks take."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Response

from sequence_sandbox import Sandbox
from sequence_sdk import SequenceClient, to_builtins, to_json
from sequence_sdk.models import AccountType

from ..contract.contract import SUCCESSES

pytestmark = pytest.mark.anyio


async def test_a_web_framework_sends_models_as_json() -> None:
    sandbox, app = Sandbox(), FastAPI()

    @app.get("/accounts")
    async def accounts() -> Response:
        async with sandbox.client() as sequence:
            return Response(to_json(await sequence.accounts.list()), media_type="application/json")

    @app.get("/accounts/{id}")
    async def account(id: str) -> dict[str, Any]:
        async with sandbox.client() as sequence:
            found: dict[str, Any] = to_builtins(await sequence.accounts.get(id))
            return found

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http, sandbox.client() as sequence:
        listed, known = (await http.get("/accounts")).json(), await sequence.accounts.list()
        assert [one["id"] for one in listed] == [one.id for one in known]
        assert listed == to_builtins(known)
        one = (await http.get(f"/accounts/{known[0].id}")).json()
        assert one == to_builtins(await sequence.accounts.get(known[0].id))
        assert AccountType(one["type"]) == known[0].type


@pytest.mark.parametrize(("operation", "payload"), SUCCESSES, ids=[name for name, _ in SUCCESSES])
async def test_what_was_sent_comes_back_whole(operation: str, payload: dict[str, Any]) -> None:
    """All of it that the contract knows, and of open objects all that was sent."""
    decode = SequenceClient.contract.operations[operation].decode
    response = decode(json.dumps(payload).encode())
    assert decode(to_json(response, wire_names=True)) == response
    assert to_builtins(response) == json.loads(to_json(response))
