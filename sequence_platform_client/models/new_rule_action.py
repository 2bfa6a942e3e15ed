from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewRuleAction(OpenObject, tag="type"):
    """A transfer that a rule is to make."""

    type: str | None = None
    """Which variant it is."""


from . import (
    new_fixed_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_last_statement_balance_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_next_payment_minimum_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_percentage_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_percentage_liability_balance_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_round_down_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_top_up_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_total_amount_due_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
