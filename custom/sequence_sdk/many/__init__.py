"""Asks for many by their IDs, several at the same time."""

from .many import BoundMany, Many, by_ids

__all__ = ("BoundMany", "Many", "by_ids")
