"""Whatever is asked of a sandbox, in whatever order, it does what a simple model of it does.

Hypothesis makes up the requests, their repeats and faults, and the steps of the clock. The environment variable
SEQUENCE_FUZZ_EXAMPLES raises the number of runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from attrs import define, evolve, field, frozen
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from sequence_sandbox import Sandbox
from sequence_sandbox.faults import Disconnected

EXAMPLES = int(os.environ.get("SEQUENCE_FUZZ_EXAMPLES", "12"))

PAYROLL, POD, CARD = "acc_01HABC4567", "acc_01HDEF0123", "acc_01HGHI7890"
REFERENCES = {
    PAYROLL: {"id": PAYROLL, "name": "Chase Checking ••4567", "type": "income_source"},
    POD: {"id": POD, "name": "Emergency Fund", "type": "pod"},
    CARD: {"id": CARD, "name": "Amex Gold ••1234", "type": "external_account"},
}
ROUTES = {(PAYROLL, POD): "internal", (PAYROLL, CARD): "money_out", (POD, CARD): "money_out"}
"""The transfers that there can be, with their direction."""

SAVE, PAY, DISABLED = "rule_01HXYZ1234", "rule_01GSBX0000001", "rule_01GSBX0000002"

OWNER, APP = "owner", "app"
APP_MAXIMUM = 20_000
APP_PERMISSIONS: list[dict[str, Any]] = [
    {"scope": "MANUAL_TRANSFER", "resources": [{"source": POD, "target": CARD, "max_amount": APP_MAXIMUM}]},
    {"scope": "TRIGGER_RULES", "resources": [PAY]},
]

FORWARD = {
    "processing": {"processing", "pending", "complete", "incomplete"},
    "pending": {"pending", "complete"},
    "complete": {"complete"},
    "incomplete": {"incomplete"},
    "in_progress": {"in_progress", "executed", "failed"},
    "executed": {"executed"},
    "failed": {"failed"},
}
"""What may be seen of a transfer or an execution after it was seen in a status."""

NOTHING_DONE = {"reset_before": None, "status": 503, "rate_limit": 429}
"""The faults before which nothing is done, with the status of their response."""


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@define(eq=False)
class Execution:
    """A run of a rule, as the model has it."""

    rule_id: str
    name: str
    created: datetime
    amount: int | None
    trigger: str = "manual"
    details: dict[str, Any] | None = None
    status: str = "in_progress"
    step: int | None = None
    not_met: bool = False
    error: str | None = None
    transfers: list[Transfer] = field(factory=list)
    id: str | None = None

    def summary(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "rule_id": self.rule_id,
            "rule_name": self.name,
            "trigger_type": self.trigger,
            "status": self.status,
            "created_at": written(self.created),
        }

    def shown(self) -> dict[str, Any]:
        statuses = [transfer.status for transfer in self.transfers]
        return {
            **self.summary(),
            "trigger_details": self.details or {"type": "manual", "amount_in_cents": self.amount},
            "step_index_matched": self.step,
            "conditions_not_met": self.not_met,
            "transfers_attempted": len(statuses),
            "transfers_completed": statuses.count("complete"),
            "transfers_failed": statuses.count("incomplete"),
            "transfers_pending": statuses.count("processing") + statuses.count("pending"),
            "transfer_ids": [transfer.id for transfer in self.transfers],
            "error_message": self.error,
            "next_attempt_at": None,
        }


@define(eq=False)
class Transfer:
    """A transfer, as the model has it; what was there before it was made has its JSON."""

    source: str | None
    destination: str
    amount: int
    created: datetime
    status: str = "processing"
    completed: datetime | None = None
    execution: Execution | None = None
    id: str | None = None
    past: dict[str, Any] | None = None

    @property
    def direction(self) -> str:
        return str(self.shown()["direction"])

    def shown(self) -> dict[str, Any]:
        if self.past is not None or self.source is None:
            return self.past or {}
        return {
            "id": self.id,
            "amount_in_cents": self.amount,
            "direction": ROUTES[self.source, self.destination],
            "origin": "user" if self.execution is None else "rule",
            "status": self.status,
            "source": REFERENCES[self.source],
            "destination": REFERENCES[self.destination],
            "rule_id": self.execution and self.execution.rule_id,
            "rule_execution_id": self.execution and self.execution.id,
            "error_code": "INSUFFICIENT_FUNDS" if self.status == "incomplete" else None,
            "created_at": written(self.created),
            "completed_at": self.completed and written(self.completed),
        }


class Model:
    """Where the money is, by simple means: a list of what happened, and one of what is to be done when."""

    def __init__(self) -> None:
        self.now = datetime(2024, 4, 24, tzinfo=UTC)
        self.held = {PAYROLL: 812_345, POD: 530_000, CARD: 245_000}
        self.available: dict[str, int | None] = {PAYROLL: 800_000, POD: 530_000, CARD: None}
        self.transfers: list[Transfer] = []
        self.executions: list[Execution] = []
        self.agenda: list[tuple[datetime, Callable[[], None]]] = []

    def advance(self, seconds: float) -> None:
        end = self.now + timedelta(seconds=seconds)
        while self.agenda and (first := min(self.agenda, key=lambda entry: entry[0]))[0] <= end:
            self.agenda.remove(first)
            self.now = first[0]
            first[1]()
        self.now = end

    def later(self, seconds: int, what: Callable[[], None]) -> None:
        self.agenda.append((self.now + timedelta(seconds=seconds), what))

    def transfer(self, source: str, destination: str, amount: int, execution: Execution | None = None) -> Transfer:
        transfer = Transfer(source, destination, amount, self.now, execution=execution)
        self.transfers.append(transfer)
        self.later(1, lambda: self.submit(transfer))
        return transfer

    def submit(self, transfer: Transfer) -> None:
        available = self.available[str(transfer.source)]
        assert available is not None
        if available < transfer.amount:
            transfer.status = "incomplete"
            if transfer.execution is not None:
                transfer.execution.status, transfer.execution.error = "failed", "INSUFFICIENT_FUNDS"
            return
        transfer.status = "pending"
        self.add(str(transfer.source), -transfer.amount)
        self.later(3, lambda: self.complete(transfer))

    def complete(self, transfer: Transfer) -> None:
        transfer.status, transfer.completed = "complete", self.now
        self.add(transfer.destination, -transfer.amount if transfer.destination == CARD else transfer.amount)
        if transfer.execution is not None:
            transfer.execution.status = "executed"

    def add(self, account: str, cents: int) -> None:
        self.held[account] += cents
        available = self.available[account]
        self.available[account] = None if available is None else available + cents

    def trigger(self, rule_id: str, amount: int | None) -> Execution:
        name = {SAVE: "Auto-save on deposit", PAY: "Pay the card"}[rule_id]
        execution = Execution(rule_id, name, self.now, amount)
        self.executions.append(execution)
        self.later(1, lambda: self.run(execution))
        return execution

    def run(self, execution: Execution) -> None:
        if execution.rule_id == SAVE:
            meets, source, destination = self.held[PAYROLL] > 100_000, PAYROLL, POD
            amount = (self.held[PAYROLL] if execution.amount is None else execution.amount) // 5
        else:
            meets, source, destination = self.held[POD] >= 5000, POD, CARD
            amount = 5000 if execution.amount is None else execution.amount
        execution.step, execution.not_met = (0, False) if meets else (None, True)
        if meets and amount:
            execution.transfers.append(self.transfer(source, destination, amount, execution))
        else:
            execution.status = "executed"


@frozen
class Write:
    """A request that changes something."""

    caller: str
    path: str
    body: dict[str, Any]
    key: str | None

    @property
    def operation(self) -> str:
        return "createTransfer" if self.path == "/transfers" else "triggerRule"


@frozen
class Done:
    """A write that was done under an idempotency key."""

    write: Write
    at: datetime
    thing: Transfer | Execution


WHOLE_AMOUNTS = st.one_of(
    st.integers(100, 60_000),
    st.integers(100, 900_000),
    st.sampled_from([1, 4, 5, 99, 100, APP_MAXIMUM, APP_MAXIMUM + 1, 2**53 - 1]),
)
AMOUNTS = st.one_of(
    WHOLE_AMOUNTS,
    WHOLE_AMOUNTS,
    st.sampled_from(["all that there is", "one cent more"]),
    st.sampled_from([0, -100, 2**53, 100.5, True, "100", None]),
)
ENDS = st.sampled_from([PAYROLL, POD, CARD, "acc_nobodys"])
SIDES = st.one_of(st.sampled_from(sorted(ROUTES)), st.sampled_from(sorted(ROUTES)), st.tuples(ENDS, ENDS))
KEYS = st.sampled_from([None, "a", "b", "c", "not a key"])
CALLERS = st.sampled_from([OWNER, OWNER, APP])
FAULTS = st.sampled_from([None, None, None, "reset_before", "reset_after", "status", "rate_limit", "truncated"])
STEPS = st.sampled_from([0, 0.25, 0.999999, 1, 2, 3, 4, 5, 600, 86_399, 86_400, 86_401, 100_000])


class SandboxMachine(RuleBasedStateMachine):
    """A sandbox and its model, of which the same is asked."""

    writes: Bundle[Write] = Bundle("writes")

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.sandbox = Sandbox(transfers=12, card_transactions=3, rule_executions=3)
        self.callers = {OWNER: self.sandbox.create_key(), APP: self.sandbox.create_key(APP_PERMISSIONS)}
        self.loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(self.sandbox.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1")
        self.model = Model()
        self.done: dict[tuple[str, str, str], Done] = {}
        self.statuses: dict[str, str] = {}
        self.total = self.sandbox.organization.total()
        shown = sum(self.sandbox.organization.ledger.balances()[one]["balance_in_cents"] for one in (PAYROLL, POD))
        owed = self.sandbox.organization.ledger.balances()[CARD]["balance_in_cents"]
        self.elsewhere = self.total - shown + owed  # on accounts that v1 does not show
        self.learn_the_past()

    def learn_the_past(self) -> None:
        for shown in self.get("/transfers", account_id=POD, first=100)["data"][::-1]:
            ends = shown["source"] and shown["source"]["id"], shown["destination"]["id"]
            created = datetime.fromisoformat(shown["created_at"])
            transfer = Transfer(
                *ends, shown["amount_in_cents"], created, status=shown["status"], id=shown["id"], past=shown
            )
            self.model.transfers.append(transfer)
        by_id = {transfer.id: transfer for transfer in self.model.transfers}
        for summary in self.get("/rule-executions", rule_id=SAVE, first=100)["data"][::-1]:
            shown = self.get(f"/rule-executions/{summary['id']}")["data"]
            execution = Execution(SAVE, shown["rule_name"], datetime.fromisoformat(shown["created_at"]), None)
            execution.id, execution.trigger, execution.details = (
                shown["id"],
                shown["trigger_type"],
                shown["trigger_details"],
            )
            execution.status, execution.step = shown["status"], 0
            execution.transfers = [by_id[transfer_id] for transfer_id in shown["transfer_ids"]]
            self.model.executions.append(execution)

    def teardown(self) -> None:
        if hasattr(self, "http"):
            self.loop.run_until_complete(self.http.aclose())
            self.loop.close()

    @rule(target=writes, caller=CALLERS, sides=SIDES, amount=AMOUNTS, key=KEYS, fault=FAULTS)
    def transfer(self, caller: str, sides: tuple[str, str], amount: Any, key: str | None, fault: str | None) -> Write:
        if isinstance(amount, str) and amount != "100":
            amount = (self.model.available.get(sides[0]) or 0) + (amount == "one cent more")
        body = {"source_account_id": sides[0], "destination_account_id": sides[1], "amount_in_cents": amount}
        return self.send(Write(caller, "/transfers", body, key), fault)

    @rule(
        target=writes,
        caller=CALLERS,
        rule_id=st.sampled_from([SAVE, PAY, PAY, DISABLED, "rule_nobodys"]),
        amount=st.one_of(st.none(), WHOLE_AMOUNTS, st.sampled_from([0, "5"])),
        key=KEYS,
        fault=FAULTS,
    )
    def trigger(self, caller: str, rule_id: str, amount: Any, key: str | None, fault: str | None) -> Write:
        body = {} if amount is None else {"manual_execute_amount": amount}
        return self.send(Write(caller, f"/rules/{rule_id}/trigger", body, key), fault)

    @rule(write=writes, fault=FAULTS)
    def repeat(self, write: Write, fault: str | None) -> None:
        self.send(write, fault)

    @rule(write=writes, key=KEYS, fault=FAULTS)
    def repeat_with_another_key(self, write: Write, key: str | None, fault: str | None) -> None:
        self.send(evolve(write, key=key), fault)

    @rule(write=writes, amount=WHOLE_AMOUNTS, fault=FAULTS)
    def repeat_with_another_body(self, write: Write, amount: int, fault: str | None) -> None:
        name = "amount_in_cents" if write.operation == "createTransfer" else "manual_execute_amount"
        self.send(evolve(write, body={**write.body, name: amount}), fault)

    @rule(
        sides=st.sampled_from(sorted(ROUTES)),
        amount=WHOLE_AMOUNTS,
        fault=st.sampled_from(["reset_after", "truncated"]),
        seconds=st.sampled_from([0, 0, 86_399.5, 86_400]),
    )
    def lose_a_response_and_repeat(self, sides: tuple[str, str], amount: int, fault: str, seconds: float) -> None:
        body = {"source_account_id": sides[0], "destination_account_id": sides[1], "amount_in_cents": amount}
        write = Write(OWNER, "/transfers", body, "lost")
        self.send(write, fault)
        self.lists_are_those_of_the_model()
        self.advance(seconds)
        self.send(write, None)

    @rule(sides=st.sampled_from(sorted(ROUTES)), more=st.sampled_from([0, 0, 1]))
    def two_at_once_want_all_that_there_is(self, sides: tuple[str, str], more: int) -> None:
        self.advance(5)
        for amount in ((self.model.available[sides[0]] or 0) + more, 100):
            body = {"source_account_id": sides[0], "destination_account_id": sides[1], "amount_in_cents": amount}
            self.send(Write(OWNER, "/transfers", body, None), None)
        self.advance(1)

    @rule(seconds=STEPS)
    def advance(self, seconds: float) -> None:
        self.sandbox.advance(seconds)
        self.model.advance(seconds)

    def send(self, write: Write, fault: str | None) -> Write:
        """Ask the sandbox and the model for the same, and compare what comes of it."""
        if fault is not None:
            self.sandbox.fail(fault, write.operation)
        if fault in NOTHING_DONE:
            response = self.post(write)
            assert (response and response.status_code) == NOTHING_DONE[fault]
            return write
        expected = self.perform(write)
        response = self.post(write)
        if fault == "reset_after":
            assert response is None
            return write
        assert response is not None
        thing = None if isinstance(expected, tuple) else expected
        if fault == "truncated":
            with pytest.raises(ValueError, match=r"."):
                response.json()
        elif thing is None:
            assert (response.status_code, response.json()["error"]["code"]) == expected
        elif isinstance(thing, Transfer):
            self.recognize(thing, response.json()["data"]["id"])
            first = evolve(thing, status="processing", completed=None).shown()
            assert (response.status_code, response.json()["data"]) == (201, first)
        else:
            self.recognize(thing, response.json()["data"]["execution_id"])
            assert response.status_code == 202
        return write

    def perform(self, write: Write) -> Transfer | Execution | tuple[int, str]:
        """What the model makes of a write: what was begun, now or when it was first asked for, or a refusal."""
        if write.key == "not a key":
            return 400, "bad_request"
        name = (write.caller, write.operation, write.key or "")
        earlier = self.done.get(name)
        if write.key and earlier and self.model.now < earlier.at + timedelta(hours=24):
            return earlier.thing if write == earlier.write else (400, "IDEMPOTENCY_KEY_MISMATCH")
        refusal = refused_transfer(write) if write.operation == "createTransfer" else refused_trigger(write)
        if refusal is not None:
            return refusal
        thing: Transfer | Execution
        if write.operation == "createTransfer":
            thing = self.model.transfer(*write.body.values())
        else:
            thing = self.model.trigger(write.path.split("/")[2], write.body.get("manual_execute_amount"))
        if write.key:
            self.done[name] = Done(write, self.model.now, thing)
        return thing

    @invariant()
    def no_money_is_made_or_lost(self) -> None:
        assert self.sandbox.organization.total() == self.total
        shown = {account: self.get(f"/accounts/{account}")["data"]["balance"] for account in REFERENCES}
        assert {account: balance["balance_in_cents"] for account, balance in shown.items()} == self.model.held
        available = {account: balance["available_balance_in_cents"] for account, balance in shown.items()}
        assert available == self.model.available
        assert all(cents is None or cents >= 0 for cents in available.values())
        in_flight = sum(transfer.amount for transfer in self.model.transfers if transfer.status == "pending")
        held = {account: balance["balance_in_cents"] for account, balance in shown.items()}
        assert held[PAYROLL] + held[POD] - held[CARD] + in_flight == self.total - self.elsewhere

    @invariant()
    def lists_are_those_of_the_model(self) -> None:
        for rule_id in (SAVE, PAY, DISABLED):
            self.check_executions(rule_id)
        for account_id in REFERENCES:
            self.check_transfers(account_id)

    def check_executions(self, rule_id: str) -> None:
        status = self.random.choice([None, None, "in_progress", "executed", "failed"])
        trigger = self.random.choice([None, None, "manual", "on_funds_transferred"])
        start, end = self.range_of_time([execution.created for execution in self.model.executions])
        expected = [
            execution
            for execution in reversed(self.model.executions)
            if execution.rule_id == rule_id
            and status in {None, execution.status}
            and trigger in {None, execution.trigger}
            and within(execution.created, start, end)
        ]
        filters = {"rule_id": rule_id, "status": status, "trigger_type": trigger, **between(start, end)}
        self.check_pages("/rule-executions", filters, expected, Execution.summary)
        if expected:
            one = self.random.choice([expected[0], *expected[:3], *expected])
            shown = self.get(f"/rule-executions/{one.id}")["data"]
            for transfer, transfer_id in zip(one.transfers, shown["transfer_ids"], strict=True):
                self.recognize(transfer, transfer_id)
            assert shown == one.shown()

    def check_transfers(self, account_id: str) -> None:
        role = self.random.choice([None, "either", "source", "destination"])
        status = self.random.choice([None, None, "processing", "pending", "complete", "incomplete", "error"])
        direction = self.random.choice([None, None, "money_in", "money_out", "internal"])
        start, end = self.range_of_time([transfer.created for transfer in self.model.transfers])
        concerned = [one for one in reversed(self.model.transfers) if account_id in {one.source, one.destination}]
        filters = {"account_id": account_id, "account_role": role, "status": status, "direction": direction}
        known = [one for one in concerned if one.id is not None]
        after = self.random.choice(known) if known and self.random.random() < 0.3 else None
        if after is not None:
            concerned = concerned[concerned.index(after) + 1 :]
            filters["after"] = f"cursor_{str(after.id).removeprefix('txr_')}"
        expected = [
            one
            for one in concerned
            if (role != "source" or one.source == account_id)
            and (role != "destination" or one.destination == account_id)
            and status in {None, one.status}
            and direction in {None, one.direction}
            and within(one.created, start, end)
        ]
        self.check_pages("/transfers", {**filters, **between(start, end)}, expected, Transfer.shown)
        if expected:
            one = self.random.choice(expected)
            assert self.get(f"/transfers/{one.id}")["data"] == one.shown()

    def check_pages(self, path: str, filters: dict[str, Any], expected: list[Any], shown: Callable[[Any], Any]) -> None:
        """Read a list in pages of various sizes, and compare each with what is expected of it."""
        begin, more, query = 0, True, {name: value for name, value in filters.items() if value is not None}
        while more:
            size = self.random.choice([1, 2, 3, 5, 10, 20, 100])
            response = self.get(path, **query, first=size)
            page = expected[begin : begin + size]
            assert len(response["data"]) == len(page)
            for thing, found in zip(page, response["data"], strict=True):
                self.recognize(thing, found["id"])
                if isinstance(thing, Transfer) and thing.execution is not None:
                    self.recognize(thing.execution, found["rule_execution_id"])
                assert found == shown(thing)
                assert found["status"] in FORWARD[self.statuses.get(found["id"], found["status"])]
                self.statuses[found["id"]] = found["status"]
            begin += size
            more = begin < len(expected)
            assert response["page_info"]["has_next_page"] is more
            query["after"] = response["page_info"]["end_cursor"]

    def recognize(self, thing: Transfer | Execution, identifier: str) -> None:
        """Hold that something has this ID, which nothing else has."""
        if thing.id is None:
            assert all(other.id != identifier for other in [*self.model.transfers, *self.model.executions])
            thing.id = identifier
        assert thing.id == identifier

    def range_of_time(self, moments: list[datetime]) -> tuple[datetime | None, datetime | None]:
        """Some range, whose ends are often exactly when something happened."""
        ends = [
            self.random.choice(moments) + timedelta(seconds=self.random.choice([0, 0, 0, -1, 1]))
            if moments and self.random.random() < 0.4
            else None
            for _ in range(2)
        ]
        return ends[0], ends[1]

    def get(self, path: str, **query: Any) -> Any:
        headers = {"Authorization": f"ApiKey {self.callers[OWNER]}"}
        response = self.loop.run_until_complete(self.http.get(path, params=query, headers=headers))
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, write: Write) -> httpx.Response | None:
        """The response to a write; None where the connection was reset."""
        headers = {"Authorization": f"ApiKey {self.callers[write.caller]}", "Content-Type": "application/json"}
        if write.key is not None:
            headers["Idempotency-Key"] = write.key
        sent = self.http.post(write.path, content=json.dumps(write.body), headers=headers)
        try:
            return self.loop.run_until_complete(sent)
        except Disconnected:
            return None


def whole_cents(amount: Any) -> bool:
    return type(amount) is int and 1 <= amount < 2**53


def refused_transfer(write: Write) -> tuple[int, str] | None:
    source, destination, amount = write.body.values()
    if not whole_cents(amount):
        return 400, "bad_request"
    if source == destination or not {source, destination} <= set(REFERENCES):
        return 403, "forbidden"
    if write.caller == APP and (source, destination) != (POD, CARD):
        return 403, "forbidden"
    if write.caller == APP and amount > APP_MAXIMUM:
        return 403, "MAXIMUM_AMOUNT_EXCEEDED"
    if amount < 100 or (source, destination) not in ROUTES:
        return 400, "bad_request"
    return None


def refused_trigger(write: Write) -> tuple[int, str] | None:
    rule_id = write.path.split("/")[2]
    if not whole_cents(write.body.get("manual_execute_amount", 1)):
        return 400, "bad_request"
    if write.caller == APP and rule_id != PAY:
        return 403, "forbidden"
    return {DISABLED: (403, "RULE_DEACTIVATED"), "rule_nobodys": (404, "resource_not_found")}.get(rule_id)


def within(moment: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or start <= moment) and (end is None or moment <= end)


def between(start: datetime | None, end: datetime | None) -> dict[str, str | None]:
    return {"from": start and written(start), "to": end and written(end)}


@pytest.mark.slow
def test_the_sandbox_does_what_a_model_of_it_does() -> None:
    bounds = settings(max_examples=EXAMPLES, stateful_step_count=30, derandomize=True, deadline=None, database=None)
    run_state_machine_as_test(SandboxMachine, settings=bounds)


@pytest.mark.anyio
async def test_what_took_its_time_is_listed_in_the_order_of_time() -> None:
    sandbox = Sandbox(transfers=0)
    headers = {"Authorization": f"ApiKey {sandbox.create_key()}", "Idempotency-Key": "slow"}
    body = {"source_account_id": POD, "destination_account_id": CARD, "amount_in_cents": 5000}
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1", headers=headers) as http:
        sandbox.fail("slow", "createTransfer", seconds=0.1)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: http.post("/transfers", json=body))
            await anyio.sleep(0.03)
            sandbox.advance(10)
            quick = await http.post("/transfers", json=body, headers={"Idempotency-Key": "quick"})
        response = await http.get("/transfers", params={"account_id": POD})
    slow_one, quick_one = response.json()["data"]
    assert quick_one == quick.json()["data"]
    assert slow_one["created_at"] >= quick_one["created_at"]


@pytest.mark.parametrize(("transfers", "rule_executions"), [(0, 0), (1, 1), (250, 50), (250, 250), (5000, 1250)])
def test_past_transfers_and_executions_agree_with_each_other(transfers: int, rule_executions: int) -> None:
    organization = Sandbox(transfers=transfers, rule_executions=rule_executions).organization
    assert (len(organization.transfers), len(organization.rule_executions)) == (transfers, rule_executions)
    for transfer in organization.transfers:
        if transfer.rule_execution_id is not None:
            execution = organization.rule_executions.get(transfer.rule_execution_id)
            assert execution is not None
            assert execution.transfers == [transfer]
            assert execution.created == transfer.created
            assert execution.status == {"complete": "executed", "incomplete": "failed"}[transfer.status]


@pytest.mark.long
def test_there_can_be_as_many_past_executions_as_transfers() -> None:
    organization = Sandbox(transfers=0, rule_executions=200_000, card_transactions=0).organization
    assert (len(organization.rule_executions), len(organization.card_transactions)) == (200_000, 0)
