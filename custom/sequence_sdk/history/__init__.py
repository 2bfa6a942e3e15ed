"""Reads long lists in several windows of time at once."""

from .pager import BoundHistory, ConcurrentItems, Pager, history

__all__ = ("BoundHistory", "ConcurrentItems", "Pager", "history")
