"""One package for all tests of what is supported: made of a contract that has every construct."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .building import WORKSHOP, package


@pytest.fixture(scope="session")
def workshop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


@pytest.fixture(scope="session")
def workshop(workshop_folder: Path) -> Iterator[Any]:
    with package(WORKSHOP, "workshop_client", workshop_folder, permissions=False, documentation=False) as made:
        yield made
