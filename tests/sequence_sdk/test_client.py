"""Making, configuring and closing clients."""

from __future__ import annotations

import inspect
import json
import pickle
import pydoc
from typing import Any

import httpx
import httpx2
import pytest

from sequence_api_client.api.accounts.get_account import get_account
from sequence_sdk import ConfigurationError, HTTPClient, SequenceClient, SequenceError

from ..conftest import API_KEY, Server
from ..contract.contract import SEEDS

ACCOUNT = json.dumps(SEEDS["getAccount"]["200"])


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQUENCE_API_KEY", raising=False)
    monkeypatch.delenv("SEQUENCE_BASE_URL", raising=False)


def problem(**arguments: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        SequenceClient(**{"api_key": API_KEY, **arguments})
    assert isinstance(caught.value, SequenceError)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


@pytest.mark.parametrize(
    ("api_key", "message"),
    [
        (None, "no API key: pass api_key=…, or set the environment variable SEQUENCE_API_KEY"),
        ("", "the API key is blank"),
        ("  \n", "the API key is blank"),
        ("sk_1\n", "spaces or line breaks around it"),
        ("ApiKey sk_1", "the word ApiKey before it"),
        ("sk 1", "the API key has spaces"),
        ("sk_é", "characters outside ASCII"),
        (b"sk_1", "api_key must be a string, not bytes"),
    ],
)
def test_an_api_key_is_needed(api_key: Any, message: str) -> None:
    assert message in problem(api_key=api_key)


@pytest.mark.parametrize(
    ("base_url", "message"),
    [
        ("http://api.getsequence.io/api/v1", "would send the API key unencrypted"),
        ("http://127.0.0.1.evil.example/api/v1", "would send the API key unencrypted"),
        ("http://localhost.evil.example", "would send the API key unencrypted"),
        ("http://10.0.0.1/", "would send the API key unencrypted"),
        ("api.getsequence.io", "is not an absolute URL"),
        ("ftp://127.0.0.1", "is not an absolute URL"),
        ("https://", "is not an absolute URL"),
        ("", "is not an absolute URL"),
        ("https://user:secret@api.getsequence.io", "holds a user name or a password"),
        ("https://api.getsequence.io/api?x=1", "has a query or a fragment"),
        ("https://api.getsequence.io/api#x", "has a query or a fragment"),
        ("https://api.getsequence.io/api?", "has a query or a fragment"),
        ("https://api.getsequence.io/api#", "has a query or a fragment"),
        ("https://api.getsequence.io/a/../b", "has dots for a segment"),
        ("https://api.getsequence.io/a b", "has spaces"),
        ("https://api.getsequence.io:port/", "is not a valid URL"),
        ("https://[::1", "is not a valid URL"),
        (5, "must be a string"),
    ],
)
def test_a_base_url_is_https_or_this_machine(base_url: Any, message: str) -> None:
    assert message in problem(base_url=base_url)
    assert "secret" not in problem(base_url=base_url)


@pytest.mark.parametrize(
    "base_url", ["http://localhost:8000/api/v1", "http://127.9.9.9", "http://[::1]:80/", "https://example.com/x/"]
)
def test_base_urls_that_are_right(base_url: str) -> None:
    assert repr(SequenceClient(API_KEY, base_url=base_url)) == f"<SequenceClient of {base_url.rstrip('/')}>"


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan"), "30", None, True])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    assert problem(timeout=timeout).startswith("timeout ")


def test_an_http_client_is_an_async_one() -> None:
    for wrong in (httpx.Client(), httpx.AsyncClient, "http", 5):
        assert problem(http_client=wrong).startswith("http_client must be an httpx.AsyncClient")


@pytest.mark.anyio
async def test_a_client_from_outside_that_is_closed_is_not_used(anyio_backend: str, server: Server) -> None:
    outside = httpx.AsyncClient()
    await outside.aclose()
    client = SequenceClient(API_KEY, base_url=server.base_url, http_client=outside)
    with pytest.raises(ConfigurationError, match="getAccount: its http_client is closed"):
        await client.accounts.get("acc_01HGHI7890")


def test_permissions_are_permissions() -> None:
    assert "Permissions.from_json" in problem(permissions=[{"scope": "LIST_ACCOUNTS"}])


@pytest.mark.anyio
async def test_the_environment_configures_what_arguments_do_not(
    anyio_backend: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQUENCE_API_KEY", "sk_from_environment")
    monkeypatch.setenv("SEQUENCE_BASE_URL", server.base_url)
    async with SequenceClient() as client:
        server.reply(ACCOUNT)
        await client.accounts.get("acc_01HGHI7890")
    async with SequenceClient("sk_from_argument", base_url=server.base_url + "/other/") as client:
        server.reply(ACCOUNT)
        await client.accounts.get("acc_01HGHI7890")
    assert [asked.headers["Authorization"] for asked in server.asked] == [
        "ApiKey sk_from_environment",
        "ApiKey sk_from_argument",
    ]
    assert [asked.target for asked in server.asked] == [
        "/api/v1/accounts/acc_01HGHI7890",
        "/api/v1/other/accounts/acc_01HGHI7890",
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_a_client_given_from_outside_is_used_and_not_closed(
    anyio_backend: str, library: Any, server: Server
) -> None:
    seen: list[str] = []

    async def hook(request: Any) -> None:
        seen.append(str(request.url))

    outside: HTTPClient = library.AsyncClient(
        event_hooks={"request": [hook]}, follow_redirects=True, auth=("user", "pass")
    )
    async with SequenceClient(API_KEY, base_url=server.base_url, http_client=outside) as client:
        server.reply(ACCOUNT)
        assert (await client.accounts.get("acc_01HGHI7890")).id == "acc_01HGHI7890"
        server.reply("", 302, headers={"Location": server.base_url})
        with pytest.raises(SequenceError, match="redirects are not followed"):
            await client.accounts.get("acc_01HGHI7890")
    assert [asked.headers["Authorization"] for asked in server.asked] == [f"ApiKey {API_KEY}"] * 2
    assert seen == [f"{server.base_url}/accounts/acc_01HGHI7890"] * 2
    assert not outside.is_closed  # type: ignore[attr-defined]
    await outside.aclose()


@pytest.mark.anyio
async def test_options_change_a_copy_on_the_same_connections(anyio_backend: str, server: Server) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=20) as client:
        patient = client.with_options(timeout=99, headers={"X-Team": "payroll"})
        more = patient.with_options(headers={"X-Task": "41"}).with_options(headers={"x-task": "42", "user-agent": "me"})
        for one in (client, patient, more):
            server.reply(ACCOUNT)
            await one.accounts.get("acc_01HGHI7890")
        assert [asked.headers.get("X-Team") for asked in server.asked] == [None, "payroll", "payroll"]
        assert [asked.headers.get("X-Task") for asked in server.asked] == [None, None, "42"]
        assert server.asked[2].headers.get_all("User-Agent") == ["me"]
        assert isinstance(more, SequenceClient)
        await more.aclose()  # closes nothing: the connections are the first client's
        server.reply(ACCOUNT)
        await client.accounts.get("acc_01HGHI7890")
    with pytest.raises(ConfigurationError, match="this client is closed"):
        await patient.accounts.get("acc_01HGHI7890")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Authorization": "x"}, "headers: Authorization is set by the SDK"),
        ("abc", "headers must be a mapping"),
        ({"Idempotency-Key": "x"}, "headers: Idempotency-Key is set by the SDK"),
        ({"x-request-id": "x"}, "headers: x-request-id is set by the SDK"),
        ({"X Y": "x"}, "headers: 'X Y' is not a header's name"),
        ({"": "x"}, "headers: '' is not a header's name"),
        ({5: "x"}, "headers: 5 is not a header's name"),
        ({"X-A": "a\r\nX-B: b"}, "headers: the value of X-A has line breaks"),
        ({"X-A": "é"}, "headers: the value of X-A"),
        ({"X-A": 5}, "headers: the value of X-A"),
    ],
)
def test_headers_that_cannot_be_sent(headers: Any, message: str) -> None:
    client = SequenceClient(API_KEY)
    with pytest.raises(ConfigurationError, match=message):
        client.with_options(headers=headers)


def test_other_options_are_checked_too() -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        SequenceClient(API_KEY).with_options(timeout=0)


@pytest.mark.anyio
async def test_a_closed_client_says_so_and_sends_nothing(anyio_backend: str, server: Server) -> None:
    client = SequenceClient(API_KEY, base_url=server.base_url)
    await client.aclose()
    await client.aclose()
    with pytest.raises(ConfigurationError, match="getAccount: this client is closed"):
        await client.accounts.get("acc_01HGHI7890")
    with pytest.raises(ConfigurationError, match="closed"):
        await client.transfers.list(account_id="acc_01HGHI7890").collect()
    assert server.asked == []


def test_a_client_can_be_made_and_read_about_without_an_event_loop() -> None:
    client = SequenceClient(API_KEY)
    assert str(inspect.signature(client.accounts.get)) == "(id: 'str', *, request_id: 'str | None' = None) -> 'Account'"
    assert str(inspect.signature(client.transfers.list)).endswith(
        "request_id: 'str | None' = None) -> 'Pager[Transfer]'"
    )
    assert str(inspect.signature(client.rules.list)).endswith(") -> 'list[RuleSummary]'")
    shown = pydoc.plain(pydoc.render_doc(client.transfers.list))
    assert "list_transfers = list_transfers(*, account_id: 'str'," in shown
    assert "-> 'Pager[Transfer]'\n" in shown
    assert "account_id: The ID of the account whose transfers are listed" in shown
    assert (client.accounts.get.__doc__ or "").startswith("Get an account.")
    assert client.accounts.get.__annotations__ == get_account.__annotations__
    assert not hasattr(client.accounts.get, "id")
    assert "READ_TRANSFERS" in (client.transfers.list.__doc__ or "")
    assert client.accounts.get is client.accounts.get
    assert repr(client.accounts) == "<Accounts of a Sequence client>"
    assert repr(client.transfers.list(account_id="acc_01HGHI7890")) == "<Pager of listTransfers>"
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(client)
