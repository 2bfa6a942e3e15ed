"""What can be seen of a call from outside: log lines, attempts, spans; and what must not be seen."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import httpx
import pytest
from opentelemetry.instrumentation import httpx as instrumentation
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sequence_sdk import APIStatusError, OutcomeUnknownError, retries

from ..conftest import API_KEY, Server
from ..contract.apis import API
from ..contract.contract import perform

SECRETS = '{"error": {"code": "internal", "message": "account 12345678 of acc_01HGHI7890"}}'

SHOWS_HEADERS = "CAPTURE_HEADERS_CLIENT_REQUEST" in str(instrumentation.__doc__)
"""Whether the instrumentation of httpx is one that can: older ones cannot."""


def account_of(api: API) -> str:
    return json.dumps(api.example("getAccount"))


@pytest.fixture(autouse=True)
def shorter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "BACKOFF_BASE", 0.01)


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [one.getMessage() for one in caplog.records if (one.name, one.levelno) == ("sequence_sdk", level)]


@pytest.mark.anyio
async def test_a_call_is_one_line_and_an_attempt_is_another(
    anyio_backend: str, api: API, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sequence_sdk")
    created = api.example("createTransfer")
    sent, received = ("mine", "req_9") if api.contract.request_id else ("-", created["requestId"])
    async with api.connect(server, max_retries=1) as client:
        server.reply(SECRETS, 503)
        server.reply(json.dumps(created), 201, headers={"X-Request-ID": "req_9"})
        call = api.call_for("createTransfer", created)
        await perform(client, call, **({"request_id": "mine"} if api.contract.request_id else {}))
    (line,) = lines(caplog, logging.INFO)
    assert re.fullmatch(rf"createTransfer: 201 after 2 attempt\(s\) in \d+\.\d{{3}} s \(request {received}\)", line)
    first, second = lines(caplog, logging.DEBUG)
    assert re.fullmatch(rf"createTransfer: attempt 1, 503 in \d+\.\d{{3}} s \(request {sent}\)", first)
    assert re.fullmatch(rf"createTransfer: attempt 2, 201 in \d+\.\d{{3}} s \(request {sent}\)", second)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "outcome", "level"), [(400, "400", logging.INFO), (503, "OutcomeUnknownError", logging.WARNING)]
)
async def test_a_call_that_fails_is_one_line_too(
    status: int, outcome: str, level: int, either: Any, api: API, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sequence_sdk")
    server.reply(SECRETS, status)
    with pytest.raises((APIStatusError, OutcomeUnknownError)):
        await perform(either, api.call("createTransfer"))
    (call,) = lines(caplog, level)
    assert call.startswith(f"createTransfer: {outcome} after 1 attempt(s)")


@pytest.mark.anyio
async def test_no_log_line_says_what_was_sent_or_received(
    anyio_backend: str, api: API, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call = api.call("createTransfer")
    accounts = [call.keyword[name] for name in ("source_account_id", "destination_account_id")]
    told = {**call.keyword, "amount_in_cents": 50000000, "description": "a secret"}
    async with api.connect(server, max_retries=2) as client:
        for _ in range(3):
            server.reply(SECRETS, 500)
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**told)
    said = " ".join(
        str({name: value for name, value in vars(one).items() if name != "sequence_resources"})
        for one in caplog.records
        if one.name == "sequence_sdk"
    )
    for secret in (API_KEY, "12345678", "acc_", *accounts, "secret", "50000000"):
        assert secret not in said
    assert "createTransfer: OutcomeUnknownError" in said


@pytest.mark.anyio
async def test_a_program_that_wants_no_log_has_none(
    either: Any, api: API, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.reply(account_of(api))
    await either.accounts.get(api.account)
    assert [one for one in caplog.records if one.name == "sequence_sdk"] == []


@pytest.mark.anyio
async def test_opentelemetry_shows_one_span_an_attempt_with_the_request_id(
    anyio_backend: str, api: API, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST", "x-request-id")
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        async with api.connect(server, max_retries=2) as client:
            server.reply("", 503)
            server.reply("", 502)
            server.reply(account_of(api))
            named = {"request_id": "req_mine"} if api.contract.request_id else {}
            response = await client.accounts.get.with_response(api.account, **named)
    finally:
        instrumentor.uninstrument()
    spans = exporter.get_finished_spans()
    assert len(spans) == response.attempts == 3
    statuses, ids = [], set()
    for span in spans:
        assert span.attributes is not None
        statuses.append(span.attributes.get("http.status_code") or span.attributes.get("http.response.status_code"))
        ids.add(span.attributes.get("http.request.header.x_request_id"))
        assert API_KEY not in span.to_json()
    assert statuses == [503, 502, 200]
    assert ids == {("req_mine",) if named and SHOWS_HEADERS else None}


@pytest.mark.anyio
async def test_an_instrumented_client_from_outside_shows_them_too(anyio_backend: str, api: API, server: Server) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with httpx.AsyncClient() as http:
        HTTPXClientInstrumentor.instrument_client(http, tracer_provider=provider)
        client = api.connect(server, http_client=http)
        server.reply(account_of(api))
        await client.accounts.get(api.account)
    assert len(exporter.get_finished_spans()) == 1
