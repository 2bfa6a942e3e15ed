"""Leaves these tests out where there are no engines: `make test-durable` has an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from .processes import Sandbox, sandbox_process

collect_ignore = [] if find_spec("dbos") and find_spec("temporalio") else ["test_dbos.py", "test_temporal.py"]


@pytest.fixture(scope="session", name="sandbox_of_all")
def serve_sandbox() -> Iterator[Sandbox]:
    with sandbox_process() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_of_all: Sandbox) -> Sandbox:
    """A sandbox that was asked nothing yet."""
    sandbox_of_all.control.post("reset").raise_for_status()
    sandbox_of_all.control.delete("requests").raise_for_status()
    return sandbox_of_all
