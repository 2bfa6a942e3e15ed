"""Tells how far an export is: with a bar at a terminal, and in lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .showing import note

LINE_EVERY = 1_000
"""How many records there are between two lines."""


@frozen(kw_only=True)
class Told:
    """What is told of a page."""

    records: int
    oldest: str
    """The day of its last record; empty where there is none."""
    ended: bool
    """Whether it is the last of its list."""


Tell: TypeAlias = Callable[[Told], object]


@contextmanager
def progress(name: str, lists: int) -> Generator[Tell]:
    """What tells how far an export is.

    Args:
        name: What is exported.
        lists: How many lists are read, one after the other.
    """
    console = Console(stderr=True)
    records = lines = 0
    shown = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[text]}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    task = shown.add_task(name, total=lists if lists > 1 else None, text="")

    def tell(told: Told) -> None:
        nonlocal records, lines
        records += told.records
        text = f"{records:,} read{f', back to {told.oldest}' if told.oldest else ''}"
        shown.update(task, advance=int(told.ended), text=text)
        if not console.is_terminal and records // LINE_EVERY > lines:
            lines = records // LINE_EVERY
            note(f"sequence: {name}: {text}")

    with shown:
        yield tell
