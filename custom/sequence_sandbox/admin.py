"""Control of a running sandbox over HTTP, below a path of its own: keys, clock, faults, webhooks, what was asked."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .clock import iso

if TYPE_CHECKING:
    from .sandbox import Sandbox

ADMIN_PATH = "/_sandbox"


def admin_routes(sandbox: Sandbox) -> list[Route]:
    """What can be asked below `/_sandbox`; bodies and responses are JSON.

    - `POST keys`: the arguments of `Sandbox.create_key`, all optional; responses `{"key": …}`
    - `POST advance`: `{"seconds": …}`
    - `POST faults`: the arguments of `Sandbox.fail`; `DELETE faults` forgets those that are due
    - `POST settings`: `{"late_gets": …}`
    - `POST rules`: `{"activate": …}`, the ID of a rule
    - `POST webhooks`: the arguments of `Webhooks.register`; responses `{"url": …, "secret": …}`
    - `GET deliveries`: what was sent to webhooks
    - `GET requests`: what was asked
    """

    def keys(body: Any) -> Any:
        return {"key": sandbox.create_key(**body)}

    def advance(body: Any) -> Any:
        sandbox.advance(body["seconds"])
        return {}

    def fail(body: Any) -> Any:
        sandbox.fail(**body)
        return {}

    def forget(_: Any) -> Any:
        sandbox.faults.faults.clear()
        return {}

    def settings(body: Any) -> Any:
        late_gets = body["late_gets"]
        if not isinstance(late_gets, int) or late_gets < 0:
            raise ValueError("late_gets must be a whole number, 0 or more")
        sandbox.settings.late_gets = late_gets
        return {}

    def rules(body: Any) -> Any:
        sandbox.activate_rule(body["activate"])
        return {}

    def webhooks(body: Any) -> Any:
        endpoint = sandbox.webhooks.register(**body)
        return {"url": endpoint.url, "secret": endpoint.secret}

    def deliveries(_: Any) -> Any:
        return [
            {
                "event_id": one.event_id,
                "type": one.type,
                "resource_id": one.resource_id,
                "url": one.endpoint.url,
                "created_at": iso(one.created),
                "attempts": [{"at": iso(attempt.at), "status": attempt.status} for attempt in one.attempts],
                "is_delivered": one.is_delivered,
                "next_attempt_at": one.next_attempt and iso(one.next_attempt),
            }
            for one in sandbox.webhooks.deliveries
        ]

    def requests(_: Any) -> Any:
        return [
            {
                "api": one.api,
                "operation": one.operation,
                "method": one.method,
                "path": one.path,
                "query": one.query,
                "headers": one.headers,
                "body": one.body.decode(errors="replace"),
                "at": iso(one.at),
                "key_id": one.key_id,
                "key_label": one.key_label,
                "permission": one.permission,
                "grant": one.grant,
                "status": one.status,
                "code": one.code,
                "request_id": one.request_id,
                "idempotency_key": one.idempotency_key,
                "is_repeat": one.is_repeat,
                "fault": one.fault,
                "duration": one.duration,
            }
            for one in sandbox.requests
        ]

    return [
        Route("/keys", _endpoint(keys), methods=["POST"]),
        Route("/advance", _endpoint(advance), methods=["POST"]),
        Route("/faults", _endpoint(fail), methods=["POST"]),
        Route("/faults", _endpoint(forget), methods=["DELETE"]),
        Route("/settings", _endpoint(settings), methods=["POST"]),
        Route("/rules", _endpoint(rules), methods=["POST"]),
        Route("/webhooks", _endpoint(webhooks), methods=["POST"]),
        Route("/deliveries", _endpoint(deliveries), methods=["GET"]),
        Route("/requests", _endpoint(requests), methods=["GET"]),
    ]


def _endpoint(act: Callable[[Any], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            return JSONResponse(act(json.loads(body or b"{}")))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return JSONResponse({"error": {"code": "bad_request", "message": str(error)}}, 400)

    return endpoint
