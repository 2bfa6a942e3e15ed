"""Decides whether a webhook came from Sequence, and reads it. Nothing of a secret or a signature leaves this module."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from sequence_platform_client import WEBHOOKS

from ..clock import SYSTEM_CLOCK
from ..errors import InvalidArgumentError, WebhookVerificationError
from .event import WebhookEvent

SIGNATURE, EVENT_ID = "X-Sequence-Signature", "X-Sequence-Event-Id"

Secrets = str | bytes | Sequence[str | bytes]
"""One secret, or several of which any will do."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: Secrets,
    *,
    tolerance: float | None = 300.0,
    now: float | None = None,
) -> WebhookEvent:
    """Check that a webhook came from Sequence unchanged and lately, and give its event.

        event = webhooks.verify(await request.body(), request.headers, secret)

    It has no memory, so it does not refuse a replay: keep the event's ID under a UNIQUE key in your database, before
    you do anything, and answer with a 2xx at once, whether the ID is new or not. After anything else Sequence delivers
    it again, and the same event may come for up to 24 hours. Whether a repeated delivery is signed anew is not
    documented: where yours are refused as stale, give `tolerance=86400`; the UNIQUE key still protects from replays.

    Args:
        body: The bytes of the request's body as they came: not decoded, and not JSON written anew.
        headers: The request's headers, in any case, such as those of Starlette, FastAPI, aiohttp or httpx.
        secret: The signing secret of the endpoint, or several, any of which will do, while endpoints are replaced. A
            string stands for its UTF-8; give bytes if the secret has to be decoded first.
        tolerance: Seconds that the signature may be older or newer than `now`; None for any time.
        now: The time as Unix seconds; by default the time of this machine.

    Raises:
        WebhookVerificationError: A check failed; the message says which, and what to do. Answer with a 400.
        InvalidArgumentError: An argument cannot be used, such as an empty secret or a body that is no bytes.

    Documentation: https://app.getsequence.io/api/platform/
    """
    try:
        _check_arguments(body, headers, tolerance, now)
        signed_at = _signed_at(body, headers, _keys(secret))
        now = SYSTEM_CLOCK.now().timestamp() if now is None else now
        if tolerance is not None and not abs(now - signed_at) <= tolerance:  # NaN is within reach of nothing
            remedy = "set this machine's clock, or allow more if repeated deliveries are refused so"
            raise WebhookVerificationError(f"it was signed at t={signed_at}, over {tolerance:g} s from now: {remedy}")
        return _event(body, _header(headers, EVENT_ID))
    except (InvalidArgumentError, WebhookVerificationError) as error:
        del headers, secret  # no traceback through this frame may show them
        raise error.with_traceback(None)  # noqa: B904 - nor the frames that it comes from


def _check_arguments(body: bytes, headers: Mapping[str, str], tolerance: float | None, now: float | None) -> None:
    if not isinstance(body, bytes):
        raise InvalidArgumentError(f"body must be the request's bytes as they came, not {type(body).__name__}")
    readable = False
    with suppress(ValueError):  # there may be one that cannot be decoded
        readable = isinstance(headers, Mapping) and all(
            isinstance(one, str) for pair in headers.items() for one in pair
        )
    if not readable:
        raise InvalidArgumentError("headers must be a mapping of strings to strings, such as request.headers")
    for name, value in (("tolerance", tolerance), ("now", now)):
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise InvalidArgumentError(f"{name} must be a number of seconds or None, not {type(value).__name__}")
    if tolerance is not None and not 0 <= tolerance <= 1e300:
        raise InvalidArgumentError("tolerance must be 0 seconds or more and finite, or None for any time")


def _keys(secret: Secrets) -> list[bytes]:
    given = [secret] if isinstance(secret, str | bytes) else secret
    if not isinstance(given, Sequence) or not given or not all(isinstance(one, str | bytes) for one in given):
        raise InvalidArgumentError("secret must be a string or bytes, or a list of one or more of these")
    if not all(given) or any(isinstance(one, str) and one != one.strip() for one in given):
        raise InvalidArgumentError("a secret is empty, or has spaces or line breaks around it: give it as it was shown")
    return [one.encode(errors="surrogatepass") if isinstance(one, str) else one for one in given]


def _header(headers: Mapping[str, str], name: str) -> str:
    found = [value for key, value in headers.items() if key.lower() == name.lower()]
    if len(found) != 1:
        raise WebhookVerificationError(f"it has {len(found)} headers {name}, not one: look what it passes on its way")
    return found[0]


def _signed_at(body: bytes, headers: Mapping[str, str], keys: Sequence[bytes]) -> int:
    """When the body was signed, in Unix seconds."""
    text = _header(headers, SIGNATURE).lower().encode(errors="replace")
    times, signatures = (re.findall(rb"(?<![^,\s])%b=([^,\s]*)" % name, text) for name in (b"t", b"v1"))
    if len(times) != 1 or not re.fullmatch(rb"[0-9]{1,15}", times[0]):
        raise WebhookVerificationError(f"{SIGNATURE} does not have one t in Unix seconds: do not trust this webhook")
    expected = [hmac.digest(key, times[0] + b"." + body, "sha256").hex().encode() for key in keys]
    # All pairs are compared, whichever agrees: the time that it takes must not tell.
    if not sum(hmac.compare_digest(one, another) for one in expected for another in signatures):
        raise WebhookVerificationError(f"no v1 of {SIGNATURE} fits: give this endpoint's secret, and the body as sent")
    return int(times[0])


def _event(body: bytes, event_id: str) -> WebhookEvent:
    try:
        # Whatever the type of an event, its body is the same; a type that is not known yet is read, too.
        found = WEBHOOKS["transfer.changed"].decode(body)
        raw = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WebhookVerificationError(f"it takes a newer SDK to read the signed body: {error}") from error
    if found.id != event_id:
        raise WebhookVerificationError(f"{EVENT_ID} names another event than the body: do not trust this webhook")
    return WebhookEvent(id=found.id, type=found.type, resource=found.resource, created_at=found.created_at, raw=raw)
