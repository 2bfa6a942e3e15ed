"""Makes requests fail on purpose: which one, how, and what is then done to its response or its connection."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import struct
from collections.abc import Callable, Sequence
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Literal, TypeAlias, get_args

import anyio
from attrs import define, evolve
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .dialects import Dialect
from .recorded import CONNECTION, EXCHANGE, Exchange
from .refusals import Refused

FaultKind: TypeAlias = Literal[
    "latency",
    "slow",
    "refuse",
    "reset_before",
    "reset_after",
    "reset_body",
    "status",
    "html",
    "truncated",
    "malformed",
    "content_type",
    "drip",
    "rate_limit",
]

SLOW = "sequence_sandbox.slow"
"""Where the scope of a request says how many seconds it is to take."""

KINDS: tuple[str, ...] = get_args(FaultKind)

EXPLANATIONS: dict[str, str] = {
    "latency": "wait `seconds` before anything else",
    "slow": "begin what was asked, and take `seconds` for it: a repeat meanwhile gets a 409",
    "refuse": "refuse connections: the next `times` of them in process, for `seconds` at a server",
    "reset_before": "reset the connection without doing what was asked",
    "reset_after": "do what was asked, and reset the connection instead of responding",
    "reset_body": "do what was asked, and reset the connection in the middle of the response",
    "status": "respond with `status`, and with `retry_after` seconds where given, without doing what was asked",
    "html": "respond with `status` and a page of HTML, without doing what was asked",
    "truncated": "do what was asked, and respond with the first half of the JSON",
    "malformed": "do what was asked, and respond with what is no JSON",
    "content_type": "do what was asked, and respond with text/html for a content type",
    "drip": "do what was asked, and respond in small pieces, over `seconds`",
    "rate_limit": "respond with 429 and `retry_after` seconds, without doing what was asked",
}


DRIPS = 200
"""How many pieces a dripping response has at most: the time between two is not below what event loops can sleep."""


class Disconnected(Exception):
    """The connection was reset, where there is none to reset: in process."""


@define(kw_only=True)
class Fault:
    """A fault that is due: which one, for which operation, and how often."""

    kind: FaultKind
    operation: str | None = None
    """The operationId; None for every operation."""
    times: int = 1
    after: int = 0
    """How many requests go well first."""
    seconds: float = 0.0
    status: int = 503
    retry_after: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; use one of {', '.join(KINDS)}")
        if self.times < 1 or self.after < 0 or not 0 <= self.seconds < float("inf"):
            raise ValueError("times must be 1 or more, after and seconds 0 or more")
        if not 400 <= self.status <= 599:
            raise ValueError(f"status must be that of an error, 400 to 599, not {self.status}")


class Plan:
    """The faults that are due, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def take(self, operation: str | None) -> Fault | None:
        """The fault of a request, which is then used up by one."""
        return self._take(lambda fault: fault.kind != "refuse" and fault.operation in {None, operation})

    def take_refusal(self) -> Fault | None:
        """The fault of a connection that is not even made, which is then used up by one."""
        return self._take(lambda fault: fault.kind == "refuse")

    def clear(self) -> int:
        """Forget them, and give how many there were."""
        count = len(self.faults)
        self.faults.clear()
        return count

    def _take(self, concerns: Callable[[Fault], bool]) -> Fault | None:
        for index, fault in enumerate(self.faults):
            if not concerns(fault):
                continue
            if fault.after:
                self.faults[index] = evolve(fault, after=fault.after - 1)
                return None
            if fault.times == 1:
                del self.faults[index]
            else:
                self.faults[index] = evolve(fault, times=fault.times - 1)
            return fault
        return None


class FaultLayer:
    """The layer before the application: passes requests on, or fails them as the plan says."""

    def __init__(
        self, app: ASGIApp, plan: Plan, dialects: Sequence[Dialect[Any]], numbers: itertools.count[int]
    ) -> None:
        self._app = app
        self._plan = plan
        self._dialects = {dialect.name: dialect for dialect in dialects}
        self._numbers = numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange: Exchange | None = scope.get(EXCHANGE)
        fault = None
        if exchange is not None and exchange.operation is not None:
            fault = self._plan.take(exchange.operation)
        if exchange is None or fault is None:
            await self._app(scope, receive, send)
            return
        exchange.fault = fault.kind
        match fault:
            case Fault(kind="latency"):
                await anyio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case Fault(kind="slow"):
                await self._app({**scope, SLOW: fault.seconds}, receive, send)
            case Fault(kind="reset_before"):
                await _reset(scope, receive)
            case Fault(kind="status" | "html" | "rate_limit"):
                await self._respond_with(fault, self._dialects[exchange.api], scope, send)
            case _:
                response = await self._response(scope, receive)
                await _spoil(response, fault, scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of the response that the application gives."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return messages[0]["status"], list(messages[0]["headers"]), body

    async def _respond_with(self, fault: Fault, dialect: Dialect[Any], scope: Scope, send: Send) -> None:
        request = Request(scope)
        with contextlib.suppress(Refused):  # an ID of the caller's that is not valid: it has one of ours then
            dialect.request_id(request, next(self._numbers))
        request_id = scope[EXCHANGE].request_id = request.state.request_id
        status = 429 if fault.kind == "rate_limit" else fault.status
        body, media_type = b"<html><body>The gateway gives up.</body></html>", "text/html"
        if fault.kind != "html":
            code = "RATE_LIMIT_EXCEEDED" if status == 429 else dialect.codes[500]
            error = dialect.error(code, "It was asked to fail.", request_id)
            body, media_type = json.dumps(error).encode(), "application/json"
        headers = {"content-type": media_type, **dialect.headers(request)}
        if fault.retry_after is not None or fault.kind == "rate_limit":
            headers["retry-after"] = str(1 if fault.retry_after is None else fault.retry_after)
        await _send(send, status, [(name.lower().encode(), value.encode()) for name, value in headers.items()], body)


async def _spoil(
    response: tuple[int, list[tuple[bytes, bytes]], bytes], fault: Fault, scope: Scope, receive: Receive, send: Send
) -> None:
    status, headers, body = response
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    match fault.kind:
        case "reset_after":
            await _reset(scope, receive)
        case "reset_body":
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await anyio.sleep(0.05)  # so that what was sent arrives before the reset
            await _reset(scope, receive)
        case "truncated":
            await _send(send, status, kept, body[: len(body) // 2])
        case "malformed":
            await _send(send, status, kept, b"{'request_id': 'req_1', 'data': None}")
        case "content_type":
            others = [(name, value) for name, value in kept if name != b"content-type"]
            await _send(send, status, [*others, (b"content-type", b"text/html")], body)
        case _:  # "drip"
            await send({"type": "http.response.start", "status": status, "headers": headers})
            size = math.ceil(len(body) / DRIPS)
            for start in range(0, len(body), size):
                await anyio.sleep(fault.seconds * size / len(body))
                await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            await send({"type": "http.response.body", "body": b""})


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection below the application.

    ASGI has no word for that, so this reaches for the transport of uvicorn, whose `send` is a method of the object that
    has it. In process there is no connection, and an exception stands for the reset.
    """
    transport: Any = getattr(getattr(scope[CONNECTION], "__self__", None), "transport", None)
    if transport is None:
        raise Disconnected
    scope[EXCHANGE].end()
    sock = transport.get_extra_info("socket")
    sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))  # closing then sends RST, not FIN
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        """Read on until uvicorn knows, or it would complain of a response that never came."""
