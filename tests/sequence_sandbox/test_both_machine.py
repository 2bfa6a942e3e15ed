"""Whatever is asked of the two APIs in whatever order, they tell the same of one organization."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sequence_sandbox import Sandbox

POD, CARD_DEBT, PAYROLL = "acc_01HDEF0123", "acc_01HGHI7890", "acc_01HABC4567"
PAY, DISABLED = "rule_01GSBX0000001", "rule_01GSBX0000002"
ROUTES = st.sampled_from([(POD, CARD_DEBT), (PAYROLL, POD), (PAYROLL, CARD_DEBT)])
AMOUNTS = st.sampled_from([100, 5_000, 200_000, 530_000, 900_000])
APIS = st.sampled_from(["v1", "platform"])
KEYS = st.sampled_from([None, "a", "b"])
STEPS = st.sampled_from([0, 0.5, 1, 3, 4, 10, 86_400])


class BothApis(RuleBasedStateMachine):
    """One sandbox, asked through both of its APIs."""

    @initialize()
    def start(self) -> None:
        self.sandbox = Sandbox(transfers=4, card_transactions=0, rule_executions=1, external_transactions=0)
        self.key = self.sandbox.create_key()
        self.loop = asyncio.new_event_loop()
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.sandbox.app))
        self.total = self.sandbox.organization.total()

    def teardown(self) -> None:
        if hasattr(self, "http"):
            self.loop.run_until_complete(self.http.aclose())
            self.loop.close()

    def ask(self, api: str, method: str, path: str, key: str | None = None, **options: Any) -> httpx.Response:
        base = self.sandbox.base_url if api == "v1" else self.sandbox.platform_url
        headers = {"Authorization": f"{'ApiKey' if api == 'v1' else 'Bearer'} {self.key}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.loop.run_until_complete(self.http.request(method, base + path, headers=headers, **options))

    def balances(self, api: str) -> list[int]:
        if api == "v1":
            shown = [self.ask(api, "GET", f"/accounts/{one}").json()["data"] for one in (POD, CARD_DEBT, PAYROLL)]
            return [one["balance"]["balance_in_cents"] for one in shown]
        ids = map(self.sandbox.uuid, (POD, CARD_DEBT, PAYROLL))
        return [self.ask(api, "GET", f"/accounts/{one}").json()["data"]["balance"]["balanceInCents"] for one in ids]

    @rule(api=APIS, ends=ROUTES, amount=AMOUNTS, key=KEYS)
    def transfer(self, api: str, ends: tuple[str, str], amount: int, key: str | None) -> None:
        before = len(self.sandbox.organization.transfers)
        if api == "v1":
            body = {"source_account_id": ends[0], "destination_account_id": ends[1], "amount_in_cents": amount}
        else:
            source, target = map(self.sandbox.uuid, ends)
            body = {"sourceAccountId": source, "destinationAccountId": target, "amountInCents": amount}
        response = self.ask(api, "POST", "/transfers", key, json=body)
        assert response.status_code == 201 or response.json()["error"]["code"] == "IDEMPOTENCY_KEY_MISMATCH"
        assert len(self.sandbox.organization.transfers) - before in ({0, 1} if key else {1})

    @rule(api=APIS, amount=st.none() | AMOUNTS)
    def trigger(self, api: str, amount: int | None) -> None:
        name, path = ("manual_execute_amount", PAY) if api == "v1" else ("executeAmount", self.sandbox.uuid(PAY))
        body = {} if amount is None else {name: amount}
        assert self.ask(api, "POST", f"/rules/{path}/trigger", json=body).status_code == 202

    @rule(amount=AMOUNTS)
    def simulate(self, amount: int) -> None:
        before = self.balances("v1")
        source, target = map(self.sandbox.uuid, (POD, CARD_DEBT))
        body = {"sourceAccountId": source, "destinationAccountId": target, "amountInCents": amount, "simulation": True}
        assert self.ask("platform", "POST", "/transfers", json=body).json()["data"]["executionMode"] == "SIMULATION"
        disabled = f"/rules/{self.sandbox.uuid(DISABLED)}/trigger"
        body = {"executeAmount": amount, "simulation": True}
        assert self.ask("platform", "POST", disabled, json=body).status_code == 202
        assert self.balances("v1") == before

    @rule(seconds=STEPS)
    def advance(self, seconds: float) -> None:
        self.sandbox.advance(seconds)

    @invariant()
    def no_money_is_made_or_lost(self) -> None:
        assert self.sandbox.organization.total() == self.total
        assert self.balances("v1") == self.balances("platform")

    @invariant()
    def both_tell_of_the_same_transfers_and_runs(self) -> None:
        ours = self.ask("v1", "GET", f"/transfers?account_id={POD}&first=100").json()["data"]
        path = f"/accounts/{self.sandbox.uuid(POD)}/transfers?pageSize=100"
        theirs = self.ask("platform", "GET", path).json()["data"]["items"]
        uuid = self.sandbox.uuid
        assert [
            (uuid(one["id"]), one["amount_in_cents"], one["status"].upper(), one["created_at"]) for one in ours
        ] == [(one["id"], one["amountInCents"], one["status"], one["createdAt"]) for one in theirs]
        ours = self.ask("v1", "GET", f"/rule-executions?rule_id={PAY}&first=100").json()["data"]
        path = f"/rules/{uuid(PAY)}/executions?pageSize=100"
        theirs = self.ask("platform", "GET", path).json()["data"]["items"]
        assert [(uuid(one["id"]), one["status"].upper()) for one in ours] == [
            (one["id"], one["status"]) for one in theirs
        ]


BothApis.TestCase.settings = settings(
    max_examples=15, stateful_step_count=15, derandomize=True, deadline=None, suppress_health_check=[*HealthCheck]
)
TestBothApis = BothApis.TestCase
