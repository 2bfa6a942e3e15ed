"""What a sandbox was asked, and what came of it: each exchange in order, those that a fault ended among them."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, overload

import anyio
from attrs import define, field
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .dialects import Dialect, operation_of
from .keys import API, Entry, Key
from .protocol import MAXIMUM_BODY, api_key

EXCHANGE = "sequence_sandbox.exchange"
"""Where the scope of a request has its exchange."""
CONNECTION = "sequence_sandbox.connection"
"""Where it has the `send` of the server."""

KEPT = 10_000
MOST_BYTES = 32 * 1024 * 1024
"""How many bytes of bodies are kept at most: the oldest requests are forgotten above."""
SECRET = {"authorization", "cookie", "proxy-authorization", "x-api-key"}


@define(kw_only=True, eq=False, repr=False)
class Exchange:
    """A request, and what came of it."""

    api: API
    operation: str | None
    """The operationId; None where the API has no such path or method."""
    method: str
    path: str
    query: dict[str, str | list[str]]
    """Those that are given more than once have all their values."""
    headers: dict[str, str]
    """In lower case, without those that hold secrets, such as `authorization`."""
    body: bytes
    """Of a body larger than the API takes, the beginning."""
    at: datetime
    """When it came in, by the sandbox's clock."""
    number: int = field(factory=itertools.count(1).__next__, init=False)
    """Rises from request to request, in all sandboxes of a process."""
    key_id: str | None = None
    """Which of the sandbox's keys asked; None where it was none of them."""
    key_label: str | None = None
    permission: Literal["granted", "denied"] | None = None
    """What was decided; None where that was not looked at, as for a repeat that gets the first one's response."""
    grant: Entry | None = None
    """The entry that was needed: of a request that was denied, the one that its key lacks."""
    status: int | None = None
    """That of the response; None where none began to be sent."""
    code: str | None = None
    """The code of the error that the API responded with; none of a fault's."""
    request_id: str | None = None
    idempotency_key: str | None = None
    is_repeat: bool = False
    """Whether the response is an earlier one's, which had the same idempotency key."""
    fault: str | None = None
    """The kind of fault that it met."""
    duration: float | None = None
    """Seconds, by the machine's clock; None as long as it lasts."""
    _key: str | None = field(default=None, alias="key")
    _began: float = field(factory=time.monotonic, init=False)

    def __repr__(self) -> str:
        """Such as `<createTransfer 201>`, `<createTransfer reset_after>` or `<listRules 403 without LIST_RULES>`."""
        words = [self.operation or f"{self.method} {self.path}"]
        if self.status is not None:
            words.append(str(self.status))
        if self.permission == "denied" and self.grant is not None:
            words += ["without", str(self.grant["scope"])]
        if self.is_repeat:
            words.append("again")
        if self.fault is not None:
            words.append(self.fault)
        return f"<{' '.join(words)}>"

    def end(self) -> None:
        """Keep how long it took, before anybody can see its end."""
        if self.duration is None:
            self.duration = time.monotonic() - self._began

    def is_of(self, key: str) -> bool:
        """Whether a key asked, which is given itself, or by its ID or its label."""
        return key in {self._key, self.key_id, self.key_label}


class Requests(Sequence[Exchange]):
    """Exchanges, oldest first.

        retried = sandbox.requests.where(operation="createTransfer", method="POST")
        assert [one.fault for one in retried] == ["reset_after", None]

    A sandbox keeps the newest of them: 10,000 unless it is made with another `kept_requests`.
    """

    def __init__(
        self, operations: Collection[str], faults: Collection[str], kept: int, exchanges: Iterable[Exchange] = ()
    ) -> None:
        self._known: dict[str, Collection[str]] = {
            "operation": operations,
            "api": ("v1", "platform"),
            "method": ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
            "fault": faults,
        }
        self._lock = threading.Lock()
        self._kept = deque(exchanges, maxlen=kept)
        self._bytes = 0

    def __repr__(self) -> str:
        return repr(self._all())

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        return self._all()[index]

    def where(
        self,
        *,
        operation: str | None = None,
        api: API | None = None,
        method: str | None = None,
        status: int | None = None,
        key: str | None = None,
        fault: str | bool | None = None,
    ) -> Requests:
        """Those that are as is said; what is not said may be anything.

        Args:
            operation: The operationId.
            api: `v1` or `platform`.
            method: Such as `POST`.
            status: That of the response.
            key: The API key, its ID or its label.
            fault: The kind of fault that they met; True for any, False for none.

        Raises:
            ValueError: There is no such operation, API, method or fault, so that nothing could ever be found.
        """
        keep = self._filter(operation=operation, api=api, method=method, status=status, key=key, fault=fault)
        kept = self._kept.maxlen or 0
        return Requests(self._known["operation"], self._known["fault"], kept, filter(keep, self._all()))

    def clear(
        self,
        *,
        operation: str | None = None,
        api: API | None = None,
        method: str | None = None,
        status: int | None = None,
        key: str | None = None,
        fault: str | bool | None = None,
    ) -> int:
        """Forget those that are as is said, as for `where`: without anything said, all. Gives how many.

        Raises:
            ValueError: As for `where`.
        """
        forget = self._filter(operation=operation, api=api, method=method, status=status, key=key, fault=fault)
        with self._lock:
            before = len(self._kept)
            self._kept = deque((one for one in self._kept if not forget(one)), maxlen=self._kept.maxlen)
            self._bytes = sum(len(one.body) for one in self._kept)
            return before - len(self._kept)

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange, and forget the oldest one where they are too many."""
        with self._lock:
            if len(self._kept) == self._kept.maxlen and self._kept:
                self._bytes -= len(self._kept[0].body)
            self._kept.append(exchange)
            self._bytes += len(exchange.body)
            while self._bytes > MOST_BYTES and len(self._kept) > 1:
                self._bytes -= len(self._kept.popleft().body)

    def _all(self) -> list[Exchange]:
        with self._lock:
            return list(self._kept)

    def _filter(self, **wanted: str | int | bool | None) -> Callable[[Exchange], bool]:
        for name, known in self._known.items():
            value = wanted[name]
            if isinstance(value, str) and value not in known:
                raise ValueError(f"there is no {name} {value!r}; use one of {', '.join(known)}")
        key, fault = wanted.pop("key"), wanted.pop("fault")
        same = {name: value for name, value in wanted.items() if value is not None}

        def keep(one: Exchange) -> bool:
            return (
                all(getattr(one, name) == value for name, value in same.items())
                and (not isinstance(key, str) or one.is_of(key))
                and (fault is None or fault in {one.fault, one.fault is not None})
            )

        return keep


class Recorder:
    """The outermost layer of the application: keeps what is asked of the APIs, and what was responded."""

    def __init__(
        self,
        app: ASGIApp,
        requests: Requests,
        *,
        dialects: Sequence[Dialect[Any]],
        keys: Mapping[str, Key],
        now: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._keys = keys
        self._requests = requests
        self._dialects = dialects
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"] if scope["type"] == "http" else ""
        if not any(path.startswith(f"{one.base_path}/") for one in self._dialects):
            await self._app(scope, receive, send)
            return
        body, received = await _beginning(receive)
        exchange = self.begin(scope["method"], path, scope["query_string"], Headers(scope=scope), body=body)

        async def replay() -> Message:
            if received and not received[-1].get("more_body", False):
                with anyio.move_on_after(0):  # who has left meanwhile, such as during a latency, is not served
                    return await receive()
            return received.popleft() if received else await receive()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
            elif not message.get("more_body", False):
                exchange.end()
            await send(message)

        try:
            await self._app({**scope, EXCHANGE: exchange, CONNECTION: send}, replay, watch)
        finally:
            exchange.end()

    def begin(
        self, method: str, path: str, query: bytes, headers: Mapping[str, str], *, body: bytes, fault: str | None = None
    ) -> Exchange:
        """Keep a request below one of the APIs' paths, of which it is not known yet what comes of it."""
        dialect = next(one for one in self._dialects if path.startswith(f"{one.base_path}/"))
        key = self._keys.get(api_key(headers, dialect.scheme))
        exchange = Exchange(
            api=dialect.name,
            operation=operation_of(dialect.operations, method, path.removeprefix(dialect.base_path)),
            method=method,
            path=path,
            query=_parameters(QueryParams(query)),
            headers={name: value for name, value in headers.items() if name not in SECRET},
            body=body,
            at=self._now(),
            key=None if key is None else key.name,
            key_id=None if key is None else key.id,
            key_label=None if key is None else key.label,
            idempotency_key=headers.get("idempotency-key"),
            fault=fault,
        )
        self._requests.add(exchange)
        return exchange


def _parameters(query: QueryParams) -> dict[str, str | list[str]]:
    found = {name: query.getlist(name) for name in query}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


async def _beginning(receive: Receive) -> tuple[bytes, deque[Message]]:
    """A request's body, as far as an API would read it, and the messages that it came in."""
    body, received = b"", deque[Message]()
    while len(body) <= MAXIMUM_BODY:
        message = await receive()
        received.append(message)
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body[:MAXIMUM_BODY], received
