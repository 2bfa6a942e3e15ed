"""Decides what a response means: the model that it holds, or the error that it is.

Pure functions over (operation, request, status, headers, body). Documentation: the responses of
https://cartesio.getsequence.io/docs/accounts/getAccount, whose error body all operations share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from attrs import field, frozen

from sequence_api_client import Operation, Request

from . import errors
from .errors import Missing
from .paths import disagreement
from .redaction import printable
from .retries import retry_after

if TYPE_CHECKING:
    from .permissions import Requirement

ResponseT = TypeVar("ResponseT")

_STATUS_ERRORS: dict[int, type[errors.APIStatusError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
}

# The codes of a 403 that are about the key's permissions; `forbidden` is documented, the other is the later API's.
_PERMISSION_CODES = {"forbidden", "maximum_amount_exceeded"}

# The later API's code for an idempotency key that came with another request before.
_MISMATCH_CODES = {"idempotency_key_mismatch"}


class _ErrorDetail(msgspec.Struct, frozen=True):
    code: str | None = None
    message: str | None = None


class _ErrorBody(msgspec.Struct, frozen=True):
    error: _ErrorDetail


@frozen(kw_only=True)
class Received:
    """What came back over HTTP."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)  # a server may echo what it was sent
    """By name, whatever its case."""
    content: bytes = field(repr=False)
    request_id: str
    """From the response's header if it can be shown, or else the one that was sent."""


def decode(
    operation: Operation[ResponseT], request: Request, response: Received, scrub: Callable[[str], str]
) -> ResponseT:
    """The model in a successful response. `scrub` removes the API key from a text.

    Raises:
        APIResponseValidationError: It is not what the operation responds with, or is not about what was asked.
    """
    model = _decode(operation, response)
    found = disagreement(operation.echoes, request.arguments, model, scrub)
    if found is not None:
        raise invalid_response(operation, response, *found)
    return model


def _decode(operation: Operation[ResponseT], response: Received) -> ResponseT:
    media_type = response.headers.get("content-type", "")
    if media_type and not _is_json(media_type):
        raise invalid_response(operation, response, None, f"expected application/json, got {printable(media_type)}")
    try:
        return operation.decode(response.content)
    except msgspec.ValidationError as error:
        path, problem = _split_problem(printable(str(error)))
        raise invalid_response(operation, response, path, problem) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = f"it is not JSON: {error}" if response.content else "it is empty"
        raise invalid_response(operation, response, None, problem) from error
    except RecursionError as error:
        raise invalid_response(operation, response, None, "it is nested too deeply") from error


def invalid_response(
    operation: Operation[ResponseT], response: Received, path: str | None, problem: str
) -> errors.APIResponseValidationError:
    """The error for a response that cannot be read."""
    accepted = operation.method != "GET" and 200 <= response.status_code < 300
    done = " The server accepted the call, so what it asks for may have been done." if accepted else ""
    return errors.APIResponseValidationError(
        f"{operation.id}: the response ({response.status_code}) is not as documented: {problem}"
        f"{f' at {path}' if path else ''}.{done} Its {len(response.content)} bytes are in .content "
        f"(request {response.request_id})",
        operation=operation.id,
        path=path,
        problem=problem,
        **_attributes(response),
    )


def error_for(
    operation: Operation[ResponseT], request: Request, response: Received, *, now: datetime, scrub: Callable[[str], str]
) -> errors.APIStatusError:
    """The error that a response outside 2xx is.

    Args:
        operation: What was called.
        request: What was sent.
        response: What came back.
        now: The time, for a `Retry-After` that is a date.
        scrub: Removes the API key from a text, which the server may have echoed.
    """
    said = _error_body(response.content, scrub)
    facts = {"operation": operation.id, "code": said.code, "message": said.message, **_attributes(response)}
    headline = f"{response.status_code} {said.code}" if said.code else str(response.status_code)
    suffix = f"(request {response.request_id})"
    if response.status_code != 403:
        explanation = said.message or _explanation(operation, response)
        fallback = errors.InternalServerError if response.status_code >= 500 else errors.APIStatusError
        cls = _STATUS_ERRORS.get(response.status_code, fallback)
        if cls is errors.RateLimitError:
            facts["retry_after"] = retry_after(response.headers, now)
        if response.status_code == 400 and (said.code or "").lower() in _MISMATCH_CODES:
            cls = errors.IdempotencyKeyMismatchError
            explanation += (
                ". The idempotency key was used for another request before, which may have been done: find out what it "
                "did, and give this one a key of its own"
            )
        return cls(f"{headline}: {operation.id}: {explanation} {suffix}", **facts)
    code = (said.code or "").lower()
    if code not in _PERMISSION_CODES:
        if code:
            why = f"by its code not for a missing permission. The server says: {said.message or 'nothing more.'}"
        else:
            why = f"and the response, {_body_in_words(response)}, does not say why."
        return errors.PermissionDeniedError(f"{headline}: {operation.id} was refused, {why} {suffix}", **facts)
    from .permissions import requirement  # noqa: PLC0415 - most programs never need it

    needed = requirement(operation, request.arguments)
    missing: Missing | None = "amount" if code == "maximum_amount_exceeded" else None
    lack = f" ({_lack(missing, needed)})" if missing else ""
    server = f"The server says: {said.message}\n" if said.message else ""
    return errors.PermissionDeniedError(
        f"{headline}: {operation.id} needs {needed}, which this API key does not grant{lack}.\n"
        f"{server}{_remedy(needed)}   {suffix}",
        missing=missing,
        **facts,
        **_needs(needed),
    )


def refusal(
    operation: Operation[ResponseT], needed: Requirement, missing: Missing, request_id: str
) -> errors.PermissionDeniedError:
    """The error for a call that declared permissions do not grant, made before anything is sent."""
    return errors.PermissionDeniedError(
        f"403 forbidden: {operation.id} needs {needed}, which the declared permissions do not grant "
        f"({_lack(missing, needed)}); nothing was sent.\n{_remedy(needed)}",
        operation=operation.id,
        code="forbidden",
        message=None,
        missing=missing,
        local=True,
        **_attributes(Received(status_code=403, headers={}, content=b"", request_id=request_id)),
        **_needs(needed),
    )


def _attributes(response: Received) -> dict[str, Any]:
    """What every error keeps of a response."""
    return {
        "request_id": response.request_id,
        "status_code": response.status_code,
        "headers": response.headers,
        "content": response.content,
    }


def _needs(needed: Requirement) -> dict[str, Any]:
    """What a missing permission's error says of it."""
    return {
        "scope": needed.scope,
        "resources": needed.resources,
        "resource_hint": needed.hint,
        "grant": needed.grant,
    }


def _remedy(needed: Requirement) -> str:
    narrower = f', or with the ID of {needed.hint} instead of "*"' if needed.resources is None else ""
    return f"Add to the key: {needed.grant}{narrower}"


def _lack(missing: Missing, needed: Requirement) -> str:
    return {
        "scope": f"they have no {needed.scope}",
        "resource": f"they have {needed.scope}, but not on this",
        "amount": "the amount is above max_amount",
    }[missing]


def _explanation(operation: Operation[ResponseT], response: Received) -> str:
    said = f"the server sent {_body_in_words(response)} instead of the API's error"
    if 300 <= response.status_code < 400:
        said += "; redirects are not followed, so that the API key goes nowhere else: check base_url"
    elif response.status_code == 404:
        said += "; check base_url" if operation.available else "; the endpoint is documented as coming soon"
    return f"{said}. The body is in .content"


def _body_in_words(response: Received) -> str:
    media_type = printable(response.headers.get("content-type", "no content type").split(";", maxsplit=1)[0])
    return f"{len(response.content)} bytes of {media_type}"


def _is_json(media_type: str) -> bool:
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _error_body(content: bytes, scrub: Callable[[str], str]) -> _ErrorDetail:
    """What the API's error body says, in a form that can be shown; nothing where the body is something else."""
    try:
        said = msgspec.json.decode(content, type=_ErrorBody).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _ErrorDetail()
    return _ErrorDetail(
        code=None if said.code is None else printable(scrub(said.code)),
        message=None if said.message is None else printable(scrub(said.message)),
    )


def _split_problem(text: str) -> tuple[str, str]:
    """A message of msgspec as a JSON path and what is wrong there.

    It ends in the path; for a part that went through the decode hook in several, of which the innermost comes first.
    """
    problem, *paths = re.split(r" - at `\$([^`]*)`", text)
    return "$" + "".join(reversed(paths[0::2])), problem
