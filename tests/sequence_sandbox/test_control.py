"""A running sandbox is controlled over HTTP, by programs on this machine, and says what is wrong and what is right."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from sequence_sandbox import Sandbox
from sequence_sandbox.control.actions import ACTIONS, Action
from sequence_sandbox.control.guard import NotAllowed, check, is_loopback

from ..validated import in_contract
from .asking import Platform
from .test_writes import A_TRANSFER

WITH_BODIES = [action for action in ACTIONS if action.has_body]


def name_of(action: Action) -> str:
    return f"{action.method} {action.path}"


def control(sandbox: Sandbox, method: str, path: str, **options: Any) -> httpx.Response:
    """What a sandbox responds, which has to be as its document says."""
    return in_contract(httpx.request(method, f"{sandbox.origin}/_sandbox{path}", timeout=30, **options))


def done(sandbox: Sandbox, method: str, path: str, **options: Any) -> Any:
    response = control(sandbox, method, path, **options)
    assert response.status_code == 200, response.text
    return response.json()


def wrong(sandbox: Sandbox, method: str, path: str, **options: Any) -> dict[str, Any]:
    response = control(sandbox, method, path, **options)
    assert response.status_code == 400, response.text
    error: dict[str, Any] = response.json()["error"]
    assert error["code"] == "bad_request"
    return error


def listed(sandbox: Sandbox, key: str) -> int:
    """The status of a list of accounts."""
    return httpx.get(f"{sandbox.base_url}/accounts", headers={"Authorization": f"ApiKey {key}"}).status_code


def test_its_document_is_valid_and_names_all_that_can_be_done(running: Sandbox) -> None:
    described = httpx.get(f"{running.origin}/_sandbox/openapi.json").json()
    validate(described)
    found = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert found == {(action.method, f"/_sandbox{action.path}") for action in ACTIONS} | {("GET", "/_sandbox/events")}


@pytest.mark.parametrize("action", ACTIONS, ids=name_of)
def test_every_action_responds_to_its_example_as_its_document_says(action: Action, running: Sandbox) -> None:
    listed(running, running.create_key())
    running.fail("status")
    options = {"json": action.example} if action.has_body else {}
    done(running, action.method, action.path, **options)


@pytest.mark.parametrize("action", WITH_BODIES, ids=name_of)
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"permision": []}', "unknown field `permision`"),
        (b"{", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"[]", "expected `object`, got `array`"),
        (b"null", "expected `object`, got `null`"),
        (b'{"a": NaN}', "not valid JSON"),
        (b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "nested too deeply"),
        (b"too large", "larger than"),
    ],
)
def test_a_bad_body_is_answered_with_what_is_wrong_and_one_that_is_right(
    action: Action, body: bytes, message: str, running: Sandbox
) -> None:
    content = b" " * (action.maximum_body + 1) if body == b"too large" else body
    error = wrong(running, action.method, action.path, content=content)
    assert message in error["message"]
    assert error["example"] == action.example


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/keys", {"permissions": {"v3": []}}, "v3"),
        ("/keys", {"permissions": [{"scope": "READ_ACCOUNTS"}]}, "[0].resources: what READ_ACCOUNTS needs is IDs or *"),
        ("/keys", {"permissions": [{"scope": "MANUAL_TRANSFER", "resources": []}]}, "needs is account pairs"),
        ("/faults", {"kind": "refuse"}, "`seconds` above 0"),
        ("/faults", {"kind": "refuse", "seconds": 1, "operation": "listRules"}, "no `operation`"),
        ("/faults", {"kind": "reset"}, "use one of content_type, drip"),
        ("/keys", {"permissions": None}, "permissions"),
        ("/keys", {"permissions": [{"scope": "LIST_ACOUNTS"}]}, "permissions[0]: LIST_ACOUNTS is no scope"),
        ("/keys", {"permissions": {"platform": [{"resources": []}]}}, "scope"),
        ("/keys", {"key": "two words"}, "key"),
        ("/keys", {"label": ""}, "label"),
        ("/advance", {}, "`seconds`"),
        ("/advance", {"seconds": "60"}, "seconds"),
        ("/advance", {"seconds": -1}, "seconds"),
        ("/advance", {"seconds": True}, "seconds"),
        ("/advance", {"seconds": 10**400}, "seconds"),
        ("/faults", {"kind": "explode"}, "kind"),
        ("/faults", {"kind": "html", "colour": "red"}, "kind, operation, times"),
        ("/faults", {"kind": "html", "operation": "getAcount"}, "there is no operation 'getAcount'"),
        ("/faults", {"kind": "html", "times": 2**70}, "times"),
        ("/faults", {"kind": "html", "status": 200}, "status"),
        ("/settings", {"late_gets": 1.5}, "late_gets"),
        ("/rules", {"activate": "rule_123"}, "there is no rule"),
        ("/webhooks", {"url": "ftp://127.0.0.1/"}, "url"),
    ],
)
def test_a_member_that_is_wrong_is_named(path: str, body: Any, message: str, running: Sandbox) -> None:
    keys = len(running.keys)
    assert message in wrong(running, "POST", path, content=json.dumps(body))["message"]
    assert (len(running.keys), running.faults.faults, running.webhooks.endpoints) == (keys, [], [])


def test_what_belongs_into_a_body_is_not_read_from_the_query(running: Sandbox) -> None:
    assert "into the body" in wrong(running, "POST", "/advance?seconds=60")["message"]
    assert "unknown field `seconds`" in wrong(running, "GET", "/clock?seconds=60")["message"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("GET", "/page/"), ("PUT", "/keys"), ("GET", "/keys/")]
)
def test_what_is_not_there_is_said_with_where_to_look(method: str, path: str, running: Sandbox) -> None:
    response = httpx.request(method, f"{running.origin}/_sandbox{path}")
    assert response.status_code == 404
    assert "/_sandbox/openapi.json" in response.json()["error"]["message"]


def test_the_clock_is_read_set_let_run_and_frozen(running: Sandbox) -> None:
    assert done(running, "GET", "/clock") == {"now": "2024-04-24T00:00:00Z", "speed": 0}
    assert done(running, "PUT", "/clock", json={"now": "2024-05-01T02:00:00+02:00"})["now"] == "2024-05-01T00:00:00Z"
    assert done(running, "POST", "/advance", json={"seconds": 0.5})["now"] == "2024-05-01T00:00:00.500000Z"
    assert done(running, "PUT", "/clock", json={"speed": 1000})["speed"] == 1000
    frozen = done(running, "PUT", "/clock", json={"speed": 0})
    assert frozen["now"] > "2024-05-01T00:00:00.5"
    assert done(running, "GET", "/clock") == frozen
    for body, message in (
        ({}, "`now`, `speed` or both"),
        ({"now": "2024-04-30T00:00:00Z"}, "forward only"),
        ({"now": "2200-01-02T00:00:00Z"}, "2200-01-01T00:00:00Z at most"),
        ({"now": "2024-06-01T00:00:00"}, "now"),
        ({"now": 1}, "now"),
        ({"speed": -1}, "speed"),
    ):
        assert message in wrong(running, "PUT", "/clock", json=body)["message"]
    assert running.clock.now() == datetime.fromisoformat(frozen["now"])


def test_a_clock_comes_to_its_end_without_breaking_anything(running: Sandbox) -> None:
    statuses = [control(running, "POST", "/advance", json={"seconds": 3e9}).status_code for _ in range(4)]
    assert statuses == [200, 400, 400, 400]
    done(running, "PUT", "/clock", json={"now": "2200-01-01T00:00:00Z", "speed": 1e9})
    assert done(running, "GET", "/clock")["now"] == "2200-01-01T00:00:00Z"
    assert listed(running, running.create_key()) == 200


def test_what_the_clock_is_set_past_is_done(running: Sandbox, platform: Platform) -> None:
    pod, card = running.uuid("acc_01HDEF0123"), running.uuid("acc_01HGHI7890")
    body = {"sourceAccountId": pod, "destinationAccountId": card, "amountInCents": 5000}
    made = platform.made("POST", "/transfers", body)
    done(running, "PUT", "/clock", json={"now": "2024-04-24T00:00:04Z"})
    assert running.organization.transfers.get([*running.organization.transfers][-1].id).status == "complete"  # type: ignore[union-attr]
    assert platform.get(f"/transfers/{made['id']}")["status"] == "COMPLETE"


def test_faults_are_listed_with_what_is_left_of_them_and_forgotten(running: Sandbox) -> None:
    key = running.create_key()
    shown = done(running, "POST", "/faults", json={"kind": "html", "operation": "listAccounts", "times": 2})
    assert (shown["kind"], shown["times"], shown["status"]) == ("html", 2, 503)
    assert listed(running, key) == 503
    assert [one["times"] for one in done(running, "GET", "/faults")] == [1]
    assert done(running, "DELETE", "/faults") == {"removed": 1}
    assert listed(running, key) == 200


def test_keys_are_made_and_listed_without_themselves(running: Sandbox) -> None:
    made = done(running, "POST", "/keys", json={"permissions": {"platform": []}, "label": "reader"})
    full = done(running, "POST", "/keys")
    assert (listed(running, made["key"]), listed(running, full["key"])) == (403, 200)
    first, second = done(running, "GET", "/keys")
    assert first == {"id": made["id"], "label": "reader", "permissions": {"v1": [], "platform": []}, "but": []}
    assert second["permissions"] == {"v1": None, "platform": None}
    assert done(running, "POST", "/keys", json={"key": "sk_mine"})["key"] == "sk_mine"


def test_requests_are_found_and_forgotten_by_what_they_were(running: Sandbox) -> None:
    key = running.create_key(label="an app")
    running.fail("status", status=500)
    assert [listed(running, one) for one in (key, key, "nobodys")] == [500, 200, 401]
    assert [one["status"] for one in done(running, "GET", "/requests")] == [500, 200, 401]
    (failed,) = done(running, "GET", "/requests", params={"fault": "true", "key": "an app"})
    assert (failed["operation"], failed["fault"], failed["permission"]) == ("listAccounts", "status", None)
    (granted,) = done(running, "GET", "/requests", params={"status": 200, "api": "v1", "method": "GET"})
    assert granted["grant"] == {"scope": "LIST_ACCOUNTS", "resources": []}
    assert key not in str(granted)
    for query in ({"fault": "explode"}, {"status": "x"}, {"operation": "nothing"}, {"colour": "red"}):
        wrong(running, "GET", "/requests", params=query)
        wrong(running, "DELETE", "/requests", params=query)
    assert done(running, "DELETE", "/requests", params={"fault": "false"}) == {"removed": 2}
    assert done(running, "DELETE", "/requests") == {"removed": 1}


def test_a_reset_leaves_everything_but_keys_as_it_was(running: Sandbox, platform: Platform) -> None:
    fresh = Sandbox()
    key = done(running, "POST", "/keys")["key"]
    headers = {"Authorization": f"ApiKey {key}", "Idempotency-Key": "k"}
    first = httpx.post(f"{running.base_url}/transfers", json=A_TRANSFER, headers=headers).json()
    done(running, "POST", "/settings", json={"late_gets": 3})
    done(running, "POST", "/webhooks", json={"url": "http://127.0.0.1:9/hook"})
    done(running, "POST", "/faults", json={"kind": "status", "times": 100})
    done(running, "POST", "/advance", json={"seconds": 86400})
    assert done(running, "POST", "/reset") == {"now": "2024-04-24T00:00:00Z", "speed": 0}
    assert [done(running, "GET", path) for path in ("/faults", "/requests", "/webhooks")] == [[], [], []]
    assert done(running, "GET", "/settings") == {"late_gets": 0}
    assert len(running.organization.transfers) == len(fresh.organization.transfers)
    assert running.organization.accounts == fresh.organization.accounts
    assert running.organization.account_details == fresh.organization.account_details
    again = httpx.post(f"{running.base_url}/transfers", json={**A_TRANSFER, "amount_in_cents": 700}, headers=headers)
    assert (again.status_code, again.json()["data"]["id"]) == (201, first["data"]["id"])
    running.advance(5)
    assert running.organization.total() == fresh.organization.total()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"Origin": "http://{host}", "Sec-Fetch-Site": "same-origin"}, None),
        ({"Content-Type": "application/json; charset=utf-8"}, None),
        ({"Content-Type": "application/x-www-form-urlencoded"}, None),
        ({"Content-Type": "text/plain"}, 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 400),
        ({"Origin": "https://elsewhere.example", "Content-Type": "text/plain"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "elsewhere.example"}, 403),
        ({"Host": "127.0.0.1.elsewhere.example"}, 403),
        ({"Host": "["}, 403),
    ],
)
def test_pages_from_elsewhere_cannot_make_keys(headers: dict[str, str], status: int | None, running: Sandbox) -> None:
    given = {name: value.format(host=running.origin.removeprefix("http://")) for name, value in headers.items()}
    response = httpx.post(f"{running.origin}/_sandbox/keys", content=b"{}", headers=given)
    assert response.status_code == (status or 200), response.text
    assert len(running.keys) == (status is None)
    if status is None or status == 400:
        return
    assert httpx.get(f"{running.origin}/_sandbox/requests", headers=given).status_code == status
    assert httpx.get(f"{running.origin}/_sandbox/openapi.json", headers=given).status_code == status


def test_a_token_is_needed_where_there_is_one() -> None:
    sandbox = Sandbox(control_token="tok_1")
    with sandbox.serve():
        for headers in (
            {},
            {"Authorization": "Bearer tok_2"},
            {"Authorization": "tok_1"},
            {"Authorization": "Bearer é"},
        ):
            encoded = {name: value.encode() for name, value in headers.items()}
            response = httpx.post(f"{sandbox.origin}/_sandbox/keys", headers=encoded)
            assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorized")
            assert "tok_1" not in response.text
        headers = {"Authorization": "Bearer tok_1", "Host": "sandbox.internal"}
        assert httpx.get(f"{sandbox.origin}/_sandbox/clock", headers=headers).status_code == 200
        elsewhere = {**headers, "Origin": "https://elsewhere.example"}
        assert httpx.get(f"{sandbox.origin}/_sandbox/clock", headers=elsewhere).status_code == 403


def test_an_empty_token_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Sandbox(control_token="")


@pytest.mark.parametrize(
    ("client", "token", "passes"),
    [
        ("127.0.0.1", None, True),
        ("::1", None, True),
        (None, None, True),
        ("10.0.0.7", None, False),
        ("10.0.0.7", "t", True),
    ],
)
def test_another_machine_needs_a_token_whatever_host_it_names(
    client: str | None, token: str | None, passes: bool
) -> None:
    headers: Mapping[str, str] = {"host": "localhost:8000", "authorization": "Bearer t"}
    if passes:
        check(headers, client=client, token=token)
    else:
        with pytest.raises(NotAllowed, match="token"):
            check(headers, client=client, token=token)


@pytest.mark.parametrize(
    ("host", "expected"), [("localhost", True), ("[::1]", True), ("127.9.9.9", True), ("10.0.0.1", False)]
)
def test_addresses_that_no_other_machine_can_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_clock_in_python() -> None:
    sandbox = Sandbox()
    sandbox.clock.set(datetime(2024, 5, 1, tzinfo=UTC))
    assert repr(sandbox.clock) == "<Clock 2024-05-01T00:00:00Z, still>"
    with pytest.raises(ValueError, match="time zone"):
        sandbox.clock.set(datetime(2024, 6, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="above 0"):
        sandbox.clock.run(0)
    sandbox.clock.run(speed=60)
    assert "speed 60" in repr(sandbox.clock)
    sandbox.clock.reset()
    assert sandbox.clock.now() == datetime(2024, 4, 24, tzinfo=UTC)


def test_a_server_refuses_connections_as_soon_as_it_says_so(running: Sandbox) -> None:
    done(running, "POST", "/faults", json={"kind": "refuse", "seconds": 0.5})
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.base_url}/accounts")


def test_the_root_leads_to_the_page(running: Sandbox) -> None:
    assert httpx.get(running.origin, follow_redirects=True).url == running.page_url


def test_who_never_ends_a_request_does_not_keep_a_server_from_stopping() -> None:
    sandbox = Sandbox()
    sandbox.fail("latency", "listAccounts", seconds=3600)
    with sandbox.serve() as base_url:
        host, port = sandbox.origin.removeprefix("http://").split(":")
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{base_url}/accounts", timeout=0.3)
        unfinished = socket.create_connection((host, int(port)))
        unfinished.sendall(b"POST /api/v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        begun = time.monotonic()
    unfinished.close()
    assert time.monotonic() - begun < 600


def test_the_events_have_a_head(running: Sandbox) -> None:
    response = httpx.head(f"{running.page_url}events")
    assert (response.status_code, response.content) == (200, b"")


def test_a_put_that_fails_changes_nothing(running: Sandbox) -> None:
    before = running.state()
    far = {"now": "9999-12-31T23:59:59Z", "accounts": []}
    assert httpx.put(f"{running.origin}/_sandbox/state", json=far).status_code == 400
    assert running.state() == before


def test_what_one_rule_does_wrong_ends_no_server(running: Sandbox) -> None:
    done_wrong = threading.Event()

    def fails(_: object) -> None:
        done_wrong.set()
        raise ZeroDivisionError

    running.organization._at(running.clock.now(), fails)
    running.clock.run()
    assert done_wrong.wait(60)
    assert httpx.get(running.page_url).status_code == 200
