"""What changes is said to the addresses that want to know, signed, until they have heard."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sequence_sandbox import Sandbox
from sequence_sandbox.platform.webhooks import Attempt, next_attempt

from ..conftest import Reply, Server
from ..validated import PLATFORM_DOCUMENT
from .asking import CARD_DEBT, DISABLED, POD, Platform

TRANSFER = {"sourceAccountId": POD, "destinationAccountId": CARD_DEBT, "amountInCents": 5000}
START = datetime(2024, 4, 24, tzinfo=UTC)


@pytest.fixture
def endpoint(server: Server) -> Server:
    """A server that responds 204 to everything."""
    server.response = lambda _: Reply(status=204, content_type=None)
    return server


@pytest.fixture
def running(running: Sandbox) -> Sandbox:
    """One in which nothing is due."""
    running.load({**running.state(), "external_transactions": []})
    return running


def events(server: Server) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in server.asked]


def test_a_transfer_is_told_of_when_it_is_made_and_with_each_status(
    running: Sandbox, platform: Platform, endpoint: Server
) -> None:
    running.webhooks.register(f"{endpoint.base_url}/hook", "whsec_1")
    made = platform.made("POST", "/transfers", TRANSFER)
    running.advance(10)
    running.webhooks.wait()
    shown = events(endpoint)
    assert [one["resource"] for one in shown] == [{"type": "transfer", "id": made["id"]}] * 3
    assert {one["type"] for one in shown} == {"transfer.changed"}
    assert [one["created_at"] for one in shown] == [
        "2024-04-24T00:00:00Z",
        "2024-04-24T00:00:01Z",
        "2024-04-24T00:00:04Z",
    ]
    assert len({one["id"] for one in shown}) == 3
    schema = PLATFORM_DOCUMENT["components"]["schemas"]["WebhookEvent"]
    for asked, event in zip(endpoint.asked, shown, strict=True):
        assert set(event) == {*schema["required"]}
        assert (asked.method, asked.target) == ("POST", "/api/v1/hook")
        assert asked.headers["X-Sequence-Event-Id"] == event["id"]
        at, signature = (part.partition("=")[2] for part in asked.headers["X-Sequence-Signature"].split(","))
        signed = hmac.new(b"whsec_1", f"{at}.".encode() + asked.body, hashlib.sha256).hexdigest()
        assert signature == signed
        assert int(at) == int(running.clock.now().timestamp())


def test_card_and_external_transactions_are_told_of(running: Sandbox, platform: Platform, endpoint: Server) -> None:
    running.webhooks.register(endpoint.base_url)
    card = running.organization.add_card_transaction("card_01HABC4567", 1250, "Blue Bottle Coffee")
    refund = running.organization.add_card_transaction(
        "card_01HDEF0123", 1250, "Blue Bottle Coffee", direction="credit", is_payout=True
    )
    external = running.organization.add_external_transaction("acc_01HGHI7890", 700, "GROCER 17")
    path = f"/external-transactions/{running.uuid(external.id)}"
    assert platform.get(path)["status"] == "PENDING"
    running.advance(86400)
    running.webhooks.wait()
    assert platform.get(path)["status"] == "COMPLETE"
    assert platform.get(f"/card-transactions/{running.uuid(refund.id)}")["subtype"] == "PAYOUT"
    assert [(one["type"], one["resource"]["type"], one["resource"]["id"]) for one in events(endpoint)] == [
        ("card_transaction.changed", "card_transaction", running.uuid(card.id)),
        ("card_transaction.changed", "card_transaction", running.uuid(refund.id)),
        ("external_transaction.changed", "external_transaction", running.uuid(external.id)),
        ("external_transaction.changed", "external_transaction", running.uuid(external.id)),
    ]


def test_nothing_is_said_of_simulations(running: Sandbox, platform: Platform, endpoint: Server) -> None:
    running.webhooks.register(endpoint.base_url)
    platform.made("POST", "/transfers", {**TRANSFER, "simulation": True})
    platform.made("POST", f"/rules/{DISABLED}/trigger", {"simulation": True})
    running.advance(60)
    running.webhooks.wait()
    assert (endpoint.asked, running.webhooks.deliveries) == ([], [])


def test_an_event_is_sent_again_later_and_later_until_it_is_heard(
    running: Sandbox, platform: Platform, server: Server
) -> None:
    statuses = iter([500, 301, 404, 200])
    server.response = lambda _: Reply(status=next(statuses))
    running.webhooks.register(server.base_url, "whsec_1")
    running.organization.add_card_transaction("card_01HABC4567", 1250, "Blue Bottle Coffee")
    for seconds in (0, 59, 1, 119, 1, 240):
        running.advance(seconds)
        running.webhooks.wait()
    (delivery,) = running.webhooks.deliveries
    assert [(attempt.at - START).total_seconds() for attempt in delivery.attempts] == [0, 60, 180, 420]
    assert [attempt.status for attempt in delivery.attempts] == [500, 301, 404, 200]
    assert (delivery.is_delivered, delivery.next_attempt) == (True, None)
    assert len({asked.headers["X-Sequence-Event-Id"] for asked in server.asked}) == 1
    assert len({asked.headers["X-Sequence-Signature"] for asked in server.asked}) == 4
    running.advance(86400)
    running.webhooks.wait()
    assert len(server.asked) == 4


def test_an_event_is_given_up_after_a_day() -> None:
    attempts = [Attempt(START, 500)]
    while (due := next_attempt(START, attempts)) is not None:
        attempts.append(Attempt(due, None))
    assert len(attempts) > 5
    assert timedelta(hours=12) < attempts[-1].at - START <= timedelta(hours=24)


def test_an_address_that_nobody_listens_at_holds_nothing_up(running: Sandbox, platform: Platform) -> None:
    running.webhooks.register("http://127.0.0.1:9/")
    platform.made("POST", "/transfers", TRANSFER)
    running.webhooks.wait()
    (delivery,) = running.webhooks.deliveries
    assert [attempt.status for attempt in delivery.attempts] == [None]
    assert delivery.next_attempt == START + timedelta(minutes=1)


def test_a_slow_address_holds_no_response_up(running: Sandbox, platform: Platform, server: Server) -> None:
    released = threading.Event()
    server.response = lambda _: Reply(before=released.wait)
    running.webhooks.register(server.base_url)
    platform.made("POST", "/transfers", TRANSFER)
    assert platform.get("/beneficiaries")["items"]
    with pytest.raises(TimeoutError):
        running.webhooks.wait(timeout=0.01)
    released.set()
    running.webhooks.wait()
    assert running.webhooks.deliveries[0].is_delivered


def test_every_address_is_told_with_its_own_secret(running: Sandbox, platform: Platform, endpoint: Server) -> None:
    one, other = (running.webhooks.register(f"{endpoint.base_url}/{n}") for n in (1, 2))
    assert one.secret != other.secret
    assert one.secret not in repr(one)
    platform.made("POST", "/transfers", TRANSFER)
    running.webhooks.wait()
    assert [delivery.endpoint for delivery in running.webhooks.deliveries] == [one, other]
    assert len({asked.headers["X-Sequence-Event-Id"] for asked in endpoint.asked}) == 1
    assert len({asked.headers["X-Sequence-Signature"] for asked in endpoint.asked}) == 2


def test_a_clock_that_runs_sends_again_by_itself(server: Server) -> None:
    statuses = iter([500, 200])
    server.response = lambda _: Reply(status=next(statuses))
    sandbox = Sandbox(running_clock=True, clock_speed=600)
    sandbox.webhooks.register(server.base_url)
    sandbox.organization.add_card_transaction("card_01HABC4567", 1250, "Blue Bottle Coffee")
    deadline = time.monotonic() + 30
    while not sandbox.webhooks.deliveries[0].is_delivered and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [attempt.status for attempt in sandbox.webhooks.deliveries[0].attempts] == [500, 200]


def test_a_server_whose_clock_runs_tells_of_what_happens_without_being_asked(endpoint: Server) -> None:
    sandbox = Sandbox(running_clock=True, clock_speed=10)
    sandbox.webhooks.register(endpoint.base_url)
    with sandbox.serve():
        Platform(sandbox).made("POST", "/transfers", TRANSFER)
        deadline = time.monotonic() + 30
        while len(endpoint.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(endpoint.asked) == 3


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="http"):
        Sandbox().webhooks.register("ftp://127.0.0.1/")


def test_webhooks_rules_and_settings_are_controlled_over_http(
    running: Sandbox, platform: Platform, endpoint: Server
) -> None:
    control = f"{running.origin}/_sandbox"
    registered = httpx.post(f"{control}/webhooks", json={"url": endpoint.base_url}).json()
    assert registered["url"] == endpoint.base_url
    assert registered["secret"].startswith("whsec_")
    assert httpx.post(f"{control}/settings", json={"late_gets": 1}).status_code == 200
    assert httpx.post(f"{control}/rules", json={"activate": DISABLED}).status_code == 200
    assert platform.get(f"/rules/{DISABLED}")["status"] == "ENABLED"
    made = platform.made("POST", "/transfers", TRANSFER)
    assert platform.refused("GET", f"/transfers/{made['id']}") == (404, "TRANSFER_NOT_FOUND")
    running.webhooks.wait()
    (delivery,) = httpx.get(f"{control}/deliveries").json()
    assert (delivery["resource_id"], delivery["is_delivered"]) == (made["id"], True)
    assert delivery["attempts"] == [{"at": "2024-04-24T00:00:00Z", "status": 204}]
    key = httpx.post(f"{control}/keys", json={"permissions": {"platform": []}, "label": "none"}).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{running.platform_url}/accounts", headers=headers).status_code == 403
    for path, body in (
        ("webhooks", {"url": "nowhere"}),
        ("webhooks", {}),
        ("settings", {"late_gets": -1}),
        ("rules", {"activate": "rule_123"}),
        ("keys", {"permissions": {"v3": []}}),
    ):
        assert httpx.post(f"{control}/{path}", json=body).status_code == 400


@pytest.mark.parametrize("url", ["http://a..b/", f"http://{'a' * 70}.test/", "http://xn--/"])
def test_an_address_that_is_none_keeps_no_other_from_being_told(url: str, running: Sandbox, endpoint: Server) -> None:
    running.webhooks.register(url)
    running.webhooks.register(endpoint.base_url)
    running.organization.add_card_transaction("card_01HABC4567", 1250, "Blue Bottle Coffee")
    running.webhooks.wait()
    assert len(events(endpoint)) == 1


def test_a_clock_that_is_let_run_sends_what_is_then_due(running: Sandbox, server: Server) -> None:
    statuses = iter([500, 200])
    server.response = lambda _: Reply(status=next(statuses))
    running.webhooks.register(server.base_url)
    running.organization.add_card_transaction("card_01HABC4567", 1250, "Blue Bottle Coffee")
    running.webhooks.wait()
    running.clock.run(3600)
    (delivery,) = running.webhooks.deliveries
    while not delivery.is_delivered:
        time.sleep(0.01)
