"""What cannot be right is refused before anything is sent, with the argument's name and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import anyio
import pytest

from sequence_sdk import SequenceClient
from sequence_sdk.models import CardStatus, TransferStatus

from ..conftest import Server
from ..contract.apis import API, PLATFORM, V1

BAD_IDS = [
    "x" * 256,
    "",
    ".",
    "..",
    "a b",
    "acc_1\n",
    "\tacc_1",
    "acc\x00",
    "acc\x7f",
    "acc\u2028",
    "acc_1\ud800",
    None,
    5,
    b"acc_1",
    True,
]

UUID = "e81d3a57-92c4-4b1f-b6a9-0d54c7f2ae63"

WITH_ID: dict[str, Callable[[Any, Any], Any]] = {
    "accounts.get": lambda client, bad: client.accounts.get(bad),
    "cards.get": lambda client, bad: client.cards.get(bad),
    "cards.list account_id": lambda client, bad: client.cards.list(account_id=bad),
    "cards.list_transactions": lambda client, bad: client.cards.list_transactions(bad),
    "transfers.get": lambda client, bad: client.transfers.get(bad),
    "transfers.list account_id": lambda client, bad: client.transfers.list(account_id=bad),
    "transfers.create source_account_id": lambda client, bad: client.transfers.create(
        source_account_id=bad, destination_account_id="acc_2", amount_in_cents=100
    ),
    "transfers.create destination_account_id": lambda client, bad: client.transfers.create(
        source_account_id="acc_1", destination_account_id=bad, amount_in_cents=100
    ),
    "rules.get": lambda client, bad: client.rules.get(bad),
    "rules.trigger": lambda client, bad: client.rules.trigger(bad),
    "rule_executions.list rule_id": lambda client, bad: client.rule_executions.list(rule_id=bad),
    "rule_executions.get": lambda client, bad: client.rule_executions.get(bad),
}


WITH_ID_OF_PLATFORM: dict[str, Callable[[Any, Any], Any]] = {
    "accounts.get": lambda client, bad: client.accounts.get(bad),
    "accounts.create beneficiary_id": lambda client, bad: client.accounts.create(
        type="POD", name="Boat", beneficiary_id=bad
    ),
    "accounts.list_transfers account_id": lambda client, bad: client.accounts.list_transfers(bad),
    "transfers.get": lambda client, bad: client.transfers.get(bad),
    "transfers.list account_ids[0]": lambda client, bad: client.transfers.list(account_ids=[bad]),
    "transfers.create source_account_id": lambda client, bad: client.transfers.create(
        source_account_id=bad, destination_account_id=UUID, amount_in_cents=100
    ),
    "transfers.create destination_account_id": lambda client, bad: client.transfers.create(
        source_account_id=UUID, destination_account_id=bad, amount_in_cents=100
    ),
    "rules.get": lambda client, bad: client.rules.get(bad),
    "rules.update": lambda client, bad: client.rules.update(bad, name="Boat"),
    "rules.trigger": lambda client, bad: client.rules.trigger(bad),
    "rule_executions.list rule_id": lambda client, bad: client.rule_executions.list(bad),
    "rule_executions.get": lambda client, bad: client.rule_executions.get(UUID, bad),
    "rule_executions.get rule_id": lambda client, bad: client.rule_executions.get(bad, UUID),
    "external_transactions.list account_ids[0]": lambda client, bad: client.external_transactions.list(
        account_ids=[bad]
    ),
    "external_transactions.get": lambda client, bad: client.external_transactions.get(bad),
    "card_transactions.list account_id": lambda client, bad: client.card_transactions.list(account_id=bad),
    "card_transactions.get": lambda client, bad: client.card_transactions.get(bad),
}


async def refused(call: Callable[[], Any], server: Server) -> str:
    """The message with which a call is refused; nothing was sent."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        result = call()
        if hasattr(result, "__await__"):
            await result
    assert server.asked == []
    return str(caught.value)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("api", "operation"),
    [(V1, operation) for operation in WITH_ID] + [(PLATFORM, operation) for operation in WITH_ID_OF_PLATFORM],
    ids=lambda one: getattr(one, "name", one),
)
async def test_ids_that_are_none(operation: str, api: API, either: Any, server: Server) -> None:
    name = operation.partition(" ")[2] or "id"
    call = (WITH_ID if api is V1 else WITH_ID_OF_PLATFORM)[operation]
    for bad in BAD_IDS:
        if bad is None and name == "beneficiary_id":  # which need not be given
            continue
        message = await refused(lambda bad=bad: call(either, bad), server)
        assert message.startswith(f"{name} "), bad
        assert "\n" not in message


@pytest.mark.anyio
@pytest.mark.parametrize("operation", WITH_ID)
async def test_ids_of_something_else(operation: str, client: SequenceClient, server: Server) -> None:
    refusals = [
        await refusal_of(WITH_ID[operation], client, f"{kind}_1") for kind in ("acc", "card", "txr", "rule", "rex")
    ]
    assert len([message for message in refusals if message and "is the ID of something else" in message]) == 4
    assert server.asked == []


async def refusal_of(call: Callable[[Any, Any], Any], client: SequenceClient, identifier: str) -> str | None:
    """The message with which an ID is refused; None where the call goes on to be sent."""
    try:
        result = call(client, identifier)
        if hasattr(result, "__await__"):
            with anyio.move_on_after(0) as scope:
                scope.cancel()
                await result
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (True, "amount_in_cents must be an int, not bool True"),
        (12.5, "amount_in_cents must be an int, not float 12.5"),
        (100.0, "amount_in_cents must be an int, not float 100.0"),
        ("100", "amount_in_cents must be an int, not str '100'"),
        (None, "amount_in_cents must be an int, not NoneType None"),
        (0, "amount_in_cents is 0; it must be at least 1"),
        (-100, "amount_in_cents is -100; it must be at least 1"),
        (2**53, "amount_in_cents is 9007199254740992; it must be at most 9007199254740991"),
        pytest.param(10**5000, "amount_in_cents is a number of 16610 bits, and JSON holds 64", id="huge"),
    ],
)
async def test_amounts_that_are_none(amount: Any, message: str, either: Any, api: API, server: Server) -> None:
    transfer, (rule,) = api.call("createTransfer").keyword, api.call("triggerRule").positional
    found = await refused(lambda: either.transfers.create(**{**transfer, "amount_in_cents": amount}), server)
    least, least_of_rule = (1, 1) if api is V1 else (100, 0)
    assert re.match(re.escape(message.replace("at least 1", f"at least {least}")) + r"(\W|$)", found)
    if amount is not None and amount != least_of_rule:  # None stands for not given
        name = "manual_execute_amount" if api is V1 else "execute_amount"
        found = await refused(lambda: either.rules.trigger(rule, **{name: amount}), server)
        message = message.replace("amount_in_cents", name).replace("at least 1", f"at least {least_of_rule}")
        assert re.match(re.escape(message) + r"(\W|$)", found)


@pytest.mark.anyio
@pytest.mark.parametrize("first", [0, -1, 101, 1000, True, 20.0, "20"])
async def test_page_sizes_outside_1_to_100(first: Any, client: SequenceClient, server: Server) -> None:
    for call in (
        lambda: client.transfers.list(account_id="acc_1", first=first),
        lambda: client.cards.list_transactions("card_1", first=first),
        lambda: client.rule_executions.list(rule_id="rule_1", first=first),
        lambda: client.transfers.list.with_response(account_id="acc_1", first=first),
    ):
        assert (await refused(call, server)).startswith("first ")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (datetime(2024, 4, 1), "has no time zone; give it one, for example datetime"),  # noqa: DTZ001
        (date(2024, 4, 1), "must be a datetime, not date"),
        ("2024-04-01T00:00:00Z", "must be a datetime, not str"),
        (1711929600, "must be a datetime, not int"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=5))), "is outside the years 1 to 9999 in UTC"),
    ],
)
async def test_moments_that_are_none(moment: Any, message: str, client: SequenceClient, server: Server) -> None:
    found = await refused(lambda: client.transfers.list(account_id="acc_1", from_=moment), server)
    assert found.startswith("from_ ")
    assert message in found
    found = await refused(lambda: client.rule_executions.list(rule_id="rule_1", to=moment), server)
    assert found.startswith("to ")


@pytest.mark.anyio
@pytest.mark.parametrize("bad", ["", " ", "a\nb", "a\r\nX-Evil: 1", "é", "\x00", " a", "a ", 5, b"x"])
async def test_header_values_that_could_be_more_than_that(bad: Any, either: Any, api: API, server: Server) -> None:
    name, (rule,) = "request_id" if api is V1 else "called_reason", api.call("triggerRule").positional
    message = await refused(lambda: either.accounts.get(api.account, **{name: bad}), server)
    assert message.startswith(f"{name} ")
    message = await refused(lambda: either.rules.trigger(rule, idempotency_key=bad), server)
    assert message.startswith("idempotency_key ")


@pytest.mark.anyio
async def test_idempotency_keys_longer_than_the_vendor_takes(either: Any, api: API, server: Server) -> None:
    (rule,) = api.call("triggerRule").positional
    message = await refused(lambda: either.rules.trigger(rule, idempotency_key="k" * 37), server)
    assert message == "idempotency_key has 37 characters; at most 36 are allowed"
    message = await refused(lambda: either.rules.trigger(rule, idempotency_key="a+b"), server)
    assert message == "idempotency_key 'a+b' does not match ^[A-Za-z0-9._:/|-]+$"


@pytest.mark.anyio
async def test_an_enum_takes_its_member_its_string_and_a_value_newer_than_the_sdk(
    client: SequenceClient, server: Server
) -> None:
    body = '{"request_id": "r", "data": []}'
    for status in (CardStatus.LOST, "lost", CardStatus("melted")):
        server.reply(body)
        assert await client.cards.list(account_id="acc_1", status=status) == []
    assert [asked.target.rpartition("=")[2] for asked in server.asked] == ["lost", "lost", "melted"]
    server.asked.clear()
    for bad in ("melted", "LOST", "", TransferStatus.ERROR, 5, ["lost"]):
        message = await refused(lambda bad=bad: client.cards.list(account_id="acc_1", status=bad), server)
        assert message.startswith("status ")
    assert "active, inactive, frozen, stolen, lost" in await refused(
        lambda: client.cards.list(account_id="acc_1", status="melted"), server
    )


@pytest.mark.anyio
async def test_cursors_and_descriptions(client: SequenceClient, server: Server) -> None:
    assert (await refused(lambda: client.transfers.list(account_id="acc_1", after=""), server)).startswith("after ")
    transfer = {"source_account_id": "acc_1", "destination_account_id": "acc_2", "amount_in_cents": 100}
    for bad in (5, "\ud800"):
        message = await refused(lambda bad=bad: client.transfers.create(**transfer, description=bad), server)
        assert message.startswith("description ")


@pytest.mark.anyio
async def test_a_long_value_is_not_repeated_whole(client: SequenceClient, server: Server) -> None:
    assert len(await refused(lambda: client.accounts.get("x y" * 10_000), server)) < 200


@pytest.mark.anyio
async def test_moments_of_any_zone_are_sent_in_utc(client: SequenceClient, server: Server) -> None:
    server.reply('{"request_id": "r", "data": [], "page_info": {"has_next_page": false}}')
    pager = client.transfers.list(
        account_id="acc_1", from_=datetime(2024, 4, 1, tzinfo=UTC), to=datetime.max.replace(tzinfo=UTC)
    )
    assert await pager.collect() == []
    assert "from=2024-04-01T00%3A00%3A00Z&to=9999-12-31T23%3A59%3A59.999999Z" in server.asked[0].target


@pytest.mark.anyio
async def test_arguments_that_an_operation_does_not_have(client: SequenceClient) -> None:
    with pytest.raises(TypeError, match="acount_id"):
        client.transfers.list(acount_id="acc_1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        client.transfers.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
