"""Says what is new of a list since last time."""

from .sync import Changes, begin, changes

__all__ = ("Changes", "begin", "changes")
