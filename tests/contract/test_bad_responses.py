"""A response that is not as documented becomes a clear error that keeps the bytes, never a half-filled object."""

from __future__ import annotations

import gzip
import json
import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from sequence_sdk import (
    APIResponseValidationError,
    APIStatusError,
    InternalServerError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    SequenceClient,
)
from sequence_sdk.retries import retry_after

from ..conftest import API_KEY, Server
from .apis import API
from .contract import perform

ANY_ID = '"request_id": "r", "requestId": "r"'
"""The ID of a request in the words of both APIs."""


def account_of(api: API) -> str:
    """The JSON of the account that is asked for."""
    return json.dumps(api.example("getAccount"))


def with_balance(account: str, value: str) -> str:
    return re.sub(r'("balance_?in_?cents": )\d+', rf"\g<1>{value}", account, flags=re.IGNORECASE)


def created(account: str, value: str) -> str:
    return re.sub(r'("created_?at": )"[^"]*"', rf'\1"{value}"', account, flags=re.IGNORECASE)


@pytest.mark.anyio
def named_in(content: bytes) -> str:
    """The identifier of its request that a response has in its JSON."""
    try:
        found = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return str(found.get("requestId", ""))


@pytest.mark.parametrize(
    ("body", "content_type", "path", "problem"),
    [
        (lambda _: "", "application/json", None, "it is empty"),
        (lambda account: account[:200], "application/json", None, "it is not JSON: Input data was truncated"),
        (lambda _: "<html>", "application/json", None, "it is not JSON: .*"),
        (lambda _: b'{"request_id": "\xff", "requestId": "\xff"}', "application/json", None, "it is not JSON: .*"),
        (
            lambda account: account,
            "text/html; charset=utf-8",
            None,
            "expected application/json, got text/html; charset=utf-8",
        ),
        (lambda _: "null", "application/json", "$", "Expected `object`, got `null`"),
        (lambda _: "[]", "application/json", "$", "Expected `object`, got `array`"),
        (lambda _: "{}", "application/json", "$", "Object missing required field `(request_id|data)`"),
        (lambda _: f"{{{ANY_ID}}}", "application/json", "$", "Object missing required field `data`"),
        (lambda _: f'{{{ANY_ID}, "data": null}}', "application/json", "$.data", "Expected `object`, got `null`"),
        (lambda _: f'{{{ANY_ID}, "data": [1]}}', "application/json", "$.data", "Expected `object`, got `array`"),
        (
            lambda account: with_balance(account, '"much"'),
            "application/json",
            "$.data.balance.balance_in_cents",
            "Expected `int.*",
        ),
        (
            lambda account: with_balance(account, "0.5"),
            "application/json",
            "$.data.balance.balance_in_cents",
            "Expected `int.*",
        ),
        (lambda account: created(account, "soon"), "application/json", "$.data.created_at", "Invalid RFC3339.*"),
        (
            lambda account: created(account, "2024-01-20T11:00:00"),
            "application/json",
            "$.data.created_at",
            "Expected `datetime` with.*",
        ),
    ],
)
async def test_a_successful_response_that_cannot_be_read(
    body: Callable[[str], str | bytes],
    content_type: str,
    path: str | None,
    problem: str,
    either: Any,
    api: API,
    server: Server,
) -> None:
    sent = body(account_of(api))
    server.reply(sent, content_type=content_type, headers={"X-Request-ID": "req_7"})
    with pytest.raises(APIResponseValidationError) as caught:
        await either.accounts.get(api.account)
    error = caught.value
    assert path == (error.path and re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", error.path))
    assert re.fullmatch(problem, error.problem)
    assert error.content == (sent.encode() if isinstance(sent, str) else sent)
    assert (error.operation, error.status_code) == ("getAccount", 200)
    assert error.request_id == ("req_7" if api.contract.request_id else named_in(error.content))
    assert error.headers["Content-Type"] == content_type
    assert "getAccount" in str(error)
    assert error.request_id in str(error)


@pytest.mark.anyio
async def test_the_path_leads_into_lists_and_open_objects(client: SequenceClient, server: Server) -> None:
    server.reply('{"request_id": "r", "data": [{"id": "acc_1"}, {"id": 2}]}')
    with pytest.raises(APIResponseValidationError) as caught:
        await client.accounts.list()
    assert caught.value.path == "$.data[0]"
    data = {"id": "rule_1", "status": "enabled", "trigger": {"type": "X"}, "steps": [{}, 3]}
    server.reply(json.dumps({"request_id": "r", "data": data}))
    with pytest.raises(APIResponseValidationError) as caught:
        await client.rules.get("rule_1")
    assert (caught.value.path, caught.value.problem) == ("$.data.steps[1]", "Expected `object`, got `int`")


@pytest.mark.anyio
@pytest.mark.parametrize("trigger", ["[]", "null", '"MANUAL"', "3", "1.5", "true"])
async def test_a_trigger_that_is_none(trigger: str, client: SequenceClient, server: Server) -> None:
    server.reply(f'{{"request_id": "r", "data": {{"id": "1", "status": "x", "steps": [], "trigger": {trigger}}}}}')
    with pytest.raises(APIResponseValidationError) as caught:
        await client.rules.get("rule_1")
    assert caught.value.path == "$.data.trigger"
    assert caught.value.problem.startswith("Expected `object`, got `")


@pytest.mark.anyio
async def test_a_response_without_a_content_type_is_read_all_the_same(either: Any, api: API, server: Server) -> None:
    server.reply(account_of(api), content_type=None)
    assert (await either.accounts.get(api.account)).id == api.account


@pytest.mark.anyio
async def test_a_json_dialect_is_json(either: Any, api: API, server: Server) -> None:
    server.reply(account_of(api), content_type="application/vnd.sequence+json; v=1")
    assert (await either.accounts.get(api.account)).id == api.account


@pytest.mark.anyio
async def test_a_compressed_response_is_read(either: Any, api: API, server: Server) -> None:
    server.reply(gzip.compress(account_of(api).encode()), headers={"Content-Encoding": "gzip"})
    assert (await either.accounts.get(api.account)).id == api.account


# On asyncio alone: httpx drops generators of its own when decompression fails, which trio warns of at a later moment.
@pytest.mark.asyncio
async def test_a_response_whose_compression_is_broken(server: Server) -> None:
    server.reply(b"no gzip at all", headers={"Content-Encoding": "gzip"})
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        with pytest.raises(APIResponseValidationError, match="its content encoding is broken"):
            await client.accounts.get("acc_01HGHI7890")


@pytest.mark.anyio
async def test_a_write_whose_response_cannot_be_read_may_have_been_done(either: Any, api: API, server: Server) -> None:
    server.reply("{}", 201)
    with pytest.raises(OutcomeUnknownError, match="may have been done") as caught:
        await perform(either, api.call("createTransfer"))
    assert isinstance(caught.value.__cause__, APIResponseValidationError)
    assert caught.value.__cause__.content == b"{}"


@pytest.mark.anyio
async def test_a_gateways_html_is_an_error_of_the_server(either: Any, api: API, server: Server) -> None:
    page = "<html>502 Bad Gateway</html>"
    server.reply(page, 502, content_type="text/html")
    with pytest.raises(InternalServerError, match=r"^502: getAccount: the server sent 28 bytes of text/html") as caught:
        await either.accounts.get(api.account)
    assert caught.value.content == page.encode()
    assert (caught.value.code, caught.value.message) == (None, None)
    assert caught.value.request_id == server.asked[0].headers.get("X-Request-ID", "")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", ["", "null", "[]", '{"error": null}', '{"error": {"code": 5}}', '{"error": "x"}', "\x00", "[" * 100_000]
)
async def test_an_error_with_a_strange_body_is_still_its_error(
    body: str, either: Any, api: API, server: Server
) -> None:
    server.reply(body, 404)
    with pytest.raises(NotFoundError) as caught:
        await either.accounts.get(api.account)
    assert caught.value.code is None
    assert caught.value.content == body.encode()


@pytest.mark.anyio
async def test_nesting_without_end_is_refused(client: SequenceClient, server: Server) -> None:
    server.reply('{"request_id": "r", "data": ' + "[" * 100_000)
    with pytest.raises(APIResponseValidationError):
        await client.rules.get("rule_1")
    conditions = '{"all": [' * 5_000 + "]}" * 5_000
    server.reply(
        '{"request_id": "r", "data": {"id": "1", "status": "x", "trigger": {"type": "x"}, "steps": [{"conditions": '
        + conditions
        + "}]}}"
    )
    with pytest.raises(APIResponseValidationError, match="nested too deeply"):
        await client.rules.get("rule_1")


@pytest.mark.anyio
async def test_a_plain_text_404_of_an_endpoint_that_is_coming_soon(client: SequenceClient, server: Server) -> None:
    server.reply("Not Found", 404, content_type="text/plain")
    with pytest.raises(NotFoundError, match="coming soon"):
        await client.cards.get("card_1")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "name"),
    [
        (302, "APIStatusError"),
        (400, "BadRequestError"),
        (409, "ConflictError"),
        (418, "APIStatusError"),
        (422, "UnprocessableEntityError"),
        (500, "InternalServerError"),
        (503, "InternalServerError"),
        (599, "InternalServerError"),
    ],
)
async def test_each_status_has_its_error(status: int, name: str, either: Any, api: API, server: Server) -> None:
    server.reply('{"error": {"code": "some_code", "message": "Some words."}}', status)
    with pytest.raises(APIStatusError, match=f"^{status} some_code: getAccount: Some words") as caught:
        await either.accounts.get(api.account)
    assert type(caught.value).__name__ == name
    assert caught.value.status_code == status


@pytest.mark.anyio
async def test_a_header_that_echoes_the_key_is_not_printed(either: Any, api: API, server: Server) -> None:
    server.reply("", 500, headers={"X-Echo": f"{api.contract.auth_scheme} {API_KEY}"})
    with pytest.raises(InternalServerError) as caught:
        await either.accounts.get(api.account)
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [text for text in report.format() if "/custom/sequence_sdk/" in text]
    assert frames
    assert API_KEY not in "".join(frames)


@pytest.mark.anyio
async def test_redirects_are_not_followed(either: Any, api: API, server: Server) -> None:
    server.reply("", 307, headers={"Location": f"{server.base_url}/elsewhere"})
    with pytest.raises(APIStatusError, match="redirects are not followed"):
        await either.accounts.get(api.account)
    assert len(server.asked) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), (" 3 ", 3.0), ("soon", None), ("-1", None), ("", None), ("nan", None), ("1e9", None)],
)
async def test_a_rate_limit_says_how_long_to_wait(
    header: str, seconds: float | None, either: Any, api: API, server: Server
) -> None:
    body = '{"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests."}}'
    server.reply(body, 429, headers={"Retry-After": header})
    with pytest.raises(RateLimitError) as caught:
        await either.accounts.get(api.account)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Tue, 23 Apr 2024 09:15:30 GMT", 30.0),
        ("Tue, 23 Apr 2024 09:15:30 +0200", 0.0),
        ("Tue, 23 Apr 2024 09:15:30 -0000", 30.0),
        ("Tue, 23 Apr 2024 09:14:00 GMT", 0.0),
        ("Tue, 99 Apr 2024 09:15:30 GMT", None),
    ],
)
def test_a_rate_limit_may_name_the_moment_to_go_on(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, datetime(2024, 4, 23, 9, 15, tzinfo=UTC)) == seconds


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"error": {"code": "RULE_DEACTIVATED", "message": "The rule is disabled."}}', "RULE_DEACTIVATED"),
        ('{"error": {"code": "INVALID_RULE", "message": "The rule is disabled."}}', "INVALID_RULE"),
        ('{"error": {"code": "something_new", "message": "The rule is disabled."}}', "something_new"),
        ("<html>blocked by a firewall</html>", None),
    ],
)
async def test_a_403_that_is_not_about_permissions_claims_none(
    body: str, code: str | None, either: Any, api: API, server: Server
) -> None:
    server.reply(body, 403, content_type="application/json" if code else "text/html")
    with pytest.raises(
        PermissionDeniedError,
        match=r"^403.*getRule was refused, (by its code not for a missing permission|and the response)",
    ) as caught:
        await either.rules.get(*api.call("getRule").positional)
    error = caught.value
    assert error.code == code
    assert (error.scope, error.resources, error.grant, error.missing, error.resource_hint) == (None,) * 5
    assert error.local is False
    assert "Add to the key" not in str(error)
    assert ("The rule is disabled." in str(error)) == (code is not None)
    assert ("34 bytes of text/html, does not say why" in str(error)) == (code is None)
