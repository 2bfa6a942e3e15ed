"""Decides what is simulated, and sees to it that a client that only simulates does nothing for real."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from sequence_runtime import Call, Contract

from .errors import ConfigurationError
from .idempotency import NAMESPACE, IdempotencyKey

_MADE = re.compile(r"sim:[0-9a-f]{32}")
"""What the keys look like that are made here."""


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
    """Whether a write does nothing for real, by what is sent."""
    simulation = call.operation.contract.simulation
    if simulation is None or not call.request.content:
        return False
    try:
        sent = msgspec.json.decode(call.request.content, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return sent.get(simulation.member) is True


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


def simulated_key(key: str) -> IdempotencyKey:
    """The idempotency key of a simulation: another one, so that the same key is still new when it is for real."""
    given = IdempotencyKey(key)
    if _MADE.fullmatch(key):
        return given
    derived = f"sim:{uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE), key).hex}"
    return IdempotencyKey(
        derived,
        first_used=given.first_used,
        used_before=given.used_before,
        api_key_fingerprint=given.api_key_fingerprint,
    )


def expected(call: Call[Any, Any]) -> tuple[Mapping[str, object], dict[str, object]]:
    """What a response repeats of a call's arguments, and what one means that leaves something out.

    Whether it was simulated is there in the API's word for it. A server that does not say so may not know of it.
    """
    simulation, arguments = call.operation.contract.simulation, call.request.arguments
    if simulation is None:
        return arguments, {}
    words = {simulation.live, simulation.simulated}
    if arguments.get(simulation.filter) not in {None, *words}:  # such as all
        arguments = {**arguments, simulation.filter: None}
    if simulation.argument not in arguments:
        return arguments, {}
    word = simulation.simulated if is_simulated(call) else simulation.live
    return {**arguments, simulation.argument: word}, {simulation.argument: simulation.live}
