"""Asks an API: the requests, one after the other, which only read."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

from attrs import define, field

from sequence_runtime import Call, Operation, Response

from .. import errors
from ..client import Client
from ..httpx_transport import make_client
from ..pages import with_query
from ..settings import resolve_base_url
from ..transport import HTTPClient
from . import plan
from .differences import Difference, Kind, differences, word
from .outcomes import ENDS, Outcome, decoded, outcome
from .report import Examined, examined

TIMEOUT = 15.0
"""Seconds that a request may take."""
NO_KEY = "none"
"""What stands for the key of a client whose requests carry none."""
PLAIN_HEADERS = re.compile(
    r"alt-svc|cache-control|connection|content-(encoding|length|type)|date|etag|keep-alive|retry-after|server|"
    r"strict-transport-security|transfer-encoding|vary|via"
)
"""Headers that any server may send."""
DOCUMENTED = frozenset({200, 400, 401, 403, 404, 429})
"""The statuses that contracts know for reads."""


class NotARead(Exception):
    """A request that may change something: it is not sent."""


async def examine(
    make: type[Client], base_url: str | None, *, key: str | None, contract: bool, tell: Callable[[str], object]
) -> Examined:
    """Find out about one API.

    Args:
        make: The class of its client.
        base_url: Where it is; None for where the environment, or else the contract, says.
        key: The API key; None to ask without one.
        contract: Whether to compare responses with the contract.
        tell: Is called before each request, with what is done.

    Raises:
        ConfigurationError: The key or the address cannot be used, or the environment's proxy; nothing was sent.
    """
    address, secret = resolve_base_url(base_url, make.contract), NO_KEY if key is None else key
    async with (
        only_reads(address, keyless=key is None) as http,
        make(secret, base_url=address, max_retries=0, timeout=TIMEOUT, http_client=http) as client,
    ):
        found = Examination(client, contract=contract, tell=tell)
        await found.run(first_only=key is None)
    differing = found.differences if contract else None
    return examined(make.contract, address, found.outcomes, differing, key_given=key is not None)


@asynccontextmanager
async def only_reads(base_url: str, *, keyless: bool) -> AsyncGenerator[HTTPClient]:
    """An HTTP client that sends nothing but GET, whatever it is asked to, and no key if it is to have none."""

    async def check(request: Any) -> None:  # of httpx, which calls it when nothing but sending is left
        if request.method != "GET":
            raise NotARead
        if keyless:
            del request.headers["Authorization"]

    async with make_client(base_url) as http:
        http.event_hooks = {"request": [check]}
        yield http


@define
class Examination:
    """The requests to one API, and what came of them."""

    client: Client
    contract: bool = field(kw_only=True)
    tell: Callable[[str], object] = field(kw_only=True)
    outcomes: list[Outcome] = field(init=False, factory=list[Outcome])
    differences: list[Difference] = field(init=False, factory=list[Difference])
    listed: dict[str, list[plan.Listed]] = field(init=False, factory=dict[str, list[plan.Listed]])

    async def run(self, *, first_only: bool) -> None:
        """Ask the first operation, and where the key is accepted, the others."""
        first = plan.first(self.client.contract)
        probe = await self._ask(first, {})
        if first_only or not probe.in_apis_words or probe.status == 404:
            return
        decided = {plan.decided_by(first)}
        for operation in plan.reads(self.client.contract):
            what = plan.decided_by(operation)
            if operation is first or (not self.contract and what in decided):
                continue
            is_list, seen = not operation.path.endswith("}"), 0
            for arguments in plan.candidates(operation, self.listed, contract=self.contract):
                if self.outcomes[-1].verdict in ENDS:
                    return
                if seen >= (plan.GETS if self.contract and not is_list else 1):
                    break
                found = await self._ask(operation, arguments)
                if found.verdict in {"answers", "refused"}:
                    decided.add(what)
                empty = self.contract and is_list and not self.listed.get(operation.path)
                seen += found.verdict == "answers" and not empty

    async def _ask(self, operation: Operation[Any, Any], arguments: plan.Arguments) -> Outcome:
        """Ask once, and keep nothing of the response but its outcome, how it differs, and IDs to ask for."""
        self.tell(f"{operation.id} …")
        try:
            call, sent = plan.prepared(operation, arguments), datetime.now(UTC)
        except (ValueError, TypeError):  # whose text has the ID
            says = "an ID that a list has is of another form than the contract says"
            self.outcomes.append(Outcome(operation=operation.id, verdict="broken", says=says))
            return self.outcomes[-1]
        if operation.pages is not None:
            size = operation.pages.largest if self.contract else plan.TRIES[False]
            call = with_query(call, **{operation.pages.size: str(size)})
        response = await _response(self.client, call)
        found = outcome(operation, response, sent, datetime.now(UTC))
        self.outcomes.append(found)
        body = decoded(getattr(response, "content", b""))
        if found.verdict in {"answers", "unreadable"}:
            items = [plan.Listed(arguments, *item) for item in plan.items_of(body)]
            self.listed.setdefault(operation.path, []).extend(items)
        if self.contract and isinstance(body, dict):
            self._compare(operation, found, getattr(response, "headers", {}), cast("object", body))
        return found

    def _compare(
        self, operation: Operation[Any, Any], found: Outcome, headers: Mapping[str, str], body: object
    ) -> None:
        status, name = found.status or 0, (operation.contract.request_id or "").lower()
        read = found.verdict in {"answers", "unreadable"}
        model = operation.response if read else plan.error_model(operation.contract)
        differing: list[tuple[Kind, str, str]] = list(differences(model, body))
        known = PLAIN_HEADERS.fullmatch
        differing.extend(("header", word(one), "") for one in headers if one != name and not known(one))
        if status not in DOCUMENTED:
            differing.append(("status", "", ""))
        self.differences += (Difference(operation.id, status, *one) for one in differing)


async def _response(client: Client, call: Call[Any, Any]) -> Response | errors.APIError:
    try:
        return await client.send(call.request)
    except errors.APIError as error:
        return error
