"""A generated package is an async client by itself, over the runtime's own transport or anybody's."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from sequence_api_client import CONTRACT, api
from sequence_runtime import Request, Response, ResponseError
from sequence_runtime.transport import HTTPTransport

from ..conftest import API_KEY, Server
from ..contract.contract import CALLS, SUCCESSES, Call

pytestmark = pytest.mark.anyio

RESPONSES = {name: json.dumps(payload) for name, payload in SUCCESSES}


def function(call: Call) -> Any:
    """The generated function of a call."""
    names = {operation: name for name in dir(api) if name.islower() for operation in [name.replace("_", "")]}
    return getattr(api, names[call.operation.lower()])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_every_call_is_sent_by_the_runtimes_own_transport(call: Call, server: Server) -> None:
    server.reply(RESPONSES[call.operation])
    async with HTTPTransport(CONTRACT, API_KEY, base_url=server.base_url) as transport:
        made = function(call)(*call.positional, **call.keyword)
        response = await made.send(transport)
    (asked,) = server.asked
    assert asked.target == f"/api/v1{call.target}"
    assert asked.headers["Authorization"] == f"ApiKey {API_KEY}"
    assert (json.loads(asked.body) if asked.body else None) == call.body
    assert all(asked.headers[name] == value for name, value in call.headers)
    assert made.operation.data(response) == response.data


async def test_any_transport_carries_a_call() -> None:
    class Recorded:
        def __init__(self) -> None:
            self.requests: list[Request] = []

        async def send(self, request: Request, /) -> Response:
            self.requests.append(request)
            return Response(status_code=200, headers={}, content=RESPONSES["getAccount"].encode())

    transport = Recorded()
    assert (await api.get_account("acc_01HGHI7890").send(transport)).data.id == "acc_01HGHI7890"
    assert [one.path for one in transport.requests] == ["/accounts/acc_01HGHI7890"]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [("{}", 404, "it was refused"), ("", 200, "is not as documented"), ("[" * 100_000, 200, "is not as documented")],
)
async def test_what_is_no_success_is_an_error_with_its_bytes(
    body: str, status: int, problem: str, server: Server
) -> None:
    server.reply(body, status)
    async with HTTPTransport(CONTRACT, API_KEY, base_url=server.base_url) as transport:
        with pytest.raises(ResponseError, match=f"{status}: getAccount: .*{problem}") as caught:
            await api.get_account("acc_1").send(transport)
    assert caught.value.response.content == body.encode()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.request, again.response.content) == (
        str(caught.value),
        caught.value.request,
        body.encode(),
    )


async def test_a_redirect_is_not_followed(server: Server) -> None:
    server.reply("", 302, headers={"Location": f"{server.base_url}/elsewhere"})
    async with HTTPTransport(CONTRACT, API_KEY, base_url=server.base_url) as transport:
        with pytest.raises(ResponseError, match="302"):
            await api.list_accounts().send(transport)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"base_url": "http://example.com"}, "would send the API key unencrypted"),
        ({"base_url": "https://me:secret@example.com"}, "holds a user name or a password"),
        ({"base_url": "ftp://example.com"}, "is not an absolute URL"),
        *[({"api_key": key}, "the API key is empty, or has spaces") for key in ("", "sk 1", "sk_1 ", "sk\n1", "é")],
    ],
)
async def test_a_key_goes_to_no_place_that_is_not_safe(arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        HTTPTransport(**{"contract": CONTRACT, "api_key": "sk_1", **arguments})  # type: ignore[arg-type]
    assert "secret" not in str(caught.value)


async def test_what_goes_to_this_machine_goes_through_no_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment could read the key."""
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.reply(RESPONSES["getAccount"])
    async with HTTPTransport(CONTRACT, API_KEY, base_url=server.base_url) as transport:
        await api.get_account("acc_01HGHI7890").send(transport)
    assert len(server.asked) == 1


async def test_the_transport_shows_no_key() -> None:
    async with HTTPTransport(CONTRACT, API_KEY, base_url="http://127.0.0.1:1") as transport:
        assert API_KEY not in repr(vars(transport))
        with pytest.raises(httpx.ConnectError), anyio.fail_after(5):
            await api.list_accounts().send(transport)


def test_nothing_is_sent_before_a_call_is_sent() -> None:
    call = api.get_account("acc_1")
    assert API_KEY not in repr(call)
    with pytest.raises(ValueError, match="id is empty"):
        api.get_account("")
    try:
        api.get_account("txr_1")
    except ValueError:
        assert "is the ID of something else" in traceback.format_exc()


def test_a_generated_package_needs_no_other_of_ours() -> None:
    program = (
        "import sys\nfrom sequence_api_client import api\nfor one in api.OPERATIONS.values(): one.decode\n"
        "sys.exit(any(name.split('.')[0] in ('sequence_sdk', 'sequence_sandbox') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent, check=False).returncode == 0
