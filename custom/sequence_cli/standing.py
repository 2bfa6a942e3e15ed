"""Keeps what is known of a write until the command has ended, whatever interrupts it or takes its output away."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field

from .access import AnyClient
from .endings import INTERRUPTED, NOT_SHOWN, NOT_YET, OK, UNKNOWN
from .options import Output, ask
from .records import Kind, Row
from .showing import note, show


@define
class Standing:
    """How a write stands: what is to be said of it if the command ended now."""

    code: int | None = None
    """The exit code; None where nothing was sent."""
    text: str = ""
    row: Row | None = None
    """The record, as far as it is known."""
    id: str | None = None
    _task: asyncio.Task[Any] | None = field(default=None, init=False)
    _is_showing: bool = field(default=False, init=False)

    def begin(self) -> None:
        """From here to the end of the process, Ctrl-C and SIGTERM only end the wait, or what is being shown.

        They do so once: whatever is pressed then must not hide what came of the write.
        """
        loop, self._task = asyncio.get_running_loop(), asyncio.current_task()

        def interrupt(*_: object) -> None:
            task, self._task = self._task, None
            if task is not None:
                loop.call_soon_threadsafe(task.cancel)
            elif self._is_showing:
                self._is_showing = False
                raise KeyboardInterrupt

        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, interrupt)

    def decided(self) -> None:
        """Nothing is waited for any longer."""
        self._task = None

    def is_sent(self, reference: str) -> None:
        """It is being sent: from here on it may have been done."""
        self.code = UNKNOWN
        self.text = f"interrupted: {reference!r} may have been done; run the same command again, and it is done once"

    def is_made(self, id: str, row: Row | None) -> None:
        """It was made, and is waited for."""
        self.code, self.id, self.row = NOT_YET, id, row
        self.text = f"interrupted: {id} was made, and is waited for no longer; the same command shows how it ends"

    def ends(self, code: int | None, text: str = "", row: Row | None = None) -> None:
        """It ended so, as far as this run goes."""
        self.code, self.text, self.row = code, text, row or self.row

    def tell(self, kind: Kind, output: Output) -> int:
        """Show how it stands, and give the exit code. What cannot be shown in the output is told beside it."""
        if self.text:
            note(f"sequence: {self.text}")
        code = OK if self.code is None else self.code
        if self.row is None:
            return code
        try:
            self._is_showing = True
            show(kind, [self.row], output.form)
            self._is_showing = False
        except BaseException as error:
            self._is_showing = False
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            note(f"sequence: {self.id or 'it'} was made, and could not be shown here: {why}")
            return NOT_SHOWN if code == OK else code
        return code


def carry_out(output: Output, kind: Kind, act: Callable[[AnyClient, Standing], Awaitable[None]]) -> int:
    """Write something, show what came of it, and give the exit code."""
    standing = Standing()

    async def asked(client: AnyClient) -> int:
        await act(client, standing)
        return INTERRUPTED  # where it did not come to sending anything

    try:
        ended = ask(output, asked)
    except BaseException as error:
        if standing.code is None:
            if isinstance(error, asyncio.CancelledError):
                note("sequence: interrupted")
                return INTERRUPTED
            raise
        if not isinstance(error, asyncio.CancelledError):
            note(f"sequence: {type(error).__name__}: {error}")
    else:
        if standing.code is None:
            return ended
    return standing.tell(kind, output)
