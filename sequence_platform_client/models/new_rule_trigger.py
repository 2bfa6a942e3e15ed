from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewRuleTrigger(OpenObject, tag="type"):
    """What is to make a rule run."""

    type: str | None = None
    """Which variant it is."""


from . import (
    new_funds_transferred_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_manual_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    new_scheduled_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
