"""The sandbox keeps to openapi-platform.yaml: schemathesis looks for requests with which it does not, links lead on."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings, strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

from sequence_sandbox import Sandbox

from ..validated import PLATFORM_DOCUMENT
from .asking import CAR_FUND, CARD_DEBT, NOBODYS, PAY, PAYROLL, POD, SAVE

EXAMPLES = int(os.environ.get("SEQUENCE_FUZZ_EXAMPLES", "4"))
"""How many requests are made up for an operation, and how many chains of requests that follow links."""

COVERS = bool(os.environ.get("SEQUENCE_FUZZ_COVERS"))
"""Whether requests cover each value and mistake of each parameter. They are made up when the tests are collected, which
takes half a minute in each process that does so: `make test-long` runs them in one."""

ACCOUNTS = [POD, CARD_DEBT, PAYROLL, CAR_FUND]
KNOWN_IDS = {
    "/accounts": ACCOUNTS,
    "/rules": [SAVE, PAY],
    "/transfers": [Sandbox.uuid("txr_01HABC1111")],
    "/external-transactions": [Sandbox.uuid("etxr_01GSBX0000001")],
    "/card-transactions": [Sandbox.uuid("ctxr_01HABC1111")],
}
"""Some of each kind, by where its path begins."""

schemathesis.openapi.format(
    "platform-id", st.sampled_from([*ACCOUNTS, *ACCOUNTS, *ACCOUNTS, NOBODYS]) | st.text(min_size=1, max_size=255)
)

SCHEMA = schemathesis.openapi.from_dict(
    json.loads(json.dumps(PLATFORM_DOCUMENT, default=str).replace('"resource-id"', '"platform-id"')),
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
            # Every value of every member of a rule takes minutes to make up; refusals of rules are tested on their own.
            "operations": [
                {"include-operation-id": name, "phases": {"coverage": {"enabled": False}}}
                for name in ("createRule", "updateRule")
            ],
        }
    ),
)

REFUSALS = {
    r"(Path|Query) parameter '[\w[\]]+' must be (a UUID|UUIDs)\.": "the document says nothing of how IDs are written",
    r"Query parameter 'page' must be a whole number from 1 to \d+\.": "pages have no end in the document",
    r"Query parameter '(from|to)' must be a timestamp .*": "no calendar has a year 0",
    r"The (source|destination) account was not found\.": "a schema does not know the accounts",
    r"Account with ID '.*' (was not found|is no \w+)\.": "likewise",
    r"(?s)Account with ID '.*' was not found\.": "likewise",
    r"Beneficiary with ID '.*' was not found\.": "likewise",
    r"(?s)Beneficiary with ID '.*' was not found\.": "likewise",
    r"Account '.*' cannot be a (source|destination)\.": "likewise",
    r"Account with ID '.*' cannot be the (source|destination) of a transfer\.": "likewise",
    r"The source and the destination must be different accounts\.": "a schema cannot compare two members",
    r"There is an account of this type with this name\.": "a schema does not know the names",
    r"A name has letters, digits, spaces and hyphens, .*": "a text of the vendor's says it, and no pattern",
    r"An icon is one emoji\.": "likewise",
    r"Only a pod can have a savings target\.": "likewise",
    r"A condition compares with either value or valueFact, .*": "likewise",
    r"Conditions are one of condition, any and all, .*": "how deep they can be nested is not documented",
    r"A top-up has exactly one target, .*": "likewise",
    r"The destination of \w+ must be a liability\.": "a schema does not know the accounts",
    r"The trigger has no account, .*": "a schema cannot compare members",
    r"The request body is not as it must be: .*": "5000.0 is an integer to JSON Schema, and not to all",
}
"""Messages of refusals of requests that fit the schema, and why the schema cannot tell."""


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
    return not any(re.search("\n|/|%0A|%2F", str(one)) for one in (path_parameters or {}).values())


@SCHEMA.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """IDs of the kind that the path is of, or hardly any request would find what it asks for."""
    known = next((ids for path, ids in KNOWN_IDS.items() if context.operation.path.startswith(path)), ACCOUNTS)
    for name, value in (path_parameters or {}).items():
        if value in ACCOUNTS:
            ids = [Sandbox.uuid("rex_01HABC4567")] if context.operation.path.endswith("executions/{id}") else known
            path_parameters[name] = (known if name == "ruleId" else ids)[ACCOUNTS.index(value) % len(ids)]
    return path_parameters


NUMBERS = itertools.count()


@SCHEMA.hook
def map_case(context: Any, case: schemathesis.Case) -> schemathesis.Case:
    """Idempotency keys that are no repeats of earlier ones, or most bodies would be refused for that alone."""
    headers = case.headers or {}
    if re.fullmatch(r"[A-Za-z0-9._:/|-]{1,36}", str(headers.get("idempotency-key", ""))):
        case.headers["idempotency-key"] = f"{next(NUMBERS)}"
    return case


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    with sandbox.serve():
        yield sandbox


@pytest.mark.slow
@SCHEMA.parametrize()
def test_every_response_is_as_the_document_says(case: schemathesis.Case, fuzzed: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {fuzzed.create_key()}"}
    case.call_and_validate(base_url=fuzzed.platform_url, headers=headers, timeout=10)


@pytest.mark.slow
def test_responses_to_requests_that_follow_links_are_as_the_document_says(fuzzed: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {fuzzed.create_key()}"}

    class Links(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"base_url": fuzzed.platform_url, "headers": headers, "timeout": 10}

        def after_call(self, response: schemathesis.Response, case: schemathesis.Case) -> None:
            super().after_call(response, case)
            fuzzed.advance(seconds=1)

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
