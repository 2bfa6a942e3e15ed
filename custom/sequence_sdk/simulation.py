"""Decides what is simulated, and sees to it that a client that only simulates does nothing for real."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sequence_runtime import Call, Contract

from .errors import ConfigurationError
from .idempotency import NAMESPACE

_MARK = "sim:"
"""What the keys begin with that simulations are sent with."""


def filled(contract: Contract, names: Collection[str], given: Mapping[str, object]) -> dict[str, object]:
    """The arguments of a call by a client that only simulates: a write simulates, a list has what was simulated.

    Args:
        contract: The API's.
        names: Those of the operation's arguments.
        given: What the caller gave by name; None stands for not given.
    """
    simulation, arguments = contract.simulation, dict(given)
    if simulation is not None:
        for name, value in ((simulation.argument, True), (simulation.filter, simulation.simulated)):
            if name in names and arguments.get(name) is None:
                arguments[name] = value
    return arguments


def is_simulated(call: Call[Any, Any]) -> bool:
    """Whether a write does nothing for real."""
    simulation = call.operation.contract.simulation
    return simulation is not None and call.request.arguments.get(simulation.argument) is True


def check(call: Call[Any, Any]) -> None:
    """See to it that a client that only simulates may make a call.

    Raises:
        ConfigurationError: It would do something for real.
    """
    if call.operation.writes and not is_simulated(call):
        simulation = call.operation.contract.simulation
        possible = simulation is not None and simulation.argument in call.request.arguments
        why = "this call is for real" if possible else "the API cannot simulate this"
        raise ConfigurationError(
            f"{call.operation.id}: this client only simulates (simulation=True), and {why}: nothing was sent"
        )


def simulated_key(key: str) -> str:
    """The idempotency key of a simulation: another one, so that the same key is still new when it is for real."""
    return key if key.startswith(_MARK) else f"{_MARK}{uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE), key).hex}"


def expected(contract: Contract, arguments: Mapping[str, object]) -> tuple[Mapping[str, object], dict[str, object]]:
    """What responses repeat of the arguments, and what those mean that leave something out.

    Whether it was simulated is there in the API's word for it. A server that does not say so may not know of it.
    """
    simulation = contract.simulation
    if simulation is None or simulation.argument not in arguments:
        return arguments, {}
    word = simulation.simulated if arguments[simulation.argument] is True else simulation.live
    return {**arguments, simulation.argument: word}, {simulation.argument: simulation.live}
