"""What the platform API takes and responds with, as generated from its contract: `Transfer`, `Account` and the like."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sequence_platform_client.models import *  # noqa: F403
else:
    from sequence_platform_client import models as _models

    __all__ = _models.__all__

    def __getattr__(name: str) -> Any:
        """A model is loaded when it is first asked for."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(_models, name)

    def __dir__() -> list[str]:
        return [*globals(), *__all__]
