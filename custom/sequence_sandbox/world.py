"""What an organization begins with: what there is in it, and all that happened before."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from .documented import Json
from .records import CardTransaction, ExternalTransaction, RuleExecution, Transfer

_OURS = re.compile("_01HSBX([0-9]{7,})$")
"""How IDs end that a sandbox gives."""


@frozen(kw_only=True)
class World:
    """Accounts, cards and rules by ID, and what happened, from the oldest to the newest."""

    accounts: dict[str, Json]
    """As lists show them."""
    account_details: dict[str, Json]
    """What getting one account adds."""
    account_extras: dict[str, Json]
    """What only the platform API shows of accounts: linked accounts, targets, when they were deleted."""
    beneficiaries: Mapping[str, Json]
    cards: Mapping[str, Json]
    rules: dict[str, Json]
    platform_only: frozenset[str] = frozenset()
    """The accounts and rules that `/api/v1` does not show."""
    card_transactions: list[CardTransaction] = field(factory=list[CardTransaction])
    external_transactions: list[ExternalTransaction] = field(factory=list[ExternalTransaction])
    transfers: list[Transfer] = field(factory=list[Transfer])
    rule_executions: list[RuleExecution] = field(factory=list[RuleExecution])

    def next_number(self) -> int:
        """The number of the next ID that a sandbox gives: those of an earlier state of it are in use."""
        named = (self.accounts, self.rules, self.transfers, self.rule_executions, self.card_transactions)
        ids = [one if isinstance(one, str) else one.id for kind in (*named, self.external_transactions) for one in kind]
        return 1 + max((int(found[1]) for one in ids if (found := _OURS.search(one))), default=0)
