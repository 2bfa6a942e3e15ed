"""Control of a running sandbox over HTTP, below a path of its own."""

from __future__ import annotations

from .routes import CONTROL_PATH, control

__all__ = ["CONTROL_PATH", "control"]
