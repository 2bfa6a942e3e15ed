"""Telemetry: what observers, the log and OpenTelemetry are told of each call."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import anyio
import httpx
import msgspec
import pytest
from opentelemetry import metrics, trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    CallRecord,
    ConfigurationError,
    InternalServerError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    Permissions,
    PlatformClient,
    RateLimit,
    SequenceClient,
    platform,
    retries,
)
from sequence_sdk.clock import SYSTEM_CLOCK

from ..clocks import SkippingClock
from ..conftest import API_KEY, Server
from ..contract.apis import API

pytestmark = pytest.mark.anyio

POD, CARD, PAYROLL = "acc_01HDEF0123", "acc_01HGHI7890", "acc_01HABC4567"
RULE = "rule_01GSBX0000001"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def shorter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "BACKOFF_BASE", 0.01)


@pytest.fixture(params=["v1", "platform"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sandbox(anyio_backend: str) -> Sandbox:
    return Sandbox(transfers=250)


def client_of(sandbox: Sandbox, name: str, **options: Any) -> Any:
    return sandbox.client(**options) if name == "v1" else sandbox.platform_client(**options)


def id_of(name: str, id: str) -> str:
    return id if name == "v1" else Sandbox.uuid(id)


def nothing(name: str) -> Any:
    """Permissions that grant nothing."""
    return (Permissions if name == "v1" else platform.Permissions).from_json([])


def payment(name: str) -> dict[str, Any]:
    return {
        "source_account_id": id_of(name, PAYROLL if name == "v1" else POD),
        "destination_account_id": id_of(name, POD if name == "v1" else CARD),
        "amount_in_cents": 50000,
    }


class TestRecords:
    async def test_a_record_says_how_a_call_ended(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        async with client_of(sandbox, name, observe=records.append) as client:
            response = await client.accounts.get.with_response(id_of(name, POD))
        (record,) = records
        assert (record.api, record.operation, record.status, record.attempts) == (name, "getAccount", 200, 1)
        assert record.scope == "READ_ACCOUNTS"
        assert record.resources == (id_of(name, POD),)
        assert record.request_id == response.request_id
        assert (record.error, record.idempotency_key, record.denied, record.retryable) == (None, None, False, False)
        assert (record.waited, record.backoff, record.simulated) == (0, 0, False)
        assert record.elapsed >= 0

    async def test_each_attempt_counts_and_waits_between_them_are_told(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        sandbox.fail("status", "getAccount", status=503, retry_after=3)
        sandbox.fail("status", "getAccount", status=503, retry_after=4)
        async with client_of(sandbox, name, observe=records.append) as client:
            await client.accounts.get(id_of(name, POD))
        (record,) = records
        assert (record.attempts, record.status, record.error) == (3, 200, None)
        assert 7 <= record.backoff <= record.elapsed

    async def test_the_wait_after_a_429_is_one_for_the_rate_limit(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        sandbox.fail("status", "getAccount", status=429, retry_after=3)
        async with client_of(sandbox, name, observe=records.append) as client:
            response = await client.accounts.get.with_response(id_of(name, POD))
        assert 3 <= records[0].waited == response.waited
        assert records[0].backoff == 0

    async def test_the_wait_for_the_rate_limit_is_told_apart(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        options = {"rate_limit": RateLimit(2, per=60), "clock": SkippingClock(), "observe": records.append}
        async with client_of(sandbox, name, **options) as client:
            for _ in range(3):
                await client.accounts.get(id_of(name, POD))
        assert [one.waited > 1 for one in records] == [False, False, True]
        assert [one.backoff for one in records] == [0, 0, 0]
        assert records[2].elapsed >= records[2].waited

    async def test_errors_are_named(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        async with client_of(sandbox, name, observe=records.append, max_retries=0) as client:
            with pytest.raises(NotFoundError):
                await client.accounts.get("acc_unknown" if name == "v1" else UNKNOWN)
            sandbox.fail("status", "getAccount", status=500)
            with pytest.raises(InternalServerError):
                await client.accounts.get(id_of(name, POD))
            sandbox.fail("refuse")
            with pytest.raises(APIConnectionError):
                await client.accounts.get(id_of(name, POD))
        assert [(one.error, one.status, one.retryable) for one in records] == [
            ("NotFoundError", 404, False),
            ("InternalServerError", 500, True),
            ("APIConnectionError", None, True),
        ]

    async def test_a_write_is_told_with_its_key_and_an_unknown_outcome_too(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        async with client_of(sandbox, name, observe=records.append, max_retries=0) as client:
            await client.transfers.create(**payment(name), idempotency_key="invoice-1")
            sandbox.fail("reset_after", "createTransfer")
            with pytest.raises(OutcomeUnknownError) as caught:
                await client.transfers.create(**payment(name), idempotency_key="invoice-2")
            await caught.value.resume(client, key_first_used=sandbox.sdk_clock.now())
        assert [(one.error, one.idempotency_key) for one in records] == [
            (None, "invoice-1"),
            ("OutcomeUnknownError", "invoice-2"),
            (None, "invoice-2"),
        ]
        assert all(set(one.resources or ()) == set(list(payment(name).values())[:2]) for one in records)

    async def test_what_is_refused_before_it_is_sent_has_no_attempt(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []
        async with client_of(sandbox, name, observe=records.append, declared=nothing(name)) as client:
            with pytest.raises(PermissionDeniedError):
                await client.accounts.get(id_of(name, POD))
        (record,) = records
        assert (record.attempts, record.status, record.error, record.denied) == (0, None, "PermissionDeniedError", True)
        with pytest.raises(ConfigurationError):
            await client.accounts.get(id_of(name, POD))
        assert [one.error for one in records] == ["PermissionDeniedError", "ConfigurationError"]

    async def test_what_the_server_refuses_is_denied_but_not_what_stands_before_it(
        self, anyio_backend: str, api: API, server: Server
    ) -> None:
        records: list[CallRecord] = []
        async with api.connect(server, observe=records.append) as client:
            server.reply("<html>Forbidden", 403, headers={"Content-Type": "text/html"})
            with pytest.raises(PermissionDeniedError) as caught:
                await client.accounts.get(api.account)
        (record,) = records
        assert record.denied is (caught.value.scope is not None)
        assert record.status == 403

    async def test_a_call_that_is_cancelled_is_told_while_it_waits_or_is_in_flight(
        self, sandbox: Sandbox, name: str
    ) -> None:
        records: list[CallRecord] = []
        options = {"rate_limit": RateLimit(1, per=3600), "clock": SYSTEM_CLOCK, "observe": records.append}
        async with client_of(sandbox, name, **options) as client:
            sandbox.fail("latency", "getAccount", seconds=3600)
            for _ in range(2):
                with anyio.move_on_after(0.2):
                    await client.accounts.get(id_of(name, POD))
        assert {one.error for one in records} <= {"CancelledError", "Cancelled"}  # asyncio's, and trio's
        assert [(one.attempts, one.status) for one in records] == [(1, None), (0, None)]

    @pytest.mark.parametrize("simulation", [False, True])
    async def test_a_simulation_says_so(self, sandbox: Sandbox, simulation: bool) -> None:
        records: list[CallRecord] = []
        async with sandbox.platform_client(observe=records.append, simulation=simulation) as client:
            await client.transfers.create(**payment("platform"))
        assert records[0].simulated is simulation

    async def test_pages_get_many_since_and_wait_are_told_call_by_call(self, sandbox: Sandbox, name: str) -> None:
        records: list[CallRecord] = []

        def told() -> list[str]:
            found = [one.operation for one in records]
            records.clear()
            return found

        account = {"account_id": POD} if name == "v1" else {"account_ids": [Sandbox.uuid(POD)]}
        async with client_of(sandbox, name, observe=records.append) as client:
            await client.transfers.list(**account).collect()
            assert len(told()) > 1
            await client.accounts.get_many([id_of(name, POD), id_of(name, CARD)])
            assert told() == ["getAccount", "getAccount"]
            await client.transfers.create_and_wait(**payment(name))
            created, *polled = told()
            assert created == "createTransfer"
            assert set(polled) == {"getTransfer"}
            await client.transfers.since(BEGIN, **account)
            assert set(told()) == {"listTransfers"}

    async def test_a_record_cannot_be_changed_and_has_neither_key_amount_nor_body(
        self, anyio_backend: str, api: API, server: Server
    ) -> None:
        records: list[CallRecord] = []
        call = api.call("createTransfer")
        told = {**call.keyword, "amount_in_cents": 98765400, "description": "a secret"}
        async with api.connect(server, observe=records.append, max_retries=0) as client:
            server.reply(json.dumps({"error": {"message": API_KEY}, "requestId": f"x {API_KEY}"}), 500)
            with pytest.raises(OutcomeUnknownError):
                await client.transfers.create(**told)
            server.reply("", 404)
            with pytest.raises(NotFoundError):
                await client.accounts.get(API_KEY if api.name == "v1" else api.account)
        for secret in (API_KEY, "98765400", "a secret"):
            assert secret not in repr(records)
        with pytest.raises(AttributeError):
            records[0].status = 200  # type: ignore[misc]


class TestObservers:
    async def test_several_are_told_and_those_of_with_options_come_after(self, sandbox: Sandbox, name: str) -> None:
        told: list[str] = []

        def observer(of: str) -> Any:
            return lambda record: told.append(f"{of} {record.operation}")

        async with client_of(sandbox, name, observe=[observer("1"), observer("2")]) as client:
            await client.with_options(observe=observer("3")).accounts.get(id_of(name, POD))
            await client.with_options(timeout=5).accounts.get(id_of(name, POD))
        assert told == ["1 getAccount", "2 getAccount", "3 getAccount", "1 getAccount", "2 getAccount"]

    async def test_one_that_fails_changes_no_call_and_is_logged_once(
        self, sandbox: Sandbox, name: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        records: list[CallRecord] = []

        def broken(_record: CallRecord) -> NoReturn:
            raise RuntimeError("no disk")

        async with client_of(sandbox, name, observe=[broken, records.append]) as client:
            for _ in range(3):
                await client.accounts.get(id_of(name, POD))
        assert len(records) == 3
        warnings = [one.getMessage() for one in caplog.records if one.name == "sequence_sdk"]
        (warning,) = warnings
        assert "broken raised RuntimeError: no disk" in warning

    @pytest.mark.parametrize("raised", [SystemExit, GeneratorExit, asyncio.CancelledError, BaseException])
    async def test_whatever_one_raises_a_payment_that_was_made_is_told_as_made(
        self, sandbox: Sandbox, name: str, raised: type[BaseException]
    ) -> None:
        def broken(_record: CallRecord) -> NoReturn:
            raise raised

        async with client_of(sandbox, name, observe=broken) as client:
            assert (await client.transfers.create(**payment(name))).id

    async def test_one_that_turns_out_to_be_asynchronous_is_told_of(
        self, sandbox: Sandbox, name: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def asynchronous() -> None:
            raise AssertionError

        async with client_of(sandbox, name, observe=lambda _: asynchronous()) as client:
            await client.accounts.get(id_of(name, POD))
        assert "it is asynchronous, so that it never runs" in caplog.text

    async def test_one_that_cannot_be_called_is_refused(self, sandbox: Sandbox, name: str) -> None:
        class Asynchronous:
            async def __call__(self, record: CallRecord) -> None:
                raise AssertionError

        async def asynchronous(_record: CallRecord) -> None:
            raise AssertionError

        async def generating(record: CallRecord) -> AsyncIterator[CallRecord]:
            yield record

        several: list[Any] = [1, "log", [print, None], asynchronous, functools.partial(asynchronous), Asynchronous()]
        for unusable in [*several, generating]:
            with pytest.raises(ConfigurationError, match="observe"):
                client_of(sandbox, name, observe=unusable)
        with pytest.raises(ConfigurationError, match="observe"):
            client_of(sandbox, name).with_options(observe=asynchronous)


def shown_by(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEQUENCE_")}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=inherited | environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def asks(name: str, *, before: str = "", after: str = "") -> str:
    call = "client.accounts.list().collect()" if name == "platform" else "client.accounts.list()"
    client = "sandbox.platform_client()" if name == "platform" else "sandbox.client()"
    return "\n".join(
        [
            "import asyncio, logging, sys",
            "from sequence_sandbox import Sandbox",
            before,
            "async def ask(client):",
            "    async with client:",
            f"        await {call}",
            "sandbox = Sandbox()",
            f"asyncio.run(ask({client}))",
            after,
        ]
    )


class TestLog:
    async def test_a_line_has_the_record_as_fields(
        self, sandbox: Sandbox, name: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, "sequence_sdk")
        records: list[CallRecord] = []
        sandbox.fail("status", "getAccount", status=503)
        async with client_of(sandbox, name, observe=records.append) as client:
            await client.accounts.get(id_of(name, POD))
        lines = [vars(one) for one in caplog.records if one.name == "sequence_sdk"]
        (line,) = (one for one in lines if one["levelno"] == logging.INFO)
        (record,) = records
        for field, value in msgspec.structs.asdict(record).items():
            assert line[f"sequence_{field}"] == value
        attempts = [one for one in lines if one["levelno"] == logging.DEBUG]
        assert [(one["sequence_attempt"], one["sequence_status"]) for one in attempts] == [(1, 503), (2, 200)]
        assert {one["sequence_operation"] for one in attempts} == {"getAccount"}
        assert {one["sequence_api"] for one in attempts} == {name}

    def test_sequence_log_writes_to_stderr(self, name: str) -> None:
        info, debug = (shown_by(asks(name), SEQUENCE_LOG=level) for level in ("info", "DEBUG"))
        assert info.stderr.count("\n") == 1
        assert "INFO sequence_sdk: listAccounts: 200 after 1 attempt(s)" in info.stderr
        assert "DEBUG sequence_sdk: listAccounts: attempt 1, 200" in debug.stderr
        assert shown_by(asks(name), SEQUENCE_LOG="").stderr == ""

    def test_it_leaves_the_log_to_a_program_that_has_set_it_up(self, name: str) -> None:
        before = "logging.basicConfig(format='mine: %(message)s', level=logging.INFO)"
        shown = shown_by(asks(name, before=before), SEQUENCE_LOG="info")
        (line,) = (line for line in shown.stderr.splitlines() if "listAccounts" in line)
        assert line.startswith("mine: listAccounts: 200")

    def test_without_a_stderr_it_writes_nowhere(self, name: str) -> None:
        shown = shown_by(asks(name, before="sys.stderr = None"), SEQUENCE_LOG="debug")
        assert (shown.stdout, shown.returncode) == ("", 0)

    async def test_an_unknown_outcome_is_a_warning(
        self, sandbox: Sandbox, name: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING, "sequence_sdk")
        async with client_of(sandbox, name, max_retries=0) as client:
            sandbox.fail("reset_after", "createTransfer")
            with pytest.raises(OutcomeUnknownError):
                await client.transfers.create(**payment(name))
        (line,) = (one for one in caplog.records if one.name == "sequence_sdk")
        assert line.levelno == logging.WARNING
        assert "createTransfer: OutcomeUnknownError" in line.getMessage()

    def test_another_word_is_refused(self, name: str) -> None:
        shown = shown_by(asks(name), SEQUENCE_LOG="loud")
        assert "ConfigurationError: SEQUENCE_LOG is 'loud': set it to info" in shown.stderr


@pytest.fixture(scope="session")
def providers() -> tuple[InMemorySpanExporter, InMemoryMetricReader, TracerProvider]:
    """Set for the process, as a program does."""
    exporter, provider, reader = InMemorySpanExporter(), TracerProvider(), InMemoryMetricReader()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider([reader]))
    return exporter, reader, provider


@pytest.fixture
def spans(providers: tuple[InMemorySpanExporter, InMemoryMetricReader, TracerProvider]) -> Iterator[Any]:
    """Gives the spans that ended since it was asked last."""
    exporter = providers[0]
    exporter.clear()

    def ended() -> list[ReadableSpan]:
        found = list(exporter.get_finished_spans())
        exporter.clear()
        return found

    yield ended
    exporter.clear()


@pytest.fixture
def points(providers: tuple[InMemorySpanExporter, InMemoryMetricReader, TracerProvider]) -> Any:
    """Gives the points of a metric, by attributes, as they differ from those before the test."""
    reader = providers[1]

    def all_of(metric: str) -> dict[frozenset[Any], float]:
        data = reader.get_metrics_data()
        found: dict[frozenset[Any], float] = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for one in scope.metrics:
                    if one.name == metric:
                        for point in one.data.data_points:
                            number = getattr(point, "value", None)
                            number = getattr(point, "count", None) if number is None else number
                            found[frozenset((point.attributes or {}).items())] = number or 0
        return found

    names = ("operation.duration", "permission.refusals", "rate_limit.waits", "rate_limit.wait_time")
    before = {name: all_of(f"sequence.client.{name}") for name in names}

    def since(metric: str) -> list[tuple[dict[str, Any], float]]:
        now = all_of(f"sequence.client.{metric}")
        grown = {key: number - before[metric].get(key, 0) for key, number in now.items()}
        return [(dict(key), number) for key, number in grown.items() if number]

    return since


DOCUMENT = Path(__file__).parents[2] / "docs" / "telemetry.md"


class TestDocumentation:
    def test_every_field_of_a_record_is_in_the_table(self) -> None:
        cells = re.findall(r"^\| (`[^|]*) \|", DOCUMENT.read_text().partition("## Log")[0], re.MULTILINE)
        assert re.findall(r"`(\w+)`", " ".join(cells)) == list(CallRecord.__struct_fields__)

    async def test_every_attribute_and_instrument_is_in_the_tables(
        self, sandbox: Sandbox, spans: Any, points: Any
    ) -> None:
        async with sandbox.platform_client(rate_limit=RateLimit(1, per=60), clock=SkippingClock()) as client:
            sandbox.fail("reset_after", "createTransfer")
            await client.transfers.create(**payment("platform"), simulation=True)
            sandbox.fail("status", "createTransfer", status=500)
            with pytest.raises(OutcomeUnknownError):
                await client.with_options(max_retries=0).transfers.create(**payment("platform"))
        async with sandbox.platform_client([]) as client:
            with pytest.raises(PermissionDeniedError):
                await client.accounts.get(id_of("platform", POD))
        told, _, metrics_told = DOCUMENT.read_text().partition("## OpenTelemetry")[2].partition("**Metrics.**")
        names = {
            name for row in re.findall(r"^\| (`[^|]*) \|", told, re.MULTILINE) for name in re.findall(r"`(.+?)`", row)
        }
        assert {name for span in spans() for name in span.attributes} == names
        for instrument in ("operation.duration", "permission.refusals", "rate_limit.waits", "rate_limit.wait_time"):
            (row,) = re.findall(rf"^\| `sequence.client.{instrument}` \|.*", metrics_told, re.MULTILINE)
            common, own = (
                set(re.findall(r"`([a-z_.]+)`", text)) - {f"sequence.client.{instrument}"}
                for text in (metrics_told.partition("| Instrument")[0], row)
            )
            found = {name for said, _ in points(instrument) for name in said}
            assert found == common | own

    def test_the_example_of_an_observer_runs(self) -> None:
        code, *_ = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        sandbox = Sandbox()
        with sandbox.serve():
            environment = {
                "SEQUENCE_API_KEY": sandbox.create_key([]),
                "SEQUENCE_PLATFORM_BASE_URL": sandbox.platform_url,
            }
            shown = shown_by(f"{code}\nimport asyncio; asyncio.run(main())", **environment)
        assert shown.stdout.startswith("listAccounts PermissionDeniedError ")

    def test_the_example_of_a_log_as_json_runs(self) -> None:
        _, code, _ = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        (line,) = shown_by(asks("platform", before=code)).stderr.splitlines()
        assert json.loads(line).items() >= {"level": "INFO", "sequence_operation": "listAccounts"}.items()

    def test_the_example_of_metrics_runs(self) -> None:
        *_, code = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        assert '"sequence.client.operation.duration"' in shown_by(asks("platform", before=code)).stdout


class TestOpenTelemetry:
    async def test_an_operation_is_a_client_span_of_the_http_conventions(
        self, sandbox: Sandbox, name: str, spans: Any
    ) -> None:
        with sandbox.serve():
            url = sandbox.base_url if name == "v1" else sandbox.platform_url
            kind = SequenceClient if name == "v1" else PlatformClient
            async with kind(sandbox.create_key(), base_url=url) as client:
                response = await client.accounts.get.with_response(id_of(name, POD))  # type: ignore[attr-defined]
        (span,) = spans()
        assert (span.name, span.kind) == ("getAccount", trace.SpanKind.CLIENT)
        host, port = url.split("/")[2].split(":")
        path = url.split(host + ":" + port)[1]
        said = dict(span.attributes)
        assert said.pop("sequence.request_id", None) == response.request_id
        assert said == {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "server.address": host,
            "server.port": int(port),
            "url.template": f"{path}/accounts/{{id}}",
            "url.full": f"{url}/accounts/{id_of(name, POD)}",
            "sequence.api": name,
            "sequence.operation": "getAccount",
            "sequence.scope": "READ_ACCOUNTS",
        }
        assert span.status.is_unset

    async def test_retries_errors_and_cancellation_are_on_the_span(
        self, sandbox: Sandbox, name: str, spans: Any
    ) -> None:
        async with client_of(sandbox, name) as client:
            sandbox.fail("status", "getAccount", status=503)
            await client.accounts.get(id_of(name, POD))
            sandbox.fail("status", "getAccount", status=500)
            with pytest.raises(InternalServerError):
                await client.with_options(max_retries=0).accounts.get(id_of(name, POD))
            sandbox.fail("latency", "getAccount", seconds=3600)
            with anyio.move_on_after(0.2):
                await client.accounts.get(id_of(name, POD))
        retried, failed, cancelled = spans()
        assert retried.attributes["http.request.resend_count"] == 1
        assert retried.attributes["sequence.backoff"] > 0
        assert "error.type" not in retried.attributes
        assert failed.attributes["error.type"] == "InternalServerError"
        assert failed.attributes["http.response.status_code"] == 500
        assert "http.request.resend_count" not in failed.attributes
        assert cancelled.attributes["error.type"] in {"CancelledError", "Cancelled"}
        assert [one.status.status_code.name for one in (retried, failed, cancelled)] == ["UNSET", "ERROR", "ERROR"]

    async def test_spans_hang_under_the_callers_and_the_http_librarys_under_them(
        self, anyio_backend: str, api: API, server: Server, spans: Any, providers: Any
    ) -> None:
        tracer = trace.get_tracer("app")
        async with httpx.AsyncClient() as http:
            HTTPXClientInstrumentor.instrument_client(http, tracer_provider=providers[2])
            client = api.connect(server, http_client=http, max_retries=1)
            server.reply("", 503)
            server.reply(json.dumps(api.example("getAccount")))
            with tracer.start_as_current_span("work") as work:
                await client.accounts.get(api.account)
                assert trace.get_current_span() is work
        first, second, operation, outer = spans()
        assert operation.name == "getAccount"
        assert [one.parent.span_id for one in (first, second)] == [operation.context.span_id] * 2
        assert operation.parent.span_id == outer.context.span_id

    async def test_pages_get_many_since_and_wait_are_spans_under_the_callers(
        self, sandbox: Sandbox, name: str, spans: Any
    ) -> None:
        tracer = trace.get_tracer("app")
        account = {"account_id": POD} if name == "v1" else {"account_ids": [Sandbox.uuid(POD)]}
        async with client_of(sandbox, name) as client:

            async def listed() -> None:
                async with aclosing(aiter(client.transfers.list(**account))) as items:
                    async for _ in items:
                        assert trace.get_current_span() is work

            async def at_once() -> None:
                assert [one async for one in client.transfers.list(**account, from_=BEGIN).concurrently(8)]
                with anyio.fail_after(30):
                    while client._session.connection.deadlines._of:
                        await anyio.sleep(0.01)

            async def many() -> None:
                await client.accounts.get_many([id_of(name, POD), id_of(name, CARD)])

            async def waited() -> None:
                await client.transfers.create_and_wait(**payment(name))

            async def synced() -> None:
                await client.transfers.since(BEGIN, **account)

            for does, operations in (
                (listed, {"listTransfers"}),
                (at_once, {"listTransfers"}),
                (many, {"getAccount"}),
                (waited, {"createTransfer", "getTransfer"}),
                (synced, {"listTransfers"}),
            ):
                with tracer.start_as_current_span(does.__name__) as work:
                    await does()
                    assert trace.get_current_span() is work
                *calls, outer = spans()
                assert outer.name == does.__name__
                assert {one.name for one in calls} == operations
                assert len(calls) > 1
                assert {one.parent.span_id for one in calls} == {outer.context.span_id}

    async def test_calls_at_once_keep_their_spans_apart(self, sandbox: Sandbox, name: str, spans: Any) -> None:
        tracer = trace.get_tracer("app")

        async def work(client: Any, number: int) -> None:
            with tracer.start_as_current_span(f"work {number}"):
                await client.accounts.get(id_of(name, POD))

        async with client_of(sandbox, name) as client, anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(work, client, number)
        found = spans()
        parents = {one.context.span_id for one in found if one.name.startswith("work")}
        assert {one.parent.span_id for one in found if one.name == "getAccount"} == parents
        assert len(parents) == 10

    @pytest.mark.parametrize("anyio_backend", ["asyncio"])
    async def test_a_call_that_is_thrown_away_elsewhere_ends_its_span(
        self, sandbox: Sandbox, name: str, spans: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with client_of(sandbox, name) as client:
            call = client.accounts.get(id_of(name, POD))
            copy_context().run(call.send, None)
            call.close()
        (span,) = spans()
        assert span.attributes["error.type"] == "GeneratorExit"
        assert not trace.get_current_span().get_span_context().is_valid
        assert "Failed to detach context" not in caplog.text

    async def test_durations_refusals_and_waits_are_counted(self, sandbox: Sandbox, name: str, points: Any) -> None:
        options = {"rate_limit": RateLimit(2, per=60), "clock": SkippingClock()}
        async with client_of(sandbox, name, **options) as client:
            for _ in range(3):
                await client.accounts.get(id_of(name, POD))
        async with client_of(sandbox, name, declared=nothing(name)) as client:
            with pytest.raises(PermissionDeniedError):
                await client.transfers.create(**payment(name))
        get = {"http.request.method": "GET", "sequence.operation": "getAccount"}
        durations = {
            (said["sequence.operation"], said.get("http.response.status_code"), said.get("error.type")): number
            for said, number in points("operation.duration")
        }
        assert durations == {("getAccount", 200, None): 3, ("createTransfer", None, "PermissionDeniedError"): 1}
        ((waits, number),) = points("rate_limit.waits")
        assert (waits.items() >= get.items(), number) == (True, 1)
        ((_, seconds),) = points("rate_limit.wait_time")
        assert seconds > 1
        ((refused, number),) = points("permission.refusals")
        assert (refused["sequence.operation"], number) == ("createTransfer", 1)
        assert refused["sequence.scope"] == "MANUAL_TRANSFER"
        assert not any("url" in key or "request_id" in key for said, _ in points("operation.duration") for key in said)

    async def test_no_span_or_metric_has_the_key_or_an_amount(
        self, anyio_backend: str, api: API, server: Server, spans: Any
    ) -> None:
        call = api.call("createTransfer")
        async with api.connect(server) as client:
            server.reply(json.dumps({"error": {"message": API_KEY}}), 400)
            with pytest.raises(Exception, match="400"):
                await client.transfers.create(**{**call.keyword, "amount_in_cents": 98765400, "description": "secret"})
            server.reply("", 404)
            with pytest.raises(NotFoundError):
                await client.accounts.get(API_KEY if api.name == "v1" else api.account)
        shown = "".join(one.to_json() for one in spans())
        assert shown.count('"name": ') >= 2
        for secret in (API_KEY, "98765400", '"secret"'):
            assert secret not in shown

    def test_nothing_is_imported_for_a_program_that_does_not_use_it(self, name: str) -> None:
        after = "print(sorted(one for one in sys.modules if one.startswith('opentelemetry')))"
        shown = shown_by(asks(name, before="import sequence_sdk", after=after))
        assert shown.stdout == "[]\n", shown.stderr

    def test_the_sdk_works_beside_an_old_version(self, name: str) -> None:
        before = (
            "import types; sys.modules['opentelemetry.trace'] = sys.modules['opentelemetry'] = types.ModuleType('x')"
        )
        shown = shown_by(asks(name, before=before, after="print('done')"), SEQUENCE_LOG="info")
        assert shown.stdout == "done\n"
        assert "opentelemetry-api must be 1.30 at least" in shown.stderr

    @pytest.mark.parametrize("variable", ["OTEL_PYTHON_TRACER_PROVIDER", "OTEL_PYTHON_METER_PROVIDER"])
    def test_settings_that_cannot_be_used_fail_no_call(self, name: str, variable: str) -> None:
        before = f"import os; os.environ['{variable}'] = 'bogus'; import opentelemetry.trace"
        shown = shown_by(asks(name, before=before, after="print('done')"), SEQUENCE_LOG="info")
        assert shown.stdout == "done\n", shown.stderr
