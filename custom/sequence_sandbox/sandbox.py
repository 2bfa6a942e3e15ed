"""A local Sequence: an organization, the keys to it, and the application that serves it through both APIs."""

from __future__ import annotations

import functools
import itertools
import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from . import clock as clocks, platform, v1
from .control import CONTROL_PATH, control
from .dialects import Dialect, Settings
from .documented import Json
from .exchanges import Gate
from .faults import KINDS, Fault, FaultKind, FaultLayer, Plan
from .keys import API, SCOPES, Entries, Grants, Key, check_permissions
from .limits import RateLimit
from .organization import Organization
from .platform.identifiers import internal_id, to_uuid
from .platform.webhooks import Webhooks
from .protocol import no_such_route
from .recorded import KEPT, Recorder, Requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sequence_sdk import Clock, Permissions, PlatformClient, SequenceClient

BASE_PATH = v1.BASE_PATH


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
        seed: int = 0,
        transfers: int = 250,
        card_transactions: int = 250,
        rule_executions: int = 50,
        external_transactions: int = 120,
        rate_limit: int | None = None,
        coming_soon: bool = True,
        running_clock: bool = False,
        clock_speed: float = 1.0,
        latency: float = 0.0,
        late_gets: int = 0,
        kept_requests: int = KEPT,
        control_token: str | None = None,
    ) -> None:
        """Make a sandbox; two of the same arguments hold the same data.

        Args:
            seed: Varies the amounts and names of what happened before the documented data.
            transfers: How many transfers there are.
            card_transactions: How many card transactions there are.
            rule_executions: How many rule executions there are.
            external_transactions: How many transactions there are at other banks, one each day until now.
            rate_limit: Requests a minute for each key, a 429 above; None for no limit.
            coming_soon: Whether the operations of v1 work that its documentation announces; if not, they are not there.
            running_clock: Whether time runs with the wall clock, or stands still but for `advance`.
            clock_speed: How many seconds pass in a second, if it runs.
            latency: Seconds to wait before every response.
            late_gets: How many gets of a transfer or an execution that was just made over `/platform/v1` find
                nothing, as happens there; `settings.late_gets` changes it.
            kept_requests: How many of the newest requests `requests` holds.
            control_token: What is needed for control below `/_sandbox`, as a bearer token. Without one, programs on
                this machine can control it, and nobody else can.

        Raises:
            ValueError: The control token is empty, or the clock's speed is not above 0.
        """
        self.clock = clocks.Clock(running=running_clock, speed=clock_speed)
        self.settings = Settings(late_gets=late_gets)
        self.origin = "http://localhost"
        self._organization = functools.partial(
            Organization,
            self.clock,
            seed=seed,
            transfers=transfers,
            card_transactions=card_transactions,
            rule_executions=rule_executions,
            external_transactions=external_transactions,
        )
        self.webhooks = Webhooks(self.clock)
        gate = self._gate = Gate(
            organization=self._observed(),
            settings=self.settings,
            rate_limit=RateLimit(rate_limit),
            latency=latency,
        )
        self.keys, self.faults = gate.keys, Plan()
        self._key_numbers = itertools.count(1)
        self._dialects: list[Dialect[Any]] = [v1.dialect(coming_soon=coming_soon), platform.dialect()]
        starlette = Starlette(
            routes=[
                Mount(CONTROL_PATH, app=control(self, control_token, self._dialects)),
                *map(gate.mount, self._dialects),
            ],
            exception_handlers={HTTPException: no_such_route},
        )
        names = list(dict.fromkeys(name for dialect in (v1, platform) for name, *_ in dialect.OPERATIONS))
        self.requests = Requests(names, KINDS, kept_requests)
        layer = FaultLayer(starlette, self.faults, self._dialects, gate.numbers)
        self.app = Recorder(layer, self.requests, dialects=self._dialects, keys=self.keys, now=self.clock.now)

    @property
    def organization(self) -> Organization:
        """The accounts, cards, rules, transfers and executions; another one after a reset.

        IDs in it are v1's; `uuid` gives those of the platform API.
        """
        return self._gate.organization

    def reset(self) -> None:
        """Let everything be as when the sandbox was made: data, clock, faults, settings, webhooks, requests.

        Keys stay, so that those who have one can go on with it.
        """
        self.clock.reset()
        self.webhooks.reset()
        self.faults.clear()
        self._gate.reset(self._observed())
        self.requests.clear()

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

        Raises:
            ValueError: The permissions are not such entries.
        """
        entries: Mapping[str, Entries | None] = (
            dict.fromkeys(SCOPES) if permissions is None else check_permissions(permissions)
        )
        key = key or f"sandbox_{secrets.token_hex(16)}"
        accounts = self.organization.accounts
        grants: dict[API, Grants] = {"v1": Grants(entries["v1"], accounts), "platform": Grants(entries["platform"])}
        self.keys[key] = Key(key, f"key_01HSBX{next(self._key_numbers):07}", label, grants)
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
        """A client of `/platform/v1` that needs no socket: otherwise as `client`."""
        from .in_process import InProcessPlatformClient, connect  # noqa: PLC0415 - only this needs the SDK

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

    def _observed(self) -> Organization:
        """A new organization, of whose changes webhooks hear."""
        made = self._organization()
        made.observers.append(lambda kind, identifier, at: self.webhooks.send(kind, to_uuid(identifier), at))
        return made

    def _operations(self) -> Iterable[str]:
        yield from (name for name, *_ in v1.OPERATIONS)
        yield from (name for name, *_ in platform.OPERATIONS)
