from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleAction(OpenObject, tag="type"):
    """A transfer that a rule makes. (Inferred.)

    Inferred from the vendor's later API; the page is cut off before its actions."""

    type: str | None = None
    """How the amount is found."""
    source: AccountReference | None = None
    """The account that the money leaves."""
    destination: AccountReference | None = None
    """The account that the money goes to."""


from . import (
    fixed_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    last_statement_balance_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    next_payment_minimum_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    percentage_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    round_down_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    top_up_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .account_reference import AccountReference  # noqa: E402
