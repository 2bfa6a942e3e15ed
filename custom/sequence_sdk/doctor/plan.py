"""Decides what is asked: operations that only read, with IDs that lists have given. Pure functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, TypeAlias, cast

from attrs import frozen

from sequence_runtime import Call, Contract, Operation, Operations

TRIES = {False: 2, True: 6}
"""For how many IDs an operation is asked at most, without and with a look at the contract."""
GETS = 3
"""How many responses of a get are compared with the contract."""

Arguments: TypeAlias = Mapping[str, object]


@frozen
class Listed:
    """One item of a list."""

    arguments: Arguments
    """What the list was asked for with."""
    id: str
    type: str


def reads(contract: Contract) -> list[Operation[Any, Any]]:
    """The operations that change nothing, in the contract's order, in which lists come before what they lead to."""
    return [one for one in contract.operations.values() if not one.writes]


def first(contract: Contract) -> Operation[Any, Any]:
    """The harmless request that shows whether an API is there: without an argument, and if possible without a scope."""
    plain = [one for one in reads(contract) if not required(one)]
    return min(plain, key=lambda one: one.permission is not None)


def decided_by(operation: Operation[Any, Any]) -> tuple[str, bool] | None:
    """What one response to an operation decides: its scope, on a resource that the call names or without one."""
    permission = operation.permission
    return None if permission is None else (permission.scope, permission.location in {"path", "query"})


def required(operation: Operation[Any, Any]) -> list[str]:
    """The arguments without which an operation cannot be called."""
    parameters = inspect.signature(_function(operation)).parameters.values()
    return [one.name for one in parameters if one.default is inspect.Parameter.empty]


def prepared(operation: Operation[Any, Any], arguments: Arguments) -> Call[Any, Any]:
    """The call of an operation.

    Raises:
        ValueError: An argument cannot be sent.
    """
    call = _function(operation)(**arguments)
    if call.operation.writes:
        raise ValueError(f"{operation.id} may change something")
    return call


def candidates(
    operation: Operation[Any, Any], listed: Mapping[str, Sequence[Listed]], *, contract: bool
) -> list[Arguments]:
    """With what an operation is asked, by what lists have given: their items of different types come first.

    Args:
        operation: What is to be asked.
        listed: By the paths of lists, what they have.
        contract: Whether to ask for more of them, to see more of what responses hold.
    """
    needed = required(operation)
    if not needed:
        return [{}]
    name = needed[-1]
    above, in_path, _ = operation.path.rpartition("{")
    source = above.rstrip("/")
    if not in_path or operation.path.count("{") < len(needed):
        source = f"/{name.removesuffix('s').removesuffix('_id')}s"
    items = listed.get(source, ())
    firsts = {one.type: one for one in reversed(items)}
    chosen = sorted(items, key=lambda one: one is not firsts[one.type])[: TRIES[contract]]
    return [
        {**{other: one.arguments[other] for other in needed[:-1]}, name: [one.id] if name.endswith("s") else one.id}
        for one in chosen
    ]


def items_of(body: object) -> Iterator[tuple[str, str]]:
    """ID and type of each item of the first list in JSON that has some, however its page is laid out."""
    inside = cast("dict[str, object]", body).values() if isinstance(body, dict) else ()
    if isinstance(body, list):
        for item in cast("list[object]", body):
            held = cast("dict[str, object]", item) if isinstance(item, dict) else {}
            if isinstance(held.get("id"), str):
                yield str(held["id"]), str(held.get("type"))
    for value in inside:
        if found := list(items_of(value)):
            yield from found
            return


def error_model(contract: Contract) -> Any:
    """The model of an API's errors."""
    operations = cast("Operations", contract.operations)
    models = import_module(f"{operations.package}.models")
    return getattr(models, "ErrorResponse")  # noqa: B009 - pyright knows no member


def _function(operation: Operation[Any, Any]) -> Callable[..., Call[Any, Any]]:
    """The generated function that makes calls of an operation: it is called as its record, in lower case."""
    operations = cast("Operations", operation.contract.operations)
    module, name = operations.places[operation.id]
    found: Callable[..., Call[Any, Any]] = getattr(import_module(module, operations.package), name.lower())
    return found
