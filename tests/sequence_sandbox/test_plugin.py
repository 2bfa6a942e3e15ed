"""Another team's tests: the fixtures are there without being asked for, under both plugins for async tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=8)


@pytest.mark.parametrize(("plugin", "passed"), [("asyncio", 2), ("anyio", 4)])
def test_the_fixtures_work_in_a_project_of_its_own(plugin: str, passed: int, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(A_TEST_OF_THEIRS.format(plugin=plugin))
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=passed)
