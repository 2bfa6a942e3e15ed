"""The command line: what can be asked for."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console

from sequence_sdk import TruncatedListWarning, __version__

from . import exporting, payments, reading, running, settling
from .access import VARIABLE, AnyClient, check_ids
from .endings import BROKEN_PIPE, EXPLAINED, OK, USAGE, exit_code_of
from .options import API_VARIABLE, Access, Flag, From, Manner, Output, To, Yes, ask, ending
from .records import ACCOUNTS, BALANCES, EXECUTIONS, REFERENCES, RULES, TRANSFERS, money
from .references import references as kept_references
from .showing import note, show, silence
from .standing import carry_out

app = App(
    name="sequence",
    version=__version__,
    help="Sequence in a terminal: accounts, transfers and rules of your organization.\n\nThe API key is taken from "
    f"{VARIABLE} or the system's keyring.",
    help_epilogue="Exit codes:\n" + "\n".join(f"{code:>3}  {text}" for code, text in EXPLAINED.items()),
    help_format="plaintext",
    suppress_keyboard_interrupt=False,
    result_action="return_value",
)
app.register_install_completion_command(  # pyright: ignore[reportUnknownMemberType] - of its further options
    help="Install completion for bash, zsh or fish: adds to the file with which your shell starts, such as ~/.bashrc."
)
permissions = App(name="permissions", help="What an API key must be allowed to do.", help_epilogue="")
app.command(permissions)
references = App(name="references", help="What the references of payments made, and those in doubt.", help_epilogue="")
app.command(references)

Limit = Annotated[int, Parameter(name=["--limit", "-n"], validator=Number(gte=1))]
IDs = Annotated[Sequence[str], Parameter(show_default=False)]
Passed = Annotated[str, Parameter(allow_leading_hyphen=True, show=False)]


@app.command
def accounts(*, type: str | None = None, deleted: Flag = False, output: Output = Output()) -> int:  # noqa: B008
    """List the accounts.

    Parameters
    ----------
    type
        Only those of a type: income_source, pod or external_account.
    deleted
        List deleted ones, too (platform).
    """

    async def asked(client: AnyClient) -> int:
        show(ACCOUNTS, await reading.accounts(client, type, deleted=deleted), output.form)
        return OK

    return ask(output, asked)


@app.command
def balances(*, output: Output = Output()) -> int:  # noqa: B008
    """Show what each account holds; what is owed is below zero (platform)."""

    async def asked(client: AnyClient) -> int:
        held = await reading.balances(client)
        total = ["Net worth", "", money(held.total)] if held.total is not None else []
        show(BALANCES, held.rows, output.form, last=total)
        missing = sum(row["in_cents"] is None for row in held.rows)
        if missing:
            note(f"sequence: {missing} of {len(held.rows)} balances are missing, so the net worth is not known")
        for failure in held.failures.values():
            note(f"sequence: {failure}")
        return max((exit_code_of(failure) for failure in held.failures.values()), default=OK)

    return ask(output, asked)


@app.command
def transfers(
    accounts: IDs = (),
    /,
    *,
    status: str | None = None,
    from_: From = None,
    to: To = None,
    simulated: Flag = False,
    limit: Limit = 50,
    output: Output = Output(),  # noqa: B008
) -> int:
    """List the newest transfers of some accounts, or of all.

    Parameters
    ----------
    accounts
        The IDs of the accounts. By default, all.
    status
        Only those with a status, such as pending.
    from_
        Only those made at this moment or later: a date or a moment, UTC.
    to
        Only those made up to this moment, UTC; with a date, up to the end of that day.
    simulated
        List what was simulated instead (platform).
    limit
        How many at most.
    """

    async def asked(client: AnyClient) -> int:
        check_ids(client, "acc", *accounts)
        found = await reading.transfers(
            client, accounts, status=status, from_=from_, to=to, simulated=simulated, limit=limit
        )
        show(TRANSFERS, found.rows, output.form)
        _tell_of_more(found)
        return OK

    return ask(output, asked)


@app.command
def rules(*, source: str | None = None, output: Output = Output()) -> int:  # noqa: B008
    """List the rules.

    Parameters
    ----------
    source
        Only those that take from the account with this ID.
    """

    async def asked(client: AnyClient) -> int:
        check_ids(client, "acc", *filter(None, [source]))
        show(RULES, await reading.rules(client, source), output.form)
        return OK

    return ask(output, asked)


@app.command
def executions(rules: IDs = (), /, *, limit: Limit = 50, output: Output = Output()) -> int:  # noqa: B008
    """List the newest executions of some rules, or of all.

    Parameters
    ----------
    rules
        The IDs of the rules. By default, all.
    limit
        How many at most.
    """

    async def asked(client: AnyClient) -> int:
        check_ids(client, "rule", *rules)
        found = await reading.executions(client, rules, limit=limit)
        show(EXECUTIONS, found.rows, output.form)
        _tell_of_more(found)
        return OK

    return ask(output, asked)


def _tell_of_more(found: reading.Newest) -> None:
    if found.more:
        note(f"sequence: the newest {len(found.rows)}; --limit gives more")


@app.command
def export(
    kind: Literal["transfers", "card-transactions", "external-transactions"],
    /,
    *,
    to: Path,
    from_: From = None,
    until: To = None,
    replace: Flag = False,
    access: Access = Access(),  # noqa: B008
) -> int:
    """Write a whole history to a file; interrupted, the same command goes on where it was.

    Parameters
    ----------
    kind
        What is exported.
    to
        The file: .csv, .jsonl or .sqlite. An SQLite database is brought up to date by another run.
    from_
        Only what was made at this moment or later: a date or a moment, UTC. By default, all.
    until
        Only what was made up to this moment, UTC; with a date, up to the end of that day. By default, now.
    replace
        Replace a .csv or .jsonl file that is there already, as soon as the new one is whole.
    """
    order = exporting.Order(exporting.KINDS[kind], to, from_, until, replace)

    def act() -> int:
        return ask(access, lambda client: exporting.export(client, order)) if exporting.look(order) else OK

    return ending(act, debug=access.debug)


@app.command
def pay(
    *,
    from_: Annotated[str, Parameter(name="--from")],
    to: str,
    amount: str,
    description: str | None = None,
    manner: Manner = Manner(),  # noqa: B008
) -> int:
    """Transfer money between accounts, and wait for the end. It shows what will happen, and asks.

    Parameters
    ----------
    from_
        The ID of the account that the money is taken from.
    to
        The ID of the account that it goes to.
    amount
        Dollars and cents, such as 25.00.
    description
        What the recipient's statement calls it.
    """

    def act() -> int:
        payments.check(manner)
        cents = payments.cents_of(amount)
        payment = payments.Payment(source=from_, destination=to, cents=cents, description=description)

        return carry_out(manner, TRANSFERS, lambda client, standing: payments.pay(client, payment, manner, standing))

    return ending(act, debug=manner.debug)


@app.command
def trigger(
    rule: str,
    /,
    *,
    amount: str | None = None,
    manner: Manner = Manner(),  # noqa: B008
) -> int:
    """Run a rule, and wait for the end. It shows what will happen, and asks.

    Parameters
    ----------
    rule
        The ID of the rule.
    amount
        Dollars and cents that are taken for the balance of the source, and for what came in.
    """

    def act() -> int:
        payments.check(manner)
        order = payments.Trigger(rule=rule, cents=None if amount is None else payments.cents_of(amount))

        return carry_out(manner, EXECUTIONS, lambda client, standing: payments.trigger(client, order, manner, standing))

    return ending(act, debug=manner.debug)


@references.default
def list_references(*, output: Output = Output()) -> int:  # noqa: B008
    """List the references that were used on this machine, and what each made."""

    def act() -> int:
        with kept_references() as kept:
            show(REFERENCES, kept.rows(), output.form)
        return OK

    return ending(act, debug=output.debug)


@references.command
def settle(reference: str, /, *, made: str | None = None, nothing_was_done: Flag = False, yes: Yes = False) -> int:
    """Write down what you found out about a reference that is in doubt. It sends nothing, and asks.

    Parameters
    ----------
    reference
        The reference.
    made
        The ID of the transfer, or of the execution, that it made.
    nothing_was_done
        It made nothing, and is free again. If that is wrong, the next payment with it is a second one.
    yes
        Do not ask.
    """
    return ending(lambda: settling.settle(reference, made, nothing_was_done=nothing_was_done, yes=yes))


@app.command(help_flags=[], version_flags=[])
def doctor(*arguments: Passed) -> int:
    """Say which APIs the key opens, and what is unexpected; doctor --help says how."""
    return ending(lambda: running.doctor(arguments))


@app.command(help_flags=[], version_flags=[])
def sandbox(*arguments: Passed) -> int:
    """Serve a local Sequence with pretend money; sandbox --help says how."""
    return running.module("sequence_sandbox", arguments)


@permissions.command
def record(*command: Annotated[str, Parameter(allow_leading_hyphen=True)], to: Path | None = None) -> int:
    """Run a Python program, and print the least permissions that it needed; --to keeps them from its output.

    sequence permissions record --to permissions.json -- python app.py

    Parameters
    ----------
    command
        The program and its arguments, after --.
    to
        The file that the permissions are written to, instead of the output.
    """
    return ending(lambda: running.record(command, to))


def _tell_warning(message: Warning | str, *_: object, **__: object) -> None:
    note(f"sequence: {message}")


def run(arguments: Sequence[str]) -> int:
    """Run a command line, and give its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if callable(reconfigure := getattr(stream, "reconfigure", None)):
            reconfigure(errors="backslashreplace")  # a name that the terminal has no letters for is no error
    if not os.environ.get(API_VARIABLE):  # an empty one is none
        os.environ.pop(API_VARIABLE, None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", TruncatedListWarning)
            warnings.showwarning = _tell_warning
            ended = app(list(arguments), exit_on_error=False, error_console=Console(stderr=True, soft_wrap=True))
        if sys.stdout is not None:
            sys.stdout.flush()
    except CycloptsError:
        return USAGE
    except BrokenPipeError:  # whoever read the output has enough of it
        silence(sys.stdout)
        return BROKEN_PIPE
    return ended if isinstance(ended, int) else OK
