"""What both dialects read in the same way: keys, headers and bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from .documented import Json
from .refusals import bad_request

MAXIMUM_BODY = 65_536
"""Bytes."""
MAXIMUM_CENTS = 9_007_199_254_740_991
MAXIMUM_ID = 255
"""Characters."""

IDEMPOTENCY_KEY = r"[A-Za-z0-9._:/|-]{1,36}"


def api_key(headers: Mapping[str, str], scheme: str) -> str:
    """The key in the header `Authorization`; empty where there is none."""
    its_scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if its_scheme == scheme else ""


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


def members_of(request: Request, body: bytes) -> Json:
    """The members of the JSON object that a body is.

    Raises:
        Refused: 400, where it is none.
    """
    if not re.match("application/json *(;|$)", request.headers.get("content-type", "")):
        raise bad_request("The request body must be application/json.")
    try:
        members: object = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise bad_request("The request body is not valid JSON.") from error
    if not isinstance(members, dict):
        raise bad_request("The request body must be an object.")
    try:
        json.dumps(members, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise bad_request("The request body has a number or a text that JSON cannot say.") from error
    return cast("Json", members)


def _no_number(name: str) -> None:
    """Refuse NaN and the infinities, which Python reads as numbers and which are no JSON."""
    raise ValueError(f"{name} is no JSON")


def no_such_route(_request: Request, error: Exception) -> Response:
    """The response to a path or a method that is not there: 404 in plain text, not the API's error."""
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette types handlers for every exception
    return PlainTextResponse("Not Found", 404)
