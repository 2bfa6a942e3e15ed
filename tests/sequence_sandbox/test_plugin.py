"""Another team's tests: the fixtures are there without being asked for, under both plugins for async tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sequence_sandbox import Sandbox

pytest_plugins = ["pytester"]

A_TEST_OF_THEIRS = """
import pytest
from sequence_sandbox import Sandbox
from sequence_sdk import PermissionDeniedError, SequenceClient

pytestmark = pytest.mark.{plugin}


async def pay_card(sequence: SequenceClient, cents: int) -> str:
    transfer = await sequence.transfers.create(
        source_account_id="acc_01HDEF0123", destination_account_id="acc_01HGHI7890", amount_in_cents=cents
    )
    return transfer.id


async def test_the_card_is_paid(sequence_sandbox: Sandbox, sequence_client: SequenceClient) -> None:
    transfer_id = await pay_card(sequence_client, 5000)
    sequence_sandbox.advance(5)
    assert (await sequence_client.transfers.get(transfer_id)).status == "complete"


async def test_the_app_may_not_pay(sequence_sandbox: Sandbox) -> None:
    with pytest.raises(PermissionDeniedError, match="MANUAL_TRANSFER"):
        await pay_card(sequence_sandbox.client([]), 5000)
"""


DOCS = Path(__file__).parents[2] / "docs" / "testing.md"


def test_the_tests_of_the_documentation_page_pass_in_an_empty_project(pytester: pytest.Pytester) -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    pytester.makepyfile(**{f"test_block_{number}": block for number, block in enumerate(blocks)})
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=14)


@pytest.mark.parametrize(("plugin", "passed"), [("asyncio", 2), pytest.param("anyio", 4, marks=pytest.mark.long)])
def test_the_fixtures_work_in_a_project_of_its_own(plugin: str, passed: int, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(A_TEST_OF_THEIRS.format(plugin=plugin))
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=passed)


@pytest.mark.anyio
async def test_two_clients_have_one_key_where_it_is_given(anyio_backend: str) -> None:
    """Such as two processes: what one sent is known to the server when the other sends it."""
    sandbox = Sandbox()
    key = sandbox.create_key()
    call = {
        "source_account_id": sandbox.uuid("acc_01HABC4567"),
        "destination_account_id": sandbox.uuid("acc_01HDEF0123"),
    }
    made = set[str]()
    for _ in range(2):
        async with sandbox.platform_client(api_key=key) as client:
            made.add((await client.transfers.create(**call, amount_in_cents=500, idempotency_key="invoice-17")).id)
    async with sandbox.client(api_key=key) as v1:
        assert await v1.accounts.list()
    assert len(made) == 1
