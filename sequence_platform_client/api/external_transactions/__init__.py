"""Operations of the tag `external_transactions`."""

from .get_external_transaction import GET_EXTERNAL_TRANSACTION, get_external_transaction
from .list_external_transactions import LIST_EXTERNAL_TRANSACTIONS, list_external_transactions

__all__ = (
    "LIST_EXTERNAL_TRANSACTIONS",
    "list_external_transactions",
    "GET_EXTERNAL_TRANSACTION",
    "get_external_transaction",
)
