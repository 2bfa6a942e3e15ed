"""What all accounts together hold: decides what counts, on which side, and whether there is a sum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from attrs import field, frozen

from sequence_platform_client.models import (
    Account,
    AccountSummary,
    AccountType,
    Balance,
    ExternalAccountType,
    LinkedAccount,
    LinkedAccountSummary,
)

from ..errors import APIError
from ..responses import canonical

STALE_AFTER = timedelta(days=4)
"""Banks are asked about once a banking day: a long weekend is no reason for concern."""


_OWN = {AccountType.POD, AccountType.INCOME_SOURCE}
"""What Sequence itself manages."""

AnyAccount: TypeAlias = AccountSummary | Account | LinkedAccount | LinkedAccountSummary


@frozen(kw_only=True)
class AccountBalance:
    """What an account holds."""

    id: str
    """The ID of the account."""
    account: AnyAccount = field(repr=False)
    """The account; in short where it could not be fetched."""
    balance: Balance | None
    """As the API has it; None where it has none."""
    in_cents: int | None
    """What it adds to the net worth, in cents: what is owed, of a liability, is below zero. None where the balance is
    missing."""
    updated_at: datetime | None
    """When it was read at the bank, UTC; None where that is not known."""
    is_stale: bool
    """Whether that is longer ago than was asked for, or not known of an account at a bank."""
    error: str | None
    """Why the balance is missing, in the API's code or in words; None where it is there."""


@frozen(kw_only=True)
class Balances:
    """What all accounts hold."""

    accounts: list[AccountBalance]
    """In the order of `accounts.list()`; each liability that belongs to a pod follows it."""
    failures: Mapping[str, APIError]
    """The errors of the accounts that could not be fetched, by ID."""
    total_in_cents: int | None
    """The net worth in cents; None while a balance is missing."""

    @property
    def missing(self) -> list[AccountBalance]:
        """Those without a balance."""
        return [one for one in self.accounts if one.in_cents is None]

    @property
    def stale(self) -> list[AccountBalance]:
        """Those whose balance was read too long ago."""
        return [one for one in self.accounts if one.is_stale]


def balances_of(
    summaries: Iterable[AccountSummary],
    fetched: Mapping[str, Account],
    failures: Mapping[str, APIError],
    *,
    now: datetime,
    stale_after: timedelta,
) -> Balances:
    """The balances of accounts.

    Args:
        summaries: The accounts that there are.
        fetched: Those that could be fetched, by ID.
        failures: The errors of the others, by ID.
        now: The time.
        stale_after: How old a balance may be.
    """
    found: dict[str, AccountBalance] = {}
    for summary in summaries:
        account = fetched.get(summary.id)
        if account is None:
            error = failures[summary.id].code or type(failures[summary.id]).__name__
            found[canonical(summary.id)] = _without(summary, error)
        elif account.deleted_at is not None:
            continue
        else:
            found[canonical(account.id)] = _balance_of(account, now, stale_after)
        of_account, of_summary = account and account.linked_account, summary.linked_account
        linked = of_account or of_summary
        if linked is not None and linked.deleted_at is None:  # it may be in the list itself, too
            balance = _without(linked, "no balance") if of_account is None else _owed(of_account, now, stale_after)
            found.setdefault(canonical(linked.id), balance)
    held = [one.in_cents for one in found.values()]
    total = None if None in held else sum(one for one in held if one is not None)
    return Balances(accounts=list(found.values()), failures=failures, total_in_cents=total)


def _balance_of(account: Account, now: datetime, stale_after: timedelta) -> AccountBalance:
    """What an account holds; of a kind that this version does not know, nobody can tell on which side it stands."""
    kind = account.external_account_type
    if kind == ExternalAccountType.LIABILITY:
        return _owed(account, now, stale_after)
    known = {None} if account.type in _OWN else {ExternalAccountType.DEPOSITORY, ExternalAccountType.INVESTMENT}
    if kind not in known:
        return _without(account, f"an account of the unknown kind {kind or account.type}")
    return _held(account, 1, now, stale_after)


def _owed(account: Account | LinkedAccount, now: datetime, stale_after: timedelta) -> AccountBalance:
    return _held(account, -1, now, stale_after)


def _held(account: Account | LinkedAccount, sign: int, now: datetime, stale_after: timedelta) -> AccountBalance:
    balance = account.balance
    if balance is None:
        return _without(account, "no balance")
    held = balance.balance_in_cents if balance.error is None else None
    updated_at = balance.balance_last_updated_at
    return AccountBalance(
        id=account.id,
        account=account,
        balance=balance,
        in_cents=None if held is None else sign * held,
        updated_at=updated_at,
        is_stale=now - updated_at > stale_after if updated_at is not None else account.type not in _OWN,
        error=balance.error or ("no balance" if held is None else None),
    )


def _without(account: AnyAccount, error: str) -> AccountBalance:
    return AccountBalance(
        id=account.id, account=account, balance=None, in_cents=None, updated_at=None, is_stale=False, error=error
    )
