"""What goes over HTTP when a sandbox is controlled: the bodies and queries of requests, and those of responses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ..clock import FARTHEST
from ..faults import FaultKind
from ..keys import API, Entries, Entry

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0, le=FARTHEST, description="Seconds.")]
Text = Annotated[str, Meta(min_length=1, max_length=255)]
Moment = Annotated[datetime, Meta(tz=True)]


class Asked(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is sent to a sandbox: a member that there is not is a mistake."""


class Nothing(Asked):
    """A body without members, or none at all."""


class NewKey(Asked):
    """A key to make; without `permissions` it may do everything."""

    permissions: list[dict[str, Any]] | dict[API, list[dict[str, Any]]] | UnsetType = UNSET
    key: Annotated[str, Meta(pattern="^[\x21-\x7e]{1,255}$")] | UnsetType = UNSET
    label: Text = "sandbox"


class NewFault(Asked):
    """Requests that are to fail."""

    kind: FaultKind
    operation: Text | None = None
    times: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    after: Count = 0
    seconds: Seconds = 0.0
    status: Annotated[int, Meta(ge=400, le=599)] = 503
    retry_after: Count | None = None


class NewTime(Asked):
    """What the clock is to show, how fast it is to run, or both; speed 0 lets it stand still."""

    now: Moment | UnsetType = UNSET
    speed: Annotated[float, Meta(ge=0, le=FARTHEST)] | UnsetType = UNSET


class Advance(Asked):
    """How far the clock is to be set forward."""

    seconds: Seconds


class NewSettings(Asked):
    """What is to be set."""

    late_gets: Count


class Activate(Asked):
    """The ID of a rule, in either API."""

    activate: Text


class NewWebhook(Asked):
    """Where events are to be sent; without a secret there is a new one."""

    url: Annotated[str, Meta(pattern="^https?://", max_length=2048)]
    secret: Text | None = None


class Which(Asked):
    """Which requests are meant: all that are as is said."""

    operation: str | None = None
    api: API | None = None
    method: str | None = None
    status: Annotated[int, Meta(ge=100, le=599)] | None = None
    key: Annotated[str, Meta(description="A key, its ID or its label.")] | None = None
    fault: Annotated[str, Meta(description="A kind of fault; `true` for any, `false` for none.")] | None = None


class Shown(Struct, kw_only=True):
    """What a sandbox responds."""


class StateShown(Shown):
    """The clock's time, and how many there are of each kind."""

    now: datetime
    accounts: int
    cards: int
    rules: int
    transfers: int
    rule_executions: int
    card_transactions: int
    external_transactions: int
    keys: int


class KeyMade(Shown):
    """A key that was made."""

    key: str
    id: str
    label: str


class KeyShown(Shown):
    """A key, but for itself; an API without entries is one in which it may do everything."""

    id: str
    label: str
    permissions: dict[API, Entries | None]
    but: list[str] = []
    """Accounts that a key that may do everything else cannot read."""


class FaultShown(Shown):
    """A fault that is due, with what is left of its `times` and `after`."""

    kind: FaultKind
    operation: str | None
    times: int
    after: int
    seconds: float
    status: int
    retry_after: int | None


class TimeShown(Shown):
    """The sandbox's time, and how many seconds pass in a second: 0 where it stands still."""

    now: datetime
    speed: float


class Removed(Shown):
    """How many there were that are gone now."""

    removed: int


class SettingsShown(Shown):
    """What is set."""

    late_gets: int


class RuleShown(Shown):
    """A rule's ID, in `/api/v1`, and its status."""

    id: str
    status: str


class WebhookShown(Shown):
    """Where events are sent, and what they are signed with."""

    url: str
    secret: str


class AttemptShown(Shown):
    """An attempt to deliver an event; without a status, nothing was responded."""

    at: datetime
    status: int | None


class DeliveryShown(Shown):
    """An event on its way to one address."""

    event_id: str
    type: str
    resource_id: str
    url: str
    created_at: datetime
    attempts: list[AttemptShown]
    is_delivered: bool
    next_attempt_at: datetime | None


class RequestShown(Shown):
    """A request to one of the APIs, and what came of it."""

    api: API
    operation: str | None
    method: str
    path: str
    query: dict[str, str | list[str]]
    headers: dict[str, str]
    body: str
    at: datetime
    key_id: str | None
    key_label: str | None
    permission: Literal["granted", "denied"] | None
    grant: Entry | None
    status: int | None
    code: str | None
    request_id: str | None
    idempotency_key: str | None
    is_repeat: bool
    fault: str | None
    duration: float | None


class Mistake(Shown):
    """What was wrong with a request, and one that is right."""

    code: Literal["bad_request", "unauthorized", "forbidden", "not_found"]
    message: str
    example: Any = None


class Mistaken(Shown):
    """A response that is an error."""

    error: Mistake
