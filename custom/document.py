"""Writes the table of operations into docs/operations.md, from the tables of resources and the contract.

python custom/document.py             write it
python custom/document.py --check     fail where it is out of date
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from sequence_runtime import Operation, Permission
from sequence_sdk import SequenceClient
from sequence_sdk.binding import BoundList, BoundOperation, Resource

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
BEGIN, END = "<!-- operations: `make generate` writes this table -->\n", "<!-- end of operations -->\n"
HEAD = "| Call | Gives | Scope | The resource it is checked on |\n|---|---|---|---|\n"


def rows() -> Iterator[str]:
    """A row for each operation, in the order of the tables of resources."""
    client = SequenceClient("none")
    operations = client.contract.operations
    constants = {re.sub(r"(?<!^)([A-Z])", r"_\1", id).lower(): operation for id, operation in operations.items()}
    for name, resource in vars(client).items():
        for method in vars(type(resource)) if isinstance(resource, Resource) else ():
            bound: Any = getattr(resource, method)
            if isinstance(bound, BoundOperation | BoundList):
                yield row(f"{name}.{method}", inspect.signature(cast("Any", bound)), constants[method_of(bound)])


def method_of(bound: Any) -> str:
    """The name of the generated function that is bound."""
    return str(bound.__name__)


def row(method: str, signature: inspect.Signature, operation: Operation[object, object]) -> str:
    """What an operation takes and gives, and the permission that it needs."""
    shown: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        if parameter.name != "request_id":
            shown.append(parameter.name if parameter.default is parameter.empty else f"{parameter.name}=…")
    arguments = ", ".join(shown if shown[-1:] != ["*"] else shown[:-1])
    mark = "" if operation.available else " ¹"
    scope = f"`{operation.permission.scope}`" if operation.permission else "none"
    return (
        f"| `{method}({arguments})`{mark} | `{signature.return_annotation}` | {scope} | {on(operation.permission)} |\n"
    )


def on(permission: Permission | None) -> str:
    """What the permission is checked on, in words."""
    if permission is None or permission.location == "none":
        return "none"
    if permission.hint is not None:
        return permission.hint
    names = (permission.name, permission.source, permission.target, permission.max_amount)
    return ", ".join(f"`{name}`" for name in names if name is not None)


def main(arguments: list[str]) -> int:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        sys.exit(
            f"{PAGE.name} has no place for the table of operations, which is between {BEGIN.strip()} and {END.strip()}"
        )
    written = f"{before}{BEGIN}{HEAD}{''.join(rows())}{END}{after}"
    if arguments == ["--check"]:
        if written != text:
            print(f"out of date: the table of operations in {PAGE.name}\nRun `make generate` and commit the result.")
        return int(written != text)
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
