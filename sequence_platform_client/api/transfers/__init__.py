"""Operations of the tag `transfers`."""

from .create_transfer import CREATE_TRANSFER, create_transfer
from .get_transfer import GET_TRANSFER, get_transfer
from .list_transfers import LIST_TRANSFERS, list_transfers

__all__ = (
    "LIST_TRANSFERS",
    "list_transfers",
    "CREATE_TRANSFER",
    "create_transfer",
    "GET_TRANSFER",
    "get_transfer",
)
