"""Settles what is in doubt about a reference, by what a person found out."""

from __future__ import annotations

from .asking import ask_whether, can_ask
from .endings import OK, CommandError
from .references import references
from .showing import note


def settle(reference: str, made: str | None, *, nothing_was_done: bool, yes: bool) -> int:
    """Write down what a person found out about a reference.

    Args:
        reference: The reference.
        made: The ID of what it made.
        nothing_was_done: Whether it made nothing.
        yes: Whether nobody is asked.

    Raises:
        CommandError: It is not clear what was found out, or there is no such reference, or the answer is no.
    """
    if (made is None) is not nothing_was_done or made == "":
        raise CommandError("what did it make? Give --made with its ID, or --nothing-was-done")
    if not (yes or can_ask()):
        raise CommandError("nobody can be asked, since the input is no terminal: add --yes if it is to be done")
    with references() as kept:
        before = next((one for one in kept.rows() if one["reference"] == reference), None)
        if before is not None:
            note(
                f"{reference!r}, used at {before['first_used'][:16]} UTC over {before['base_url']}: {before['request']}"
            )
            note(f"until now: {before['made'] or 'in doubt'}; from now on: {made or 'free, as if it was never used'}")
            if not yes:
                ask_whether("Settle")
        kept.settle(reference, made)
    return OK
