"""Fixtures for the tests of other teams: a sandbox, clients of it, and a cassette. For pytest-asyncio and anyio."""

from __future__ import annotations

import re
from collections.abc import Generator
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sequence_sandbox import Cassette, Sandbox
    from sequence_sdk import PlatformClient, SequenceClient

_BACKEND = re.compile(r"(?<=\[)(asyncio(\+uvloop)?|trio)(-|(?=\]))|-(asyncio(\+uvloop)?|trio)(?=[\]-])")
"""What an event loop adds to the name of a test."""


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("sequence").addoption(
        "--sequence-record",
        choices=["once", "new", "rewrite"],
        default="replay",
        help="what the fixture sequence_cassette records: all where there is no file yet, what is not in the file, or "
        "everything anew (default: nothing; it replays)",
    )


@pytest.fixture
def sequence_cassette_options() -> dict[str, Any]:
    """What else cassettes are made with, such as `redact` and `ignore_query`: override it where tests need it."""
    return {}


@pytest.fixture
def sequence_cassette(request: pytest.FixtureRequest, sequence_cassette_options: dict[str, Any]) -> Generator[Cassette]:
    """A cassette of the test's own: `cassettes/<module>/<test>.json` beside the module, the same on each event loop.

    The test of a class is `<class>.<test>`. A name that is none for a file is changed, and followed by a hash of it.
    """
    from sequence_sandbox import Cassette  # noqa: PLC0415 - as above

    classes = [node.name for node in request.node.listchain() if isinstance(node, pytest.Class)]
    name = ".".join([*classes, request.node.name])
    if "anyio_backend" in request.fixturenames:
        name = _BACKEND.sub("", name, count=1).removesuffix("[]")
    path = request.path.parent / "cassettes" / request.path.stem / f"{_as_file_name(name)}.json"
    options: dict[str, Any] = {"mode": request.config.getoption("--sequence-record"), **sequence_cassette_options}
    with Cassette(path, **options) as cassette:
        yield cassette


def _as_file_name(name: str) -> str:
    """The name of a test as one of a file, which no other test has."""
    plain = name.replace("[", "-", 1).removesuffix("]")
    fit = re.sub(r"[^\w.-]+", "-", plain)[:150]
    return fit if fit == plain else f"{fit.strip('-')}-{blake2b(name.encode(), digest_size=4).hexdigest()}"
