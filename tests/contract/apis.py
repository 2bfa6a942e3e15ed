"""The two APIs as tests of both see them: their clients, and what the documents say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import pytest
from attrs import frozen

import sequence_api_client
import sequence_platform_client
from sequence_runtime import Contract
from sequence_sdk import PlatformClient, SequenceClient
from sequence_sdk.responses import values_at

from ..conftest import API_KEY, Server
from . import contract, platform_contract
from .contract import Call
from .reading import snake_case


@frozen(kw_only=True)
class API:
    """One of the APIs."""

    name: str
    client: type[SequenceClient | PlatformClient]
    contract: Contract
    documented: Mapping[str, tuple[str, str, dict[str, Any]]] = attrs.field(repr=False)
    """Method, path and description of every operation."""
    calls: list[Call] = attrs.field(repr=False)
    """One full call of every operation."""
    successes: list[tuple[str, Any]] = attrs.field(repr=False)
    """Every example of a success: operation and payload."""
    errors: list[tuple[str, int, Any]] = attrs.field(repr=False)
    """Every example of a refusal: operation, status and payload."""

    @property
    def base_path(self) -> str:
        return "/" + self.contract.base_url.split("/", 3)[3]

    def connect(self, server: Server, **options: Any) -> Any:
        """A client of a server, which attempts a call once unless it is told otherwise."""
        options = {"timeout": 5, "max_retries": 0, "rate_limit": None, **options}
        return self.client(API_KEY, base_url=server.origin + self.base_path, **options)

    @property
    def account(self) -> str:
        """The ID of the account whose example is the first of `getAccount`."""
        return self.call("getAccount").positional[0]

    def call(self, operation: str) -> Call:
        (found,) = (call for call in self.calls if call.operation == operation)
        return found

    def example(self, operation: str) -> Any:
        """The first example of a success."""
        return next(payload for name, payload in self.successes if name == operation)

    def call_for(self, operation: str, payload: Any) -> Call:
        """The call to which a payload is the response: its arguments are those that the payload repeats."""
        call, record = self.call(operation), self.contract.operations[operation]
        model = record.decode(contract.to_json(payload))
        positional, keyword = list(call.positional), dict(call.keyword)
        names = [part[1:-1] for part in self.documented[operation][1].split("/") if part.startswith("{")]
        places = {snake_case(name): index for index, name in enumerate(names)}
        for argument, path in record.echoes:
            modes = contract.MODES if argument == "simulation" else {}
            repeated = {modes.get(value, value) for value in values_at(model, path)}
            if argument in places and repeated:
                (positional[places[argument]],) = repeated
            elif len(repeated) == 1:
                (keyword[argument],) = repeated
            else:
                keyword.pop(argument, None)
        return attrs.evolve(call, positional=tuple(positional), keyword=keyword)


V1 = API(
    name="v1",
    client=SequenceClient,
    contract=sequence_api_client.CONTRACT,
    documented=contract.OPERATIONS,
    calls=contract.CALLS,
    successes=contract.SUCCESSES,
    errors=contract.ERRORS,
)
PLATFORM = API(
    name="platform",
    client=PlatformClient,
    contract=sequence_platform_client.CONTRACT,
    documented=platform_contract.OPERATIONS,
    calls=platform_contract.CALLS,
    successes=platform_contract.SUCCESSES,
    errors=platform_contract.ERRORS,
)
APIS = (V1, PLATFORM)

both = pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)


def of_both(names: str, things: Callable[[API], Iterable[Any]]) -> pytest.MarkDecorator:
    """A test of things of both APIs: with the API first, and then with what the names say."""
    rows: list[Any] = []
    for api in APIS:
        for thing in things(api):
            values = thing if isinstance(thing, tuple) else (thing,)
            operation = values[0].operation if isinstance(values[0], Call) else values[0]
            rows.append(pytest.param(api, *values, id=f"{api.name}-{operation}"))
    return pytest.mark.parametrize(f"api, {names}", rows)
