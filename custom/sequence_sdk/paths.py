"""Reads what a response holds at a path, and decides whether it is about what was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from reprlib import repr as short
from sys import intern


def values_at(node: object, path: str) -> list[object]:
    """What a model holds at a path such as `data[].account_id`, in its members and the items of its lists; no None."""
    nodes = [node]
    for name, is_list in _steps(path):
        found = [getattr(node, name, None) for node in nodes]
        nodes = [item for items in found for item in items or ()] if is_list else found
    return [node for node in nodes if node is not None]


@cache
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    """The members that a path goes by, which are those of contracts, and whether each is a list."""
    return tuple((intern(step.removesuffix("[]")), step.endswith("[]")) for step in path.split("."))


def disagreement(
    echoes: Iterable[tuple[str, str]],
    arguments: Mapping[str, object],
    model: object,
    scrub: Callable[[str], str] = str,
) -> tuple[str, str] | None:
    """Where a model is about something else than was asked, as a path and what is wrong there; None where it is not.

    Args:
        echoes: Arguments, each with the path at which the model repeats it. What is None at either is not compared.
        arguments: What the operation was called with.
        model: What the path begins at.
        scrub: Removes what is secret from a text, before it is shortened.
    """
    for argument, path in echoes:
        asked = arguments.get(argument)
        for value in values_at(model, path) if asked is not None else ():
            if value != asked:
                shown = scrub(value) if isinstance(value, str) else value
                problem = f"it is about something else: {argument} was {short(asked)}, and this is {short(shown)}"
                return f"$.{path}", problem
    return None
