"""What v1's requests and responses have in common: request IDs through, envelopes out, pages in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..documented import Json
from ..protocol import MAXIMUM_CENTS, MAXIMUM_ID, header, members_of
from ..refusals import Refused, bad_request
from ..timeline import Event, Timeline

E = TypeVar("E", bound=Event)

DEFAULT_PAGE_SIZE = 20
MAXIMUM_PAGE_SIZE = 100

REQUEST_ID = r"[\x21-\x7e]([\t\x20-\x7e]{0,253}[\x21-\x7e])?"


def not_found(kind: str, identifier: str) -> Refused:
    return Refused(404, "resource_not_found", f"{kind} with id '{identifier}' was not found.")


class Body:
    """The members of a JSON body, checked as they are read."""

    def __init__(self, request: Request, body: bytes, *, required: bool) -> None:
        if not body and not required:
            self._members: Json = {}
        else:
            self._members = members_of(request, body)

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


def response(request: Request, data: object, page_info: Json | None = None, *, status: int = 200) -> Response:
    """A successful response: the data in its envelope."""
    body: Json = {"request_id": request.state.request_id, "data": data}
    if page_info is not None:
        body["page_info"] = page_info
    return JSONResponse(body, status, headers=headers(request))


def error(code: str, message: str, _request_id: str) -> Json:
    """The body of an error. Its request ID is in a header."""
    return {"error": {"code": code, "message": message}}


def headers(request: Request) -> dict[str, str]:
    return {"X-Request-ID": request.state.request_id}


def give_request_id(request: Request, number: int) -> None:
    """Give a request an ID: its own, if it has one.

    Raises:
        Refused: 400, where its own is not valid.
    """
    request.state.request_id = f"req_01SANDBOX{number:07}"
    request.state.request_id = header(request, "X-Request-ID", REQUEST_ID) or request.state.request_id


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
    return bad_request(f"Query parameter '{name}' {problem}.")


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
