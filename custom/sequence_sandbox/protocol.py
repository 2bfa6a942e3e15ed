"""The protocol that all operations share: keys in, request IDs through, envelopes and errors out, pages in between."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from .documented import Json
from .timeline import Event, Timeline

E = TypeVar("E", bound=Event)

DEFAULT_PAGE_SIZE = 20
MAXIMUM_PAGE_SIZE = 100
MAXIMUM_BODY = 65_536
"""Bytes."""
MAXIMUM_CENTS = 9_007_199_254_740_991
MAXIMUM_ID = 255
"""Characters."""

REQUEST_ID = r"[\x21-\x7e]([\t\x20-\x7e]{0,253}[\x21-\x7e])?"
IDEMPOTENCY_KEY = r"[A-Za-z0-9._:/|-]{1,36}"


class Refused(Exception):
    """A response that is an error: its status, code and message, and headers that go with it."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def bad_request(message: str) -> Refused:
    return Refused(400, "bad_request", message)


def not_found(kind: str, identifier: str) -> Refused:
    return Refused(404, "resource_not_found", f"{kind} with id '{identifier}' was not found.")


def api_key(request: Request) -> str:
    """The key in the header `Authorization`; empty where there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme == "ApiKey" else ""


def header(request: Request, name: str, pattern: str) -> str | None:
    """The value of an optional header.

    Raises:
        Refused: 400, where it does not match the pattern.
    """
    value = request.headers.get(name)
    if value is not None and not re.fullmatch(pattern, value):
        raise bad_request(f"Header '{name}' is not valid.")
    return value


async def body_of(request: Request) -> bytes:
    """The body of a request.

    Raises:
        Refused: 400, where it is larger than anything that the API takes.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAXIMUM_BODY:
            raise bad_request(f"The request body is larger than {MAXIMUM_BODY} bytes.")
    return body


class Body:
    """The members of a JSON body, checked as they are read."""

    def __init__(self, request: Request, body: bytes, *, required: bool) -> None:
        if not body and not required:
            self._members: Json = {}
            return
        if not re.match("application/json *(;|$)", request.headers.get("content-type", "")):
            raise bad_request("The request body must be application/json.")
        try:
            members: object = json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise bad_request("The request body is not valid JSON.") from error
        if not isinstance(members, dict):
            raise bad_request("The request body must be an object.")
        self._members = cast("Json", members)

    def identifier(self, name: str) -> str:
        value = self._members.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= MAXIMUM_ID:
            raise bad_request(f"Member '{name}' must be a string of 1 to {MAXIMUM_ID} characters.")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self._members.get(name, "")
        if not isinstance(value, str):
            raise bad_request(f"Member '{name}' must be a string.")
        return value or None

    def cents(self, name: str) -> int:
        value = self._members.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAXIMUM_CENTS:
            raise bad_request(f"Member '{name}' must be a whole number of cents from 1 to {MAXIMUM_CENTS}.")
        return value

    def optional_cents(self, name: str) -> int | None:
        return self.cents(name) if name in self._members else None


def _no_number(name: str) -> None:
    """Refuse NaN and the infinities, which Python reads as numbers and which are no JSON."""
    raise ValueError(f"{name} is no JSON")


def response(request: Request, data: object, page_info: Json | None = None, *, status: int = 200) -> Response:
    """A successful response: the data in its envelope."""
    body: Json = {"request_id": request.state.request_id, "data": data}
    if page_info is not None:
        body["page_info"] = page_info
    return JSONResponse(body, status, headers={"X-Request-ID": request.state.request_id})


def refuse(request: Request, error: Exception) -> Response:
    """The response that a `Refused` is."""
    assert isinstance(error, Refused)  # noqa: S101 - Starlette types handlers for every exception
    body = {"error": {"code": error.code, "message": error.message}}
    return JSONResponse(body, error.status, headers={"X-Request-ID": request.state.request_id, **error.headers})


def no_such_route(_request: Request, error: Exception) -> Response:
    """The response to a path or a method that is not there: 404 in plain text, not the API's error."""
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette types handlers for every exception
    return PlainTextResponse("Not Found", 404)


class Query:
    """The query parameters of a request, checked as they are read."""

    def __init__(self, request: Request) -> None:
        self._parameters = request.query_params

    def text(self, name: str) -> str | None:
        return self._parameters.get(name)

    def identifier(self, name: str) -> str | None:
        value = self._parameters.get(name)
        if value is not None and not 1 <= len(value) <= MAXIMUM_ID:
            raise _bad_parameter(name, f"must have 1 to {MAXIMUM_ID} characters")
        return value

    def required_identifier(self, name: str) -> str:
        value = self.identifier(name)
        if value is None:
            raise _bad_parameter(name, "is required")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        value = self._parameters.get(name)
        if value is not None and value not in choices:
            raise _bad_parameter(name, f"must be one of {', '.join(choices)}")
        return value

    def moment(self, name: str) -> datetime | None:
        value = self._parameters.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise _bad_parameter(name, "must be a timestamp in ISO 8601") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def page_size(self) -> int:
        value = self._parameters.get("first")
        if value is None:
            return DEFAULT_PAGE_SIZE
        if not (re.fullmatch("[0-9]{1,3}", value) and 1 <= int(value) <= MAXIMUM_PAGE_SIZE):
            raise _bad_parameter("first", f"must be a whole number from 1 to {MAXIMUM_PAGE_SIZE}")
        return int(value)


def _bad_parameter(name: str, problem: str) -> Refused:
    return Refused(400, "bad_request", f"Query parameter '{name}' {problem}.")


def page(
    query: Query, timeline: Timeline[E], prefix: str, concerning: str, keep: Callable[[E], bool]
) -> tuple[list[E], Json]:
    """The page of a newest-first list that a request asks for, and its `page_info`.

    A cursor stands for the event whose ID ends like it, so pages stay where they are while newer events arrive.
    """
    size, cursor = query.page_size(), query.text("after")
    last = None
    if cursor is not None:
        last = timeline.get(prefix + cursor.removeprefix("cursor_")) if cursor.startswith("cursor_") else None
        if last is None:
            raise _bad_parameter("after", "is not a cursor of this list")
    shown, has_next_page = timeline.page(
        concerning, keep=keep, start=query.moment("from"), end=query.moment("to"), after=last, size=size
    )
    end_cursor = f"cursor_{shown[-1].id.removeprefix(prefix)}" if shown else None
    return shown, {"has_next_page": has_next_page, "end_cursor": end_cursor}
