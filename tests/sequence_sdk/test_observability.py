"""What can be seen of a call from outside: log lines, attempts, spans; and what must not be seen."""

from __future__ import annotations

import json
import logging
import re

import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sequence_sdk import APIStatusError, OutcomeUnknownError, SequenceClient, retries

from ..conftest import API_KEY, Server
from ..contract.contract import SUCCESSES
from ..sequence_sandbox.test_writes import A_TRANSFER

ACCOUNTS = json.dumps(dict(SUCCESSES)["listAccounts"])
CREATED = json.dumps(dict(SUCCESSES)["createTransfer"])
SECRETS = '{"error": {"code": "internal", "message": "account 12345678 of acc_01HGHI7890"}}'


@pytest.fixture(autouse=True)
def shorter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "BACKOFF_BASE", 0.01)


def lines(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [one.getMessage() for one in caplog.records if (one.name, one.levelno) == ("sequence_sdk", level)]


@pytest.mark.anyio
async def test_a_call_is_one_line_and_an_attempt_is_another(
    anyio_backend: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sequence_sdk")
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        server.reply(SECRETS, 503)
        server.reply(CREATED, 201, headers={"X-Request-ID": "req_9"})
        await client.transfers.create(**A_TRANSFER, request_id="mine")
    (call,) = lines(caplog, logging.INFO)
    assert re.fullmatch(r"createTransfer: 201 after 2 attempt\(s\) in \d+\.\d{3} s \(request req_9\)", call)
    first, second = lines(caplog, logging.DEBUG)
    assert re.fullmatch(r"createTransfer: attempt 1, 503 in \d+\.\d{3} s \(request mine\)", first)
    assert re.fullmatch(r"createTransfer: attempt 2, 201 in \d+\.\d{3} s \(request mine\)", second)


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "outcome"), [(400, "400"), (503, "OutcomeUnknownError")])
async def test_a_call_that_fails_is_one_line_too(
    status: int, outcome: str, anyio_backend: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sequence_sdk")
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0) as client:
        server.reply(SECRETS, status)
        with pytest.raises((APIStatusError, OutcomeUnknownError)):
            await client.transfers.create(**A_TRANSFER)
    (call,) = lines(caplog, logging.INFO)
    assert call.startswith(f"createTransfer: {outcome} after 1 attempt(s)")


@pytest.mark.anyio
async def test_no_log_line_says_what_was_sent_or_received(
    anyio_backend: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=2) as client:
        for _ in range(3):
            server.reply(SECRETS, 500)
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(
                **{**A_TRANSFER, "amount_in_cents": 50000000}, description="a secret", idempotency_key="k-1"
            )
    said = " ".join(str(vars(one)) for one in caplog.records if one.name == "sequence_sdk")
    for secret in (API_KEY, "12345678", "acc_", "secret", "50000000"):
        assert secret not in said
    assert "createTransfer: OutcomeUnknownError" in said


@pytest.mark.anyio
async def test_a_program_that_wants_no_log_has_none(
    anyio_backend: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        server.reply(ACCOUNTS)
        await client.accounts.list()
    assert [one for one in caplog.records if one.name == "sequence_sdk"] == []


@pytest.mark.anyio
async def test_opentelemetry_shows_one_span_an_attempt_with_the_request_id(
    anyio_backend: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_CLIENT_REQUEST", "x-request-id")
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        async with SequenceClient(API_KEY, base_url=server.base_url) as client:
            server.reply("", 503)
            server.reply("", 502)
            server.reply(ACCOUNTS)
            response = await client.accounts.list.with_response(request_id="req_mine")
    finally:
        instrumentor.uninstrument()
    spans = exporter.get_finished_spans()
    assert len(spans) == response.attempts == 3
    statuses, ids = [], set()
    for span in spans:
        assert span.attributes is not None
        statuses.append(span.attributes.get("http.status_code") or span.attributes.get("http.response.status_code"))
        ids.add(span.attributes["http.request.header.x_request_id"])
        assert API_KEY not in span.to_json()
    assert statuses == [503, 502, 200]
    assert ids == {("req_mine",)}


@pytest.mark.anyio
async def test_an_instrumented_client_from_outside_shows_them_too(anyio_backend: str, server: Server) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with httpx.AsyncClient() as http:
        HTTPXClientInstrumentor.instrument_client(http, tracer_provider=provider)
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http)
        server.reply(ACCOUNTS)
        await client.accounts.list()
    assert len(exporter.get_finished_spans()) == 1
