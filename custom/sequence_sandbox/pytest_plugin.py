"""Fixtures for the tests of other teams: a sandbox, and a client of it. For pytest-asyncio and for anyio's plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sequence_sandbox import Sandbox
    from sequence_sdk import PlatformClient, SequenceClient


@pytest.fixture
def sequence_sandbox_options() -> dict[str, Any]:
    """What `sequence_sandbox` is made with: a fixture of the same name in a conftest.py gives other options."""
    return {}


@pytest.fixture
def sequence_sandbox(sequence_sandbox_options: dict[str, Any]) -> Sandbox:
    """A sandbox of the test's own: the documented data, a clock that stands still, no faults."""
    from sequence_sandbox import Sandbox  # noqa: PLC0415 - pytest loads plugins before coverage and options

    return Sandbox(**sequence_sandbox_options)


@pytest.fixture
def sequence_client(sequence_sandbox: Sandbox) -> SequenceClient:
    """A client of the test's sandbox, without a socket, whose key may do everything.

    It holds nothing that would have to be closed: no connection, and no file.
    """
    return sequence_sandbox.client()


@pytest.fixture
def sequence_platform(sequence_sandbox: Sandbox) -> PlatformClient:
    """A client of the platform API of the test's sandbox: otherwise as `sequence_client`."""
    return sequence_sandbox.platform_client()
