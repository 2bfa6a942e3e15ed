"""The sandbox keeps to openapi.yaml: schemathesis looks for requests with which it does not, and links lead on."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest
import schemathesis
from attrs import evolve
from hypothesis import HealthCheck, settings, strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

from sequence_sandbox import Sandbox
from sequence_sandbox.in_process import SandboxTransport
from sequence_sandbox.v1 import routes
from sequence_sandbox.v1.records import show_transfer
from sequence_sdk import APIStatusError, OutcomeUnknownError, SequenceClient

from ..conftest import Served
from ..contract.contract import CALLS, ROOT, Call, perform
from ..validated import BASE_URL, NotInContract, ValidatingTransport, validated_client

A_TRANSFER: dict[str, Any] = {
    "source_account_id": "acc_01HDEF0123",
    "destination_account_id": "acc_01HGHI7890",
    "amount_in_cents": 5000,
}
LONG_ID = "a" * 256
MORE_THAN_THERE_IS = 10**12
CURSORS = {"listTransfers": "cursor_01HABC1111", "listRuleExecutions": "cursor_01HABC4567"}

EXAMPLES = int(os.environ.get("SEQUENCE_FUZZ_EXAMPLES", "4"))
"""How many requests are made up for an operation, and how many chains of requests that follow links."""

COVERS = bool(os.environ.get("SEQUENCE_FUZZ_COVERS"))
"""Whether requests cover each value and mistake of each parameter. They are made up when the tests are collected, which
takes half a minute in each process that does so: `make test-long` runs them in one."""

KNOWN_IDS = {call.target.split("/")[1]: call.positional[0] for call in CALLS if call.positional}
"""One of each kind, by where its path begins."""

schemathesis.openapi.format("resource-id", st.sampled_from([*KNOWN_IDS.values()]) | st.text(min_size=1, max_size=255))

SCHEMA = schemathesis.openapi.from_path(
    ROOT / "openapi.yaml",
    config=SchemathesisConfig.from_dict(
        {
            "seed": 0,
            "phases": {"coverage": {"enabled": COVERS}},
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,  # the tests give the key; that others are refused is a check
            },
            "analysis": {"constants": {"enabled": False}},  # what is made up must not change with our literals
            # The vendor responds to a method that a path does not have as to an unknown path: 404 in plain text.
            "checks": {"unsupported_method": {"enabled": False}},
        }
    ),
)

REFUSALS = {
    r"Query parameter 'after' is not a cursor of this list\.": "any string could be a cursor; the list knows its own",
    r"A transfer must be of 100 cents at least\.": "the minimum is the later API's, and no part of v1's schema",
    r"The source and the destination must be different accounts\.": "a schema cannot compare two members",
    r"Account with id '\w+' cannot be the (source|destination) of a transfer\.": "a schema does not know the accounts",
    r"Member '\w+' must be a whole number of cents .*": "5000.0 is an integer to JSON Schema, and a mistake to us",
}
"""Messages of 400s to requests that fit the schema, and why the schema cannot tell."""


@SCHEMA.hook
def filter_failure(context: Any, failure: Failure, case: schemathesis.Case, response: schemathesis.Response) -> bool:
    """Keep all failures but the refusals of requests whose mistake no schema can see."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    message = response.json()["error"]["message"]
    return not any(re.fullmatch(known, message) for known in REFUSALS)


@SCHEMA.hook
def filter_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> bool:
    """No line breaks and no slashes, encoded or not: with those a path is an unknown one, refused in plain text."""
    return not re.search("\n|/|%0A|%2F", str((path_parameters or {}).get("id")))


@SCHEMA.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """IDs of the kind that the path is of, or hardly any request would find what it asks for."""
    if path_parameters and path_parameters.get("id") in KNOWN_IDS.values():
        path_parameters["id"] = KNOWN_IDS[context.operation.path.split("/")[1]]
    return path_parameters


IDEMPOTENCY_NUMBERS = itertools.count()


@SCHEMA.hook
def map_case(context: Any, case: schemathesis.Case) -> schemathesis.Case:
    """Idempotency keys that are no repeats of earlier ones, or most bodies would be refused for that alone."""
    headers = case.headers or {}
    if re.fullmatch(r"[A-Za-z0-9._:/|-]{1,36}", str(headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = f"{next(IDEMPOTENCY_NUMBERS)}"
    return case


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Served]:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        yield Served(sandbox, base_url)


@pytest.mark.slow
@SCHEMA.parametrize()
def test_every_response_is_as_the_document_says(case: schemathesis.Case, fuzzed: Served) -> None:
    key = fuzzed.sandbox.create_key()
    case.call_and_validate(base_url=fuzzed.base_url, headers={"Authorization": f"ApiKey {key}"}, timeout=10)


@pytest.mark.slow
def test_responses_to_requests_that_follow_links_are_as_the_document_says(fuzzed: Served) -> None:
    headers = {"Authorization": f"ApiKey {fuzzed.sandbox.create_key()}"}

    class Links(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"base_url": fuzzed.base_url, "headers": headers, "timeout": 10}

        def after_call(self, response: schemathesis.Response, case: schemathesis.Case) -> None:
            super().after_call(response, case)
            fuzzed.sandbox.advance(seconds=1)

    Links.run(
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=15,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        )
    )


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_every_operation_keeps_to_the_document(call: Call, anyio_backend: str) -> None:
    sandbox = Sandbox()
    if call.operation in CURSORS:
        call = evolve(call, keyword={**call.keyword, "after": CURSORS[call.operation]})
    async with validated_client(sandbox, sandbox.create_key()) as client:
        for seconds in (0, 1, 5):
            sandbox.advance(seconds)
            assert (await perform(client, call)).status_code in {200, 201, 202}


@pytest.mark.anyio
async def test_what_becomes_of_transfers_and_rules_keeps_to_the_document(anyio_backend: str) -> None:
    sandbox, statuses = Sandbox(), set()
    async with validated_client(sandbox, sandbox.create_key()) as client:
        transfers, runs = [], []
        for cents in (5000, MORE_THAN_THERE_IS):
            transfers.append((await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": cents})).id)
            runs.append((await client.rules.trigger("rule_01HXYZ1234", manual_execute_amount=cents * 5)).execution_id)
        for _ in range(10):
            statuses |= {str((await client.transfers.get(one)).status) for one in transfers}
            statuses |= {str((await client.rule_executions.get(one)).status) for one in runs}
            sandbox.advance(1)
    assert statuses == {"processing", "pending", "complete", "incomplete", "in_progress", "executed", "failed"}


async def slow_twice(client: SequenceClient) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: client.transfers.create(**A_TRANSFER, idempotency_key="once"))
        await anyio.sleep(0.05)
        with pytest.raises(OutcomeUnknownError) as refused:
            await client.transfers.create(**A_TRANSFER, idempotency_key="once")
    raise refused.value


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "prepare", "act"),
    [
        (400, None, lambda client: client.transfers.list(account_id="acc_01HDEF0123", after="forged").collect()),
        (400, None, lambda client: client.transfers.create(**{**A_TRANSFER, "amount_in_cents": 99})),
        (401, lambda sandbox: sandbox.keys.clear(), lambda client: client.accounts.list()),
        (403, lambda sandbox: sandbox.create_key([], key="key"), lambda client: client.rules.get("rule_01HXYZ1234")),
        (403, lambda sandbox: sandbox.create_key([], key="key"), lambda client: client.transfers.create(**A_TRANSFER)),
        (404, None, lambda client: client.accounts.get("acc_123")),
        (404, None, lambda client: client.cards.get("card_123")),
        (404, None, lambda client: client.transfers.get("txr_123")),
        (404, None, lambda client: client.rules.trigger("rule_123")),
        (404, None, lambda client: client.rule_executions.get("rex_123")),
        (409, lambda sandbox: sandbox.fail("slow", seconds=0.2), slow_twice),
        (429, lambda sandbox: sandbox.fail("rate_limit", retry_after=3), lambda client: client.accounts.list()),
        (503, lambda sandbox: sandbox.fail("status"), lambda client: client.accounts.list()),
    ],
)
async def test_every_error_keeps_to_the_document(
    status: int,
    prepare: Callable[[Sandbox], object] | None,
    act: Callable[[SequenceClient], Any],
    anyio_backend: str,
) -> None:
    sandbox = Sandbox()
    sandbox.create_key(key="key")
    if prepare is not None:
        prepare(sandbox)
    async with validated_client(sandbox, "key") as client:
        with pytest.raises((APIStatusError, OutcomeUnknownError)) as error:
            await act(client)
        refused = error.value.__cause__ if isinstance(error.value, OutcomeUnknownError) else error.value
        assert isinstance(refused, APIStatusError)
        assert refused.status_code == status


@pytest.mark.anyio
async def test_the_rate_limit_keeps_to_the_document(anyio_backend: str) -> None:
    sandbox = Sandbox(rate_limit=1)
    async with validated_client(sandbox, sandbox.create_key()) as client:
        await client.accounts.list()
        with pytest.raises(APIStatusError) as error:
            await client.accounts.list()
        assert error.value.status_code == 429


def without(member: str) -> Callable[[Any], Any]:
    return lambda one: {name: value for name, value in show_transfer(one).items() if name != member}


def having(**members: Any) -> Callable[[Any], Any]:
    return lambda one: {**show_transfer(one), **members}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("show", "why"),
    [
        (without("status"), "'status' is a required property"),
        (without("error_code"), "'error_code' is a required property"),
        (having(amount_in_cents="5000"), "'5000' is not of type 'integer'"),
        (having(amount_in_cents=None), "None is not of type 'integer'"),
        (having(status="lost"), "'lost' is not one of"),
        (having(created_at="yesterday"), "'yesterday' is not a 'date-time'"),
        (having(source={"id": "acc_01HDEF0123"}), "is not valid under any of the given schemas"),
    ],
)
async def test_a_response_that_is_not_as_documented_is_noticed(
    show: Any, why: str, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox()
    monkeypatch.setattr(routes, "show_transfer", show)
    async with validated_client(sandbox, sandbox.create_key()) as client:
        for ask in (lambda: client.transfers.get("txr_01HABC1111"), lambda: client.transfers.create(**A_TRANSFER)):
            with pytest.raises(NotInContract, match=re.escape(why)):
                await ask()


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["html", "truncated", "malformed", "content_type"])
async def test_a_response_that_is_no_json_is_noticed(kind: Any, anyio_backend: str) -> None:
    sandbox = Sandbox()
    sandbox.fail(kind)
    async with validated_client(sandbox, sandbox.create_key()) as client:
        with pytest.raises(NotInContract, match="GET http://localhost/api/v1/accounts: "):
            await client.accounts.list()


@pytest.mark.anyio
async def test_a_status_that_is_not_documented_is_noticed(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = next(one for one in routes.OPERATIONS if one[0] == "listAccounts")
    gone = (*listing[:3], lambda call: call.response([], status=410))
    monkeypatch.setattr("sequence_sandbox.v1.OPERATIONS", [gone])
    sandbox = Sandbox()
    async with validated_client(sandbox, sandbox.create_key()) as client:
        with pytest.raises(NotInContract, match="410"):
            await client.accounts.list()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "method", "path", "request_body"),
    [
        (400, "GET", "/accounts?type=piggy_bank", None),
        (400, "GET", "/transfers", None),
        (400, "GET", "/transfers?account_id=acc_01HDEF0123&first=101", None),
        (400, "GET", "/transfers?account_id=acc_01HDEF0123&rule_execution_id=", None),
        (400, "GET", f"/transfers?account_id={LONG_ID}", None),
        (400, "GET", f"/rules?source_id={LONG_ID}", None),
        (400, "GET", f"/rule-executions?rule_id={LONG_ID}", None),
        (400, "GET", f"/accounts/{LONG_ID}", None),
        (404, "GET", "/nothing", None),
        (404, "DELETE", "/accounts", None),
        (400, "POST", "/transfers", {**A_TRANSFER, "amount_in_cents": 0}),
        (400, "POST", "/transfers", {**A_TRANSFER, "amount_in_cents": 2**53}),
        (400, "POST", "/transfers", {**A_TRANSFER, "source_account_id": LONG_ID}),
        (400, "POST", "/rules/rule_01HXYZ1234/trigger", {"manual_execute_amount": None}),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_a_request_that_is_not_as_documented_is_noticed_and_refused(
    status: int, method: str, path: str, request_body: Any, anyio_backend: str
) -> None:
    sandbox = Sandbox()
    headers = {"Authorization": f"ApiKey {sandbox.create_key()}"}
    async with httpx.AsyncClient(transport=SandboxTransport(sandbox), headers=headers) as plain:
        assert (await plain.request(method, f"{BASE_URL}{path}", json=request_body)).status_code == status
    async with httpx.AsyncClient(transport=ValidatingTransport(SandboxTransport(sandbox)), headers=headers) as checked:
        with pytest.raises(NotInContract):
            await checked.request(method, f"{BASE_URL}{path}", json=request_body)


@pytest.mark.parametrize("body", [b'{"manual_execute_amount": NaN}', b'{"a": Infinity}', b'{"a": [-Infinity]}'])
def test_numbers_that_json_does_not_have_are_refused(body: bytes, fuzzed: Served) -> None:
    headers = {"Authorization": f"ApiKey {fuzzed.sandbox.create_key()}", "Content-Type": "application/json"}
    url = f"{fuzzed.base_url}/rules/rule_01HXYZ1234/trigger"
    response = httpx.post(url, content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "The request body is not valid JSON."
