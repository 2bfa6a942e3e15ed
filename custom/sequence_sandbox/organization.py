"""What happens to an organization's money, and when: transfers, and runs of rules. Knows nothing of HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta

from . import rules
from .books import Books
from .clock import Clock
from .documented import Json
from .ledger import Ledger
from .records import TERMINAL, RuleExecution, Transfer, direction_of, reference
from .world import World

SUBMITTED_AFTER = timedelta(seconds=1)
"""How long after it was created a transfer is submitted to the payment network, and its source debited."""
COMPLETED_AFTER = timedelta(seconds=3)
"""How long after that it is complete, and its destination credited."""


class Organization(Books):
    """Accounts, cards and rules, everything that happened, and how money moves."""

    def __init__(self, clock: Clock, world: World) -> None:
        super().__init__(clock, world)
        running = {one.id: one for one in world.rule_executions if one.status == "in_progress"}
        for execution in running.values():
            self._go_on(execution)
        for transfer in world.transfers:
            self._go_on_moving(transfer, running.get(transfer.rule_execution_id or ""))
        for external in world.external_transactions:
            if external.status == "pending":
                self._settle_later(external)

    def _go_on(self, execution: RuleExecution) -> None:
        """Go on with a run that an earlier state of the sandbox began, by the rule as it is now."""
        execution.rule = self.rules[execution.rule_id]
        execution.ledger = self.ledger.copy() if execution.is_simulated else self.ledger
        step = execution.step_index_matched
        if step is None:
            self._at(execution.created + SUBMITTED_AFTER, lambda due: self._run(execution, due))
            return
        steps = execution.rule["steps"]
        actions: list[Json] = (
            steps[step]["actions"] if step < len(steps) else []
        )  # where the rule was changed meanwhile
        execution.actions = [*actions[len(execution.transfers) + execution.skipped :]]
        if all(one.status in TERMINAL for one in execution.transfers):
            self._at(self.now(), lambda due: self._continue(execution, due))

    def _go_on_moving(self, transfer: Transfer, execution: RuleExecution | None) -> None:
        """Go on with a transfer that an earlier state of the sandbox began."""
        ledger = self.ledger.copy() if transfer.is_simulated else self.ledger
        if execution is not None:
            ledger = _ledger(execution)
        due = transfer.created + SUBMITTED_AFTER
        if transfer.status == "processing":
            self._at(due, lambda due: self._submit(transfer, ledger, execution, due))
        if transfer.status == "pending":
            to = transfer.account_ids[-1]
            self._at(due + COMPLETED_AFTER, lambda due: self._complete(transfer, ledger, to, execution, due))

    def total(self) -> int:
        """All money in cents: what accounts hold less what is owed on them, and what is on its way. Never changes."""
        return self.ledger.total()

    def create_transfer(
        self,
        source_id: str,
        destination_id: str,
        amount: int,
        *,
        at: datetime,
        description: str | None = None,
        is_simulated: bool = False,
    ) -> Transfer:
        """Begin to move money. It is refused later, when it is submitted, if there is not enough."""
        transfer = self._transfer(source_id, destination_id, amount, at=at, is_simulated=is_simulated)
        transfer.description = description
        ledger = self.ledger.copy() if is_simulated else self.ledger
        self._begin(transfer, ledger, None)
        return transfer

    def trigger_rule(
        self,
        rule_id: str,
        amount: int | None,
        *,
        at: datetime,
        replaces_fixed: bool = True,
        is_simulated: bool = False,
    ) -> RuleExecution:
        """Begin to run a rule; as for a transfer, not before what `settle` has already done.

        Args:
            rule_id: The rule.
            amount: Cents to run it with.
            at: When it was asked for.
            replaces_fixed: Whether the amount is moved instead of a fixed one; if not, it stands for the source's
                balance, and fixed amounts are moved as they are.
            is_simulated: Whether nothing is to move.
        """
        at = max(at, self._settled)
        rule = self.rules[rule_id]
        ledger = self.ledger
        if is_simulated:
            ledger = self.ledger.copy()
            if amount is not None:
                ledger.pretend(rules.source_of(rule), amount)
        execution = RuleExecution(
            id=f"rex_01HSBX{next(self._numbers):07}",
            rule_id=rule_id,
            rule_name=rule["nickname"],
            trigger_type="sequence_api",
            status="in_progress",
            created=at,
            trigger_details={"type": "sequence_api", "amount_in_cents": amount},
            is_simulated=is_simulated,
            rule=rule,
            amount=amount,
            replaces_fixed=replaces_fixed,
            ledger=ledger,
        )
        self.rule_executions.add(execution, [rule_id])
        self._at(at + SUBMITTED_AFTER, lambda due: self._run(execution, due))
        return execution

    def _set_status(self, transfer: Transfer, status: str, at: datetime, error_code: str | None = None) -> None:
        transfer.status, transfer.error_code = status, error_code
        if not transfer.is_simulated:
            self._changed("transfer", transfer.id, at)

    def _transfer(
        self,
        source_id: str,
        destination_id: str,
        amount: int,
        *,
        at: datetime,
        execution: RuleExecution | None = None,
        is_simulated: bool,
    ) -> Transfer:
        """A transfer that begins now.

        What was asked for before `settle` got further than that begins where `settle` is: lists are in order of time.
        """
        source, destination = self.accounts[source_id], self.accounts[destination_id]
        direction = direction_of(source, destination)
        origin = "user_pull" if direction == "money_in" else "user"
        return Transfer(
            id=f"txr_01HSBX{next(self._numbers):07}",
            amount_in_cents=amount,
            direction=direction,
            origin=origin if execution is None else "rule",
            status="processing",
            source=reference(source),
            destination=reference(destination),
            rule_id=None if execution is None else execution.rule_id,
            rule_execution_id=None if execution is None else execution.id,
            created=max(at, self._settled),
            is_simulated=is_simulated,
        )

    def _begin(self, transfer: Transfer, ledger: Ledger, execution: RuleExecution | None) -> None:
        self.transfers.add(transfer, transfer.account_ids)
        self._set_status(transfer, "processing", transfer.created)
        due = transfer.created + SUBMITTED_AFTER
        self._at(due, lambda due: self._submit(transfer, ledger, execution, due))

    def _submit(self, transfer: Transfer, ledger: Ledger, execution: RuleExecution | None, at: datetime) -> None:
        source_id, destination_id = transfer.account_ids
        available = ledger.available(source_id)
        if available is None or available < transfer.amount_in_cents:
            status, code = ("error", "NULL_BALANCE") if available is None else ("incomplete", "INSUFFICIENT_FUNDS")
            self._set_status(transfer, status, at, code)
            self._continue(execution, at)
            return
        ledger.add(source_id, -transfer.amount_in_cents, at)
        self._set_status(transfer, "pending", at)
        self._at(at + COMPLETED_AFTER, lambda due: self._complete(transfer, ledger, destination_id, execution, due))

    def _complete(
        self, transfer: Transfer, ledger: Ledger, destination_id: str, execution: RuleExecution | None, at: datetime
    ) -> None:
        transfer.completed = at
        ledger.add(destination_id, transfer.amount_in_cents, at)
        self._set_status(transfer, "complete", at)
        self._continue(execution, at)

    def _run(self, execution: RuleExecution, at: datetime) -> None:
        step = rules.matching_step(execution.rule["steps"], self._situation(execution, at))
        execution.step_index_matched = step
        if step is None:
            execution.status, execution.conditions_not_met = "executed", True
            return
        execution.actions = list(execution.rule["steps"][step]["actions"])
        self._continue(execution, at)

    def _continue(self, execution: RuleExecution | None, at: datetime) -> None:
        """Do the next action of a run, which ends with the last one or with the first one that fails."""
        if execution is None:
            return
        while execution.actions and all(transfer.status == "complete" for transfer in execution.transfers):
            action = execution.actions.pop(0)
            try:
                amount = self._amount(execution, action, at)
            except rules.NoAmount as error:
                execution.error_message = str(error)
                break
            if amount > 0:
                self._move(execution, action, amount, at)
                return
            execution.skipped += 1
        complete, failed, _ = execution.counts()
        if failed:
            execution.error_message = next(one.error_code for one in execution.transfers if one.status != "complete")
        execution.status = "executed" if execution.error_message is None else "partial" if complete else "failed"

    def _amount(self, execution: RuleExecution, action: Json, at: datetime) -> int:
        """How many cents an action moves, within its limit and, where it takes what there is, the balance."""
        amount = rules.amount_of(action, self._situation(execution, at))
        limit = action.get("limit")
        if limit is not None:
            start = rules.start_of(limit["period"], at)
            amount = min(amount, limit["amount_in_cents"] - self._moved(execution, action, start))
        if action.get("up_to_enabled"):
            amount = min(amount, _ledger(execution).available(action["source"]["id"]) or 0)
        return amount

    def _moved(self, execution: RuleExecution, action: Json, start: datetime | None) -> int:
        """What an action's group has moved in a period, None for none before this transfer."""
        if start is None:
            return 0
        group = execution.step_index_matched, action.get("group_index")
        found = self.transfers.select([action["source"]["id"]], start=start)
        return sum(
            one.amount_in_cents
            for one in found
            if (one.rule_id, one.group) == (execution.rule_id, group)
            and one.status in {"processing", "pending", "complete"}
            and (not one.is_simulated or one.rule_execution_id == execution.id)
        )

    def _move(self, execution: RuleExecution, action: Json, amount: int, at: datetime) -> None:
        route = action["source"]["id"], action["destination"]["id"]
        transfer = self._transfer(*route, amount, at=at, execution=execution, is_simulated=execution.is_simulated)
        step, group = execution.step_index_matched, action.get("group_index")
        transfer.group = None if step is None or group is None else (step, group)
        execution.transfers.append(transfer)
        self._begin(transfer, _ledger(execution), execution)

    def _situation(self, execution: RuleExecution, at: datetime) -> rules.Situation:
        balances, source_id = _ledger(execution).balances(), rules.source_of(execution.rule)
        pretended = execution.amount is not None and not execution.replaces_fixed and not execution.is_simulated
        if pretended and source_id in balances:
            gone = [one for one in execution.transfers if one.account_ids[0] == source_id]
            left = (execution.amount or 0) - sum(one.amount_in_cents for one in gone)
            balances[source_id] = {**balances[source_id], "balance_in_cents": left, "available_balance_in_cents": left}
        return rules.Situation(
            now=at,
            account_id=source_id,
            amount=execution.amount,
            balances=balances,
            replaces_fixed=execution.replaces_fixed,
        )


def _ledger(execution: RuleExecution) -> Ledger:
    assert execution.ledger is not None  # noqa: S101 - only executions of the past have none
    return execution.ledger
