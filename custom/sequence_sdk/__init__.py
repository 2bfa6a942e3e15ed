"""Async SDKs for the Sequence APIs: `PlatformClient` for `/platform/v1`, `SequenceClient` for `/api/v1`.

from sequence_sdk import PlatformClient

async with PlatformClient() as platform:
    accounts = await platform.accounts.list().collect()
"""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

_STUB = Path(__file__).with_suffix(".pyi")
_IMPORT = re.compile(r"^from ([\w.]+) import (?:\((.*?)\)|(.*?)$)", re.MULTILINE | re.DOTALL)
_MODULES = {
    name: module
    for module, several, one in _IMPORT.findall(_STUB.read_text(encoding="utf-8"))
    for name in re.findall(r"(\w+) as \1", several or one)
}
"""Where each public name is, as the stub says: it is loaded when it is first asked for."""

__all__ = list(_MODULES)  # pyright: ignore[reportUnsupportedDunderAll] - the stub says what it holds


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES[name]
    found = import_module(f".{name}", __name__) if module == "." else getattr(import_module(module, __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
