"""What accounts hold, and what is on its way between them."""

from __future__ import annotations

import copy
from datetime import datetime

from .clock import iso
from .documented import Json


class Ledger:
    """The balances of an organization's accounts; or a copy of them, on which is tried what would happen."""

    def __init__(self, accounts: dict[str, Json], details: dict[str, Json], in_flight: int = 0) -> None:
        self._accounts = accounts
        self._details = details
        self._in_flight = in_flight

    def copy(self) -> Ledger:
        """The same balances for a simulation, which the real ones do not change with."""
        return Ledger(self._accounts, copy.deepcopy(self._details))

    def balance(self, account_id: str) -> Json | None:
        """The balance of an account, None where it is not known: its bank cannot be reached."""
        balance: Json | None = self._details[account_id]["balance"]
        return None if balance is None or balance["balance_in_cents"] is None else balance

    def balances(self) -> dict[str, Json]:
        """All balances that are known, by account."""
        found = ((account_id, self.balance(account_id)) for account_id in self._details)
        return {account_id: balance for account_id, balance in found if balance is not None}

    def available(self, account_id: str) -> int | None:
        """Cents that can be moved out of an account."""
        balance = self.balance(account_id)
        if balance is None:
            return None
        available = balance["available_balance_in_cents"]
        return int(balance["balance_in_cents"] if available is None else available)

    def pretend(self, account_id: str, cents: int) -> None:
        """Let an account hold so many cents."""
        balance = self._details[account_id]["balance"]
        if balance is not None:
            balance["balance_in_cents"] = balance["available_balance_in_cents"] = cents

    def add(self, account_id: str, cents: int, at: datetime) -> None:
        """Money into an account, or out of it where the amount is negative; what is paid is owed no longer."""
        balance = self.balance(account_id)
        if balance is None:
            return  # what it holds is no part of the total, so that what it gets stays in flight there
        self._in_flight -= cents
        change = _sign(self._accounts[account_id]) * cents
        balance["balance_in_cents"] += change
        if balance["available_balance_in_cents"] is not None:
            balance["available_balance_in_cents"] += change
        balance["balance_last_updated_at"] = iso(at)

    def total(self) -> int:
        """All money in cents: what accounts hold less what is owed on them, and what is on its way."""
        held: list[int] = [
            _sign(self._accounts[account_id]) * balance["balance_in_cents"]
            for account_id, balance in self.balances().items()
        ]
        return sum(held) + self._in_flight


def _sign(account: Json) -> int:
    """-1 for an account whose balance is what is owed on it."""
    return -1 if account["external_account_type"] == "LIABILITY" else 1
