"""Tells of calls: observers, the log, which stderr may show, and OpenTelemetry."""

from .telling import telemetry

__all__ = ("telemetry",)
