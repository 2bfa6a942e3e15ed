"""Waits for what the server goes on working on."""

from .waiting import asking_for, check_wait, done, until_done

__all__ = ("asking_for", "check_wait", "done", "until_done")
