"""What every error says of itself, and what of foreign text is shown."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

import sequence_sdk
from sequence_sdk import (
    FINAL_ERRORS,
    SYSTEM_CLOCK,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConflictError,
    InternalServerError,
    InvalidArgumentError,
    ManyError,
    Moment,
    NotFoundError,
    OutcomeUnknownError,
    Permissions,
    RateLimiterError,
    RateLimitError,
    SequenceClient,
    SequenceError,
    WaitTimeoutError,
    idempotency_key_for,
)
from sequence_sdk.redaction import APIKey, in_words, printable, without_passwords


def status(cls: type[APIStatusError], status_code: int, code: str | None = None) -> APIStatusError:
    return cls("", operation="getAccount", request_id="r", status_code=status_code, code=code)


MOMENT = SYSTEM_CLOCK.moment()
LONG_AGO = replace(MOMENT, wall=MOMENT.wall - timedelta(hours=24))


def unknown(*, key: str | None = "mine", made_here: bool = False, first_sent: Moment = MOMENT) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "",
        idempotency_key=key,
        key_made_here=made_here,
        first_sent=first_sent,
        key_first_used=None,
        key_kept_for=timedelta(hours=24),
        remembered_until=None,
    )


PASSING = [
    APIConnectionError(""),
    APITimeoutError("", sent=False),
    RateLimiterError(""),
    WaitTimeoutError(""),
    status(RateLimitError, 429),
    status(APIStatusError, 408),
    *(status(InternalServerError, code) for code in (500, 502, 503, 504)),
    ConflictError("", status_code=409, in_progress=True),
    unknown(),
    ManyError("", failures={"a": APIConnectionError("")}),
]

LASTING = [
    APIConnectionError("", final=True),
    status(ConflictError, 409),
    status(NotFoundError, 404),
    status(InternalServerError, 501),
    unknown(made_here=True),
    unknown(key=None),
    unknown(first_sent=LONG_AGO),
    WaitTimeoutError("", done=True),
    APIConnectionError("", done=True),
    ManyError("", failures={"a": APIConnectionError(""), "b": status(NotFoundError, 404)}),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass_is_retryable_and_its_class_is_not_final(error: SequenceError) -> None:
    assert error.retryable
    assert pickle.loads(pickle.dumps(error)).retryable
    assert type(error).__name__ not in FINAL_ERRORS


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_does_not_pass_is_not_retryable(error: SequenceError) -> None:
    assert not error.retryable


def test_of_a_final_class_no_error_is_retryable() -> None:
    for name in FINAL_ERRORS:
        cls: Any = getattr(sequence_sdk, name)
        assert not cls("", status_code=400, code=None).retryable


def test_every_error_that_users_meet_is_one_of_the_sdk() -> None:
    names = [name for name in dir(sequence_sdk) if name.endswith("Error")]
    assert len(names) > 20
    for name in names:
        assert issubclass(getattr(sequence_sdk, name), SequenceError)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.transfers.list(account_id=""),
        lambda client: client.transfers.list(account_id="acc_1").concurrently(0),
        lambda client: client.transfers.list(account_id="acc_1").concurrently(2),
        lambda client: Permissions.from_json("[]").allows("nothing"),
        lambda client: Permissions.from_json("[]").allows("getAccount"),
        lambda client: idempotency_key_for(""),
    ],
)
def test_an_argument_that_cannot_be_sent_is_both_an_error_of_the_sdk_and_a_value_error(call: Any) -> None:
    client = SequenceClient("sk_1")
    with pytest.raises(InvalidArgumentError) as caught:
        call(client)
    assert isinstance(caught.value, SequenceError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.accounts.get(""),
        lambda client: client.accounts.get_many("acc_1"),
        lambda client: client.accounts.get_many(["acc_1", ""]),
        lambda client: client.accounts.get_many(["acc_1"], concurrency=0),
        lambda client: client.transfers.create(source_account_id="a", destination_account_id="b", amount_in_cents=0),
        lambda client: client.transfers.list(account_id="acc_1").collect(-1),
        lambda client: client.transfers.since("nonsense", account_id="acc_1"),
        lambda client: client.transfers.since(5, account_id="acc_1"),
        lambda client: client.rules.trigger.with_response("acc_1"),
    ],
)
async def test_so_it_is_for_what_is_awaited(call: Any, anyio_backend: str) -> None:
    async with SequenceClient("sk_1") as client:
        with pytest.raises(InvalidArgumentError):
            await call(client)


@given(st.text(max_size=3000))
def test_nothing_that_is_shown_moves_a_cursor_or_begins_a_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= 10 * 1001
    if text.isprintable() and len(text) <= 1000:
        assert shown == text


@given(st.text(min_size=4, max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_a_key_is_removed_from_whatever_it_is_in(value: str, before: str, after: str) -> None:
    key = APIKey(value, "Bearer")
    assert value not in key.scrub(f"{before}{value}{after}") or value in "…" or value in f"{before}…{after}"
    assert key.has(key.fingerprint())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot connect to http://user:pass@proxy:80", "cannot connect to http://…@proxy:80"),
        ("cannot connect to http://user:pa/ss@proxy:80/x", "cannot connect to http://…@proxy:80/x"),
        ("http://user:p@ss@proxy", "http://…@proxy"),
        ("http://host/path and a@b", "http://host/path and a@b"),
    ],
)
def test_the_passwords_of_urls_are_removed(text: str, shown: str) -> None:
    assert without_passwords(text) == shown


class Unsayable(Exception):
    def __str__(self) -> str:
        raise IndexError


def test_an_exception_that_cannot_say_what_it_is_has_a_name() -> None:
    assert in_words(Unsayable(), str) == "Unsayable"


def test_an_exception_in_words_says_what_it_came_from() -> None:
    try:
        try:
            raise OSError(111, "Connection refused")
        except OSError as inner:
            raise RuntimeError("All connection attempts failed") from inner
    except RuntimeError as error:
        said = in_words(error, str)
    cause = "ConnectionRefusedError: [Errno 111] Connection refused"
    assert said == f"RuntimeError: All connection attempts failed, from {cause}"
