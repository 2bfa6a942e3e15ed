"""Control of a running sandbox over HTTP, below a path of its own: keys, clock, faults, and what was asked."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from .sandbox import Sandbox

ADMIN_PATH = "/_sandbox"


def admin_routes(sandbox: Sandbox) -> list[Route]:
    """What can be asked below `/_sandbox`; bodies and responses are JSON.

    - `POST keys`: `{"permissions": […], "key": …}`, both optional; responses `{"key": …}`
    - `POST advance`: `{"seconds": …}`
    - `POST faults`: the arguments of `Sandbox.fail`; `DELETE faults` forgets those that are due
    - `GET requests`: what was asked
    """

    def keys(body: Any) -> Any:
        return {"key": sandbox.create_key(body.get("permissions"), key=body.get("key"))}

    def advance(body: Any) -> Any:
        sandbox.advance(body["seconds"])
        return {}

    def fail(body: Any) -> Any:
        sandbox.fail(**body)
        return {}

    def forget(_: Any) -> Any:
        sandbox.faults.faults.clear()
        return {}

    def requests(_: Any) -> Any:
        return [
            {
                "operation": one.operation,
                "method": one.method,
                "path": one.path,
                "query": one.query,
                "headers": one.headers,
                "body": one.body.decode(errors="replace"),
            }
            for one in sandbox.requests
        ]

    return [
        Route("/keys", _endpoint(keys), methods=["POST"]),
        Route("/advance", _endpoint(advance), methods=["POST"]),
        Route("/faults", _endpoint(fail), methods=["POST"]),
        Route("/faults", _endpoint(forget), methods=["DELETE"]),
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
