"""Webhooks: what Sequence signed is let in, anything else is refused with a reason, and events lead to what changed."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import math
import pickle
import re
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import Route

import sequence_sdk
from sequence_platform_client import CONTRACT, api, models
from sequence_sdk import (
    FINAL_ERRORS,
    ConfigurationError,
    InternalServerError,
    InvalidArgumentError,
    NotFoundError,
    SequenceError,
    WebhookVerificationError,
)
from sequence_sdk.binding import Resource, operation
from sequence_sdk.client import Client
from sequence_sdk.session import Session
from sequence_sdk.webhooks import WebhookEvent, verify

from ..clocks import StandingClock
from ..conftest import API_KEY, Server

SECRET = "whsec_5f2c9e71b0a84d36"
EVENT_ID = "5ea90c37-f41b-4d82-9b06-c2d7e8a1603f"
TRANSFER_ID = "6d19b8e4-a07f-43c2-8b54-e7f301c92da8"
SIGNED_AT = 1784106155
BODY = (
    b'{"id":"5ea90c37-f41b-4d82-9b06-c2d7e8a1603f","type":"transfer.changed","resource":{"type":"transfer",'
    b'"id":"6d19b8e4-a07f-43c2-8b54-e7f301c92da8"},"created_at":"2026-07-15T09:02:35Z"}'
)
# From `openssl dgst -sha256 -hmac`, so that this does not only agree with itself.
SIGNATURE = "d7e69f11fa0dec3a6fd7420e72b7c5130668afaabfe14ffe463ac1f8d41857e3"
HEADERS = {"X-Sequence-Signature": f"t={SIGNED_AT},v1={SIGNATURE}", "X-Sequence-Event-Id": EVENT_ID}


def signature(body: bytes, secret: str | bytes = SECRET, t: str = str(SIGNED_AT)) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, t.encode() + b"." + body, hashlib.sha256).hexdigest()


def headers(body: bytes, *, event_id: str = EVENT_ID, t: str = str(SIGNED_AT)) -> dict[str, str]:
    return {"x-sequence-signature": f"t={t},v1={signature(body, t=t)}", "x-sequence-event-id": event_id}


def with_signature(value: str) -> dict[str, str]:
    return HEADERS | {"X-Sequence-Signature": value}


def body_of(**members: object) -> bytes:
    return json.dumps(json.loads(BODY) | members).encode()


def verified(
    body: bytes = BODY, given: Mapping[str, str] = HEADERS, secret: Any = SECRET, **options: Any
) -> WebhookEvent:
    return verify(body, given, secret, **{"now": SIGNED_AT, **options})


# ------------------------------------------------------------------------------------------------------ what is let in


def test_an_event_that_sequence_signed_is_read() -> None:
    event = verified()
    assert event == WebhookEvent(
        id=EVENT_ID,
        type=models.WebhookEventType.TRANSFER_CHANGED,
        resource=models.WebhookResource(type=models.WebhookResourceType.TRANSFER, id=TRANSFER_ID),
        created_at=datetime(2026, 7, 15, 9, 2, 35, tzinfo=UTC),
        raw=json.loads(BODY),
    )
    assert event.raw == json.loads(BODY)


def test_an_event_cannot_be_changed_and_can_be_pickled_copied_and_put_into_a_set() -> None:
    event = verified()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.id = "another"
    for other in (pickle.loads(pickle.dumps(event)), copy.deepcopy(event)):
        assert other == event
        assert other.raw == event.raw
        assert len({event, other}) == 1


def test_types_and_members_that_this_version_does_not_know_are_kept() -> None:
    body = body_of(type="account.changed", resource={"type": "account", "id": "a"}, more={"than": ["before"]})
    event = verified(body, headers(body))
    assert (event.type, event.resource.type, event.resource.id) == ("account.changed", "account", "a")
    assert event.raw["more"] == {"than": ["before"]}
    assert pickle.loads(pickle.dumps(event)) == event


@pytest.mark.parametrize(
    "given",
    [
        {name.lower(): value for name, value in HEADERS.items()},
        {name.upper(): value for name, value in HEADERS.items()},
        HEADERS | {"Content-Type": "application/json"},
        httpx.Headers(HEADERS),
        Headers(HEADERS),
        CIMultiDict(HEADERS),
        CIMultiDictProxy(CIMultiDict(HEADERS)),
    ],
    ids=lambda given: type(given).__name__,
)
def test_headers_are_found_in_any_case_and_in_the_classes_of_frameworks(given: Mapping[str, str]) -> None:
    assert verified(given=given).id == EVENT_ID


@pytest.mark.parametrize(
    "value",
    [
        f"t={SIGNED_AT},v1={'0' * 64},v1={SIGNATURE}",
        f"t={SIGNED_AT},v1={SIGNATURE},v1={'0' * 64}",
        f"v1={SIGNATURE},t={SIGNED_AT}",
        f"t={SIGNED_AT}, v1={SIGNATURE}",
        f"at=1,t={SIGNED_AT},xv1=0,v1={SIGNATURE}",
        f"t={SIGNED_AT},v0=abc,v2=def,v1={SIGNATURE},",
        f"t={SIGNED_AT},v1={SIGNATURE.upper()}",
    ],
)
def test_one_of_several_signatures_is_enough_wherever_it_stands(value: str) -> None:
    assert verified(given=with_signature(value)).id == EVENT_ID


@pytest.mark.parametrize("secret", [[SECRET, "newer"], ("older", SECRET), [b"older", SECRET.encode()], SECRET.encode()])
def test_while_endpoints_are_replaced_any_of_several_secrets_will_do(secret: Any) -> None:
    assert verified(secret=secret).id == EVENT_ID


def test_a_secret_may_be_any_bytes_and_a_string_stands_for_its_utf_8() -> None:
    for secret in (b"\x00\xff\n", "schlüssel", "sch\udcfcssel"):
        key = secret if isinstance(secret, bytes) else secret.encode(errors="surrogatepass")
        given = with_signature(f"t={SIGNED_AT},v1={signature(BODY, key)}")
        assert verified(given=given, secret=secret).id == EVENT_ID


@given(st.binary(min_size=1), st.integers(0, 10**15 - 1), st.uuids(), st.text())
def test_whatever_is_signed_with_the_secret_is_read(secret: bytes, t: int, event_id: Any, name: str) -> None:
    body = body_of(id=str(event_id), name=name)
    signed = {"x-sequence-signature": f"t={t},v1={signature(body, secret, str(t))}"}
    event = verify(body, signed | {"x-sequence-event-id": str(event_id)}, secret, now=t)
    assert (event.id, event.raw["name"]) == (str(event_id), name)


# ------------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "0 headers X-Sequence-Signature"),
        ({"X-Sequence-Event-Id": EVENT_ID}, "0 headers X-Sequence-Signature"),
        ({"X-Sequence-Signature": HEADERS["X-Sequence-Signature"]}, "0 headers X-Sequence-Event-Id"),
        (HEADERS | {"x-sequence-signature": "t=1,v1=0"}, "2 headers X-Sequence-Signature"),
        (HEADERS | {"x-sequence-event-id": EVENT_ID}, "2 headers X-Sequence-Event-Id"),
        (HEADERS | {"X-Sequence-Event-Id": TRANSFER_ID}, "X-Sequence-Event-Id names another event than the body"),
        (with_signature(""), "does not have one t"),
        (with_signature(f"v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t={SIGNED_AT},t={SIGNED_AT},v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t={SIGNED_AT},v1={SIGNATURE}, t=1,v1=0"), "does not have one t"),
        (with_signature(f"t=,v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t=soon,v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t=-1,v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t=1e9,v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t=١٧٨٤,v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t={'9' * 10_000},v1={SIGNATURE}"), "does not have one t"),
        (with_signature(f"t={SIGNED_AT}"), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t={SIGNED_AT},v1="), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t={SIGNED_AT},v1=ü\udcff\x00"), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t={SIGNED_AT},v1={SIGNATURE[:-1]}"), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t={SIGNED_AT},v1={SIGNATURE}0"), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t={SIGNED_AT},v0={SIGNATURE}"), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t={SIGNED_AT + 1},v1={SIGNATURE}"), "no v1 of X-Sequence-Signature fits"),
        (with_signature(f"t=0{SIGNED_AT},v1={SIGNATURE}"), "no v1 of X-Sequence-Signature fits"),
    ],
)
def test_headers_that_do_not_fit_are_refused_with_the_reason(given: Mapping[str, str], reason: str) -> None:
    with pytest.raises(WebhookVerificationError, match=reason):
        verified(given=given)


@pytest.mark.parametrize("kind", [Headers, CIMultiDict])
def test_a_second_signature_header_is_refused_in_the_classes_of_frameworks(kind: Any) -> None:
    """Even if one of the two is right: another part of the program may look at the other one."""
    pairs = [*HEADERS.items(), ("x-sequence-signature", HEADERS["X-Sequence-Signature"])]
    given = Headers(raw=[(k.lower().encode(), v.encode()) for k, v in pairs]) if kind is Headers else kind(pairs)
    with pytest.raises(WebhookVerificationError, match="2 headers X-Sequence-Signature"):
        verified(given=given)


def test_a_second_signature_header_is_refused_where_headers_are_joined() -> None:
    given = httpx.Headers([*HEADERS.items(), ("x-sequence-signature", HEADERS["X-Sequence-Signature"])])
    with pytest.raises(WebhookVerificationError, match="does not have one t"):
        verified(given=given)


@pytest.mark.parametrize("secret", ["another", [SECRET + "0"], SECRET.upper(), [SECRET.encode().hex(), b"another"]])
def test_other_secrets_are_refused(secret: Any) -> None:
    with pytest.raises(WebhookVerificationError, match="no v1 of X-Sequence-Signature fits"):
        verified(secret=secret)


def test_every_signature_is_compared_with_every_secret_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """In constant time each, and none is left out after the first that fits: the time must not tell which one did."""
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest

    def compare_digest(one: bytes, another: bytes) -> bool:
        compared.append((one, another))
        return compare(one, another)

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    verified(given=with_signature(f"t={SIGNED_AT},v1={SIGNATURE},v1=0,v1=1"), secret=[SECRET, "older"])
    assert len(compared) == 6
    assert sum(one == another for one, another in compared) == 1


@given(st.data())
def test_a_changed_byte_is_refused(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(BODY) - 1))
    changed = bytearray(BODY)
    changed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WebhookVerificationError, match="no v1 of X-Sequence-Signature fits"):
        verified(bytes(changed))


@given(st.binary(max_size=200), st.text(max_size=200), st.text(max_size=50))
def test_whatever_arrives_that_was_not_signed_is_refused_and_nothing_else_is_raised(
    body: bytes, value: str, event_id: str
) -> None:
    for header in (value, f"t={SIGNED_AT},v1={value}"):
        with pytest.raises(WebhookVerificationError):
            verified(body, {"X-Sequence-Signature": header, "X-Sequence-Event-Id": event_id})


def test_a_large_body_that_was_not_signed_is_refused() -> None:
    with pytest.raises(WebhookVerificationError, match="no v1 of X-Sequence-Signature fits"):
        verified(b"[" * 2**24)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"id":"\\ud800"}',
        b"[" * 100_000,
        b'{"id":' * 100_000,
        BODY[:-1] + b',"more":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        BODY[:-1] + b',"more":1e999}',
        BODY[:-1] + b',"more":NaN}',
        body_of(id=None),
        body_of(id=1),
        body_of(type=["transfer.changed"]),
        body_of(resource=None),
        body_of(resource={"type": "transfer"}),
        body_of(created_at="yesterday"),
        body_of(created_at="2026-07-15T09:02:35"),
        body_of(created_at=SIGNED_AT),
    ],
    ids=lambda body: body[-60:],
)
def test_a_body_that_is_signed_and_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookVerificationError, match="it takes a newer SDK to read the signed body"):
        verified(body, headers(body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "type", "resource", "created_at", "more"), JSON)))
def test_of_what_is_signed_an_event_is_made_or_it_is_refused(members: dict[str, object]) -> None:
    body = body_of(**members)
    try:
        assert isinstance(verified(body, headers(body)), WebhookEvent)
    except WebhookVerificationError:
        assert members


# ------------------------------------------------------------------------------------------------------ the time


@pytest.mark.parametrize("seconds", [0, 299.5, 300, -299.5, -300])
def test_what_was_signed_within_five_minutes_is_let_in(seconds: float) -> None:
    assert verified(now=SIGNED_AT + seconds).id == EVENT_ID


@pytest.mark.parametrize("now", [SIGNED_AT + 300.5, SIGNED_AT - 300.5, 0, -1.0, 10**400, math.inf, -math.inf, math.nan])
def test_what_was_signed_longer_ago_or_later_is_refused(now: float) -> None:
    with pytest.raises(WebhookVerificationError, match=f"signed at t={SIGNED_AT}, over 300 s from now: set this"):
        verified(now=now)


@pytest.mark.parametrize(("tolerance", "seconds"), [(0, 0), (86_400, 86_400), (1e300, 10**9), (None, 10**12)])
def test_the_tolerance_is_the_callers(tolerance: float | None, seconds: int) -> None:
    assert verified(tolerance=tolerance, now=SIGNED_AT + seconds).id == EVENT_ID
    if tolerance is not None and tolerance < 1e300:
        with pytest.raises(WebhookVerificationError, match="from now"):
            verified(tolerance=tolerance, now=SIGNED_AT + seconds + 1)


def test_by_default_the_time_is_that_of_this_machine() -> None:
    now = int(datetime.now(UTC).timestamp())
    assert verify(BODY, headers(BODY, t=str(now)), SECRET).id == EVENT_ID
    for seconds in (-3600, 3600):
        with pytest.raises(WebhookVerificationError, match="from now"):
            verify(BODY, headers(BODY, t=str(now + seconds)), SECRET)


def test_a_stale_signature_that_is_wrong_is_not_called_stale() -> None:
    """Or it would send people to look at their clocks."""
    with pytest.raises(WebhookVerificationError, match="no v1 of X-Sequence-Signature fits"):
        verified(secret="another", now=0)


# ------------------------------------------------------------------------------------------------------ arguments


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"body": BODY.decode()}, "body must be the request's bytes as they came, not str"),
        ({"body": json.loads(BODY)}, "body must be the request's bytes as they came, not dict"),
        ({"body": None}, "body must be the request's bytes"),
        ({"headers": None}, "headers must be a mapping"),
        ({"headers": list(HEADERS.items())}, "headers must be a mapping"),
        ({"headers": {name.encode(): value.encode() for name, value in HEADERS.items()}}, "strings to strings"),
        ({"headers": {name: [value] for name, value in HEADERS.items()}}, "strings to strings"),
        ({"secret": ""}, "a secret is empty"),
        ({"secret": b""}, "a secret is empty"),
        ({"secret": [SECRET, ""]}, "a secret is empty"),
        ({"secret": f"{SECRET}\n"}, "spaces or line breaks around it"),
        ({"secret": []}, "secret must be a string or bytes"),
        ({"secret": None}, "secret must be a string or bytes"),
        ({"secret": 1}, "secret must be a string or bytes"),
        ({"secret": {SECRET}}, "secret must be a string or bytes"),
        ({"secret": [SECRET, None]}, "secret must be a string or bytes"),
        ({"secret": bytearray(SECRET.encode())}, "secret must be a string or bytes"),
        ({"tolerance": -1}, "tolerance must be 0 seconds or more"),
        ({"tolerance": math.nan}, "tolerance must be 0 seconds or more"),
        ({"tolerance": math.inf}, "tolerance must be 0 seconds or more"),
        ({"tolerance": 10**400}, "tolerance must be 0 seconds or more"),
        ({"tolerance": "300"}, "tolerance must be a number of seconds or None, not str"),
        ({"tolerance": True}, "tolerance must be a number of seconds or None, not bool"),
        ({"tolerance": timedelta(minutes=5)}, "tolerance must be a number of seconds or None, not timedelta"),
        ({"now": "0"}, "now must be a number of seconds or None, not str"),
        ({"now": datetime.now(UTC)}, "now must be a number of seconds or None, not datetime"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused_even_if_nothing_else_is_right(
    changed: dict[str, Any], problem: str
) -> None:
    for rest in ({"body": BODY, "headers": HEADERS}, {"body": b"", "headers": {}}):
        arguments: Any = {**rest, "secret": SECRET, **changed}
        with pytest.raises(InvalidArgumentError, match=problem):
            verify(**arguments)


# ------------------------------------------------------------------------------------------------------ errors


FAILURES: dict[str, dict[str, Any]] = {
    "wrong secret": {"secret": [SECRET + "0", SECRET.encode() + b"1"]},
    "stale": {"now": 0},
    "no event": {"body": b"[]", "headers": headers(b"[]")},
    "another event": {"headers": headers(BODY, event_id="another")},
    "no header": {"headers": {"X-Sequence-Signature": HEADERS["X-Sequence-Signature"]}},
    "no t": {"headers": with_signature(f"v1={SIGNATURE}")},
    "spaces": {"secret": f" {SECRET}"},
    "several and none": {"secret": [SECRET, None]},
    "tolerance": {"tolerance": -1},
    "body": {"body": BODY.decode()},
}


@pytest.mark.parametrize("case", FAILURES)
def test_no_message_attribute_pickle_or_traceback_shows_a_secret_or_a_signature(case: str) -> None:
    arguments: dict[str, Any] = {"body": BODY, "headers": HEADERS, "secret": SECRET, "now": SIGNED_AT} | FAILURES[case]
    with pytest.raises(SequenceError) as caught:
        verify(**arguments)
    error = caught.value
    report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    # The frame of this test itself is left out: it holds the secret, as programs do in a variable.
    frames = "".join(part for part in report.split("File ") if "tests/sequence_sdk" not in part)
    assert "webhooks/verification.py" in frames
    body = arguments["body"] if isinstance(arguments["body"], bytes) else BODY
    for secret in (SECRET, SIGNATURE, signature(body), signature(body, SECRET + "0"), SECRET.encode().hex()):
        assert secret not in frames + repr(error) + str(vars(error))
        assert secret.encode() not in pickle.dumps(error)


def test_a_failed_check_is_final_and_can_be_pickled() -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        verified(secret="another")
    error = caught.value
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (WebhookVerificationError, str(error))
    assert not again.retryable
    assert "WebhookVerificationError" in FINAL_ERRORS


def test_the_module_is_found_where_the_rest_of_the_sdk_is() -> None:
    assert sequence_sdk.webhooks.verify is verify
    assert sequence_sdk.webhooks.WebhookVerificationError is WebhookVerificationError


# ------------------------------------------------------------------------------------------------------ fetching


class Transfers(Resource):
    get = operation(lambda: api.get_transfer)


class CardTransactions(Resource):
    get = operation(lambda: api.get_card_transaction)


class ExternalTransactions(Resource):
    get = operation(lambda: api.get_external_transaction)


class Platform(Client):
    """A client of the platform API, as far as events use it."""

    contract = CONTRACT
    transfers: Transfers
    card_transactions: CardTransactions
    external_transactions: ExternalTransactions

    def _bind(self, session: Session) -> None:
        super()._bind(session)
        self.transfers = Transfers(session)
        self.card_transactions = CardTransactions(session)
        self.external_transactions = ExternalTransactions(session)


@pytest.fixture
async def platform(anyio_backend: str, server: Server) -> AsyncIterator[Platform]:
    async with Platform(API_KEY, base_url=server.base_url, max_retries=0, rate_limit=None) as client:
        yield client


PARTY = {"id": "acc", "name": "Rent", "type": "POD", "isDeleted": False}
DATA = {
    "transfer": {
        "id": TRANSFER_ID,
        "amountInCents": 2500,
        "direction": "INTERNAL",
        "origin": "USER",
        "source": PARTY,
        "destination": PARTY,
        "status": "COMPLETE",
        "ruleId": None,
        "ruleExecutionId": None,
        "errorCode": None,
        "createdAt": "2026-07-15T09:02:35Z",
        "completedAt": None,
    },
    "card_transaction": {
        "id": TRANSFER_ID,
        "cardId": "card",
        "cardType": "VIRTUAL",
        "account": PARTY,
        "direction": "DEBIT",
        "subtype": "PURCHASE",
        "status": "COMPLETE",
        "amountInCents": 2500,
        "description": "Coffee",
        "createdAt": "2026-07-15T09:02:35Z",
        "completedAt": "2026-07-15T09:02:35Z",
    },
    "external_transaction": {
        "id": TRANSFER_ID,
        "accountId": "acc",
        "amountInCents": 2500,
        "direction": "DEBIT",
        "status": "PENDING",
        "description": "Coffee",
        "transactionDate": "2026-07-15T00:00:00Z",
    },
}
KINDS = {
    "transfer": (models.Transfer, "/transfers/"),
    "card_transaction": (models.CardTransaction, "/card-transactions/"),
    "external_transaction": (models.ExternalTransaction, "/external-transactions/"),
}


def event_about(kind: str, type: str | None = None) -> WebhookEvent:
    body = body_of(type=type or f"{kind}.changed", resource={"type": kind, "id": TRANSFER_ID})
    return verified(body, headers(body))


def found(kind: str) -> str:
    return json.dumps({"data": DATA[kind], "requestId": "req-5001"})


NOT_FOUND = '{"error": {"code": "TRANSFER_NOT_FOUND", "message": "No."}}'


@pytest.mark.anyio
@pytest.mark.parametrize("kind", KINDS)
async def test_an_event_leads_to_what_it_is_about(kind: str, platform: Platform, server: Server) -> None:
    cls, path = KINDS[kind]
    server.reply(found(kind))
    resource = await event_about(kind).fetch(platform)
    assert isinstance(resource, cls)
    assert resource.amount_in_cents == 2500
    assert [asked.target for asked in server.asked] == [f"/api/v1{path}{TRANSFER_ID}"]


@pytest.mark.anyio
async def test_what_was_just_created_may_not_be_found_for_a_moment(platform: Platform, server: Server) -> None:
    for _ in range(3):
        server.reply(NOT_FOUND, 404)
    server.reply(found("transfer"))
    clock = StandingClock()
    resource = await event_about("transfer").fetch(platform, clock=clock)
    assert resource.id == TRANSFER_ID
    assert len(server.asked) == 4
    assert 0 < clock.seconds < 10


@pytest.mark.anyio
async def test_what_is_not_found_for_ten_seconds_is_not_found(platform: Platform, server: Server) -> None:
    for _ in range(100):
        server.reply(NOT_FOUND, 404)
    clock = StandingClock()
    with pytest.raises(NotFoundError, match="TRANSFER_NOT_FOUND"):
        await event_about("transfer").fetch(platform, clock=clock)
    assert clock.seconds == 10
    assert 3 <= len(server.asked) <= 10


@pytest.mark.anyio
async def test_any_other_failure_ends_it_at_once(platform: Platform, server: Server) -> None:
    server.reply("", 500)
    clock = StandingClock()
    with pytest.raises(InternalServerError):
        await event_about("transfer").fetch(platform, clock=clock)
    assert (clock.seconds, len(server.asked)) == (0, 1)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("type", "kind"),
    [("transfer.deleted", "transfer"), ("account.changed", "account"), ("transfer.changed", "card_transaction")],
)
async def test_an_event_newer_than_this_version_names_its_type(
    type: str, kind: str, platform: Platform, server: Server
) -> None:
    with pytest.raises(ConfigurationError, match=f"to fetch what '{type}' is about takes a newer version"):
        await event_about(kind, type).fetch(platform)
    assert server.asked == []


@pytest.mark.anyio
async def test_the_programs_of_the_page_run(
    platform: Platform,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, "webhooks.md", "exec"), namespace)
    assert len(blocks) == 4

    now = str(int(datetime.now(UTC).timestamp()))
    value = f"t={now},v1={signature(BODY, 'whsec_of_the_docs', now)}"
    own = namespace["signed"](BODY, EVENT_ID, "whsec_of_the_docs")
    assert verify(BODY, own, "whsec_of_the_docs").id == EVENT_ID
    app = Starlette(routes=[Route("/", namespace["receive"], methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as sequence:
        statuses = [
            (await sequence.post("http://app/", content=content, headers=with_signature(value))).status_code
            for content in (BODY, BODY, BODY + b" ")
        ]
    assert statuses == [204, 204, 400]
    with closing(namespace["events"]) as events:
        assert events.execute("SELECT * FROM events").fetchall() == [(EVENT_ID, "transfer.changed", TRANSFER_ID)]

    server.reply(found("transfer"))
    await namespace["work_on"](event_about("transfer"), platform)
    await namespace["work_on"](event_about("account"), platform)
    server.reply(found("transfer"))
    await namespace["work_on_stored"]("transfer.changed", TRANSFER_ID, platform)
    await namespace["work_on_stored"]("account.changed", TRANSFER_ID, platform)
    shown = capsys.readouterr().out
    assert "refused: no v1" in shown
    assert "Transfer(id=" in shown
    assert "account.changed of account" in shown
    assert "account.changed is newer" in shown
