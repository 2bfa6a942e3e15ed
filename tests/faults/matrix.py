"""Decides what every fault must come to: the table of faults, and for each of them what becomes of every call."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from sequence_sdk.errors import BEFORE_ANY_WORK

from .arrangements import (
    Arrange,
    GoneSilent,
    IdleClosed,
    Mismatch,
    NeverConnected,
    NoSuchName,
    Refused,
    at_sandbox,
    at_the_door,
    on_the_wire,
    wrong_clock,
)
from .libraries import HTTP2, Library
from .outcomes import Expected, Outcome, again, each, fails, lost, ok, platform, unknown
from .servers import (
    about_something_else,
    broken_gzip,
    close,
    cut_gzip,
    endless_body,
    endless_headers,
    gzip_bomb,
    large_body,
    reset,
    response_of_another,
    silence,
    slow_endless_body,
    too_many_headers,
)

Often: TypeAlias = Literal["once", "for good"]


@frozen(kw_only=True)
class Fault:
    """A row of the table, or two."""

    group: str
    name: str
    arrange: Arrange
    once: Expected | None = None
    """What calls come to if it happens once; None where that is not tried."""
    for_good: Expected | None = None
    """What they come to if it happens to every attempt."""
    once_over: Mapping[Library, Expected] = field(factory=dict[Library, Expected])
    """What they come to over some libraries, if that is something else."""
    resumed: bool = False
    """Whether it happens to a write that is resumed, of which nobody knows whether it was done."""
    timeout: float = 10.0
    """Of an attempt, in seconds."""
    reused: bool = False
    """Whether the same connection must have carried a request of the same operation before."""
    backoff_max: float = 0.02
    retry_after_max: float = 60.0
    memory: bool = False
    """Whether little of what is sent may be in memory at a time."""

    def expected(self, often: Often, library: Library = "httpx") -> Expected:
        if often == "once":
            return self.once_over.get(library, self.once or {})
        return self.for_good or {}

    def times(self, often: Often) -> float:
        return 1 if often == "once" else math.inf


ATTEMPTS = 4
"""The first one, and as many again as `max_retries` says by default."""

TIMEOUT = 3.0


def reached(name: str, arrange: Arrange) -> Fault:
    """A fault for which nothing was sent."""
    group = "The server is not reached"
    return Fault(
        group=group,
        name=name,
        arrange=arrange,
        once=again(ok(2)),
        for_good=fails("APIConnectionError", ATTEMPTS, made=0),
    )


def breaks(name: str, arrange: Arrange, *, made: int, reused: bool = False) -> Fault:
    """A fault for which there is no telling whether the server has the request."""
    for_good = unknown("APIConnectionError", ATTEMPTS, made=made)
    return Fault(
        group="The connection breaks",
        name=name,
        arrange=arrange,
        once=again(lost(made)),
        for_good=for_good,
        reused=reused,
    )


def late(name: str, arrange: Arrange, *, made: int) -> Fault:
    """A fault for which there is no response in time."""
    return Fault(
        group="No response comes in time",
        name=name,
        arrange=arrange,
        once=again(lost(made)),
        for_good=unknown("APITimeoutError", ATTEMPTS, made=made),
        timeout=TIMEOUT,
    )


def passing(
    name: str, arrange: Arrange, for_good: Expected, *, account: Outcome | None = None, retry_after_max: float = 60.0
) -> Fault:
    """A status that may pass."""
    return Fault(
        group="The server responds with an error that may pass",
        name=name,
        arrange=arrange,
        once=again(account or lost(0)),
        for_good=for_good,
        retry_after_max=retry_after_max,
    )


def final(status: int, error: str) -> Fault:
    """A status that stays."""
    return Fault(
        group="The server refuses",
        name=str(status),
        arrange=at_sandbox("status", status=status),
        once=fails(error, 1, made=0),
    )


def by_gateway(status: int, error: str) -> Fault:
    """A refusal that is not in the API's words."""
    expected = fails(error, 1, made=0) if status in BEFORE_ANY_WORK else unknown(error, 1, made=0)
    return Fault(
        group="Something between client and server refuses, with a page of HTML",
        name=str(status),
        arrange=at_sandbox("html", status=status),
        once=expected,
    )


def unreadable(name: str, arrange: Arrange, *, memory: bool = False, expected: Expected | None = None) -> Fault:
    """A response that says that something was done, and no more."""
    return Fault(
        group="The response cannot be read, or is about something else",
        name=name,
        arrange=arrange,
        once=expected or unknown("APIResponseValidationError", 1, made=1),
        memory=memory,
        timeout=60.0 if memory else 10.0,  # memory that is watched is slow
    )


def resumed(name: str, arrange: Arrange, attempts: int, *, trigger: bool = True, slow: bool = False) -> Fault:
    """A fault of the request by which a write is resumed that was done: whatever it says, that stays unknown."""
    write = Outcome(error="OutcomeUnknownError", attempts=attempts, made=1, resumed=1)
    return Fault(
        group="A write that was done, and whose response was lost, is resumed",
        name=name,
        arrange=arrange,
        for_good={**each(None, write, None), "trigger": write if trigger else None},
        resumed=True,
        timeout=TIMEOUT if slow else 10.0,
        retry_after_max=SOON,
    )


FAILS = unknown("InternalServerError", ATTEMPTS, made=0)
LIMITED = fails("RateLimitError", ATTEMPTS, made=0, account=False)
LIMITED_ACCOUNT = Outcome(error="RateLimitError", attempts=1, made=0)
SOON = 0.05
"""Seconds that `Retry-After` may take where a call is told to wait again and again."""

FAULTS: tuple[Fault, ...] = (
    reached("connections are refused", Refused),
    Fault(
        group="The server is not reached",
        name="connections are never made",
        arrange=NeverConnected,
        for_good={**fails("APITimeoutError", ATTEMPTS, made=0), "page": None},  # nor is it for the first page
        timeout=TIMEOUT,
    ),
    reached("the name is not found", NoSuchName),
    reached("the TLS handshake is cut", at_the_door("cut")),
    reached("the certificate is not trusted", at_the_door("untrusted")),
    breaks("reset before the request is handled", at_sandbox("reset_before"), made=0),
    breaks("reset after it is handled", at_sandbox("reset_after"), made=1),
    breaks("reset in the middle of the response", at_sandbox("reset_body"), made=1),
    Fault(
        group="The connection breaks",
        name="closed by the server between two requests",
        arrange=IdleClosed,
        once=each(ok(1), ok(1), ok(1)),
        # httpcore does not look whether an idle connection of HTTP/2 was closed.
        once_over=dict.fromkeys(HTTP2, again(lost(0))),
        reused=True,
    ),
    breaks("closed as the next request is written", on_the_wire(close), made=0, reused=True),
    breaks("reset as the next request is written", on_the_wire(reset), made=0, reused=True),
    Fault(
        group="The connection breaks",
        name="the response is that of another request",
        arrange=on_the_wire(response_of_another),
        # A response of the platform API does not name its request: what tells is that it is about something else.
        once={**again(lost(1)), **platform(unknown("APIResponseValidationError", 1, made=1))},
        for_good={**unknown("APIConnectionError", ATTEMPTS, made=1), **platform(each(None, None, None))},
        reused=True,
    ),
    breaks("headers without end", on_the_wire(endless_headers), made=1),
    late("the server takes longer than the timeout to begin", at_sandbox("latency", seconds=6), made=0),
    Fault(
        group="No response comes in time",
        name="the server takes longer than the timeout to finish, and repeats of a write get 409",
        arrange=at_sandbox("slow", seconds=4),
        once=each(ok(2), ok(3, at_least=True), None),
        timeout=TIMEOUT,
        backoff_max=0.5,
    ),
    Fault(
        group="No response comes in time",
        name="the server takes longer to finish than all repeats of a write, which get 409",
        arrange=at_sandbox("slow", seconds=8),
        # One attempt without a response, and then 409 to 13: the first of them, and 12 repeats.
        for_good=each(
            Outcome(error="APITimeoutError", attempts=ATTEMPTS),
            Outcome(error="OutcomeUnknownError", attempts=14, made=0, resumed=1),
            lost(0),
        ),
        timeout=TIMEOUT,
    ),
    late("a connection on which nothing comes", on_the_wire(silence), made=0),
    Fault(
        group="No response comes in time",
        name="a connection that was used before and lets nothing pass any more, while new ones do",
        arrange=GoneSilent,
        once=again(lost(0)),
        timeout=TIMEOUT,
        reused=True,
    ),
    late("a response that drips, byte by byte", at_sandbox("drip", seconds=6), made=1),
    late("a body without end, slowly", on_the_wire(slow_endless_body), made=1),
    passing("408", at_sandbox("status", status=408), unknown("APIStatusError", ATTEMPTS, made=0)),
    passing("429 with `Retry-After`", at_sandbox("rate_limit"), LIMITED, account=LIMITED_ACCOUNT, retry_after_max=SOON),
    passing("429 without", at_sandbox("status", status=429), LIMITED, account=LIMITED_ACCOUNT),
    passing("500", at_sandbox("status", status=500), FAILS),
    passing("502", at_sandbox("status", status=502), FAILS),
    passing("502 and a page of HTML", at_sandbox("html", status=502), FAILS),
    passing("503", at_sandbox("status", status=503), FAILS),
    passing("503 with `Retry-After`", at_sandbox("status", status=503, retry_after=1), FAILS, retry_after_max=SOON),
    passing(
        "503 with a date for `Retry-After`, and the clock here steps back an hour",
        wrong_clock(0, -1),
        FAILS,
        retry_after_max=SOON,
    ),
    passing(
        "503 with a date for `Retry-After`, and the clock here is an hour ahead",
        wrong_clock(1, 1),
        FAILS,
        retry_after_max=SOON,
    ),
    passing("504", at_sandbox("status", status=504), FAILS),
    final(400, "BadRequestError"),
    final(401, "AuthenticationError"),
    final(403, "PermissionDeniedError"),
    final(404, "NotFoundError"),
    final(422, "UnprocessableEntityError"),
    Fault(
        group="The server refuses",
        name="400: the idempotency key was used for another request",
        arrange=Mismatch,
        once=each(None, Outcome(error="IdempotencyKeyMismatchError", attempts=1, made=0), None),
        reused=True,
    ),
    by_gateway(400, "BadRequestError"),
    by_gateway(401, "AuthenticationError"),
    by_gateway(403, "PermissionDeniedError"),
    by_gateway(404, "NotFoundError"),
    by_gateway(405, "APIStatusError"),
    by_gateway(407, "APIStatusError"),
    by_gateway(409, "ConflictError"),
    by_gateway(413, "APIStatusError"),
    by_gateway(414, "APIStatusError"),
    by_gateway(421, "APIStatusError"),
    by_gateway(422, "UnprocessableEntityError"),
    by_gateway(431, "APIStatusError"),
    by_gateway(451, "APIStatusError"),
    unreadable("JSON that is cut short", at_sandbox("truncated")),
    unreadable("no JSON", at_sandbox("malformed")),
    unreadable("HTML by its content type", at_sandbox("content_type")),
    unreadable("more headers than the limit", on_the_wire(too_many_headers)),
    unreadable("a body larger than the limit, by its `Content-Length`", on_the_wire(large_body)),
    unreadable("a body without end, fast", on_the_wire(endless_body), memory=True),
    unreadable("gzip that unpacks to more than the limit", on_the_wire(gzip_bomb), memory=True),
    unreadable("gzip that is broken", on_the_wire(broken_gzip)),
    unreadable("gzip that is cut short", on_the_wire(cut_gzip)),
    unreadable(
        "another account or transfer than was asked for",
        on_the_wire(about_something_else),
        expected={**unknown("APIResponseValidationError", 1, made=1), "page": None, "trigger": None},
    ),
    resumed("connections are refused", Refused, ATTEMPTS),
    resumed("no response in time", on_the_wire(silence), ATTEMPTS, slow=True),
    resumed("400", at_sandbox("status", status=400), 1),
    resumed("401", at_sandbox("status", status=401), 1),
    resumed("403", at_sandbox("status", status=403), 1),
    resumed("404", at_sandbox("status", status=404), 1),
    resumed("409", at_sandbox("status", status=409), 1),
    resumed("422", at_sandbox("status", status=422), 1),
    resumed("429", at_sandbox("rate_limit"), ATTEMPTS),
    resumed("500", at_sandbox("status", status=500), ATTEMPTS),
    resumed("400 and a page of HTML", at_sandbox("html", status=400), 1),
    resumed("422 and a page of HTML", at_sandbox("html", status=422), 1),
    resumed("reset before it is handled", at_sandbox("reset_before"), ATTEMPTS),
    resumed("JSON that is cut short", at_sandbox("truncated"), 1),
    resumed("another transfer than was asked for", on_the_wire(about_something_else), 1, trigger=False),
)

ROWS: tuple[tuple[Fault, Often], ...] = tuple(
    (fault, often) for fault in FAULTS for often in ("once", "for good") if fault.expected(often)
)
