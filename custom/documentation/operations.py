"""What a client can do, resource by resource, from the docstrings of its operations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from sequence_sdk.binding import Resource
from sequence_sdk.client import Client

SECTION = re.compile(r"^(Args|Returns|Raises):$")
ENTRY = re.compile(r"^    (\w+): (.*)$")
TITLES = {"Args": "Arguments", "Returns": "Returns", "Raises": "Raises"}
LONG = 100
"""How long a line of code may be before its arguments stand on lines of their own."""


def resources(client: type[Client]) -> dict[str, Resource]:
    """The resources of a client, by the name of its attribute."""
    made = client("sk_none", base_url="http://127.0.0.1:1")
    return {name: value for name, value in vars(made).items() if isinstance(value, Resource)}


def described(client: type[Client]) -> Iterator[str]:
    """The operations of a client, line by line: a heading for each resource, and one for each operation."""
    for name, resource in resources(client).items():
        yield f"\n## {name}\n\n{inspect.getdoc(type(resource)) or ''}\n"
        for method in vars(type(resource)):
            if not method.startswith("_"):
                yield from operation(f"{name}.{method}", getattr(resource, method))


def operation(name: str, bound: Any) -> Iterator[str]:
    """An operation, line by line."""
    signature = inspect.signature(bound)
    yield f"### {name}\n"
    yield f"```python\n{call(name, signature, awaited=is_awaited(signature, bound))}\n```\n"
    text = inspect.getdoc(bound) or ""
    if name.endswith(".get_many"):
        text = inspect.getdoc(type(bound).__call__) or text
    yield from prose(text)


def is_awaited(signature: inspect.Signature, bound: Any) -> bool:
    """Whether a call is awaited: one that gives a `Pager` is iterated over."""
    return inspect.iscoroutinefunction(bound) or not str(signature.return_annotation).startswith("Pager")


def call(name: str, signature: inspect.Signature, *, awaited: bool) -> str:
    """An operation's signature as code."""
    shown: list[str] = []
    marked = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not marked:
            shown.append("*")
            marked = True
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        shown.append(f"{parameter.name}: {annotation(parameter.annotation)}{default}")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            shown.append("/")
    word, gives = ("await " if awaited else ""), annotation(signature.return_annotation)
    line = f"{word}{name}({', '.join(shown)}) -> {gives}"
    if len(line) <= LONG:
        return line
    return f"{word}{name}(\n" + "".join(f"    {one},\n" for one in shown) + f") -> {gives}"


def annotation(given: object) -> str:
    """A type as a program writes it."""
    return given if isinstance(given, str) else getattr(given, "__name__", str(given))


def prose(text: str) -> Iterator[str]:
    """A docstring as Markdown: its sections are lists."""
    section = ""
    for line in text.splitlines():
        if found := SECTION.match(line):
            section = found[1]
            yield f"\n**{TITLES[section]}**\n"
        elif not section:
            yield linked(line)
        elif entry := ENTRY.match(line):
            yield f"- `{entry[1]}`: {entry[2]}"
        elif line and not line.startswith(" "):
            section = ""
            yield f"\n{linked(line)}"
        else:
            yield line.replace("        ", "  ", 1) if line.startswith("        ") else line
    yield ""


def linked(line: str) -> str:
    """A line whose address, if it ends with one, is a link."""
    return re.sub(r"(https://\S+)$", r"[\1](\1)", line)
