"""Operations of the tag `cards`."""

from .get_card import GET_CARD, get_card
from .list_card_transactions import LIST_CARD_TRANSACTIONS, list_card_transactions
from .list_cards import LIST_CARDS, list_cards

__all__ = (
    "LIST_CARDS",
    "list_cards",
    "GET_CARD",
    "get_card",
    "LIST_CARD_TRANSACTIONS",
    "list_card_transactions",
)
