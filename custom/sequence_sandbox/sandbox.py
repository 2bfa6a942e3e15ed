"""A local Sequence: an organization, the keys to it, and the application that serves it through both APIs."""

from __future__ import annotations

import copy
import functools
import itertools
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from msgspec import UnsetType
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from . import clock as clocks, platform, v1
from .control import CONTROL_PATH, control
from .dialects import Dialect, Settings
from .documented import Json
from .exchanges import Gate
from .extent import Histories
from .faults import KINDS, Fault, FaultKind, FaultLayer, Plan
from .history import documented_world, with_histories
from .keys import API, SCOPES, Entries, Grants, Key, check_permissions
from .limits import RateLimit
from .loading import state_of, world_of
from .organization import Organization
from .platform.identifiers import internal_id, to_uuid
from .platform.webhooks import Webhooks
from .protocol import no_such_route
from .recorded import KEPT, Recorder, Requests
from .seeds import Seed, SeedKey, State, moved, read, to_json
from .world import World

if TYPE_CHECKING:
    from datetime import datetime

    from sequence_sdk import Clock, Permissions, PlatformClient, SequenceClient

BASE_PATH = v1.BASE_PATH
_MADE_UP = {"transfers": 250, "card_transactions": 250, "rule_executions": 50, "external_transactions": 120}


def _to_the_page(_: Request) -> Response:
    return RedirectResponse(f"{CONTROL_PATH}/")


class Sandbox:
    """One organization of Sequence's, with state, behind both APIs: what one of them does, the other one sees.

        sandbox = Sandbox()
        async with sandbox.client() as client:
            transfer = await client.transfers.create(
                source_account_id="acc_01HDEF0123", destination_account_id="acc_01HGHI7890", amount_in_cents=5000
            )
            sandbox.advance(seconds=5)
            assert (await client.transfers.get(transfer.id)).status == "complete"

    Attributes:
        app: The ASGI application: the APIs below `/api/v1` and `/platform/v1`, and control of the sandbox below
            `/_sandbox`.
        webhooks: Where events are sent to, and what became of them.
        requests: What was asked and what came of it, oldest first.
        settings: What can be set while it runs.
    """

    def __init__(
        self,
        *,
        seed: Seed | None = None,
        transfers: int | None = None,
        card_transactions: int | None = None,
        rule_executions: int | None = None,
        external_transactions: int | None = None,
        days: float | None = None,
        recent: float = 0.1,
        variation: int = 0,
        rate_limit: int | None = None,
        coming_soon: bool = True,
        now: datetime | None = None,
        running_clock: bool = False,
        clock_speed: float = 1.0,
        latency: float = 0.0,
        late_gets: int = 0,
        kept_requests: int = KEPT,
        control_token: str | None = None,
    ) -> None:
        """Make a sandbox; two of the same arguments hold the same data.

        Args:
            seed: Its data, in the form that `state` gives: a mapping, or the path of a file of JSON or YAML. Without it
                there are the documented data, and more in their shape.
            transfers: How many transfers are made up: 250 (with a seed 0).
            card_transactions: How many card transactions: 250 (0).
            rule_executions: How many rule executions: 50 (0), one for each fourth transfer at most.
            external_transactions: How many transactions at other banks: 120 (0).
            days: How long all that took, such as 365 for a year; without it, as long as the sandbox finds fit.
            recent: The share of it that is in the last tenth of that time, such as 0.8; 0.1 is evenly spread.
            variation: Varies the amounts and names of what is made up.
            rate_limit: Requests a minute for each key, a 429 above; None for no limit.
            coming_soon: Whether the operations of v1 work that its documentation announces; if not, they are not there.
            now: When its clock begins, 24 April 2024 or later, such as `datetime.now(UTC)`: all that happened is moved
                there, so that the last 30 days are not empty; that of a seed is, if the seed has a `now` of its own.
                Without it that day, or now if the clock runs, or the seed's `now`.
            running_clock: Whether time runs with the wall clock, or stands still but for `advance`.
            clock_speed: How many seconds pass in a second, if it runs.
            latency: Seconds to wait before every response.
            late_gets: How many gets of a transfer or an execution that was just made over `/platform/v1` find
                nothing, as happens there; `settings.late_gets` changes it.
            kept_requests: How many of the newest requests `requests` holds.
            control_token: What is needed for control below `/_sandbox`, as a bearer token. Without one, programs on
                this machine can control it, and nobody else can.

        Raises:
            ValueError: The control token is empty, the clock's speed is not above 0, or its start or a number of what
                is made up is out of range.
            SeedError: The seed is not as it has to be; a ValueError, too.
        """
        if rate_limit is not None and rate_limit < 1:
            raise ValueError(f"rate_limit must be at least 1 request a minute, or None, not {rate_limit}")
        if not 0 <= latency < float("inf") or late_gets < 0:
            raise ValueError("latency and late_gets must be 0 or more")
        if control_token is not None and control_token != control_token.strip():
            raise ValueError("the control token must not begin or end with a space")
        self.clock = clocks.Clock(start=now, running=running_clock, speed=clock_speed)
        self._seed, self._has_start = None if seed is None else read(seed), now is not None
        asked = {
            "transfers": transfers,
            "card_transactions": card_transactions,
            "rule_executions": rule_executions,
            "external_transactions": external_transactions,
        }
        counts = {name: _MADE_UP[name] if seed is None else 0 for name in asked}
        counts.update({name: count for name, count in asked.items() if count is not None})
        self._histories = Histories(**counts, days=days, recent=recent, variation=variation)
        self.settings = Settings(late_gets=late_gets)
        self.origin = "http://localhost"
        self.webhooks = Webhooks(self.clock)
        self.clock.observers.append(self.webhooks.wake)
        gate = self._gate = Gate(
            organization=self._first(),
            settings=self.settings,
            rate_limit=RateLimit(rate_limit),
            latency=latency,
        )
        self.keys, self.faults = gate.keys, Plan()
        self._key_numbers = itertools.count(1)
        self._put_away: dict[str, Key] = {}
        self._dialects: list[Dialect[Any]] = [v1.dialect(coming_soon=coming_soon), platform.dialect()]
        starlette = Starlette(
            routes=[
                Route("/", _to_the_page),
                Mount(CONTROL_PATH, app=control(self, control_token, self._dialects)),
                *map(gate.mount, self._dialects),
            ],
            exception_handlers={HTTPException: no_such_route},
        )
        names = list(dict.fromkeys(name for dialect in (v1, platform) for name, *_ in dialect.OPERATIONS))
        self.requests = Requests(names, KINDS, kept_requests)
        layer = FaultLayer(starlette, self.faults, self._dialects, gate.numbers)
        self.app = Recorder(layer, self.requests, dialects=self._dialects, keys=self.keys, now=self.clock.now)
        if self._seed is not None:
            self._make_keys(self._seed)

    @property
    def organization(self) -> Organization:
        """The accounts, cards, rules, transfers and executions; another one after a reset.

        IDs in it are v1's; `uuid` gives those of the platform API.
        """
        return self._gate.organization

    def reset(self) -> None:
        """Let everything be as when the sandbox was made: data, clock, faults, settings, webhooks, requests.

        Keys stay, so that those who have one can go on with it, and those that `load` has replaced are back.
        """
        self.clock.reset()
        self._replace(self._first())
        for name, key in self._put_away.items():
            self.keys.setdefault(name, key)

    def state(self) -> Json:
        """All data and keys that there are now, as JSON in the form of a seed, without what is as by default.

        Transfers and rules that are in flight are part of it. Requests, faults, webhooks, settings and the audit log
        are not.

            Path("state.json").write_text(json.dumps(sandbox.state()))
            later = Sandbox(seed="state.json")
        """
        found = state_of(self.organization)
        found.keys = [
            SeedKey(key=key.name, label=key.label, permissions=key.entries(), but=[*key.but])
            for key in self.keys.values()
        ]
        return copy.deepcopy(to_json(found))

    def load(self, seed: Seed) -> None:
        """Replace all data by those of a seed, and the keys where it has some; forget faults, webhooks and requests.

        The clock shows the seed's `now`, where it has one. `reset` leads back to what the sandbox was made with.

        Raises:
            SeedError: The seed is not as it has to be. Then nothing has changed.
        """
        state = read(seed)
        world = world_of(state, state.now or self.clock.now())
        if state.now is not None:
            self.clock.begin(state.now)
        self._replace(self._observed(world))
        self._make_keys(state)

    @property
    def base_url(self) -> str:
        """Where `/api/v1` is: on this machine while it is served, and for clients without a socket otherwise."""
        return f"{self.origin}{v1.BASE_PATH}"

    @property
    def platform_url(self) -> str:
        """Where `/platform/v1` is, likewise."""
        return f"{self.origin}{platform.BASE_PATH}"

    @property
    def page_url(self) -> str:
        """Where the page to look at it is while it is served."""
        return f"{self.origin}{CONTROL_PATH}/"

    @staticmethod
    def uuid(identifier: str) -> str:
        """The UUID that the platform API has for something, such as `acc_01HDEF0123`.

        Raises:
            ValueError: That is not how IDs are.
        """
        return to_uuid(identifier)

    def create_key(
        self,
        permissions: Entries | Mapping[str, Entries] | None = None,
        *,
        key: str | None = None,
        label: str = "sandbox",
        but: Sequence[str] = (),
    ) -> str:
        """Make an API key and give it.

            sandbox.create_key([{"scope": "LIST_RULES"}])
            sandbox.create_key({"platform": [{"scope": "READ_RULES", "resources": "*"}]})

        Args:
            permissions: The entries for `/api/v1`, `{"scope": …, "resources": […]}`, or those for both APIs, by name.
                Accounts and rules have their UUIDs in the platform API's. What is not named is not granted; without
                permissions the key may do everything in both.
            key: The key itself, if it is to be a certain one.
            label: What the audit log calls it.
            but: Accounts, by their IDs in v1, that it cannot read although it may do everything else: so there is a
                refusal to look at.

        Raises:
            ValueError: The permissions are not such entries.
        """
        entries: Mapping[str, Entries | None] = (
            dict.fromkeys(SCOPES) if permissions is None else check_permissions(permissions)
        )
        key = key or f"sandbox_{secrets.token_hex(16)}"
        if not re.fullmatch("[\x21-\x7e]{1,255}", key) or not 1 <= len(label) <= 255:
            raise ValueError("a key has 1 to 255 visible ASCII characters, and a label 1 to 255 of any kind")
        accounts = self.organization.accounts
        grants: dict[API, Grants] = {
            "v1": Grants(entries["v1"], accounts, frozenset(but)),
            "platform": Grants(entries["platform"], but=frozenset(map(to_uuid, but))),
        }
        self.keys[key] = Key(key, f"key_01HSBX{next(self._key_numbers):07}", label, grants, tuple(but))
        return key

    def activate_rule(self, rule_id: str) -> Json:
        """Enable a rule, as a person does in the dashboard, and give it.

        Args:
            rule_id: Its ID in either API.

        Raises:
            ValueError: There is no such rule.
        """
        rule = self.organization.rules.get(internal_id(rule_id, "rule") or rule_id)
        if rule is None:
            raise ValueError(f"there is no rule {rule_id!r}")
        rule["status"] = "enabled"
        return rule

    def advance(self, seconds: float) -> None:
        """Set the clock forward, and do what is then due."""
        self.clock.advance(seconds)
        self.organization.settle()
        self.webhooks.wake()

    def fail(
        self,
        kind: FaultKind,
        operation: str | None = None,
        *,
        times: int = 1,
        after: int = 0,
        seconds: float = 0.0,
        status: int = 503,
        retry_after: int | None = None,
    ) -> Fault:
        """Make requests fail on purpose, and give the fault; `sequence_sandbox.faults.EXPLANATIONS` says how.

        Args:
            kind: How they fail.
            operation: The operationId of those that fail, in either API; without it all do.
            times: How many fail.
            after: How many go well first.
            seconds: How long latency, a drip or a refusal of connections takes.
            status: The status of the kinds `status` and `html`.
            retry_after: Seconds for the header `Retry-After`.

        Raises:
            ValueError: There is no such fault or operation, or a number is out of range.
        """
        names = list(dict.fromkeys(self._operations()))
        if kind == "refuse" and operation is not None:
            raise ValueError("connections are refused whatever they are for: `refuse` takes no operation")
        if operation is not None and operation not in names:
            raise ValueError(f"there is no operation {operation!r}; use one of {', '.join(names)}")
        fault = Fault(
            kind=kind,
            operation=operation,
            times=times,
            after=after,
            seconds=seconds,
            status=status,
            retry_after=retry_after,
        )
        self.faults.faults.append(fault)
        return fault

    def client(
        self,
        permissions: Entries | Mapping[str, Entries] | None = None,
        *,
        declared: Permissions | None = None,
        api_key: str | None = None,
        **options: Any,
    ) -> SequenceClient:
        """A client of `/api/v1` that needs no socket, with a key of its own.

        Args:
            permissions: The entries of its key; without them it may do everything.
            declared: What the client is told that its key grants.
            api_key: A key of `create_key`, such as that of another client; without it, the client has one of its own.
            options: Whatever else `SequenceClient` takes. There is no rate limit unless it is given one, so that a test
                of many calls does not wait, and its clock is `sdk_clock`.
        """
        from .in_process import InProcessClient, connect  # noqa: PLC0415 - only this needs the SDK

        options = {"rate_limit": None, "permissions": declared, "clock": self.sdk_clock, **options}
        return connect(InProcessClient, self, "/api/v1", api_key or self.create_key(permissions), **options)

    def platform_client(
        self,
        permissions: Entries | Mapping[str, Entries] | None = None,
        *,
        declared: Permissions | None = None,
        api_key: str | None = None,
        **options: Any,
    ) -> PlatformClient:
        """A client of `/platform/v1` that needs no socket: otherwise as `client`; a list of entries is for this API."""
        from .in_process import InProcessPlatformClient, connect  # noqa: PLC0415 - only this needs the SDK

        if permissions is not None and not isinstance(permissions, Mapping):
            permissions = {"platform": permissions}
        options = {"rate_limit": None, "permissions": declared, "clock": self.sdk_clock, **options}
        return connect(
            InProcessPlatformClient, self, "/platform/v1", api_key or self.create_key(permissions), **options
        )

    @functools.cached_property
    def sdk_clock(self) -> Clock:
        """The sandbox's time, as clients of the SDK read it: those of `client` and `platform_client` do.

        Idempotency keys grow old by it, windows of time end at it, and to wait is to advance it, so that retries and
        `create_and_wait` take no time; unless the sandbox's clock runs, as then they wait for it.

            client = SequenceClient(key, base_url=base_url, clock=sandbox.sdk_clock)
        """
        from .in_process import SandboxClock  # noqa: PLC0415 - only this needs the SDK

        return SandboxClock(self)

    def serve(self, port: int = 0) -> AbstractContextManager[str]:
        """Serve it over HTTP on the loopback interface, from a thread, for as long as a `with` block lasts.

        with sandbox.serve() as base_url:
            client = SequenceClient(sandbox.create_key(), base_url=base_url)
            platform = PlatformClient(sandbox.create_key(), base_url=sandbox.platform_url)
        """
        from .server import serve  # noqa: PLC0415 - only this needs uvicorn

        return serve(self, port=port)

    def _first(self) -> Organization:
        """The organization that the sandbox was made with, new."""
        seed = self._seed
        if seed is None:
            return self._observed(documented_world(self.clock.now(), self._histories))
        if seed.now is not None and not self._has_start:
            self.clock.begin(seed.now)
        now = self.clock.now()
        state = copy.deepcopy(seed) if seed.now is None else moved(seed, now - seed.now)
        return self._observed(with_histories(world_of(state, now), now, self._histories))

    def _replace(self, organization: Organization) -> None:
        self.webhooks.reset()
        self.faults.clear()
        self._gate.reset(organization)
        self.requests.clear()

    def _make_keys(self, state: State) -> None:
        if isinstance(state.keys, UnsetType):
            return
        self._put_away.update(self.keys)
        self.keys.clear()
        for one in state.keys:
            self.create_key(one.permissions, key=one.key, label=one.label, but=one.but)

    def _observed(self, world: World) -> Organization:
        """An organization, of whose changes webhooks hear."""
        made = Organization(self.clock, world)
        made.observers.append(lambda kind, identifier, at: self.webhooks.send(kind, to_uuid(identifier), at))
        return made

    def _operations(self) -> Iterable[str]:
        yield from (name for name, *_ in v1.OPERATIONS)
        yield from (name for name, *_ in platform.OPERATIONS)
