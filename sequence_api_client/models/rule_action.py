from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleAction(OpenObject, tag="type"):
    """A transfer that a rule makes. Of this class itself where its `type` is one that is not known here.

    Inferred from the actions that the Sequence console offers; the page is cut off before them.
    """

    type: str | None = None
    """How the amount is found."""
    source: AccountReference | None = None
    """Where the money comes from."""
    destination: AccountReference | None = None
    """Where the money goes."""


from . import (
    fixed_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    percentage_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    round_down_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    top_up_action,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .account_reference import AccountReference  # noqa: E402
