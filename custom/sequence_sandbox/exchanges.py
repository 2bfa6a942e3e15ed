"""One request's way through a sandbox: who asks, whether they may ask again, whether it is a repeat, the response."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from attrs import define, evolve, field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from .dialects import C, Dialect, Settings
from .faults import SLOW
from .keys import Key
from .limits import Idempotency, RateLimit
from .organization import Organization
from .protocol import IDEMPOTENCY_KEY, api_key, body_of, header, no_such_route
from .recorded import EXCHANGE, Exchange
from .refusals import Denied, Refused, unauthorized


@define(kw_only=True)
class Gate:
    """What all requests share, in whichever dialect they come."""

    organization: Organization
    settings: Settings
    rate_limit: RateLimit
    latency: float
    keys: dict[str, Key] = field(factory=dict[str, Key])
    idempotency: Idempotency = field(factory=Idempotency)
    numbers: itertools.count[int] = field(factory=lambda: itertools.count(1))

    def reset(self, organization: Organization) -> None:
        """Serve another organization, with the same keys, and forget who asked how often and for what."""
        self.organization = organization
        self.settings.reset()
        self.rate_limit.reset()
        self.idempotency = Idempotency()
        for key in self.keys.values():
            key.grants["v1"] = evolve(key.grants["v1"], accounts=organization.accounts)

    def mount(self, dialect: Dialect[C]) -> Mount:
        """A dialect's operations as routes below its base path."""
        routes = [
            Route(path, self._endpoint(dialect, name, handler), methods=[method])
            for name, method, path, handler in dialect.operations
        ]

        def refuse(request: Request, error: Exception) -> Response:
            assert isinstance(error, Refused)  # noqa: S101 - Starlette types handlers for every exception
            return _refusal(dialect, request, error)

        app = Starlette(routes=routes, exception_handlers={Refused: refuse, HTTPException: no_such_route})
        app.router.redirect_slashes = False
        return Mount(dialect.base_path, app=app)

    def _endpoint(
        self, dialect: Dialect[C], operation: str, handler: Callable[[C], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            exchange: Exchange = request.scope[EXCHANGE]
            try:
                dialect.request_id(request, next(self.numbers))
            finally:
                exchange.request_id = request.state.request_id
            await anyio.sleep(self.latency)
            try:
                body = await body_of(request)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody will see it
            key = self.keys.get(api_key(request.headers, dialect.scheme))
            if key is None:
                raise unauthorized()
            grants = key.grants[dialect.name].watched()
            call = dialect.call(
                operation=operation,
                request=request,
                body=body,
                key=key,
                grants=grants,
                organization=self.organization,
                settings=self.settings,
                now=self.organization.clock.now(),
            )
            try:
                response = await self._respond(dialect, operation, handler, call)
            except Refused as error:
                if isinstance(error, Denied):
                    exchange.permission = "denied"
                dialect.done(call, error.code or dialect.codes[error.status])
                raise
            finally:
                if grants.needed:
                    exchange.permission, exchange.grant = exchange.permission or "granted", grants.needed[-1]
            dialect.done(call, None)
            return response

        return endpoint

    async def _respond(
        self, dialect: Dialect[C], operation: str, handler: Callable[[C], Response], call: C
    ) -> Response:
        self.rate_limit.take(call.key.name, call.now)
        self.organization.settle()
        if operation not in dialect.idempotent:
            return await _work(handler, call)
        return await self._once(dialect, operation, handler, call)

    async def _once(self, dialect: Dialect[C], operation: str, handler: Callable[[C], Response], call: C) -> Response:
        """Respond to a write; to one that repeats an earlier one, with the earlier response."""
        idempotency_key = header(call.request, "Idempotency-Key", IDEMPOTENCY_KEY)
        if idempotency_key is None:
            return await _work(handler, call)
        asked = call.request.url.path.encode() + b" " + call.body
        name = f"{dialect.name} {operation}"
        write = self.idempotency.begin(call.key.name, name, idempotency_key, asked, call.now)
        if write.response is not None:
            call.request.scope[EXCHANGE].is_repeat = True
            status, body = write.response
            return Response(body, status, dialect.headers(call.request), media_type="application/json")
        try:
            response = await _work(handler, call)
        except BaseException:
            self.idempotency.abandon(write)
            raise
        write.response = response.status_code, bytes(response.body)
        return response


async def _work(handler: Callable[[C], Response], call: C) -> Response:
    """Do what was asked, in the time that it is to take."""
    await anyio.sleep(call.request.scope.get(SLOW, 0))
    return handler(call)


def _refusal(dialect: Dialect[Any], request: Request, error: Refused) -> Response:
    code = request.scope[EXCHANGE].code = error.code or dialect.codes[error.status]
    body = dialect.error(code, error.message, request.state.request_id)
    return JSONResponse(body, error.status, headers={**dialect.headers(request), **error.headers})
