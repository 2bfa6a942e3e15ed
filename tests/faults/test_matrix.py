"""Every fault that is known, at every kind of call: it comes to what the matrix says, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sequence_sandbox.faults import KINDS

from .arrangements import AtSandbox
from .cells import run_row
from .libraries import Library, libraries
from .matrix import AGAIN, FAULTS, ROWS, Fault, Often
from .report import PAGE, declared, render, surprises
from .site import Site, open_sites


@pytest.fixture(params=["asyncio", pytest.param("trio", marks=pytest.mark.long)])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Library, Site]]:
    with open_sites(tmp_path_factory.mktemp("certificates")) as sites:
        yield sites


@pytest.mark.anyio
@pytest.mark.parametrize(("fault", "often"), ROWS, ids=[f"{fault.name}, {often}" for fault, often in ROWS])
async def test_a_fault_comes_to_what_the_matrix_says(
    anyio_backend: str, sites: dict[Library, Site], fault: Fault, often: Often
) -> None:
    over = libraries(anyio_backend)
    assert surprises(fault, often, await run_row(sites, fault, often, over), over) == []


def test_the_page_says_what_the_matrix_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(declared()), "run `make reliability`"


def test_no_fault_of_the_sandbox_is_left_out(sites: dict[Library, Site]) -> None:
    arranged = [fault.arrange(sites["httpx"], "getAccount", 1) for fault in FAULTS]
    kinds = {one.kind for one in arranged if isinstance(one, AtSandbox)}
    assert kinds | {"refuse"} == set(KINDS)  # which has a class of its own


def test_every_fault_that_calls_survive_once_is_tried_for_good_as_well() -> None:
    names = {fault.name for fault in FAULTS if fault.once == AGAIN and fault.for_good is None}
    assert names == {"a connection that was used before and lets nothing pass any more, while new ones do"}
