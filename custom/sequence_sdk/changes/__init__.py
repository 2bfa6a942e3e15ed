"""Says what is new of a list since last time."""

from .sync import Changes, begin, changes, check_overlap

__all__ = ("Changes", "begin", "changes", "check_overlap")
