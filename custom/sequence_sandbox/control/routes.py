"""The application that a sandbox is controlled by: reads what is asked, does it, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..dialects import Dialect
from ..mistakes import in_words
from ..structs import convert
from .actions import ACTIONS, Action
from .bodies import Mistake, Mistaken
from .document import document
from .events import EVENTS_PATH, events
from .guard import NotAllowed, check, check_media_type
from .page import routes as page_routes
from .view import about

if TYPE_CHECKING:
    from ..sandbox import Sandbox

CONTROL_PATH = "/_sandbox"
_CODES: Mapping[int, Any] = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found"}


class _Wrong(Exception):
    """What is asked is not as it should be; the text says what is wrong, and what is right."""


def control(sandbox: Sandbox, token: str | None, dialects: list[Dialect[Any]]) -> Starlette:
    """All that can be done below `/_sandbox`; with a token, only for those who have it.

    The page is given to all who can reach a sandbox with a token, as a browser has no token yet when it opens a page,
    and there is nothing secret in it.

    Raises:
        ValueError: The token is empty, as anybody has that one.
    """
    if token == "":
        raise ValueError("the control token must not be empty")

    def endpoint(actions: list[Action]) -> Callable[[Request], Awaitable[Response]]:
        by_method: dict[str, Action] = {action.method: action for action in actions}

        async def respond(request: Request) -> Response:
            _guard(request, token)
            action = by_method["GET" if request.method == "HEAD" else request.method]
            try:
                shown = action.act(sandbox, await _asked(request, action))
                return _json(await shown if isawaitable(shown) else shown)
            except (_Wrong, ValueError) as error:
                return _mistake(400, str(error), action.example)
            except ClientDisconnect:
                return Response(status_code=499)  # nobody will see it

        return respond

    async def describe(request: Request) -> Response:
        _guard(request, token)
        return _json(document(ACTIONS, CONTROL_PATH))

    async def watch(request: Request) -> Response:
        _guard(request, token)
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        return events(sandbox, seen, request)

    def guard_page(request: Request) -> None:
        if token is None:
            _guard(request, token)

    seen = about(dialects)
    ordered = sorted(ACTIONS, key=lambda action: action.path)
    routes = [
        Route(path, endpoint(actions), methods=[one.method for one in actions])
        for path, actions in ((path, [*found]) for path, found in groupby(ordered, lambda action: action.path))
    ]
    app = Starlette(
        routes=[
            Route("/openapi.json", describe),
            Route(EVENTS_PATH, watch, methods=["GET"]),
            *page_routes(guard_page),
            *routes,
        ],
        exception_handlers={NotAllowed: _refuse, HTTPException: _nothing_there},
    )
    app.router.redirect_slashes = False
    return app


def _guard(request: Request, token: str | None) -> None:
    check(request.headers, client=None if request.client is None else request.client.host, token=token)


async def _asked(request: Request, action: Action) -> Struct:
    """What a request asks for."""
    if not action.has_body:
        return _read(dict(request.query_params), action.asked)
    if request.query_params:
        raise _Wrong("what is to be done goes into the body, not into the query")
    check_media_type(request.headers.get("content-type", ""))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > action.maximum_body:
            raise _Wrong(f"the body is larger than {action.maximum_body} bytes")
    try:
        return _read(msgspec.json.decode(body or b"{}"), action.asked, strict=True)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _Wrong(f"the body is not valid JSON: {error}") from error
    except RecursionError as error:
        raise _Wrong("the body is nested too deeply") from error


def _read(members: object, into: type[Struct], *, strict: bool = False) -> Struct:
    try:
        return convert(members, into, strict=strict)
    except msgspec.ValidationError as error:
        place, what = in_words(error, into)
        raise _Wrong(f"{place or ('the body' if strict else 'the query')}: {what}") from error


def _json(shown: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(shown), status, media_type="application/json")


def _mistake(status: int, message: str, example: Any = None) -> Response:
    return _json(Mistaken(error=Mistake(code=_CODES[status], message=message, example=example)), status)


def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAllowed)  # noqa: S101 - Starlette types handlers for every exception
    return _mistake(error.status, str(error))


def _nothing_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette types handlers for every exception
    there = f"GET {CONTROL_PATH}/openapi.json says what there is"
    return _mistake(404, f"there is no {request.method} {request.url.path}; {there}")
