"""A local Sequence to develop and test against: the documented data behind both APIs, and keys with permissions.

It is an independent reading of openapi.yaml and openapi-platform.yaml: it shares no code with the SDK, whose mistakes
it is to catch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cassette import Cassette
    from .sandbox import Sandbox
    from .seeds import SeedError

__all__ = ["Cassette", "Sandbox", "SeedError"]

_MODULES = {"Cassette": "cassette", "Sandbox": "sandbox", "SeedError": "seeds"}

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        """Load what is first asked for: pytest loads this package for its fixtures in any case."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            found = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        except ModuleNotFoundError as error:
            text = f"the sandbox needs {error.name}: install the extra, as in pip install 'sequence-sdk[sandbox]'"
            raise ModuleNotFoundError(text, name=error.name) from error
        globals()[name] = found
        return found
