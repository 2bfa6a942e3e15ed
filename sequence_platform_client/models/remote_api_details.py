from __future__ import annotations

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RemoteApiDetails(TriggerDetails, values=("REMOTE_API",)):
    """The rule was triggered through Sequence's older Remote API."""
