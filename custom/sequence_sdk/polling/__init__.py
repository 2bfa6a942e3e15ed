"""Waits for what the server goes on working on."""

from .ended import check_ended, wait_for, wait_for_made
from .waiting import check_wait

__all__ = ("check_ended", "check_wait", "wait_for", "wait_for_made")
