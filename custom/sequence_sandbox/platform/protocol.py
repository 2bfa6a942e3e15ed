"""What the platform API's requests and responses have in common: IDs, members, pages, windows of time, envelopes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from attrs import frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import dialects
from ..clock import iso
from ..documented import Json
from ..protocol import members_of
from ..refusals import Refused, bad_request
from ..structs import convert
from .identifiers import internal_id, is_uuid

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 10
MAXIMUM_PAGE_SIZE = 100
WINDOW = timedelta(days=90)
"""How far back the audit log and external transactions go."""
_MOMENT = r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
_FARTHEST_PAGE = 10**15


def give_request_id(request: Request, number: int) -> None:
    request.state.request_id = f"req-{number:07}"


def headers(_request: Request) -> dict[str, str]:
    """There are none beside those of every response."""
    return {}


def error(code: str, message: str, request_id: str) -> Json:
    """The body of an error."""
    return {"error": {"code": code, "message": message}, "requestId": request_id}


def not_found(kind: str, identifier: str) -> Refused:
    """Something is not there; `kind` is as in its code, such as `RULE_EXECUTION`."""
    return Refused(404, f"{kind}_NOT_FOUND", f"There is no {kind.replace('_', ' ').lower()} with ID '{identifier}'.")


def invalid_rule(status: int, message: str) -> Refused:
    return Refused(status, "INVALID_RULE", message)


@frozen(kw_only=True)
class Call(dialects.Call):
    """A request to respond to."""

    def path(self, name: str) -> str:
        """A UUID in the path.

        Raises:
            Refused: 400, where it is none.
        """
        identifier: str = self.request.path_params[name]
        if not is_uuid(identifier):
            raise bad_request(f"Path parameter '{name}' must be a UUID.")
        return identifier.lower()

    def text(self, name: str) -> str | None:
        return self.request.query_params.get(name)

    def uuid(self, name: str, *, required: bool = False) -> str | None:
        value = self.text(name)
        if (value is None and required) or (value is not None and not is_uuid(value)):
            raise _bad_parameter(name, "must be a UUID" if value else "is required")
        return value and value.lower()

    def uuids(self, name: str) -> list[str]:
        """The members of a required array, each as `name[]`; several can come as `name`, too."""
        parameters = self.request.query_params
        several = parameters.getlist(name)
        values = parameters.getlist(f"{name}[]") or (several if len(several) > 1 else [])
        if not values or not all(map(is_uuid, values)):
            raise _bad_parameter(f"{name}[]", "must be UUIDs" if values else "is required")
        return [value.lower() for value in values]

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        value = self.text(name)
        if value is not None and value not in choices:
            raise _bad_parameter(name, f"must be one of {', '.join(choices)}")
        return default if value is None else value

    def moment(self, name: str) -> datetime | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            if not re.fullmatch(_MOMENT, value, re.ASCII):
                raise ValueError
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise _bad_parameter(name, "must be a timestamp as RFC 3339 has it, with its offset") from error

    def window(self) -> tuple[datetime, datetime, Json]:
        """The range of time that is asked for, as far as it is within the last 90 days, and how to show it."""
        start, end = self.moment("from"), self.moment("to") or self.now
        oldest = self.now - WINDOW
        effective = oldest if start is None else max(start, oldest)
        is_truncated = start is not None and start < oldest
        return effective, end, {"from": iso(effective), "to": iso(end), "truncated": is_truncated}

    def members(self, body: type[T]) -> T:
        """The body, as a struct has it.

        Raises:
            Refused: 400, where it is another one.
        """
        return converted(members_of(self.request, self.body), body)

    def response(self, data: object, *, status: int = 200) -> Response:
        return JSONResponse({"data": data, "requestId": self.request.state.request_id}, status)

    def page(self, found: Iterable[T], show: Callable[[T], Json], window: Json | None = None) -> Response:
        """The page of a list that is asked for."""
        number, size = (
            self._count("page", 1, _FARTHEST_PAGE),
            self._count("pageSize", DEFAULT_PAGE_SIZE, MAXIMUM_PAGE_SIZE),
        )
        start = (number - 1) * size
        taken = list(itertools.islice(found, start, start + size + 1))
        data: Json = {
            "items": [show(one) for one in taken[:size]],
            "pagination": {"page": number, "pageSize": size, "hasNextPage": len(taken) > size},
        }
        return self.response(data if window is None else {**data, "window": window})

    def _count(self, name: str, default: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        if not re.fullmatch("[0-9]{1,15}", value) or not 1 <= int(value) <= most:
            raise _bad_parameter(name, f"must be a whole number from 1 to {most}")
        return int(value)


def converted(members: object, body: type[T]) -> T:
    """Members of a body, as a struct has them.

    Raises:
        Refused: 400, where they are others.
    """
    try:
        return convert(members, body)
    except (msgspec.ValidationError, RecursionError) as error:
        raise bad_request(f"The request body is not as it must be: {error}") from error


def _bad_parameter(name: str, problem: str) -> Refused:
    return bad_request(f"Query parameter '{name}' {problem}.")


def internal(identifier: str | None, kind: str) -> str | None:
    """The organization's ID of what a UUID stands for, or one that nothing has; None for no UUID."""
    return None if identifier is None else internal_id(identifier, kind) or ""
