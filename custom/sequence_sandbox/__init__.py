"""A local Sequence to develop and test against: the documented data behind both APIs, and keys with permissions.

It is an independent reading of openapi.yaml and openapi-platform.yaml: it shares no code with the SDK, whose mistakes
it is to catch.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .sandbox import Sandbox
    from .seeds import SeedError

__all__ = ["Sandbox", "SeedError"]

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        """Load the sandbox when it is first asked for: pytest loads this package for its fixtures in any case."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            from . import sandbox, seeds  # noqa: PLC0415
        except ModuleNotFoundError as error:
            text = f"the sandbox needs {error.name}: install the extra, as in pip install 'sequence-sdk[sandbox]'"
            raise ModuleNotFoundError(text, name=error.name) from error
        globals().update(Sandbox=sandbox.Sandbox, SeedError=seeds.SeedError)
        return globals()[name]
