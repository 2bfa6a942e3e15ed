"""What every command can be given, and how one is run: with a client, and with an exit code at the end."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time
from sqlite3 import Error as SQLiteError
from typing import Annotated

from attrs import frozen
from cyclopts import Parameter, Token
from cyclopts.validators import Number

from sequence_sdk import SequenceError

from .access import AnyClient, APIName, connected
from .endings import INTERRUPTED, CommandError, exit_code_of, in_words
from .showing import Form, note

API_VARIABLE = "SEQUENCE_API"

Flag = Annotated[bool, Parameter(negative="", show_default=False)]
Yes = Annotated[bool, Parameter(name=["--yes", "-y"], negative="", show_default=False)]


@Parameter(name="*")
@frozen(kw_only=True)
class Access:
    """What each command can be given."""

    api: Annotated[APIName | None, Parameter(env_var=API_VARIABLE)] = None
    """The API to use. By default it is the one that accepts the key."""
    debug: Flag = False
    """Show the traceback of an error."""


@Parameter(name="*")
@frozen(kw_only=True)
class Output(Access):
    """What each command that shows something can be given."""

    json: Flag = False
    """Print JSON, with amounts in cents."""
    csv: Flag = False
    """Print CSV, with amounts in cents."""

    @property
    def form(self) -> Form:
        """As what it is shown."""
        if self.json and self.csv:
            raise CommandError("--json and --csv: give one of them")
        return "json" if self.json else "csv" if self.csv else "table"


@Parameter(name="*")
@frozen(kw_only=True)
class Manner(Output):
    """What each command that moves money can be given."""

    reference: str | None = None
    """What names this in your books, such as an invoice. The same one never moves money twice."""
    simulate: Flag = False
    """Move no money (platform)."""
    yes: Yes = False
    """Do not ask."""
    timeout: Annotated[float, Parameter(validator=Number(gte=0, lte=86_400))] = 300.0
    """Seconds to wait for the end, at most a day; 0 does not wait."""


def moment(text: str, of_day: time) -> datetime:
    """A moment of the command line, or one of a day there; in UTC unless it says otherwise.

    Raises:
        ValueError: It is neither.
    """
    try:
        found = datetime.combine(date.fromisoformat(text), of_day)
    except ValueError:
        found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _begin(_: object, tokens: Sequence[Token]) -> datetime:
    return moment(tokens[0].value, time.min)


def _end(_: object, tokens: Sequence[Token]) -> datetime:
    return moment(tokens[0].value, time.max)


From = Annotated[datetime | None, Parameter(name="--from", converter=_begin)]
To = Annotated[datetime | None, Parameter(converter=_end)]
"""A moment up to which something is meant; of a date, all of that day is."""


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
