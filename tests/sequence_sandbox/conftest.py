"""What the tests of the sandbox share: one of the test's own that is served, and its platform API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sequence_sandbox import Sandbox

from .asking import Platform


@pytest.fixture
def running() -> Iterator[Sandbox]:
    """A sandbox behind a real server, for one test."""
    sandbox = Sandbox()
    with sandbox.serve():
        yield sandbox


@pytest.fixture
def platform(running: Sandbox) -> Platform:
    """Its platform API, with a key that may do everything."""
    return Platform(running)
