"""The core knows no API: a contract made up for these tests differs in all that a contract can say."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from attrs import frozen

from sequence_runtime import (
    Call,
    Contract,
    ErrorFormat,
    NumberedPages,
    Operation,
    Request,
    Terminal,
    checks,
)
from sequence_sdk import (
    APIResponseValidationError,
    APIStatusError,
    BadRequestError,
    ConfigurationError,
    InvalidArgumentError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
)
from sequence_sdk.binding import Resource, operation, paginated
from sequence_sdk.client import Client
from sequence_sdk.many import by_ids
from sequence_sdk.polling.waiting import until_done
from sequence_sdk.session import Session

from ..clocks import SkippingClock
from ..conftest import Asked, Reply, Server

pytestmark = pytest.mark.anyio


@frozen(kw_only=True)
class Kite:
    id: str
    colour: str
    status: str = "flying"


@frozen(kw_only=True)
class Paging:
    more: bool


@frozen(kw_only=True)
class KiteResponse:
    kite: Kite


@frozen(kw_only=True)
class KiteList:
    kites: list[Kite]
    paging: Paging


OPERATIONS: dict[str, Operation[Any, Any]] = {}

CONTRACT = Contract(
    name="Kites 3",
    documentation="https://kites.example/docs",
    base_url="https://kites.example/v3",
    base_url_variable="KITES_URL",
    api_key_variable="KITES_KEY",
    auth_scheme="Bearer",
    request_id=None,
    rate_limit=(3, 600.0),
    errors=ErrorFormat(code=("fault", "kind"), message=("fault", "why", "text")),
    denied={},
    idempotency=None,
    scopes={},
    operations=OPERATIONS,
)

GET_KITE: Operation[KiteResponse, Kite] = Operation(
    contract=CONTRACT,
    id="getKite",
    method="GET",
    path="/kites/{id}",
    documentation="https://kites.example/docs/get",
    response=KiteResponse,
    data=attrgetter("kite"),
    echoes=(("id", "kite.id"),),
    terminal=Terminal(succeeded=frozenset({"landed"}), failed=frozenset({"lost"})),
)
LIST_KITES: Operation[KiteList, list[Kite]] = Operation(
    contract=CONTRACT,
    id="listKites",
    method="GET",
    path="/kites",
    documentation="https://kites.example/docs/list",
    response=KiteList,
    data=attrgetter("kites"),
    pages=NumberedPages(size="per", largest=2, position="page", more="paging.more"),
)
LAUNCH: Operation[KiteResponse, Kite] = Operation(
    contract=CONTRACT,
    id="launch",
    method="POST",
    path="/kites",
    documentation="https://kites.example/docs/launch",
    response=KiteResponse,
    data=attrgetter("kite"),
)
OPERATIONS |= {one.id: one for one in (GET_KITE, LIST_KITES, LAUNCH)}


def request(of: Operation[Any, Any], path: str, **other: Any) -> Request:
    found: dict[str, Any] = {"query": {}, "headers": {}, "content": None, "arguments": {}, **other}
    return Request(operation=of.id, method=of.method, path=path, **found)


def get_kite(id: str) -> Call[KiteResponse, Kite]:
    """Get a kite."""
    path = "/kites/" + checks.path_segment("id", id, max_length=9)
    return Call(GET_KITE, request(GET_KITE, path, arguments={"id": id}))


def list_kites() -> Call[KiteList, list[Kite]]:
    return Call(LIST_KITES, request(LIST_KITES, "/kites"))


def launch(colour: str) -> Call[KiteResponse, Kite]:
    return Call(LAUNCH, request(LAUNCH, "/kites", content=json.dumps({"colour": colour}).encode()))


class Kites(Resource):
    get = operation(lambda: get_kite)
    get_many = by_ids(lambda: get_kite)
    list = paginated(lambda: list_kites)
    launch = operation(lambda: launch)


class KiteClient(Client):
    contract = CONTRACT
    kites: Kites

    def _bind(self, session: Session) -> None:
        super()._bind(session)
        self.kites = Kites(session)


RED = {"id": "k1", "colour": "red", "status": "flying"}


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
async def client(anyio_backend: str, server: Server, clock: SkippingClock) -> AsyncIterator[KiteClient]:
    async with KiteClient("sk_1", base_url=server.base_url, clock=clock, timeout=5) as client:
        yield client


def fault(kind: str, text: str, status: int, **headers: str) -> Reply:
    return Reply(json.dumps({"fault": {"kind": kind, "why": {"text": text}}}), status, headers=headers)


async def test_it_is_called_as_its_contract_says(client: KiteClient, server: Server) -> None:
    server.reply(json.dumps({"kite": RED}))
    response = await client.kites.get.with_response("k1")
    assert response.data == Kite(id="k1", colour="red")
    (asked,) = server.asked
    assert asked.headers["Authorization"] == "Bearer sk_1"
    assert (asked.headers["X-Request-ID"], asked.headers["Idempotency-Key"]) == (None, None)
    assert (response.request_id, response.idempotency_key) == ("", None)


async def test_a_response_about_something_else_is_none(client: KiteClient, server: Server) -> None:
    server.reply(json.dumps({"kite": {**RED, "id": "k2"}}))
    with pytest.raises(APIResponseValidationError, match=r"id was 'k1', and this is 'k2' at \$\.kite\.id"):
        await client.kites.get("k1")


async def test_pages_are_counted(client: KiteClient, server: Server) -> None:
    def response(asked: Asked) -> Reply:
        query = parse_qs(urlsplit(asked.target).query)
        assert query["per"] == ["2"]
        first = 2 * int(query.get("page", ["1"])[0]) - 1
        kites = [{"id": f"k{n}", "colour": "red"} for n in (first, first + 1)]
        return Reply(json.dumps({"kites": kites, "paging": {"more": first < 5}}))

    server.response = response
    pages = [page async for page in client.kites.list().pages()]
    assert [one.id for page in pages for one in page.data] == [f"k{n}" for n in range(1, 7)]
    assert [page.has_next_page for page in pages] == [True, True, False]
    once = ["per=2&page=1", "per=2&page=2", "per=2&page=3"]
    assert [urlsplit(asked.target).query for asked in server.asked] == ["per=2", *once[1:], *once]
    assert len(await client.kites.list().collect(limit=3)) == 3


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [(400, "odd", BadRequestError), (404, "gone", NotFoundError), (403, "forbidden", PermissionDeniedError)],
)
async def test_errors_are_read_where_the_contract_says(
    status: int, kind: str, error: type[APIStatusError], client: KiteClient, server: Server
) -> None:
    server.response = lambda asked: fault(kind, "No kites today.", status)
    with pytest.raises(error, match=f"{status} {kind}: getKite.*No kites today") as caught:
        await client.kites.get("k1")
    assert (caught.value.code, caught.value.message, caught.value.request_id) == (kind, "No kites today.", "")
    if isinstance(caught.value, PermissionDeniedError):  # this API has no scopes: there is none to name
        assert (caught.value.scope, caught.value.grant) == (None, None)


async def test_an_error_of_another_format_is_not_the_apis(client: KiteClient, server: Server) -> None:
    server.response = lambda asked: Reply('{"error": {"code": "odd", "message": "No."}}', 400)
    with pytest.raises(BadRequestError) as caught:
        await client.kites.get("k1")
    assert (caught.value.code, caught.value.message) == (None, None)


async def test_a_write_without_a_key_is_sent_once(client: KiteClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 503)
    with pytest.raises(OutcomeUnknownError, match="It has no idempotency key: look for what it did") as caught:
        await client.kites.launch("red")
    assert (len(server.asked), caught.value.idempotency_key, caught.value.retryable) == (1, None, False)
    with pytest.raises(ConfigurationError, match="launch has no idempotency key"):
        await caught.value.resume(client)
    server.response = lambda asked: fault("odd", "No.", 400)
    with pytest.raises(BadRequestError):  # each call is one of its own
        await client.kites.launch("red")


async def test_a_write_without_a_key_that_is_cancelled_tells_to_look_for_it(
    client: KiteClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    released = threading.Event()
    server.response = lambda asked: Reply("", 200, before=lambda: released.wait(5))
    with anyio.move_on_after(0.3) as scope:
        await client.kites.launch("red")
    released.set()
    assert scope.cancelled_caught
    assert "launch was cancelled when it may have been done already. To find out, look for what it did" in caplog.text


async def test_the_rate_limit_of_the_contract_is_kept(client: KiteClient, server: Server, clock: SkippingClock) -> None:
    server.response = lambda asked: Reply(json.dumps({"kite": RED}))
    for _ in range(4):
        await client.kites.get("k1")
    assert 190 < sum(clock.slept) <= 200


async def test_a_429_waits_as_asked(client: KiteClient, server: Server, clock: SkippingClock) -> None:
    replies = [fault("slow", "Wait.", 429, **{"Retry-After": "7"}), Reply(json.dumps({"kite": RED}))]
    server.response = lambda asked: replies.pop(0)
    assert (await client.kites.get("k1")).id == "k1"
    assert 7 in [round(seconds) for seconds in clock.slept]
    server.response = lambda asked: fault("slow", "Wait.", 429)
    with pytest.raises(RateLimitError):
        await client.with_options(max_retries=0).kites.get("k1")


async def test_the_rooms_work_with_it(client: KiteClient, server: Server, clock: SkippingClock) -> None:
    statuses = ["flying", "flying", "lost"]

    def response(asked: Asked) -> Reply:
        id = asked.target.rsplit("/", 1)[1]
        return Reply(json.dumps({"kite": {"id": id, "colour": "red", "status": statuses.pop(0) if statuses else "x"}}))

    server.response = response
    kite = await until_done(client._session, get_kite("k1"), timeout=None)
    assert GET_KITE.has_failed(kite.status)
    assert [one.id for one in await client.kites.get_many(["k3", "k2"])] == ["k3", "k2"]


async def test_arguments_and_settings_are_checked_as_for_any_other(
    client: KiteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidArgumentError, match="id has 10 characters"):
        await client.kites.get("k" * 10)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        await client.kites.get()  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match="environment variable KITES_KEY"):
        KiteClient()
    monkeypatch.setenv("KITES_KEY", "Bearer sk_1")
    with pytest.raises(ConfigurationError, match="has the word Bearer before it"):
        KiteClient()
    monkeypatch.setenv("KITES_KEY", "sk_1")
    assert KiteClient().base_url == "https://kites.example/v3"
    monkeypatch.setenv("KITES_URL", "https://other.example")
    assert KiteClient().base_url == "https://other.example"
    assert client.with_options(headers={"Idempotency-Key": "this API has none"})
