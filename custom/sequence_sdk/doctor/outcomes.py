"""What a response, or none, means for who has a key: outcomes without values. Pure functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

import msgspec
from attrs import frozen

from sequence_runtime import Contract, Operation, Response

from .. import errors
from .differences import word

Verdict: TypeAlias = Literal[
    "answers",
    "refused",
    "key_not_accepted",
    "not_found",
    "not_there",
    "unsupported",
    "limited",
    "failed",
    "unreadable",
    "unreachable",
    "unsendable",
]
"""`refused` is a permission that is missing; `not_there` an operation that is documented as coming soon; `unsupported`
what is there, and this version of the API cannot show."""

REASONS: tuple[tuple[str, str], ...] = (
    (r"getaddrinfo|name resolution|name or service|nodename|no address", "its name is not known here (DNS)"),
    (r"certificate|ssl|tls|handshake", "no trustworthy TLS connection (a certificate, or something in between)"),
    (r"proxy", "the proxy that the environment names did not let the request through"),
    (r"refused|unreachable|all connection attempts failed", "no connection: refused, or no way to the server"),
    (r"timed? ?out", "no connection in time"),
)
"""What exceptions of HTTP libraries say, and what it comes to."""


@frozen(kw_only=True)
class Outcome:
    """What became of one request. It holds no value of the organization's."""

    operation: str
    verdict: Verdict
    status: int | None = None
    """None where no response came."""
    code: str | None = None
    """The API's error code."""
    says: str = ""
    """What is wrong, in words."""
    in_apis_words: bool = False
    """Whether the response is in the API's own format, so that it is the API that responds."""
    clock_offset: float | None = None
    """Seconds by which this machine's clock is ahead of the server's; below zero where it is behind."""


def outcome(
    operation: Operation[object, object], found: Response | errors.APIError, sent: datetime, received: datetime
) -> Outcome:
    """What a response, or an error, means.

    Args:
        operation: What was asked.
        found: What came of it.
        sent: When it was asked, by this machine's clock.
        received: And when that came.
    """
    status, code = getattr(found, "status_code", None), getattr(found, "code", None)
    headers = getattr(found, "headers", {})
    verdict, says = _verdict(operation, found)
    return Outcome(
        operation=operation.id,
        verdict=verdict,
        status=status,
        code=word(code) if code else None,
        says=says,
        in_apis_words=_in_apis_words(found),
        clock_offset=clock_offset(headers.get("date", ""), sent, received),
    )


def _verdict(operation: Operation[object, object], found: Response | errors.APIError) -> tuple[Verdict, str]:
    own = _in_apis_words(found)
    match found:
        case Response():
            return "answers", "" if found.status_code == 200 else f"the status is {found.status_code}, not 200"
        case errors.APIConnectionError():
            return "unreachable", why_unreachable(found)
        case errors.APIResponseValidationError():
            return "unreadable", f"the response ({found.status_code}) is not as documented: {_kind(found.content)}"
        case errors.AuthenticationError() if own:
            return "key_not_accepted", ""
        case errors.RateLimitError() if own:
            return "limited", "the rate limit of the key is used up: try again in a minute"
        case errors.PermissionDeniedError() if own and _is_of_permissions(operation.contract, found.code):
            return "refused", ""
        case errors.UnsupportedResourceError() if own:
            return "unsupported", "it is there, and this version of the API cannot show it"
        case errors.NotFoundError() if own:
            return "not_found", "not found"
        case errors.NotFoundError() if not operation.available:
            return "not_there", "documented as coming soon, and not there yet"
        case errors.APIStatusError():
            return "failed", f"the status is {found.status_code}" if own else _of_something_else(found)
        case _:
            return "failed", "the request could not be made"


def _is_of_permissions(contract: Contract, code: str | None) -> bool:
    return (code or "").lower() in contract.denied


def _in_apis_words(found: Response | errors.APIError) -> bool:
    match found:
        case Response():
            return True
        case errors.APIResponseValidationError():
            return isinstance(decoded(found.content), dict)
        case errors.APIStatusError():
            return found.is_apis_own
        case _:
            return False


def _of_something_else(found: errors.APIStatusError) -> str:
    said = f"the status is {found.status_code}, with {_kind(found.content)} instead of the API's own error"
    if 300 <= found.status_code < 400:
        return f"{said}: a redirect, which is not followed, so that the key goes nowhere else"
    return f"{said}: a gateway without an API behind it" if found.status_code in {502, 503, 504} else said


def _kind(content: bytes) -> str:
    """What a body is, without a word of it."""
    if not content.strip():
        return "no body"
    if content.lstrip()[:1] == b"<":
        return "a page of HTML"
    return "text that is no JSON" if decoded(content) is None else "JSON"


def decoded(content: bytes) -> object:
    """The JSON in a body; None where there is none."""
    try:
        found: object = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found


def why_unreachable(error: errors.APIConnectionError) -> str:
    """Why no response came, in plain words, and without what a server or a proxy may have sent."""
    if isinstance(error, errors.APITimeoutError):
        return "no response in time"
    said = str(error.__cause__ or error)
    return next((words for pattern, words in REASONS if re.search(pattern, said, re.IGNORECASE)), "it broke off")


def clock_offset(date: str, sent: datetime, received: datetime) -> float | None:
    """Seconds by which this machine's clock is ahead of the server's, as far as a header `Date` shows that.

    The header has whole seconds, and was written at some moment between the two: within that the clocks agree.
    """
    try:
        server = parsedate_to_datetime(date)
        least, most = (sent - server - timedelta(seconds=1)).total_seconds(), (received - server).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return round(max(least, 0.0) or min(most, 0.0), 1)
