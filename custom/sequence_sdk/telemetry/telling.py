"""Tells whoever wants to know how a call ended; nobody who is told can change what became of it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from inspect import isasyncgenfunction, iscoroutine, iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

from sequence_runtime import Call

from ..errors import ConfigurationError, OutcomeUnknownError
from ..exchange import Exchange
from ..observation import CallRecord, Observer, Telemetry
from ..session import Session, logger
from . import stderr_log
from .records import log_fields, record_of, summary

if TYPE_CHECKING:
    from .opentelemetry import Begun, OpenTelemetry

USED = "opentelemetry.trace"
"""Loaded where the program uses OpenTelemetry: who does not, need not wait for it."""


class Teller(Telemetry):
    """Tells the log, observers, and OpenTelemetry. What fails of it is logged once, and changes no call."""

    def __init__(self, observers: tuple[Observer, ...]) -> None:
        self.observers = observers
        self._failed = set[int]()

    def begin(self, call: Call[Any, Any], session: Session, /) -> Begun | None:
        """A call begins in this context."""
        if USED in sys.modules and (spans := opentelemetry()) is not None:
            try:
                return spans.begin(call, session)
            except Exception as failure:  # whatever it is, the call has its own outcome
                self._failed_at(spans, failure)
        return None

    def end(self, begun: object, session: Session, call: Call[Any, Any], made: object, outcome: object, /) -> None:
        """It has ended."""
        level = logging.WARNING if isinstance(outcome, OutcomeUnknownError) else logging.INFO
        logged = logger.isEnabledFor(level)
        if not (logged or self.observers or begun is not None):
            return
        record: CallRecord | None = None
        try:
            record = record_of(session, call, cast("Exchange[Any] | None", made), outcome)
            if logged:
                logger.log(level, summary(record), extra=log_fields(record))
        except Exception as failure:
            self._failed_at(logger, failure)
        if begun is not None and (spans := opentelemetry()) is not None:
            try:
                spans.end(cast("Begun", begun), record)
            except Exception as failure:
                self._failed_at(spans, failure)
        if record is None:
            return
        for observer in self.observers:
            try:
                given = observer(record)
                if given is not None and iscoroutine(given):
                    given.close()
                    raise TypeError("it is asynchronous, so that it never runs")
            except KeyboardInterrupt:
                raise
            except BaseException as failure:  # not even a cancellation may take the place of what became of the call
                self._failed_at(observer, failure)

    def _failed_at(self, whom: object, failure: BaseException) -> None:
        with suppress(Exception):
            if id(whom) in self._failed:
                return
            self._failed.add(id(whom))
            name = getattr(whom, "__qualname__", type(whom).__name__)
            text = "observer %s raised %s: %s. That changes no call, and is logged this once"
            logger.warning(text, name, type(failure).__name__, failure)


def telemetry(observe: Observer | Iterable[Observer], earlier: Telemetry | None = None, /) -> Teller:
    """Who is told of a client's calls; `SEQUENCE_LOG` is looked at first.

    Args:
        observe: A function, or several.
        earlier: Who is told already.

    Raises:
        ConfigurationError: An observer cannot be called or would have to be awaited, or `SEQUENCE_LOG` is none of its
            values.
    """
    stderr_log.switch_on()
    if observe == ():
        return earlier if isinstance(earlier, Teller) else _NOBODYS
    one_only = callable(observe) or not isinstance(observe, Iterable)  # pyright: ignore[reportUnnecessaryIsInstance]
    given = (observe,) if one_only else tuple(cast("Iterable[object]", observe))
    for one in given:
        if not callable(one) or any(map(iscoroutinefunction, (one, type(one).__call__))) or isasyncgenfunction(one):
            raise ConfigurationError(
                f"observe has {one!r}: give a plain function of a CallRecord, or several; an async one would never run"
            )
    before = earlier.observers if isinstance(earlier, Teller) else ()
    return Teller((*before, *cast("tuple[Observer, ...]", given)))


_NOBODYS = Teller(())
"""Tells the log and OpenTelemetry only: that of all clients without observers."""


@cache
def opentelemetry() -> OpenTelemetry | None:
    """What makes spans and counts; None where the version that is there cannot."""
    try:
        from .opentelemetry import OpenTelemetry  # noqa: PLC0415 - it is slow to load, and need not be installed

        return OpenTelemetry()
    except Exception as failure:  # too old, or its settings are wrong: no call fails for that
        text = (
            "no spans and metrics, since OpenTelemetry cannot be used: %s: %s; opentelemetry-api must be 1.30 at least"
        )
        logger.warning(text, type(failure).__name__, failure)
        return None
