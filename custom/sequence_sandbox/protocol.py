"""The protocol that all operations share: keys in, request IDs through, envelopes and errors out, pages in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from .documented import Json

DEFAULT_PAGE_SIZE = 20
MAXIMUM_PAGE_SIZE = 100


class Refused(Exception):
    """An answer that is an error: its status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def not_found(kind: str, identifier: str) -> Refused:
    return Refused(404, "resource_not_found", f"{kind} with id '{identifier}' was not found.")


def api_key(request: Request) -> str:
    """The key in the header `Authorization`; empty where there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme == "ApiKey" else ""


def answer(request: Request, data: object, page_info: Json | None = None) -> JSONResponse:
    """A successful answer: the data in its envelope."""
    body: Json = {"request_id": request.state.request_id, "data": data}
    if page_info is not None:
        body["page_info"] = page_info
    return JSONResponse(body, headers={"X-Request-ID": request.state.request_id})


def refuse(request: Request, error: Exception) -> Response:
    """The answer that a `Refused` is."""
    assert isinstance(error, Refused)  # noqa: S101 - Starlette types handlers for every exception
    body = {"error": {"code": error.code, "message": error.message}}
    return JSONResponse(body, error.status, headers={"X-Request-ID": request.state.request_id})


def no_such_route(_request: Request, error: Exception) -> Response:
    """The answer to a path or a method that is not there: 404 in plain text, not the API's error."""
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette types handlers for every exception
    return PlainTextResponse("Not Found", 404)


class Query:
    """The query parameters of a request, checked as they are read."""

    def __init__(self, request: Request) -> None:
        self._parameters = request.query_params

    def text(self, name: str) -> str | None:
        return self._parameters.get(name)

    def required(self, name: str) -> str:
        value = self._parameters.get(name)
        if not value:
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


def created_between(item: Json, start: datetime | None, end: datetime | None) -> bool:
    """Whether an object was created in a range of time, both ends included."""
    created = datetime.fromisoformat(item["created_at"])
    return (start is None or created >= start) and (end is None or created <= end)


def page(query: Query, items: Sequence[Json], find: Callable[[str], Json | None]) -> tuple[list[Json], Json]:
    """The page of a newest-first list that a request asks for, and its `page_info`.

    A cursor stands for an object, so pages stay where they are while newer objects arrive; `find` gives the object
    whose ID ends like a cursor.
    """
    size, cursor = query.page_size(), query.text("after")
    if cursor is not None:
        last = find(cursor.removeprefix("cursor_")) if cursor.startswith("cursor_") else None
        if last is None:
            raise _bad_parameter("after", "is not a cursor of this list")
        behind = (last["created_at"], last["id"])
        items = [item for item in items if (item["created_at"], item["id"]) < behind]
    shown = list(items[:size])
    end_cursor = f"cursor_{shown[-1]['id'].partition('_')[2]}" if shown else None
    return shown, {"has_next_page": len(items) > size, "end_cursor": end_cursor}
