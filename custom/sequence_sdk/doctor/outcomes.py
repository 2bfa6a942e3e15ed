"""What a response, or none, means for who has a key: outcomes without values. Pure functions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeAlias, cast

import msgspec
from attrs import frozen

from sequence_runtime import Operation, Response

from .. import errors
from .differences import members, word

Verdict: TypeAlias = Literal[
    "answers", "refused", "key_not_accepted", "nothing", "limited", "broken", "unreadable", "unreachable"
]
"""`refused` is a permission that is missing; `nothing` is no answer and no fault: what was asked for is not there."""

ENDS = {"limited", "unreachable", "key_not_accepted"}
"""After what nothing more is asked."""
NO_CONNECTION = {
    r"getaddrinfo|name resolution|name or service|nodename|no address": "its name is not known here (DNS)",
    r"certificate|ssl|tls|handshake": "no trustworthy TLS connection: its certificate, or something in between",
    r"proxy|\b407\b": "the proxy that the environment names did not let the request through",
    r"refused|unreachable|connection attempts": "no connection: refused, or no way to the server",
}
"""What exceptions of HTTP libraries say, and what it comes to."""
OWN_REFUSALS: tuple[tuple[type[errors.APIError], Verdict, str], ...] = (
    (errors.AuthenticationError, "key_not_accepted", ""),
    (errors.RateLimitError, "limited", "the rate limit of the key is used up: try again in a minute"),
    (errors.UnsupportedResourceError, "nothing", "it is there, and this version of the API cannot show it"),
    (errors.NotFoundError, "nothing", "not found"),
)
"""What errors in the API's own format mean."""


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
    operation: Operation[Any, Any], found: Response | errors.APIError, sent: datetime, received: datetime
) -> Outcome:
    """What a response, or an error, means.

    Args:
        operation: What was asked.
        found: What came of it.
        sent: When it was asked, by this machine's clock.
        received: And when that came.
    """
    code, own = getattr(found, "code", None), _in_apis_words(operation, found)
    verdict, says = _verdict(operation, found, own=own)
    return Outcome(
        operation=operation.id,
        verdict=verdict,
        status=found.status_code,
        code=word(code) if code else None,
        says=says,
        in_apis_words=own,
        clock_offset=clock_offset(getattr(found, "headers", {}).get("date", ""), sent, received),
    )


def _verdict(  # noqa: PLR0911 - one a kind
    operation: Operation[Any, Any], found: Response | errors.APIError, *, own: bool
) -> tuple[Verdict, str]:
    said = f"the status is {found.status_code}"
    if isinstance(found, Response):
        return "answers", "" if found.status_code == 200 else said
    if isinstance(found, errors.APIConnectionError):
        return "unreachable", why_unreachable(found)
    kind = _kind(getattr(found, "content", b""))
    if isinstance(found, errors.APIResponseValidationError):
        return "unreadable", f"{said}, with {kind} that is not as documented"
    if own and found.status_code == 403 and (found.code or "").lower() in operation.contract.denied:
        return "refused", ""
    for error, verdict, meaning in OWN_REFUSALS:
        if own and isinstance(found, error):
            return verdict, meaning
    if found.status_code == 404 and not operation.available:
        return "nothing", "documented as coming soon, and not there yet"
    redirect = ", a redirect: it is not followed, so that the key goes nowhere else"
    said = said if own else f"{said}, with {kind} instead of the API's own error"
    return "broken", f"{said}{redirect if 300 <= (found.status_code or 0) < 400 else ''}"


def _in_apis_words(operation: Operation[Any, Any], found: Response | errors.APIError) -> bool:
    """Whether it is the API that responds; a response that cannot be read must at least begin like the API's."""
    if isinstance(found, errors.APIResponseValidationError):
        known: Any = operation.response
        body = decoded(found.content)
        return isinstance(body, dict) and any(name in members(known) for name in cast("dict[str, object]", body))
    return isinstance(found, Response) or (isinstance(found, errors.APIStatusError) and found.is_apis_own)


def _kind(content: bytes) -> str:
    """What a body is, without a word of it."""
    if content.lstrip()[:1] == b"<":
        return "a page of HTML"
    return ("text that is no JSON" if decoded(content) is None else "JSON") if content.strip() else "no body"


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
    return next((words for one, words in NO_CONNECTION.items() if re.search(one, said, re.IGNORECASE)), "it broke off")


def clock_offset(date: str, sent: datetime, received: datetime) -> float | None:
    """Seconds by which this machine's clock is ahead of the server's, as far as a header `Date` shows that.

    The header has whole seconds, which servers write once a second, at some moment between the two: within that the
    clocks agree.
    """
    try:
        server = parsedate_to_datetime(date)
        least, most = (sent - server - timedelta(seconds=2)).total_seconds(), (received - server).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return round(max(least, 0.0) or min(most, 0.0), 1)
