from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleAction(OpenObject, tag="type"):
    """A transfer that a rule makes."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "group_index": "groupIndex",
        "up_to_enabled": "upToEnabled",
        "is_direct_deposit": "isDirectDeposit",
        "ach_description": "achDescription",
    }

    type: RuleActionType
    """How the amount of an action is found."""
    source: RuleAccount
    """The account that the money leaves."""
    destination: RuleAccount
    """The account that the money goes to."""
    group_index: int
    """The actions of a step with the same number are done together, and share the limit."""
    up_to_enabled: bool
    """Whether less is moved where the source holds less; otherwise the transfer fails."""
    is_direct_deposit: bool
    """Whether it is sent as a direct deposit, such as wages."""
    limit: TransferCap | None
    """How much it may move; null for any amount."""
    ach_description: str | None
    """What the recipient's statement calls the payment."""


from . import (
    fixed_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    last_statement_balance_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    next_payment_minimum_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    percentage_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    percentage_liability_balance_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    round_down_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    top_up_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    total_amount_due_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .rule_account import RuleAccount  # noqa: E402
from .rule_action_type import RuleActionType  # noqa: E402
from .transfer_cap import TransferCap  # noqa: E402
