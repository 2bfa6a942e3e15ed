"""What a contract calls deprecated warns, at the line of the program that asks for it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import pytest

from sequence_sdk import PlatformClient

pytestmark = pytest.mark.anyio

POD = "e0fa41a1-c619-47b2-8e6c-3eb77612d87f"
EXECUTION = "3f0a7f52-5a3c-4a52-8d5e-0a4c6d1f9b11"


def line_after(function: Callable[..., object]) -> int:
    """The line after the one in which a function begins."""
    return inspect.getsourcelines(function)[1] + 1


async def listing(platform: PlatformClient) -> object:
    return await platform.transfers.list(account_ids=[POD], rule_execution_id_deprecated=EXECUTION).collect()


async def first_page(platform: PlatformClient) -> object:
    return await platform.transfers.list.with_response(account_ids=[POD], rule_execution_id_deprecated=EXECUTION)


@pytest.mark.parametrize("ask", [listing, first_page], ids=["a list", "a response"])
async def test_the_line_of_the_program_is_named(
    ask: Callable[[PlatformClient], Awaitable[object]], sequence_platform: PlatformClient
) -> None:
    what = "rule_execution_id_deprecated of list_transfers is deprecated"
    with pytest.warns(DeprecationWarning, match=what) as warned:
        await ask(sequence_platform)
    assert [(one.filename, one.lineno) for one in warned] == [(__file__, line_after(ask))]
