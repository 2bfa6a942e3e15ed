"""The doctor: it says which API a key opens and what is unexpected, only reads, and shows no value."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import trustme

import sequence_api_client
import sequence_platform_client
from sequence_runtime.decoding import decoder
from sequence_sdk import OutcomeUnknownError, SequenceClient
from sequence_sdk.__main__ import main
from sequence_sdk.doctor import plan
from sequence_sdk.doctor.command import CLIENTS, targets, without
from sequence_sdk.doctor.differences import NOT_SHOWN, differences, word
from sequence_sdk.doctor.examination import only_reads
from sequence_sdk.doctor.outcomes import clock_offset

from ..conftest import Asked, QuietServer, Reply, Served, Server

KEY = "sk_live_0e5d82c1b7a94f36"
SENTINEL = "Jane Doe 4411-8820"
PASSWORD = "p4ssw0rd"
ROOT = Path(__file__).parents[2]


class Ran:
    """What a run of the command came to."""

    def __init__(self, code: int, stdout: str, stderr: str) -> None:
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def report(self) -> Any:
        return json.loads(self.stdout)

    def api(self, name: str) -> Any:
        return next(one for one in self.report["apis"] if one["api"] == name)

    def scopes(self, name: str) -> dict[str, str]:
        return {one["scope"]: one["verdict"] for one in self.api(name)["scopes"]}


Doctor = Callable[..., Ran]


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """The command in this process."""

    def run(*arguments: str, key: str | None = None, v1: str | None = None, platform: str | None = None) -> Ran:
        variables = {"API_KEY": key, "BASE_URL": v1, "PLATFORM_BASE_URL": platform}
        for name, value in variables.items():
            monkeypatch.delenv(f"SEQUENCE_{name}", raising=False)
            if value is not None:
                monkeypatch.setenv(f"SEQUENCE_{name}", value)
        try:
            code = main(["doctor", *arguments])
        except SystemExit as ended:
            code = int(str(ended.code))
        return Ran(code, *capsys.readouterr())

    return run


def addresses(served: Served | Server) -> dict[str, str]:
    origin = served.base_url.removesuffix("/api/v1")
    return {"v1": f"{origin}/api/v1", "platform": f"{origin}/platform/v1"}


def paths(server: Server) -> list[str]:
    return [asked.target.partition("?")[0] for asked in server.asked]


@pytest.fixture
def between(served: Served, server: Server) -> Callable[[Callable[[str, Any], Any]], list[Any]]:
    """A server before the sandbox that changes JSON on its way; it gives the list of all that passed."""

    def change_with(change: Callable[[str, Any], Any]) -> list[Any]:
        passed: list[Any] = []
        origin = served.base_url.removesuffix("/api/v1")

        def forward(asked: Asked) -> Reply:
            headers = {name: value for name, value in asked.headers.items() if name.lower() != "host"}
            response = httpx.request(asked.method, origin + asked.target, headers=headers, content=asked.body)
            body = change(asked.target.partition("?")[0], response.json())
            passed.append(body)
            return Reply(json.dumps(body), response.status_code, headers={"X-Debug-Hint": SENTINEL})

        server.response = forward
        return passed

    return change_with


def values_in(body: Any) -> Iterator[str]:
    """Every string and number of JSON that is no word of an API's."""
    match body:
        case dict():
            for one in body.values():
                yield from values_in(one)
        case list():
            for one in body:
                yield from values_in(one)
        case str() if len(body) > 5 and re.search(r"[\d\s@]", body):
            yield body
        case int() if body > 9999:
            yield str(body)


# What a key opens


def test_a_key_that_may_do_everything_opens_both_and_all_that_reads_answers(served: Served, doctor: Doctor) -> None:
    ran = doctor("--json", key=served.sandbox.create_key(), **addresses(served))
    assert ran.code == 0
    assert ran.report["says"] == "the key opens v1 and platform"
    for name in ("v1", "platform"):
        api = ran.api(name)
        assert (api["reachable"], api["lives"], api["accepts_key"]) == (True, True, True)
        assert api["unexpected"] == []
        writes = {scope for scope, verdict in ran.scopes(name).items() if verdict == "not tried"}
        assert writes <= {"MANUAL_TRANSFER", "TRIGGER_RULES", "CREATE_ACCOUNTS", "CREATE_AND_EDIT_RULES"}
        assert all(verdict in {"answers", "not tried"} for verdict in ran.scopes(name).values())
        assert all(one["says"] == "it only writes" for one in api["scopes"] if one["scope"] in writes)
        assert set(ran.scopes(name)) == set(CLIENTS[name].contract.scopes)


def test_scopes_that_a_key_lacks_are_refused_and_those_that_it_has_answer(served: Served, doctor: Doctor) -> None:
    account = served.sandbox.uuid("acc_01HGHI7890")
    key = served.sandbox.create_key(
        {
            "v1": [{"scope": "LIST_ACCOUNTS"}, {"scope": "READ_TRANSFERS", "resources": "*"}],
            "platform": [{"scope": "READ_ACCOUNTS", "resources": [account]}, {"scope": "READ_AUDIT_LOGS"}],
        }
    )
    ran = doctor("--json", key=key, **addresses(served))
    assert ran.code == 0
    assert ran.scopes("v1") == {
        "LIST_ACCOUNTS": "answers",
        "READ_ACCOUNTS": "refused",
        "READ_CARDS": "refused",
        "READ_TRANSFERS": "answers",
        "MANUAL_TRANSFER": "not tried",
        "LIST_RULES": "refused",
        "READ_RULES": "not tried",
        "TRIGGER_RULES": "not tried",
        "READ_RULE_EXECUTIONS": "not tried",
    }
    platform = ran.scopes("platform")
    assert platform["READ_ACCOUNTS"] in {"answers", "answers in part"}
    assert (platform["READ_TRANSFERS"], platform["READ_AUDIT_LOGS"]) == ("refused", "answers")
    assert all(one["verdict"] != "broken" for name in ("v1", "platform") for one in ran.api(name)["outcomes"])


def test_a_key_for_one_account_of_several_answers_in_part(served: Served, doctor: Doctor) -> None:
    """The list answers, and a get of an account that the key does not name is refused."""
    key = served.sandbox.create_key({"platform": [{"scope": "READ_ACCOUNTS", "resources": []}]})
    ran = doctor("--api", "platform", key=key, **addresses(served))
    assert "READ_ACCOUNTS          answers in part: refused: getAccount for 2 that were tried\n" in ran.stdout


def test_a_key_that_nobody_knows_opens_nothing(served: Served, doctor: Doctor) -> None:
    ran = doctor("--json", key=KEY, **addresses(served))
    assert (ran.code, ran.report["says"]) == (1, "no API accepts the key")
    assert [(one["lives"], one["accepts_key"], len(one["outcomes"])) for one in ran.report["apis"]] == [
        (True, False, 1),
        (True, False, 1),
    ]
    assert KEY not in ran.stdout + ran.stderr


def test_without_a_key_it_says_which_api_lives_by_one_request_that_carries_none(
    between: Callable[..., list[Any]], server: Server, doctor: Doctor
) -> None:
    between(lambda _, body: body)
    ran = doctor("--json", **addresses(server))
    assert (ran.code, ran.report["says"]) == (0, "no key was given; these live: v1 and platform")
    assert [(one["lives"], one["accepts_key"]) for one in ran.report["apis"]] == [(True, None), (True, None)]
    assert paths(server) == ["/api/v1/accounts", "/platform/v1/beneficiaries"]
    assert [asked.headers.get("Authorization") for asked in server.asked] == [None, None]


def test_with_one_api_alive_the_key_opens_that_one(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    between(lambda _, body: body)
    forward = server.response
    assert forward
    gone = Reply("<html>not found</html>", 404, content_type="text/html")
    server.response = lambda asked: gone if asked.target.startswith("/api/v1") else forward(asked)
    ran = doctor(key=served.sandbox.create_key(), **addresses(server))
    assert ran.code == 0
    assert ran.stdout.endswith("the key opens platform\n")
    lives = "  lives            no: the status is 404, with a page of HTML instead of the API's own error\n"
    assert lives in ran.stdout
    assert len([path for path in paths(server) if path.startswith("/api/v1")]) == 1


def test_a_path_that_is_not_there_does_not_live_though_its_404_looks_like_the_apis(
    server: Server, doctor: Doctor
) -> None:
    server.response = lambda _: Reply('{"error": {"code": "NOT_FOUND", "message": "no route"}}', 404)
    ran = doctor("--json", key=KEY, **addresses(server))
    assert ran.code == 1
    assert [(one["reachable"], one["lives"], one["accepts_key"]) for one in ran.report["apis"]] == [
        (True, False, None),
        (True, False, None),
    ]


# What responds instead of an API


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(f"<p>{SENTINEL}</p>", 200, "text/html"), "the status is 200, with a page of HTML that is not as"),
        (Reply("Bad Gateway", 502, "text/plain"), "the status is 502, with text that is no JSON instead of"),
        (Reply("", 503, None), "the status is 503, with no body instead of"),
        (
            Reply("", 302, headers={"Location": "https://example.com/" + SENTINEL.replace(" ", "")}),
            "a redirect: it is not followed, so that the key goes nowhere else",
        ),
        (Reply(f'{{"status": "{SENTINEL}"}}'), "the status is 200, with JSON that is not as documented"),
        (Reply(f'{{"message": "{SENTINEL}"}}', 403), "the status is 403, with JSON instead of the API's own error"),
    ],
    ids=["html", "502", "503", "redirect", "other-json", "other-403"],
)
def test_what_is_no_api_does_not_live_and_nothing_of_it_is_shown(
    reply: Reply, says: str, server: Server, doctor: Doctor
) -> None:
    server.response = lambda _: reply
    ran = doctor("--contract", key=KEY, **addresses(server))
    assert ran.code == 1
    assert ran.stdout.count("  lives            no: ") == 2
    assert says in ran.stdout
    assert len(server.asked) == 2
    for secret in (SENTINEL, SENTINEL.replace(" ", ""), "example.com", KEY):
        assert secret not in ran.stdout + ran.stderr


def test_a_rate_limit_that_is_used_up_ends_the_questions(server: Server, doctor: Doctor) -> None:
    body = '{"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow down"}}'
    server.response = lambda _: Reply(body, 429, headers={"Retry-After": "60"})
    ran = doctor("--api", "platform", key=KEY, **addresses(server))
    assert ran.code == 1
    assert "accepts the key  the rate limit of the key is used up: try again in a minute\n" in ran.stdout
    assert len(server.asked) == 1


def test_scopes_that_nothing_was_asked_of_say_why(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    between(lambda _, body: body)
    forward = server.response
    assert forward
    limited = Reply('{"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow down"}}', 429)
    server.response = lambda asked: limited if "/rules" in asked.target else forward(asked)
    ran = doctor("--api", "platform", key=served.sandbox.create_key(), **addresses(server))
    assert "READ_AUDIT_LOGS        not tried: nothing was asked after listRules: the rate limit" in ran.stdout
    assert (
        "    listRules: the rate limit of the key is used up: try again in a minute (RATE_LIMIT_EXCEEDED)\n"
        in ran.stdout
    )


def test_an_api_that_accepts_the_key_and_fails_otherwise_is_broken(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    between(lambda _, body: body)
    forward = server.response
    assert forward
    server.response = lambda asked: Reply("oops", 500) if "/rules" in asked.target else forward(asked)
    ran = doctor("--json", "--api", "platform", key=served.sandbox.create_key(), **addresses(server))
    assert (ran.code, ran.report["says"]) == (1, "the key opens platform; something is broken in platform")
    assert ran.scopes("platform")["READ_RULES"] == "broken"
    assert any(one.startswith("listRules: the status is 500") for one in ran.api("platform")["unexpected"])


def test_a_port_where_nobody_listens_is_said_to_refuse(doctor: Doctor) -> None:
    ran = doctor(key=KEY, v1="http://127.0.0.1:9/api/v1")
    assert ran.code == 1
    assert "reachable        no: no connection: refused, or no way to the server\n" in ran.stdout


def test_a_name_that_nobody_knows_is_a_matter_of_dns(doctor: Doctor) -> None:
    ran = doctor("--api", "v1", "--base-url", "https://sequence.invalid/api/v1", key=KEY)
    assert "reachable        no: its name is not known here (DNS)\n" in ran.stdout


def test_a_certificate_that_nobody_trusts_is_a_matter_of_tls(doctor: Doctor) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with answering(context) as port:
        ran = doctor("--api", "v1", "--base-url", f"https://localhost:{port}/api/v1", key=KEY)
    assert "reachable        no: no trustworthy TLS connection" in ran.stdout


@contextmanager
def answering(context: ssl.SSLContext) -> Iterator[int]:
    """A server over TLS."""
    server = QuietServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_proxy_that_lets_nothing_through_is_named_as_such(
    server: Server, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It refuses to connect further, and says so in its own words."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@127.0.0.1:{server.base_url.split(':')[2][:-7]}")
    ran = doctor("--api", "v1", "--base-url", "https://sequence.invalid/api/v1", key=KEY)
    assert "reachable        no: the proxy that the environment names did not let the request through\n" in ran.stdout
    assert PASSWORD not in ran.stdout + ran.stderr


# Clocks


@pytest.mark.parametrize(("seconds", "words"), [(-3600, "ahead of"), (3600, "behind")])
def test_a_clock_that_is_off_is_noticed(
    seconds: int,
    words: str,
    between: Callable[..., list[Any]],
    served: Served,
    server: Server,
    doctor: Doctor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    between(lambda _, body: body)
    other = BaseHTTPRequestHandler.date_time_string
    now = datetime.now(UTC).timestamp()
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda self, _=None: other(self, now + seconds))
    ran = doctor("--api", "v1", key=served.sandbox.create_key(), **addresses(server))
    off = re.search(rf"  clock            ([\d.]+) s {words} the server's\n", ran.stdout)
    assert off
    assert 3400 < float(off[1]) < 3700
    assert "    this machine's clock: " in ran.stdout


SENT = datetime(2026, 7, 15, 9, 2, 35, 500_000, tzinfo=UTC)
RECEIVED = SENT + timedelta(seconds=3)


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        ("Wed, 15 Jul 2026 09:02:36 GMT", 0.0),
        ("Wed, 15 Jul 2026 09:02:34 GMT", 0.0),
        ("Wed, 15 Jul 2026 09:02:38 GMT", 0.0),
        ("Wed, 15 Jul 2026 09:02:23 GMT", 10.5),
        ("Wed, 15 Jul 2026 09:02:48 GMT", -9.5),
        ("", None),
        ("yesterday", None),
        ("Wed, 15 Jul 2026 09:02:36", None),
        ("Wed, 15 Jul 99999999999 09:02:36 GMT", None),
    ],
)
def test_clocks_agree_within_what_the_header_date_can_tell(date: str, offset: float | None) -> None:
    assert clock_offset(date, SENT, RECEIVED) == offset


# What is otherwise than the contract says


def test_the_sandbox_is_as_the_contracts_say(served: Served, doctor: Doctor) -> None:
    ran = doctor("--json", "--contract", key=served.sandbox.create_key(), **addresses(served))
    assert ran.code == 0
    for name in ("v1", "platform"):
        assert ran.api(name)["differences"] == []
        read = {one["operation"] for one in ran.api(name)["outcomes"] if one["verdict"] == "answers"}
        assert read == {one.id for one in plan.reads(CLIENTS[name].contract)}


def changed(path: str, body: Any) -> Any:
    """The sandbox's JSON as a later version of the API may have it."""
    items = body.get("data", {}).get("items", []) if isinstance(body.get("data"), dict) else []
    if path == "/platform/v1/accounts":
        for item in items:
            item |= {"type": "CRYPTO_WALLET", "nickname": SENTINEL, "canBeSource": "4411882099", SENTINEL: 1}
            item |= {"externalAccountType": SENTINEL, item["id"]: 4411882099, "createdAt": SENTINEL}
            del item["name"]
    if path.startswith("/platform/v1/accounts/") and path.count("/") == 4:
        body["data"]["balance"] = (body["data"]["balance"] or {}) | {
            "balanceInCents": SENTINEL,
            "overdraft": {"limit": 4411882099},
        }
        body["data"]["name"] = None
    if re.fullmatch(r"/platform/v1/rules/[^/]+", path) and "data" in body:
        body["data"]["steps"][0]["actions"][0] |= {"type": "ROUND_UP", "roundToInCents": 4411882099}
    if path == "/platform/v1/audit-logs":
        return {"error": {"code": "ACCESS_DENIED", "message": SENTINEL, "hint": SENTINEL}}
    return body


def test_what_is_otherwise_is_listed_by_place_with_enum_values_and_without_any_others(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    key = served.sandbox.create_key()
    passed = between(changed)
    ran = doctor("--contract", "--api", "platform", key=key, **addresses(server))
    listed = ran.stdout.partition("otherwise than the contract says:\n")[2]
    for line in (
        "listAccounts 200 value data.items[].type CRYPTO_WALLET",
        "listAccounts 200 member data.items[].nickname string",
        "listAccounts 200 member data.items[].(not shown) integer",
        "listAccounts 200 value data.items[].externalAccountType (not shown)",
        "listAccounts 200 type data.items[].canBeSource string, not boolean",
        "listAccounts 200 type data.items[].createdAt string, not date-time",
        "listAccounts 200 absent data.items[].name string",
        "getAccount 200 type data.balance.balanceInCents string, not integer",
        "getAccount 200 member data.balance.overdraft object",
        "getAccount 200 type data.name null, not string",
        "getRule 200 value data.steps[].actions[].type ROUND_UP",
        "getRule 200 member data.steps[].actions[].roundToInCents integer",
        "listBeneficiaries 200 header x-debug-hint",
        "listAuditLogs 200 absent data object",
        "listAuditLogs 200 member error object",
    ):
        assert f"    {line}\n" in listed, listed
    assert ran.code == 1  # since the SDK cannot read some of that
    shown = ran.stdout + ran.stderr
    secrets = {value for body in passed for value in values_in(body)} | {key, SENTINEL, "4411882099"}
    assert len(secrets) > 100
    assert [secret for secret in secrets if secret in shown] == []


def test_members_that_errors_have_beyond_the_contract_are_listed_too(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    def refused(_: str, body: Any) -> Any:
        return body | {"hint": SENTINEL, "trace": {}} if "error" in body else body

    between(refused)
    key = served.sandbox.create_key({"platform": []})
    ran = doctor("--contract", "--json", "--api", "platform", key=key, **addresses(server))
    found = ran.api("platform")["differences"]
    assert {"operation": "listRules", "status": 403, "kind": "member", "place": "hint", "what": "string"} in found
    assert SENTINEL not in ran.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("canBeSource", True),
        ("PERCENTAGE_LIABILITY_BALANCE", True),
        ("x-request-id", True),
        ("iso8", True),
        ("6d19b8e4-a07f-43c2-8b54-e7f301c92da8", False),
        ("acc_01HDEF0123", False),
        ("021000021", False),
        ("Jane Doe", False),
        ("jane@example.com", False),
        ("2026-07-15", False),
        ("", False),
        ("a" * 49, False),
        ("a\nb", False),
    ],
)
def test_only_what_looks_like_a_word_of_an_api_is_shown(text: str, shown: bool) -> None:
    assert word(text) == (text if shown else NOT_SHOWN)


KEY_LIKE = "sk_live_secretsecretsecret"


@pytest.mark.parametrize(
    "echoed",
    [
        KEY_LIKE,
        KEY_LIKE.upper(),
        "x-sk-live-secretsecretsecret",
        KEY_LIKE[:20],
        f"data.items[].{KEY_LIKE}",
        "SECRETSECRET",
    ],
)
def test_no_part_of_the_key_is_printed_however_a_server_spells_it(echoed: str) -> None:
    shown = without(KEY_LIKE, f"member {echoed} string, not in READ_ACCOUNTS")
    assert "secret" not in shown.lower()
    assert "(not shown)" in shown
    assert shown.endswith(" string, not in READ_ACCOUNTS")
    assert without("", "member total") == without(KEY_LIKE, "member total") == "member total"


def test_an_enum_value_is_shown_only_if_it_is_spelt_like_the_others() -> None:
    (status,) = (sequence_platform_client.models.TransferStatus,)
    assert list(differences(status, "PAUSED", "status")) == [("value", "status", "PAUSED")]
    assert list(differences(status, "Doe", "status")) == [("value", "status", NOT_SHOWN)]
    assert list(differences(status, "COMPLETE", "status")) == []


@pytest.mark.parametrize("contract", [sequence_api_client.CONTRACT, sequence_platform_client.CONTRACT])
def test_whatever_can_be_decoded_has_no_member_of_another_type(contract: Any) -> None:
    """An empty object lacks all that is required, of each response and of errors, and decoding says so too."""
    for model in (*(one.response for one in plan.reads(contract)), plan.error_model(contract)):
        found = list(differences(model, {}))
        assert found
        assert {kind for kind, *_ in found} == {"absent"}
        with pytest.raises(msgspec.ValidationError, match="missing required field"):
            decoder(model)(b"{}")


# What is asked


def test_it_only_reads_and_asks_little(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    between(lambda _, body: body)
    keys = [served.sandbox.create_key(), served.sandbox.create_key({"v1": [{"scope": "LIST_ACCOUNTS"}]})]
    for key in keys:
        server.asked.clear()
        doctor(key=key, **addresses(server))
        assert len(server.asked) <= 25
        assert {asked.method for asked in server.asked} == {"GET"}
    server.asked.clear()
    doctor("--contract", key=keys[0], **addresses(server))
    assert {asked.method for asked in server.asked} == {"GET"}
    assert len(server.asked) <= 100


@pytest.mark.anyio
async def test_a_client_that_only_reads_sends_no_write(server: Server) -> None:
    async with (
        only_reads(server.base_url, keyless=False) as http,
        SequenceClient(KEY, base_url=server.base_url, http_client=http, max_retries=2) as client,
    ):
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(
                source_account_id="acc_01HDEF0123", destination_account_id="acc_01HGHI7890", amount_in_cents=5000
            )
    assert server.asked == []


def test_operations_that_write_are_never_planned() -> None:
    for client in CLIENTS.values():
        assert all(operation.method == "GET" for operation in plan.reads(client.contract))
    with pytest.raises(ValueError, match="createAccount may change something"):
        operation = sequence_platform_client.CONTRACT.operations["createAccount"]
        plan.prepared(operation, {"type": "POD", "name": "Taxes"})


def test_items_of_different_types_are_asked_for_first() -> None:
    kinds = enumerate(("POD", "POD", "INCOME_SOURCE", "EXTERNAL_ACCOUNT"))
    listed = {"/accounts": [plan.Listed({}, str(number), kind) for number, kind in kinds]}
    get = sequence_platform_client.CONTRACT.operations["getAccount"]
    asked = plan.candidates(get, listed, contract=True)
    assert [one["id"] for one in asked] == ["0", "2", "3", "1"]


def test_an_id_that_cannot_be_asked_for_is_said_without_showing_it(
    between: Callable[..., list[Any]], served: Served, server: Server, doctor: Doctor
) -> None:
    def other_ids(path: str, body: Any) -> Any:
        if path == "/api/v1/accounts":
            for item in body["data"]:
                item["id"] = f"card_{SENTINEL}"
        return body

    between(other_ids)
    ran = doctor("--api", "v1", key=served.sandbox.create_key(), **addresses(server))
    assert "getAccount: an ID that a list has is of another form than the contract says\n" in ran.stdout
    assert ran.code == 1
    assert SENTINEL not in ran.stdout


# The command


def test_as_a_program_it_prints_json_that_is_complete_and_shows_no_key(served: Served) -> None:
    key = served.sandbox.create_key()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEQUENCE_")}
    v1, platform = addresses(served).values()
    arguments = ["--json", "--contract", "--base-url", v1, "--platform-base-url", platform]
    ran = subprocess.run(
        [sys.executable, "-m", "sequence_sdk", "doctor", *arguments],
        env={**inherited, "SEQUENCE_API_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert key not in ran.stdout
    report = json.loads(ran.stdout)
    documented = re.findall(r"^\| `([a-z_]+)`", (ROOT / "docs" / "doctor.md").read_text(), re.MULTILINE)
    members = {*report, *report["apis"][0], *report["apis"][0]["scopes"][0], *report["apis"][0]["outcomes"][0]}
    assert members | {"operation", "status", "kind", "place", "what"} == set(documented)


@pytest.mark.parametrize("arguments", [["--help"], ["doctor", "--help"]])
def test_its_help_says_what_it_is_for(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    assert "which APIs a key opens" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["--api", "graphql"], KEY),
        (["--key", KEY], KEY),
        (["--base-url", "http://example.com/api/v1", "--api", "v1"], KEY),
        (["--api", "v1"], f"Bearer {KEY} "),
        (["--api", "platform"], KEY),
    ],
    ids=["unknown-api", "key-as-argument", "unencrypted", "key-with-a-word", "only-the-other-is-pointed-elsewhere"],
)
def test_what_cannot_be_done_is_usage(arguments: list[str], key: str, server: Server, doctor: Doctor) -> None:
    ran = doctor(*arguments, key=key, v1=server.base_url)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr
    assert "Traceback" not in ran.stderr
    if "--key" not in arguments:
        assert KEY not in ran.stderr
    assert server.asked == []


@pytest.mark.parametrize(
    ("options", "environment", "chosen", "skipped"),
    [
        ({}, {}, ["v1", "platform"], []),
        ({}, {"SEQUENCE_BASE_URL": "http://localhost/"}, ["v1"], ["platform"]),
        ({}, {"SEQUENCE_PLATFORM_BASE_URL": "http://localhost/"}, ["platform"], ["v1"]),
        ({"platform": "http://localhost/"}, {}, ["platform"], ["v1"]),
        ({"v1": "http://localhost/"}, {"SEQUENCE_PLATFORM_BASE_URL": "http://localhost/"}, ["v1", "platform"], []),
    ],
)
def test_where_one_api_alone_is_pointed_elsewhere_the_other_is_left_alone(
    options: dict[str, str], environment: dict[str, str], chosen: list[str], skipped: list[str]
) -> None:
    addresses, left_alone = targets("both", {"v1": None, "platform": None, **options}, environment)
    assert list(addresses) == chosen
    assert [one.api for one in left_alone] == skipped


def test_it_says_why_an_api_was_left_alone(served: Served, doctor: Doctor) -> None:
    ran = doctor(key=served.sandbox.create_key(), v1=served.base_url)
    assert ran.code == 0
    assert "platform: not examined: only v1 is pointed elsewhere, and the key would go to production" in ran.stdout


def test_on_a_terminal_it_says_what_it_asks_and_cleans_up(
    served: Served, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ran = doctor("--json", key=served.sandbox.create_key(), **addresses(served))
    assert "listBeneficiaries …" in ran.stderr
    assert ran.stderr.endswith("\r\033[K")
    assert ran.report["exit_code"] == 0
