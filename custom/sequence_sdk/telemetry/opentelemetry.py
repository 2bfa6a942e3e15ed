"""Tells OpenTelemetry of calls: a span and a duration for each, and counts of what was refused and what had to wait.

All that is known of OpenTelemetry is here. Where a program sets up no provider, its API does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from contextvars import Token
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen
from opentelemetry import context, metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode

from sequence_runtime import Call

from .._version import __version__
from ..errors import InvalidArgumentError
from ..observation import CallRecord
from ..session import Session

NAME = "sequence_sdk"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Seconds, as OpenTelemetry's conventions have them for HTTP."""

Attributes = dict[str, str | int | float | bool]


@lru_cache(maxsize=128)
def server_of(base_url: str) -> tuple[str, int, str]:
    """Host, port and path of a base URL."""
    parts = urlsplit(base_url)
    return parts.hostname or "", parts.port or {"http": 80}.get(parts.scheme, 443), parts.path


def common(call: Call[Any, Any], base_url: str) -> Attributes:
    """What spans and durations both say, and is known when the call begins."""
    host, port, _ = server_of(base_url)
    return {
        "http.request.method": call.request.method,
        "server.address": host,
        "server.port": port,
        "sequence.api": call.operation.contract.short_name,
        "sequence.operation": call.operation.id,
    }


def ending(record: CallRecord) -> Attributes:
    """What they both say once it has ended."""
    return known({"http.response.status_code": record.status, "error.type": record.error})


def of_span(record: CallRecord) -> Attributes:
    """What only spans say: too many different values for metrics, or a count."""
    return known(
        {
            "http.request.resend_count": max(0, record.attempts - 1) or None,
            "sequence.request_id": record.request_id,
            "sequence.idempotency_key": record.idempotency_key,
            "sequence.simulated": record.simulated or None,
            "sequence.waited": record.waited or None,
            "sequence.backoff": record.backoff or None,
        }
    )


def known(attributes: Mapping[str, str | int | float | bool | None]) -> Attributes:
    """Those that have a value."""
    return {name: value for name, value in attributes.items() if value is not None}


@frozen
class Begun:
    """A call that has begun."""

    span: Span
    context: Context
    """The one in which it is the current span."""
    token: Token[Context]
    """What makes the context before it current again."""
    common: Attributes


class OpenTelemetry:
    """Spans and metrics of the providers that are set for the process, now or later."""

    def __init__(self) -> None:
        self._tracer = trace.get_tracer(NAME, __version__)
        meter = metrics.get_meter(NAME, __version__)
        self._duration = meter.create_histogram(
            "sequence.client.operation.duration",
            unit="s",
            description="Duration of calls, with all of their attempts and waits",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )
        self._refused = meter.create_counter(
            "sequence.client.permission.refusals",
            unit="{call}",
            description="Calls that the API key's permissions do not grant, by scope",
        )
        self._waits = meter.create_counter(
            "sequence.client.rate_limit.waits", unit="{call}", description="Calls that waited for the rate limit"
        )
        self._waited = meter.create_counter(
            "sequence.client.rate_limit.wait_time", unit="s", description="Time that calls waited for the rate limit"
        )

    def begin(self, call: Call[Any, Any], session: Session) -> Begun:
        """Start the span of a call, and make it the current one."""
        said = common(call, session.base_url)
        path = server_of(session.base_url)[2] + call.operation.path
        attributes = {**said, "url.template": path}
        with suppress(InvalidArgumentError):  # it is too long to be sent
            attributes["url.full"] = session.key.scrub(session.url(call.request))
        if call.operation.permission is not None:
            attributes["sequence.scope"] = call.operation.permission.scope
        span = self._tracer.start_span(call.operation.id, kind=SpanKind.CLIENT, attributes=attributes)
        within = trace.set_span_in_context(span)
        return Begun(span, within, context.attach(within), said)

    def end(self, begun: Begun, record: CallRecord | None) -> None:
        """End it, and count."""
        try:
            if record is not None:
                self._tell(begun, record)
        finally:
            if context.get_current() is begun.context:  # a coroutine may be thrown away from elsewhere
                context.detach(begun.token)
            begun.span.end()

    def _tell(self, begun: Begun, record: CallRecord) -> None:
        ended = ending(record)
        if begun.span.is_recording():
            begun.span.set_attributes(ended | of_span(record))
            if record.error is not None:
                begun.span.set_status(StatusCode.ERROR)
        self._duration.record(record.elapsed, begun.common | ended)
        if record.denied and record.scope is not None:
            self._refused.add(1, begun.common | {"sequence.scope": record.scope})
        if record.waited > 0:
            self._waits.add(1, begun.common)
            self._waited.add(record.waited, begun.common)
