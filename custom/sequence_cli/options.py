"""What every command can be given, and how one is run: with a client, and with an exit code at the end."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from sqlite3 import Error as SQLiteError
from typing import Annotated

from attrs import frozen
from cyclopts import Parameter

from sequence_sdk import SequenceError

from .access import AnyClient, APIName, connected
from .endings import INTERRUPTED, CommandError, exit_code_of, in_words
from .showing import Form, note

API_VARIABLE = "SEQUENCE_API"


@Parameter(name="*")
@frozen(kw_only=True)
class Access:
    """What each command can be given."""

    api: Annotated[APIName | None, Parameter(env_var=API_VARIABLE)] = None
    """The API to use. By default it is the one that accepts the key."""
    debug: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Show the traceback of an error."""


@Parameter(name="*")
@frozen(kw_only=True)
class Output(Access):
    """What each command that shows something can be given."""

    json: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Print JSON, with amounts in cents."""
    csv: Annotated[bool, Parameter(negative="", show_default=False)] = False
    """Print CSV, with amounts in cents."""

    @property
    def form(self) -> Form:
        """As what it is shown."""
        if self.json and self.csv:
            raise CommandError("--json and --csv: give one of them")
        return "json" if self.json else "csv" if self.csv else "table"


def utc(moment: datetime | None) -> datetime | None:
    """A moment of the command line, which is in UTC unless it says otherwise."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def ask(access: Access, asked: Callable[[AnyClient], Awaitable[int]]) -> int:
    """Ask with a client, and give the exit code; what goes wrong is told in a line."""

    async def session() -> int:
        if isinstance(access, Output):
            _ = access.form  # refuses what contradicts itself before anything is sent
        async with connected(access.api) as client:
            return await asked(client)

    return ending(lambda: asyncio.run(session()), debug=access.debug)


def ending(act: Callable[[], int], *, debug: bool = False) -> int:
    """The exit code of something, also where it fails: that is told in a line."""
    try:
        return act()
    except (CommandError, SequenceError, OSError, SQLiteError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        if debug:
            note(traceback.format_exc())
        note(f"sequence: {in_words(error)}")
        return exit_code_of(error)
    except KeyboardInterrupt:
        note("sequence: interrupted")
        return INTERRUPTED
