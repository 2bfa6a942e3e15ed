"""A local Sequence API: an organization, the keys to it, and the application that serves it."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import anyio
from attrs import frozen
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from .admin import ADMIN_PATH, admin_routes
from .clock import Clock
from .faults import SLOW, Fault, FaultKind, FaultLayer, Plan
from .keys import Key, check_permissions, every_permission
from .limits import Idempotency, RateLimit
from .organization import Organization
from .protocol import (
    IDEMPOTENCY_KEY,
    REQUEST_ID,
    Refused,
    api_key,
    body_of,
    header,
    no_such_route,
    refuse,
)
from .routes import COMING_SOON, OPERATIONS, Call, Handler, operation_of

if TYPE_CHECKING:
    from sequence_sdk import Permissions, SequenceClient

BASE_PATH = "/api/v1"


@frozen(kw_only=True)
class Asked:
    """A request that the sandbox was asked, for assertions."""

    operation: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """In lower case, without `authorization`."""
    body: bytes


class Sandbox:
    """A Sequence API of one organization, with state.

        sandbox = Sandbox()
        async with sandbox.client() as client:
            transfer = await client.transfers.create(
                source_account_id="acc_01HDEF0123", destination_account_id="acc_01HGHI7890", amount_in_cents=5000
            )
            sandbox.advance(seconds=5)
            assert (await client.transfers.get(transfer.id)).status == "complete"

    Attributes:
        app: The ASGI application: the API below `/api/v1`, and control of the sandbox below `/_sandbox`.
        organization: The accounts, cards, rules, transfers and executions.
        requests: What was asked, oldest first.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        transfers: int = 250,
        card_transactions: int = 250,
        rule_executions: int = 50,
        rate_limit: int | None = None,
        coming_soon: bool = True,
        running_clock: bool = False,
        clock_speed: float = 1.0,
        latency: float = 0.0,
    ) -> None:
        """Make a sandbox; two of the same arguments hold the same data.

        Args:
            seed: Varies the amounts and names of what happened before the documented data.
            transfers: How many transfers there are.
            card_transactions: How many card transactions there are.
            rule_executions: How many rule executions there are.
            rate_limit: Requests a minute for each key, a 429 above; None for no limit.
            coming_soon: Whether the operations work that the documentation announces; if not, they are not there.
            running_clock: Whether time runs with the wall clock, or stands still but for `advance`.
            clock_speed: How many seconds pass in a second, if it runs.
            latency: Seconds to wait before every response.
        """
        self.clock = Clock(running=running_clock, speed=clock_speed)
        self.organization = Organization(
            self.clock,
            seed=seed,
            transfers=transfers,
            card_transactions=card_transactions,
            rule_executions=rule_executions,
        )
        self.keys: dict[str, Key] = {}
        self.requests: list[Asked] = []
        self.faults = Plan()
        self._coming_soon = coming_soon
        self._latency = latency
        self._rate_limit = RateLimit(rate_limit)
        self._idempotency = Idempotency()
        self._request_numbers = itertools.count(1)
        starlette = Starlette(
            routes=[
                Mount(ADMIN_PATH, app=Router(admin_routes(self), redirect_slashes=False)),
                Mount(BASE_PATH, app=Router(self._routes(), redirect_slashes=False)),
            ],
            exception_handlers={Refused: refuse, HTTPException: no_such_route},
        )
        self.app = FaultLayer(starlette, self.faults, _operation_at)

    def create_key(self, permissions: list[dict[str, Any]] | None = None, *, key: str | None = None) -> str:
        """Make an API key and give it.

        Args:
            permissions: Its entries, `{"scope": …, "resources": […]}`; without them it may do everything.
            key: The key itself, if it is to be a certain one.

        Raises:
            ValueError: The permissions are not a list of such entries.
        """
        entries = (
            every_permission(self.organization.accounts) if permissions is None else check_permissions(permissions)
        )
        key = key or f"sandbox_{secrets.token_hex(16)}"
        self.keys[key] = Key(key, entries)
        return key

    def advance(self, seconds: float) -> None:
        """Set the clock forward, and do what is then due."""
        self.clock.advance(seconds)
        self.organization.settle()

    def fail(
        self,
        kind: FaultKind,
        operation: str | None = None,
        *,
        times: int = 1,
        after: int = 0,
        seconds: float = 0.0,
        status: int = 503,
        retry_after: int | None = None,
    ) -> None:
        """Make requests fail on purpose; `sequence_sandbox.faults.EXPLANATIONS` says how.

        Args:
            kind: How they fail.
            operation: The operationId of those that fail; without it all do.
            times: How many fail.
            after: How many go well first.
            seconds: How long latency, a drip or a refusal of connections takes.
            status: The status of the kinds `status` and `html`.
            retry_after: Seconds for the header `Retry-After`.

        Raises:
            ValueError: There is no such fault or operation, or a number is out of range.
        """
        names = [name for name, *_ in OPERATIONS]
        if operation is not None and operation not in names:
            raise ValueError(f"there is no operation {operation!r}; use one of {', '.join(names)}")
        fault = Fault(
            kind=kind,
            operation=operation,
            times=times,
            after=after,
            seconds=seconds,
            status=status,
            retry_after=retry_after,
        )
        self.faults.faults.append(fault)

    def client(
        self, permissions: list[dict[str, Any]] | None = None, *, declared: Permissions | None = None, **options: Any
    ) -> SequenceClient:
        """A client of this sandbox that needs no socket, with a key of its own.

        Args:
            permissions: The entries of its key; without them it may do everything.
            declared: What the client is told that its key grants.
            options: Whatever else `SequenceClient` takes. There is no rate limit unless it is given one, so that a test
                of many calls does not wait.
        """
        from .in_process import connect  # noqa: PLC0415 - only this needs the SDK

        options = {"rate_limit": None, **options}
        return connect(self, self.create_key(permissions), permissions=declared, **options)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve it over HTTP on the loopback interface, from a thread, for as long as a `with` block lasts.

        with sandbox.serve() as base_url:
            client = SequenceClient(sandbox.create_key(), base_url=base_url)
        """
        from .server import serve  # noqa: PLC0415 - only this needs uvicorn

        return serve(self, port=port)

    def _routes(self) -> list[Route]:
        """The operations as routes below the base path."""
        return [
            Route(path, self._endpoint(name, handler), methods=[method])
            for name, method, path, handler in OPERATIONS
            if self._coming_soon or name not in COMING_SOON
        ]

    def _endpoint(self, operation: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            request.state.request_id = f"req_01SANDBOX{next(self._request_numbers):07}"
            request.state.request_id = header(request, "X-Request-ID", REQUEST_ID) or request.state.request_id
            await anyio.sleep(self._latency)
            try:
                body = await body_of(request)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody will see it
            self.requests.append(_asked(operation, request, body))
            key = self.keys.get(api_key(request))
            if key is None:
                raise Refused(401, "unauthorized", "Missing or invalid API key.")
            now = self.clock.now()
            self._rate_limit.take(key.name, now)
            self.organization.settle()
            call = Call(request=request, body=body, key=key, organization=self.organization, now=now)
            return await (self._once(operation, handler, call) if request.method == "POST" else _work(handler, call))

        return endpoint

    async def _once(self, operation: str, handler: Handler, call: Call) -> Response:
        """Respond to a write; to one that repeats an earlier one, with the earlier response."""
        idempotency_key = header(call.request, "Idempotency-Key", IDEMPOTENCY_KEY)
        if idempotency_key is None:
            return await _work(handler, call)
        asked = call.request.url.path.encode() + b" " + call.body
        write = self._idempotency.begin(call.key.name, operation, idempotency_key, asked, call.now)
        if write.response is not None:
            status, body = write.response
            headers = {"X-Request-ID": call.request.state.request_id}
            return Response(body, status, headers, media_type="application/json")
        try:
            response = await _work(handler, call)
        except BaseException:
            self._idempotency.abandon(write)
            raise
        write.response = response.status_code, bytes(response.body)
        return response


async def _work(handler: Handler, call: Call) -> Response:
    """Do what was asked, in the time that it is to take."""
    await anyio.sleep(call.request.scope.get(SLOW, 0))
    return handler(call)


def _operation_at(method: str, path: str) -> str | None:
    return operation_of(method, path.removeprefix(BASE_PATH)) if path.startswith(BASE_PATH) else None


def _asked(operation: str, request: Request, body: bytes) -> Asked:
    return Asked(
        operation=operation,
        method=request.method,
        path=request.url.path,
        query=dict(request.query_params),
        headers={name: value for name, value in request.headers.items() if name != "authorization"},
        body=body,
    )
