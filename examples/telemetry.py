"""Prints the spans of what it reads, as OpenTelemetry's console exporter shows them. Needs SEQUENCE_API_KEY.

python -m pip install '/path/to/sequence-sdk' opentelemetry-sdk
"""

import asyncio
import sys

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from sequence_sdk import CallRecord, PlatformClient


def line(span: ReadableSpan) -> str:
    said = span.attributes or {}
    under = f"{span.parent.span_id:016x}" if span.parent else "nothing"
    shown = ", ".join(f"{name}={said[name]}" for name in sorted(said) if not name.startswith(("server.", "url.full")))
    return f"{span.name} under {under}: {shown}\n"


def slow(record: CallRecord) -> None:
    if record.elapsed > 1:
        print(f"{record.operation} took {record.elapsed:.1f} s, {record.waited:.1f} of it for the rate limit")


async def main() -> None:
    provider = TracerProvider(resource=Resource.create({"service.name": "net-worth"}))
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(sys.stdout, formatter=line)))
    trace.set_tracer_provider(provider)

    async with PlatformClient(observe=slow) as platform:
        with trace.get_tracer("net-worth").start_as_current_span("read balances"):
            accounts = await platform.accounts.list().collect()
            await platform.accounts.get_many.with_failures([account.id for account in accounts])


asyncio.run(main())
