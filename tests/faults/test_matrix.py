"""Every fault that is known, at every kind of call: it comes to what the matrix says, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sequence_sandbox.faults import KINDS

from .arrangements import AtSandbox
from .cells import run_row
from .libraries import HTTP2, libraries
from .matrix import FAULTS, ROWS, TIMEOUT, Fault, Often
from .outcomes import ok
from .report import PAGE, declared, render, surprises
from .site import SPOTS, Site, Spot, open_sites

LATER: frozenset[Spot] = frozenset(("platform", library) for library in HTTP2)
"""What is tried in the long tests only: HTTP/2 is tried below the other client, which shares it."""

ON_ASYNCIO = [spot for spot in SPOTS if spot not in LATER]
ON_ASYNCIO_LATER = sorted(LATER)
ON_TRIO = [spot for spot in SPOTS if spot[1] in libraries("trio")]


def row(fault: Fault, often: Often) -> Any:
    """A row of the table; one in which every attempt of every call takes its whole timeout is for the long tests."""
    marks = [pytest.mark.long] if (fault.timeout, often) == (TIMEOUT, "for good") else []
    return pytest.param(fault, often, id=f"{fault.name}, {often}", marks=marks)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Spot, Site]]:
    with open_sites(tmp_path_factory.mktemp("certificates")) as sites:
        yield sites


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("anyio_backend", "over"),
    [
        pytest.param("asyncio", ON_ASYNCIO, id="asyncio"),
        pytest.param("asyncio", ON_ASYNCIO_LATER, id="asyncio, later", marks=pytest.mark.long),
        pytest.param("trio", ON_TRIO, id="trio", marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize(("fault", "often"), [row(fault, often) for fault, often in ROWS])
async def test_a_fault_comes_to_what_the_matrix_says(
    anyio_backend: str, sites: dict[Spot, Site], fault: Fault, often: Often, over: list[Spot]
) -> None:
    assert surprises(fault, often, await run_row(sites, fault, often, over), over) == []


def test_the_page_says_what_the_matrix_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(declared()), "run `make reliability`"


def test_no_fault_of_the_sandbox_is_left_out(sites: dict[Spot, Site]) -> None:
    arranged = [fault.arrange(sites["v1", "httpx"], "getAccount", 1) for fault in FAULTS]
    kinds = {one.kind for one in arranged if isinstance(one, AtSandbox)}
    assert kinds | {"refuse"} == set(KINDS)  # which has a class of its own


def test_every_fault_that_calls_survive_once_is_tried_for_good_as_well() -> None:
    survived = [fault for fault in FAULTS if fault.once and fault.once["read"] == fault.once["transfer"] == ok(2)]
    names = {fault.name for fault in survived if fault.for_good is None}
    assert names == {"a connection that was used before and lets nothing pass any more, while new ones do"}
