"""Operations of the tag `accounts`."""

from .create_account import CREATE_ACCOUNT, create_account
from .get_account import GET_ACCOUNT, get_account
from .list_account_transfers import LIST_ACCOUNT_TRANSFERS, list_account_transfers
from .list_accounts import LIST_ACCOUNTS, list_accounts
from .list_beneficiaries import LIST_BENEFICIARIES, list_beneficiaries

__all__ = (
    "LIST_ACCOUNTS",
    "list_accounts",
    "CREATE_ACCOUNT",
    "create_account",
    "GET_ACCOUNT",
    "get_account",
    "LIST_ACCOUNT_TRANSFERS",
    "list_account_transfers",
    "LIST_BENEFICIARIES",
    "list_beneficiaries",
)
