"""What a call needs, whether a key grants it, and how a refusal explains itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sequence_api_client.api import GET_ACCOUNT, LIST_ACCOUNTS
from sequence_sdk import ConfigurationError, PermissionDeniedError, Permissions, SequenceClient

from ..conftest import API_KEY, Served, Server
from ..contract.contract import CALLS, SEEDS, SUCCESSES, Call, entry, hint, needed, perform

FORBIDDEN = '{"error": {"code": "forbidden", "message": "This API key does not have the required permission."}}'
TRANSFER = {"source": "acc_01HDEF0123", "target": "acc_01HGHI7890", "max_amount": 5000}


def declared(*entries: Any) -> Permissions:
    return Permissions.from_json(json.dumps(entries))


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_a_403_says_what_the_call_needed(call: Call, client: SequenceClient, server: Server) -> None:
    server.reply(FORBIDDEN, 403, headers={"X-Request-ID": "req_01HABC9000"})
    with pytest.raises(PermissionDeniedError) as caught:
        await perform(client, call)
    error = caught.value
    scope = call.permission[0]
    assert (error.scope, error.resources, error.resource_hint) == (scope, needed(call), hint(call))
    assert json.loads(error.grant or "") == entry(call)
    assert (error.missing, error.local, error.status_code, error.code) == (None, False, 403, "forbidden")
    assert error.message == "This API key does not have the required permission."
    assert f"{call.operation} needs {scope}" in str(error)
    assert f"Add to the key: {error.grant}" in str(error)
    assert str(error).endswith("(request req_01HABC9000)")
    assert ((hint(call) or "instead of") in str(error)) == (needed(call) is None)


@pytest.mark.anyio
async def test_a_refusal_reads_like_this(client: SequenceClient, server: Server) -> None:
    server.reply(FORBIDDEN, 403, headers={"X-Request-ID": "req_01HABC9000"})
    with pytest.raises(PermissionDeniedError) as caught:
        await client.cards.list(account_id="acc_01HDEF0123")
    assert str(caught.value) == (
        "403 forbidden: listCards needs READ_CARDS on acc_01HDEF0123, which this API key does not grant.\n"
        "The server says: This API key does not have the required permission.\n"
        'Add to the key: {"scope": "READ_CARDS", "resources": ["acc_01HDEF0123"]}   (request req_01HABC9000)'
    )


@pytest.mark.anyio
async def test_a_transfer_above_the_keys_cap(client: SequenceClient, server: Server) -> None:
    server.reply('{"error": {"code": "MAXIMUM_AMOUNT_EXCEEDED", "message": "Too much."}}', 403)
    with pytest.raises(PermissionDeniedError, match="the amount is above max_amount") as caught:
        await client.transfers.create(source_account_id="acc_1", destination_account_id="acc_2", amount_in_cents=700)
    assert caught.value.missing == "amount"
    assert json.loads(caught.value.grant or "")["resources"] == [
        {"source": "acc_1", "target": "acc_2", "max_amount": 700}
    ]


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_what_is_declared_as_granted_is_sent(anyio_backend: str, call: Call, server: Server) -> None:
    server.reply(json.dumps(dict(SUCCESSES)[call.operation]))
    permissions = declared(entry(call))
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=permissions) as client:
        await perform(client, call)
    assert len(server.asked) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_what_is_not_declared_is_refused_here(anyio_backend: str, call: Call, server: Server) -> None:
    other = [entry(one) for one in CALLS if one.permission[0] != call.permission[0]]
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=declared(*other)) as client:
        with pytest.raises(PermissionDeniedError, match="nothing was sent") as caught:
            await perform(client, call, request_id="req_mine")
    error = caught.value
    assert (error.local, error.missing, error.status_code, error.code) == (True, "scope", 403, "forbidden")
    assert (error.operation, error.request_id) == (call.operation, "req_mine")
    assert json.loads(error.grant or "") == entry(call)
    assert server.asked == []


@pytest.mark.anyio
async def test_a_local_refusal_names_the_missing_part(anyio_backend: str, server: Server) -> None:
    permissions = declared(
        {"scope": "READ_ACCOUNTS", "resources": ["acc_1"]},
        {"scope": "READ_CARDS", "resources": []},
        {"scope": "MANUAL_TRANSFER", "resources": [{"source": "acc_1", "target": "acc_2", "max_amount": 500}]},
    )
    transfer = {"source_account_id": "acc_1", "destination_account_id": "acc_2"}
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=permissions) as client:
        for call, missing in (
            (client.accounts.get("acc_2"), "resource"),
            (client.cards.get("card_1"), "resource"),
            (client.transfers.create(**transfer, amount_in_cents=501), "amount"),
            (client.transfers.create(**{**transfer, "source_account_id": "acc_2"}, amount_in_cents=1), "resource"),
            (client.rules.list(), "scope"),
            (client.transfers.list(account_id="acc_1").collect(), "scope"),
        ):
            with pytest.raises(PermissionDeniedError) as caught:
                await call
            assert (caught.value.missing, caught.value.local) == (missing, True)
    assert server.asked == []


@pytest.mark.anyio
async def test_the_server_has_the_last_word(anyio_backend: str, server: Server) -> None:
    server.reply(FORBIDDEN, 403)
    async with SequenceClient(
        API_KEY, base_url=server.base_url, permissions=declared({"scope": "READ_ACCOUNTS", "resources": "*"})
    ) as client:
        with pytest.raises(PermissionDeniedError) as caught:
            await client.accounts.get("acc_1")
    assert (caught.value.local, caught.value.missing) == (False, None)


@pytest.mark.parametrize(
    ("entries", "operation", "arguments", "allowed"),
    [
        ([], "listAccounts", {}, False),
        ([{"scope": "LIST_ACCOUNTS"}], "listAccounts", {}, True),
        ([{"scope": "LIST_ACCOUNTS", "resources": None}], "listAccounts", {"type": "pod"}, True),
        ([{"scope": "LIST_ACCOUNTS", "resources": "none"}], "listAccounts", {}, True),
        ([{"scope": "READ_ACCOUNTS", "resources": ["acc_1"]}], "getAccount", {"id": "acc_1"}, True),
        ([{"scope": "READ_ACCOUNTS", "resources": ["acc_1"]}], "getAccount", {"id": "acc_2"}, False),
        ([{"scope": "READ_ACCOUNTS", "resources": "*"}], "getAccount", {"id": "acc_2"}, True),
        ([{"scope": "READ_ACCOUNTS", "resources": ["acc_1", "*"]}], "getAccount", {"id": "acc_2"}, True),
        ([{"scope": "READ_ACCOUNTS", "resources": ["acc_1"]}] * 2, "getAccount", {"id": "acc_1"}, True),
        (
            [{"scope": "READ_ACCOUNTS", "resources": ["acc_1"]}, {"scope": "READ_ACCOUNTS", "resources": ["acc_2"]}],
            "getAccount",
            {"id": "acc_2"},
            True,
        ),
        ([{"scope": "READ_CARDS", "resources": ["acc_1"]}], "getCard", {"id": "card_1"}, True),
        ([{"scope": "READ_CARDS", "resources": []}], "getCard", {"id": "card_1"}, False),
        ([{"scope": "SCOPE_OF_TOMORROW", "resources": ["x", {"source": "a", "target": "b"}]}], "listRules", {}, False),
    ],
)
def test_allows(entries: list[Any], operation: str, arguments: dict[str, Any], allowed: bool) -> None:
    assert declared(*entries).allows(operation, **arguments) is allowed


@pytest.mark.parametrize(
    ("limit", "amount", "allowed"),
    [(None, 10**12, True), (500, 500, True), (500, 501, False), (0, 1, False), (2**53, 2**53 + 1, False)],
)
def test_an_amount_is_allowed_up_to_and_including_the_limit(limit: int | None, amount: int, allowed: bool) -> None:
    resource = {"source": "acc_1", "target": "acc_2", "max_amount": limit}
    permissions = declared({"scope": "MANUAL_TRANSFER", "resources": [resource]})
    arguments = {"source_account_id": "acc_1", "destination_account_id": "acc_2", "amount_in_cents": amount}
    assert permissions.allows("createTransfer", **arguments) is allowed
    assert not permissions.allows("createTransfer", **{**arguments, "destination_account_id": "acc_1"})


def test_allows_takes_the_operations_record_too() -> None:
    permissions = declared({"scope": "READ_ACCOUNTS", "resources": ["acc_1"]})
    assert permissions.allows(GET_ACCOUNT, id="acc_1")
    assert not permissions.allows(LIST_ACCOUNTS)
    with pytest.raises(ValueError, match="there is no operation 'getAcount'; use one of listAccounts, "):
        permissions.allows("getAcount", id="acc_1")
    with pytest.raises(ValueError, match="getAccount needs the argument id"):
        permissions.allows("getAccount")
    with pytest.raises(ValueError, match="amount_in_cents must be an int"):
        permissions.allows("createTransfer", source_account_id="a", destination_account_id="b", amount_in_cents="5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Input data was truncated"),
        ("{}", "there are none for 'v1'"),
        ('{"platform": []}', "there are none for 'v1', only for 'platform'"),
        (5, "Expected `array`, got `int`"),
        ('[{"scope": "READ_ACCOUNTS", "resource": ["acc_1"]}]', "unknown field `resource`"),
        ('[{"scope": "READ_ACCOUNTS"}]', r"permissions\[0\]: READ_ACCOUNTS needs resources"),
        (
            '[{"scope": "MANUAL_TRANSFER", "resources": [{"source": "a", "target": "b", "maxAmount": 1}]}]',
            "unknown field `maxAmount`",
        ),
        ("[1]", r"Expected `object`, got `int` - at `\$\[0\]`"),
        ('[{"resources": []}]', "Object missing required field `scope`"),
        ('[{"scope": ""}]', "Expected `str` of length >= 1"),
        ('[{"scope": "READ_CARDS", "resources": [5]}]', r"at `\$\[0\].resources\[0\]`"),
        ('[{"scope": "READ_CARDS", "resources": "acc_1"}]', r"permissions\[0\]: resources must be a list of IDs"),
        ('[{"scope": "READ_CARDS", "resources": [{"source": "a", "target": "b"}]}]', 'READ_CARDS takes IDs, or "\\*"'),
        ('[{"scope": "LIST_RULES", "resources": ["rule_1"]}]', "LIST_RULES takes no resources"),
        ('[{"scope": "MANUAL_TRANSFER", "resources": ["acc_1"]}]', "MANUAL_TRANSFER takes sets such as"),
        ('[{"scope": "MANUAL_TRANSFER", "resources": "*"}]', "MANUAL_TRANSFER takes sets such as"),
        ('[{"scope": "MANUAL_TRANSFER", "resources": [{"source": "a"}]}]', "missing required field `target`"),
        (
            '[{"scope": "MANUAL_TRANSFER", "resources": [{"source": "a", "target": "b", "max_amount": 1.5}]}]',
            "max_amount",
        ),
        (
            '[{"scope": "MANUAL_TRANSFER", "resources": [{"source": "a", "target": "b", "max_amount": -1}]}]',
            "max_amount",
        ),
    ],
)
def test_permissions_that_are_none(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Permissions.from_json(text)


def test_permissions_go_back_to_json() -> None:
    entries = [
        {"scope": "LIST_ACCOUNTS"},
        {"scope": "READ_CARDS", "resources": ["acc_1", "acc_2"]},
        {"scope": "MANUAL_TRANSFER", "resources": [{"source": "a", "target": "b"}, TRANSFER]},
    ]
    permissions = Permissions.from_json(json.dumps(entries).encode())
    assert Permissions.from_json(entries).to_json() == permissions.to_json()
    assert json.loads(permissions.to_json()) == entries
    assert repr(permissions) == "Permissions(LIST_ACCOUNTS, READ_CARDS, MANUAL_TRANSFER)"


@pytest.mark.anyio
async def test_a_recording_finds_the_smallest_set_that_a_program_needs(anyio_backend: str, served: Served) -> None:
    """And a key with that set, and no more, is enough for the same program."""

    async def program(client: SequenceClient) -> None:
        for account in await client.accounts.list():
            if account.type == "pod":
                await client.accounts.get(account.id)
        transfers = await client.transfers.list(account_id="acc_01HDEF0123").collect(limit=3)
        for transfer in transfers:
            await client.transfers.get(transfer.id)
        for card in await client.cards.list(account_id="acc_01HDEF0123"):
            await client.cards.get(card.id)
            await client.cards.list_transactions(card.id).collect()
        for rule in await client.rules.list(source_id="acc_01HABC4567"):
            await client.rules.get(rule.id)
        await client.rule_executions.get("rex_01HABC4567")

    recording = Permissions.recording()
    key = served.sandbox.create_key()
    async with SequenceClient(key, base_url=served.base_url, permissions=recording) as client:
        await program(client)
    assert json.loads(recording.to_json()) == [
        {"scope": "LIST_ACCOUNTS"},
        {"scope": "READ_ACCOUNTS", "resources": ["acc_01HDEF0123"]},
        {"scope": "READ_TRANSFERS", "resources": ["acc_01HDEF0123"]},
        {"scope": "READ_CARDS", "resources": ["acc_01HDEF0123"]},
        {"scope": "LIST_RULES"},
        {"scope": "READ_RULES", "resources": ["rule_01HXYZ1234"]},
        {"scope": "READ_RULE_EXECUTIONS", "resources": ["rule_01HXYZ1234"]},
    ]
    assert recording.unresolved == ()
    exact = Permissions.from_json(recording.to_json())
    key = served.sandbox.create_key(json.loads(recording.to_json()))
    async with SequenceClient(key, base_url=served.base_url, permissions=exact) as client:
        await program(client)


@pytest.mark.anyio
async def test_a_recording_says_what_it_could_not_find_out(anyio_backend: str, server: Server) -> None:
    recording = Permissions.recording()
    server.reply('{"request_id": "r", "data": [], "page_info": {"has_next_page": false}}')
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=recording) as client:
        await client.cards.list_transactions("card_1").collect()
    assert recording.to_json() == "[]"
    assert recording.unresolved == ("READ_CARDS on the account that the card is linked to",)
    assert repr(recording) == "RecordingPermissions()"
    server.reply(FORBIDDEN, 403)
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=recording) as client:
        with pytest.raises(PermissionDeniedError):
            await client.rule_executions.get("rex_1")
    assert recording.unresolved[1:] == ("READ_RULE_EXECUTIONS on the rule that was executed",)


@pytest.mark.anyio
async def test_a_recording_settles_on_as_few_accounts_as_it_can(anyio_backend: str, server: Server) -> None:
    recording = Permissions.recording()
    payload = SEEDS["getTransfer"]["200"]
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=recording) as client:
        for source, destination in (("acc_a", "acc_hub"), ("acc_hub", "acc_b"), ("acc_c", "acc_d")):
            data = json.loads(json.dumps(payload))
            data["data"]["source"]["id"], data["data"]["destination"]["id"] = source, destination
            server.reply(json.dumps(data))
            await client.transfers.get(payload["data"]["id"])
    assert json.loads(recording.to_json()) == [{"scope": "READ_TRANSFERS", "resources": ["acc_hub", "acc_c"]}]
    assert recording.allows("listRules")  # refuses nothing, and being asked is no need
    assert "LIST_RULES" not in recording.to_json()


@pytest.mark.anyio
async def test_a_recording_keeps_the_highest_amount_of_each_route(anyio_backend: str, server: Server) -> None:
    recording = Permissions.recording()
    async with SequenceClient(API_KEY, base_url=server.base_url, permissions=recording) as client:
        for target, amount in (("acc_2", 300), ("acc_2", 900), ("acc_2", 500), ("acc_3", 100)):
            created = {**dict(SUCCESSES)["createTransfer"]["data"], "source": None, "destination": None}
            server.reply(json.dumps({"request_id": "r", "data": {**created, "amount_in_cents": amount}}))
            await client.transfers.create(
                source_account_id="acc_1", destination_account_id=target, amount_in_cents=amount
            )
    assert json.loads(recording.to_json()) == [
        {
            "scope": "MANUAL_TRANSFER",
            "resources": [
                {"source": "acc_1", "target": "acc_2", "max_amount": 900},
                {"source": "acc_1", "target": "acc_3", "max_amount": 100},
            ],
        }
    ]


@given(
    held=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), st.none() | st.integers(0, 3)), max_size=4),
    source=st.sampled_from("ab"),
    target=st.sampled_from("ab"),
    amount=st.integers(1, 4),
)
def test_a_transfer_is_allowed_exactly_where_one_set_allows_it(
    held: list[tuple[str, str, int | None]], source: str, target: str, amount: int
) -> None:
    resources = [{"source": one, "target": other, "max_amount": limit} for one, other, limit in held]
    permissions = declared({"scope": "MANUAL_TRANSFER", "resources": resources})
    allowed = permissions.allows(
        "createTransfer", source_account_id=source, destination_account_id=target, amount_in_cents=amount
    )
    assert allowed == any(
        (one, other) == (source, target) and (limit is None or amount <= limit) for one, other, limit in held
    )
