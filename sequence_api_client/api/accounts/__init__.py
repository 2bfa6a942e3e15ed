"""Operations of the tag `accounts`."""

from .get_account import GET_ACCOUNT, get_account
from .list_accounts import LIST_ACCOUNTS, list_accounts

__all__ = (
    "LIST_ACCOUNTS",
    "list_accounts",
    "GET_ACCOUNT",
    "get_account",
)
