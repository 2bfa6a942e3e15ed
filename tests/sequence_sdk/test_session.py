"""What happens on the way to the server and back."""

from __future__ import annotations

import copy
import json
import pickle
import socket
import threading
import time

import anyio
import httpx
import httpx2
import pytest
from pytest_httpx import HTTPXMock

from sequence_api_client.api import get_account
from sequence_sdk import APIConnectionError, APIError, APIResponse, APITimeoutError, ConfigurationError, SequenceClient
from sequence_sdk.httpx_transport import HTTPXTransport
from sequence_sdk.redaction import APIKey
from sequence_sdk.transport import TransportError

from ..conftest import API_KEY, Server
from ..contract.contract import SEEDS

ACCOUNT = json.dumps(SEEDS["getAccount"]["200"])


@pytest.mark.anyio
async def test_a_response_comes_with_what_came_along(client: SequenceClient, server: Server) -> None:
    server.reply(ACCOUNT, headers={"X-Request-ID": "req_9", "X-Other": "y"})
    started = time.perf_counter()
    response = await client.accounts.get.with_response("acc_01HGHI7890")
    assert isinstance(response, APIResponse)
    assert response.data.id == "acc_01HGHI7890"
    assert (response.request_id, response.status_code, response.attempts) == ("req_9", 200, 1)
    assert response.headers["x-other"] == response.headers["X-Other"] == "y"
    assert response.content == ACCOUNT.encode()
    assert 0 < response.elapsed < time.perf_counter() - started
    assert "Amex" in repr(response)
    assert "last_statement" in repr(response)
    assert 'request_id\\":' not in repr(response)  # the bytes are left out


@pytest.mark.anyio
async def test_a_list_responds_with_its_first_page(client: SequenceClient, server: Server) -> None:
    server.reply(json.dumps(SEEDS["listCardTransactions"]["200"]), headers={"X-Request-ID": "req_9"})
    response = await client.cards.list_transactions.with_response("card_01HABC4567")
    assert response.data.has_next_page
    assert response.data.end_cursor == "cursor_01HGHI3333"
    assert response.data.request_id == response.request_id == "req_9"
    assert len(response.data.data) == 3
    assert server.asked[0].target.endswith("/transactions?first=100")


@pytest.mark.anyio
async def test_without_an_echo_the_request_id_is_the_one_that_was_sent(client: SequenceClient, server: Server) -> None:
    server.reply(ACCOUNT)
    response = await client.accounts.get.with_response("acc_01HGHI7890")
    assert response.request_id == server.asked[0].headers["X-Request-ID"]


@pytest.mark.anyio
async def test_a_client_carries_generated_calls(client: SequenceClient, server: Server) -> None:
    server.reply(ACCOUNT)
    response = await get_account("acc_01HGHI7890").send(client)
    assert response.request_id == "req_01HGHI7004"


@pytest.mark.anyio
async def test_no_response_in_time(anyio_backend: str, server: Server) -> None:
    released = threading.Event()
    server.reply(ACCOUNT, before=lambda: released.wait(10))
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=0.2, max_retries=0) as client:
        with pytest.raises(
            APITimeoutError, match=r"getAccount: no response from http://127\.0\.0\.1:\d+ within 0\.2 seconds"
        ) as caught:
            await client.accounts.get("acc_01HGHI7890")
        released.set()
        assert isinstance(caught.value, APIConnectionError)
        assert caught.value.request_id == server.asked[0].headers["X-Request-ID"]
        server.reply(ACCOUNT)
        assert (await client.with_options(timeout=30).accounts.get("acc_01HGHI7890")).id == "acc_01HGHI7890"


@pytest.mark.anyio
@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_a_timeout_is_for_the_whole_attempt_not_for_each_of_its_parts(
    anyio_backend: str, library: object
) -> None:
    """A server that drips a byte now and then is never silent for long, and never done."""

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
            try:
                for _ in range(100):
                    connection.sendall(b" ")
                    time.sleep(0.05)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            library.AsyncClient() as http,  # type: ignore[attr-defined]
            SequenceClient(API_KEY, base_url=base_url, timeout=0.3, max_retries=0, http_client=http) as client,
        ):
            with anyio.fail_after(2), pytest.raises(APITimeoutError):
                await client.accounts.get("acc_01HGHI7890")
        await anyio.to_thread.run_sync(thread.join)


@pytest.mark.anyio
@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_nobody_listens(anyio_backend: str, library: object) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with (
        library.AsyncClient() as http,  # type: ignore[attr-defined]
        SequenceClient(API_KEY, base_url=f"http://127.0.0.1:{port}", max_retries=0, http_client=http) as client,
    ):
        with pytest.raises(
            APIConnectionError, match=r"getAccount: no response from http://127\.0\.0\.1:\d+, ConnectError"
        ) as caught:
            await client.accounts.get("acc_01HGHI7890", request_id="req_mine")
    assert not isinstance(caught.value, APITimeoutError)
    assert (caught.value.operation, caught.value.request_id) == ("getAccount", "req_mine")
    assert isinstance(caught.value.__cause__, TransportError)
    assert str(caught.value.__cause__).startswith("ConnectError: ")
    assert caught.value.sent is False


@pytest.mark.anyio
async def test_cancelling_a_call_leaves_the_connection_pool_usable(anyio_backend: str, server: Server) -> None:
    released = threading.Event()
    server.response = None
    limits = httpx.Limits(max_connections=1)
    async with (
        httpx.AsyncClient(limits=limits) as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        for _ in range(3):
            server.reply(ACCOUNT, before=lambda: released.wait(10))
            with anyio.move_on_after(0.1) as scope:
                await client.accounts.get("acc_01HGHI7890")
            assert scope.cancelled_caught
        released.set()
        server.reply(ACCOUNT)
        with anyio.fail_after(5):
            assert (await client.accounts.get("acc_01HGHI7890")).id == "acc_01HGHI7890"


@pytest.mark.anyio
async def test_errors_can_be_pickled_whole(client: SequenceClient, server: Server) -> None:
    server.reply('{"error": {"code": "forbidden", "message": "No."}}', 403, headers={"X-Request-ID": "req_9"})
    with pytest.raises(APIError) as caught:
        await client.accounts.get("acc_01HGHI7890")
    copied = pickle.loads(pickle.dumps(caught.value))
    assert type(copied) is type(caught.value)
    assert str(copied) == str(caught.value)
    assert {**vars(copied), "headers": None} == {**vars(caught.value), "headers": None}
    assert copied.headers["x-request-id"] == "req_9"


class OurError(APIError):
    """An error of a program, with parameters of its own."""

    def __init__(self, account: str, *, amount: int) -> None:
        super().__init__(f"{account} lacks {amount} cents", operation="createTransfer")
        self.account, self.amount = account, amount


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_of_a_program_can_be_pickled_and_copied_whatever_they_are_made_of(protocol: int) -> None:
    error = OurError("acc_1", amount=3)
    for copied in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
        assert type(copied) is OurError
        assert (str(copied), vars(copied)) == ("acc_1 lacks 3 cents", vars(error))


class OddClient:
    """A client of no library that is known."""

    send = None

    async def aclose(self) -> None:
        """Nothing to close."""


def test_a_client_of_another_library_is_taken_for_one_of_httpx() -> None:
    assert HTTPXTransport(OddClient(), APIKey(API_KEY, "ApiKey"), owned=False)._library is httpx  # type: ignore[arg-type]


@pytest.mark.asyncio
@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_a_timeout_of_the_http_client_is_a_timeout(
    error: type[httpx.TimeoutException], httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(error("slow"))
    async with SequenceClient(API_KEY, max_retries=0) as client:
        with pytest.raises(APITimeoutError):
            await client.accounts.get("acc_01HGHI7890")


@pytest.mark.anyio
async def test_arguments_too_long_for_a_url_are_refused(client: SequenceClient, server: Server) -> None:
    with pytest.raises(ValueError, match="listTransfers: the arguments are too long for a URL"):
        await client.transfers.list(account_id="acc_01HGHI7890", after="x" * 70_000).collect()
    assert server.asked == []


@pytest.mark.anyio
async def test_this_machine_is_reached_without_the_proxies_of_the_environment(
    anyio_backend: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Server()
    try:
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy.base_url)
        async with SequenceClient(API_KEY, base_url=server.base_url) as client:
            server.reply(ACCOUNT)
            await client.accounts.get("acc_01HGHI7890")
        assert (len(server.asked), len(proxy.asked)) == (1, 0)
    finally:
        proxy.stop()


def test_an_environment_that_http_clients_cannot_be_made_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="proxy and certificate settings of the environment"):
        SequenceClient(API_KEY)
