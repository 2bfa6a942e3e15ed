"""Every fault that is known, at every kind of call: it comes to what the matrix says, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sequence_sandbox.faults import KINDS

from .arrangements import AtSandbox
from .cells import run_row
from .matrix import AGAIN, FAULTS, ROWS, Fault, Often
from .report import PAGE, declared, render
from .site import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("certificates")) as site:
        yield site


@pytest.mark.anyio
@pytest.mark.parametrize(("fault", "often"), ROWS, ids=[f"{fault.name}, {often}" for fault, often in ROWS])
async def test_a_fault_comes_to_what_the_matrix_says(
    anyio_backend: str, site: Site, fault: Fault, often: Often
) -> None:
    results = await run_row(site, fault, often)
    expected = {column: outcome for column, outcome in (fault.expected(often) or {}).items() if outcome is not None}
    assert {column: result.problems for column, result in results.items()} == {column: [] for column in expected}
    assert {column: result.outcome for column, result in results.items()} == expected


def test_the_page_says_what_the_matrix_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(declared()), "run `make reliability`"


def test_no_fault_of_the_sandbox_is_left_out(site: Site) -> None:
    arranged = [fault.arrange(site, "getAccount", 1) for fault in FAULTS]
    kinds = {one.kind for one in arranged if isinstance(one, AtSandbox)}
    assert kinds | {"refuse"} == set(KINDS)  # which has a class of its own


def test_every_fault_that_calls_survive_once_is_tried_for_good_as_well() -> None:
    names = {fault.name for fault in FAULTS if fault.once == AGAIN and fault.for_good is None}
    assert not names
