"""Decides what a response means: the model that it holds, or the error that it is. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from reprlib import repr as short
from sys import intern
from typing import Any, TypeVar, cast

import msgspec
from msgspec.structs import asdict, replace

from sequence_runtime import Call, Contract, Operation, Response
from sequence_runtime.pages import found_at

from . import errors
from .errors import BEFORE_ANY_WORK, Missing
from .redaction import printable
from .requirements import Requirement, requirement
from .retries import retry_after
from .simulation import expected

ResponseT = TypeVar("ResponseT")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_STATUS_ERRORS: dict[int, type[errors.APIStatusError]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
}


class Received(Response, frozen=True, kw_only=True):
    """What came back over HTTP."""

    request_id: str
    """From the response's header if it can be shown, or else the one that was sent."""


def decode(call: Call[ResponseT, Any], response: Received, scrub: Callable[[str], str]) -> ResponseT:
    """The model in a successful response. `scrub` removes the API key from a text.

    Raises:
        APIResponseValidationError: It is not what the operation responds with, or is not about what was asked.
    """
    model = _decode(call.operation, response, scrub)
    arguments, absent = expected(call)
    found = disagreement(call.operation.echoes, arguments, model, scrub, absent=absent)
    if found is not None:
        raise invalid_response(call.operation, response, *found, scrub)
    return model


def values_at(node: object, path: str) -> list[object]:
    """What a model holds at a path such as `data[].account_id`, in its members and the items of its lists; no None."""
    nodes: tuple[object, ...] = (node,)
    for name, is_list in _steps(path):
        if is_list:
            nodes = tuple(item for node in nodes for item in getattr(node, name, None) or ())
        elif len(nodes) == 1:  # which most paths have, at every call
            nodes = (getattr(nodes[0], name, None),)
        else:
            nodes = tuple(getattr(node, name, None) for node in nodes)
    return [node for node in nodes if node is not None]


@cache
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    """The members that a path goes by, which are those of contracts, and whether each is a list."""
    return tuple((intern(step.removesuffix("[]")), step.endswith("[]")) for step in path.split("."))


def disagreement(
    echoes: Iterable[tuple[str, str]],
    arguments: Mapping[str, object],
    model: object,
    scrub: Callable[[str], str] = str,
    *,
    absent: Mapping[str, object] = {},
) -> tuple[str, str] | None:
    """Where a model is about something else than was asked, as a path and what is wrong there; None where it is not.

    Args:
        echoes: Arguments, each with the path at which the model repeats it. What is None at either is not compared.
        arguments: What the operation was called with.
        model: What the path begins at.
        scrub: Removes what is secret from a text, before it is shortened.
        absent: What a model means that does not repeat an argument.
    """
    for argument, path in echoes:
        asked = arguments.get(argument)
        if asked is None:
            continue
        for value in values_at(model, path) or [absent.get(argument, asked)]:
            if not _is_same(value, asked):
                shown = scrub(str(value)) if isinstance(value, str) else value
                problem = f"it is about something else: {argument} was {short(asked)}, and this is {short(shown)}"
                return f"$.{path}", problem
    return None


def _is_same(value: object, asked: object) -> bool:
    """Whether two values are the same; UUIDs are, whatever the case of their letters."""
    return value == asked or (
        isinstance(value, str) and isinstance(asked, str) and canonical(value) == canonical(asked)
    )


def canonical(id: str) -> str:
    """An ID as it is compared: the letters of a UUID have no case."""
    return id.lower() if _UUID.fullmatch(id) else id


def request_id(contract: Contract, model: object, scrub: Callable[[str], str]) -> str:
    """The identifier that a successful response has for its request; nothing where that is in a header."""
    found = None if contract.response_id is None else found_at(model, contract.response_id)
    return shown_id(found, scrub) if isinstance(found, str) else ""


def shown_id(text: str, scrub: Callable[[str], str]) -> str:
    """The identifier of a request, if it can be shown."""
    return text if text.isprintable() and len(text) <= 255 and scrub(text) == text else ""


def _decode(operation: Operation[ResponseT, Any], response: Received, scrub: Callable[[str], str]) -> ResponseT:
    media_type = response.headers.get("content-type", "")
    if media_type and not _is_json(media_type):
        raise invalid_response(
            operation, response, None, f"expected application/json, got {printable(media_type)}", scrub
        )
    try:
        return operation.decode(response.content)
    except msgspec.ValidationError as error:
        path, problem = _split_problem(printable(str(error)))
        raise invalid_response(operation, response, path, problem, scrub) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = f"it is not JSON: {error}" if response.content else "it is empty"
        raise invalid_response(operation, response, None, problem, scrub) from error
    except RecursionError as error:
        raise invalid_response(operation, response, None, "it is nested too deeply", scrub) from error


def invalid_response(
    operation: Operation[Any, Any], response: Received, path: str | None, problem: str, scrub: Callable[[str], str]
) -> errors.APIResponseValidationError:
    """The error for a response that cannot be read."""
    response = replace(response, request_id=_said(operation, response.content, scrub)[2] or response.request_id)
    accepted = operation.method != "GET" and 200 <= response.status_code < 300
    done = " The server accepted the call, so what it asks for may have been done." if accepted else ""
    return errors.APIResponseValidationError(
        f"{operation.id}: the response ({response.status_code}) is not as documented: {problem}"
        f"{f' at {path}' if path else ''}.{done} Its {len(response.content)} bytes are in .content"
        f"{errors.of_request(response.request_id)}",
        operation=operation.id,
        path=path,
        problem=problem,
        **asdict(response),
    )


def error_for(
    call: Call[Any, Any], response: Received, *, now: datetime, scrub: Callable[[str], str]
) -> errors.APIStatusError:
    """The error that a response outside 2xx is.

    Args:
        call: What was called.
        response: What came back.
        now: The time, for a `Retry-After` that is a date.
        scrub: Removes the API key from a text, which the server may have echoed.
    """
    operation, status = call.operation, response.status_code
    code, message, named = _said(operation, response.content, scrub)
    response = replace(response, request_id=named or response.request_id)
    facts = {"operation": operation.id, "code": code, "message": message, **asdict(response)}
    facts["in_progress"] = _in_progress(operation, status, code)
    headline, suffix = f"{status} {code}" if code else str(status), errors.of_request(response.request_id)
    if status == 403:
        unsupported = (code or "").lower() in operation.contract.unsupported
        cls = errors.UnsupportedResourceError if unsupported else errors.PermissionDeniedError
        explanation = _denial(call, code, message, response, facts)
        return cls(f"{headline}: {operation.id} {explanation}{suffix}", **facts)
    explanation = message or _explanation(operation, response)
    found = _STATUS_ERRORS.get(status, errors.InternalServerError if status >= 500 else errors.APIStatusError)
    if found is errors.RateLimitError:
        facts["retry_after"] = retry_after(response.headers, now)
    idempotency = operation.contract.idempotency
    if status == 400 and idempotency is not None and (code or "").lower() in idempotency.mismatch:
        found = errors.IdempotencyKeyMismatchError
        explanation = (
            f"{explanation.rstrip('.')}. The idempotency key was used for another request before, which may have been "
            "done: find out what it did, and give this one a key of its own"
        )
    return found(f"{headline}: {operation.id}: {explanation}{suffix}", **facts)


def _denial(
    call: Call[Any, Any], code: str | None, message: str | None, response: Received, facts: dict[str, Any]
) -> str:
    """What a 403 is about, in words; what is missing is added to `facts`, where it is a permission."""
    permission, denied = call.operation.permission, call.operation.contract.denied
    if permission is None or (code or "").lower() not in denied:
        if code:
            return (
                f"was refused, by its code not for a missing permission. The server says: {message or 'nothing more.'}"
            )
        return f"was refused, and the response, {_body_in_words(response)}, does not say why."
    needed = requirement(call.operation.id, permission, call.request.arguments)
    missing: Missing | None = denied[(code or "").lower()]
    facts.update(_facts(needed), missing=missing)
    lack = f" ({_lack(missing, needed)})" if missing else ""
    server = f"The server says: {message}\n" if message else ""
    otherwise = f", or else {permission.otherwise}" if permission.otherwise and not missing else ""
    several = needed.resources is not None and len(needed.resources) > 1
    verdict = "not all of which this API key grants" if several else "which this API key does not grant"
    return f"needs {needed}, {verdict}{lack}{otherwise}.\n{server}{_remedy(needed)}  "


def refusal(
    operation: Operation[Any, Any], needed: Requirement, missing: Missing, request_id: str
) -> errors.PermissionDeniedError:
    """The error for a call that declared permissions do not grant, made before anything is sent."""
    code = next(iter(operation.contract.denied), "forbidden")
    return errors.PermissionDeniedError(
        f"403 {code}: {operation.id} needs {needed}, which the declared permissions do not grant "
        f"({_lack(missing, needed)}); nothing was sent.\n{_remedy(needed)}",
        operation=operation.id,
        code=code,
        missing=missing,
        local=True,
        request_id=request_id,
        status_code=403,
        headers={},
        content=b"",
        **_facts(needed),
    )


def _facts(needed: Requirement) -> dict[str, Any]:
    """What a missing permission's error says of it."""
    return {"scope": needed.scope, "resources": needed.resources, "resource_hint": needed.hint, "grant": needed.grant}


def _remedy(needed: Requirement) -> str:
    narrower = f', or with the ID of {needed.hint} instead of "*"' if needed.resources is None else ""
    return f"Add to the key: {needed.grant}{narrower}"


def _lack(missing: Missing, needed: Requirement) -> str:
    return {
        "scope": f"they have no {needed.scope}",
        "resource": f"they have {needed.scope}, but not on this",
        "amount": "the amount is above max_amount",
    }[missing]


def _explanation(operation: Operation[Any, Any], response: Received) -> str:
    said = f"the server sent {_body_in_words(response)} instead of the API's error"
    if 300 <= response.status_code < 400:
        said += "; redirects are not followed, so that the API key goes nowhere else: check base_url"
    elif response.status_code == 404:
        said += "; check base_url" if operation.available else "; the endpoint is documented as coming soon"
    return f"{said}. The body is in .content"


def _body_in_words(response: Received) -> str:
    media_type = printable(response.headers.get("content-type", "no content type").split(";", maxsplit=1)[0])
    return f"{len(response.content)} bytes of {media_type}"


@lru_cache(64)
def _is_json(media_type: str) -> bool:
    kind = media_type.split(";", maxsplit=1)[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _said(
    operation: Operation[Any, Any], content: bytes, scrub: Callable[[str], str]
) -> tuple[str | None, str | None, str]:
    """Code, message and request ID of the API's error, as they can be shown; None where the body is something else."""
    form = operation.contract.errors
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, None, ""
    named = _at(body, form.request_id) if form.request_id else None
    request_id = shown_id(named, scrub) if isinstance(named, str) else ""
    said = [_at(body, path) for path in (form.code, form.message)]
    if not all(one is None or isinstance(one, str) for one in said):
        return None, None, request_id
    code, message = (None if one is None else printable(scrub(str(one))) for one in said)
    return code, message, request_id


def _at(node: Any, path: tuple[str, ...]) -> object:
    """What JSON has at a path; None where it has nothing there."""
    for name in path:
        node = cast("dict[str, Any]", node).get(name) if isinstance(node, dict) else None
    return node


def _in_progress(operation: Operation[Any, Any], status: int, code: str | None) -> bool:
    """Whether a refusal says that an earlier request with the same idempotency key has not been finished."""
    idempotency = operation.contract.idempotency
    return (
        idempotency is not None
        and 400 <= status < 500
        and status not in BEFORE_ANY_WORK
        and (code or "").strip().lower().endswith(idempotency.in_progress)
    )


def _split_problem(text: str) -> tuple[str, str]:
    """A message of msgspec as a JSON path and what is wrong there.

    It ends in the path; for a part that went through the decode hook in several, of which the innermost comes first.
    """
    problem, *paths = re.split(r" - at `\$([^`]*)`", text)
    return "$" + "".join(reversed(paths[0::2])), problem
