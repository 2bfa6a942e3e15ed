"""Operations of the tag `card_transactions`."""

from .get_card_transaction import GET_CARD_TRANSACTION, get_card_transaction
from .list_card_transactions import LIST_CARD_TRANSACTIONS, list_card_transactions

__all__ = (
    "LIST_CARD_TRANSACTIONS",
    "list_card_transactions",
    "GET_CARD_TRANSACTION",
    "get_card_transaction",
)
